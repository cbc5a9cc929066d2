"""Letters in the outbox: frozen, whole in the reader's language, and without a link that works."""

import datetime as dt
import hashlib
from email import message_from_bytes, policy
from typing import Any

import icalendar
import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries, Settings

from events.models import Contact, Event
from questionnaire.models import AccessToken, Application, Letter, LetterKind, LetterStatus, LetterTemplate
from questionnaire.tests.factories import (
    AFTER_RELEASE,
    DECISION_HOUR,
    WHILE_OPEN,
    ApplicationFactory,
    LetterTemplateFactory,
)
from questionnaire.workflow import letters, links, mime, wording
from questionnaire.workflow.letters import NoText

pytestmark = pytest.mark.django_db


def template_for(application: Application, **texts: Any) -> LetterTemplate:
    """Return the template of an acceptance, with texts of its own."""
    return LetterTemplateFactory(event=application.event, kind=LetterKind.ACCEPTANCE, **texts)


def accept(application: Application) -> Letter:
    """Queue an acceptance."""
    return letters.queue(LetterKind.ACCEPTANCE, application, at=DECISION_HOUR)


def read(letter: Letter) -> mime.Reading:
    """Return what a letter says."""
    return mime.read(bytes(letter.mime))


def test_a_letter_is_frozen_with_its_hash_its_hour_and_a_message_id_of_its_own(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "RAN visits <visits@example.org>"
    application = ApplicationFactory(first_name="Zoë", family_name="Müller", email="zoe@example.org")
    template = template_for(application)
    [letter] = letters.queue_many(LetterKind.ACCEPTANCE, [application], at=WHILE_OPEN, release_at=DECISION_HOUR)
    LetterTemplate.objects.filter(pk=template.pk).update(body_en="something else")
    letter.refresh_from_db()
    assert letter.sha256 == hashlib.sha256(letter.mime).hexdigest()
    assert (letter.created_at, letter.release_at, letter.due_at) == (WHILE_OPEN, DECISION_HOUR, DECISION_HOUR)
    assert (letter.status, letter.recipient, letter.language) == (LetterStatus.APPROVED, "zoe@example.org", "en")
    reading = read(letter)
    assert reading.text.startswith("Dear Zoë,\n\nthis is about *Study visit to Paris*.")
    assert reading.headers["Message-ID"] == letter.message_id
    assert letter.message_id.endswith("@example.org>")
    assert reading.headers["From"] == "RAN visits <visits@example.org>"
    assert reading.headers["To"] == "Zoë Müller <zoe@example.org>"
    assert reading.headers["Date"] == "Mon, 29 Nov 2021 09:00:00 +0000"


@pytest.mark.parametrize(("language", "greeting"), [("en", "Dear Zoë"), ("fr", "Bonjour Zoë")])
def test_each_reads_the_letter_in_their_own_language_whatever_the_organisers(language: str, greeting: str) -> None:
    application = ApplicationFactory(first_name="Zoë", language=language)
    template_for(application)
    letter = accept(application)
    reading = read(letter)
    assert greeting in reading.text
    assert greeting.replace("Zoë", "<bdi>Zoë</bdi>") in reading.html
    assert (letter.language, reading.headers["Content-Language"]) == (language, language)
    assert f"/{language}/" in reading.text
    assert letter.subject == reading.subject


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "Study visit to Paris",
                "7–8 December 2021",
                "9.00–12.30 CET",
                "Digital meeting",
                "Friday 19 November 2021, 18.00 CET",
                "Monday 29 November 2021",
                "Friday 3 December 2021, 18.00 CET",
                "A. Korn, R. Dzhekova",
                "https://x.org/en/events/v/",
            ],
        ),
        (
            "fr",
            [
                "Visite d’étude à Paris",
                "7–8 décembre 2021",
                "9\xa0h\xa000–12\xa0h\xa030 CET",
                "Réunion en ligne",
                "vendredi 19 novembre 2021 à 18\xa0h\xa000 CET",
                "lundi 29 novembre 2021",
                "vendredi 3 décembre 2021 à 18\xa0h\xa000 CET",
                "A. Korn, R. Dzhekova",
                "https://x.org/fr/events/v/",
            ],
        ),
    ],
)
def test_what_letters_say_of_the_event_is_written_out(settings: Settings, language: str, lines: list[str]) -> None:
    settings.BASE_URL = "https://x.org"
    application = ApplicationFactory(event__slug="v", language=language)
    for order, name in enumerate(["A. Korn", "R. Dzhekova"]):
        Contact.objects.create(event=application.event, order=order, name=name)
    template_for(application, **{f"body_{language}": "\n".join(f"{{{value}}}" for value in wording.EVENT_PLACEHOLDERS)})
    assert read(accept(application)).text.splitlines() == lines


@pytest.mark.parametrize(
    ("first", "last", "english", "french"),
    [
        ((2021, 12, 1), (2021, 12, 1), "Wednesday 1 December 2021", "mercredi 1er décembre 2021"),
        ((2021, 12, 1), (2021, 12, 3), "1–3 December 2021", "1er–3 décembre 2021"),
        ((2021, 11, 30), (2021, 12, 1), "30 November 2021 – 1 December 2021", "30 novembre 2021 – 1er décembre 2021"),
    ],
)
def test_the_days_of_an_event_are_as_short_as_they_can_be(
    first: tuple[int, int, int], last: tuple[int, int, int], english: str, french: str
) -> None:
    application = ApplicationFactory(event__first_day=dt.date(*first), event__last_day=dt.date(*last))
    template_for(application, body_en="{event_dates}", body_fr="{event_dates}")
    assert read(accept(application)).text == english
    in_french = ApplicationFactory(event=application.event, language="fr")
    assert read(accept(in_french)).text == french


def test_replies_go_to_the_first_contact_that_has_an_address() -> None:
    application = ApplicationFactory()
    template_for(application)
    assert "Reply-To" not in read(accept(application)).headers
    Contact.objects.create(event=application.event, order=1, name="A. Korn")
    Contact.objects.create(event=application.event, order=2, name="Rositsa Dzhekova", email="rd@example.org")
    event = Event.objects.get(pk=application.event_id)
    letter = accept(ApplicationFactory(event=event))
    assert read(letter).headers["Reply-To"] == "Rositsa Dzhekova <rd@example.org>"


def test_the_row_holds_no_link_that_works() -> None:
    application = ApplicationFactory()
    template_for(application)
    letter = accept(application)
    assert letter.access_token is not None
    token = links.reveal(letter.access_token)
    assert token.encode() not in letter.mime
    assert len(token) == len(mime.LINK_MARKER)
    assert letter.mime.count(mime.LINK_MARKER.encode() + b"=\r\n") == 3  # text, address and text of the HTML link
    assert letter.access_token.expires_at == DECISION_HOUR + links.LIFETIME


def test_a_letter_without_a_personal_link_costs_no_token() -> None:
    application = ApplicationFactory()
    template_for(application, body_en="No link.")
    assert accept(application).access_token is None
    assert not AccessToken.objects.exists()


def test_a_letter_to_a_stranger_says_nothing_of_anyone() -> None:
    template = LetterTemplateFactory(kind=LetterKind.NO_APPLICATION, body_fr="Voir {event_link}")
    letter = letters.queue_to_stranger(
        LetterKind.NO_APPLICATION, template.event, "who@example.org", language="fr", at=WHILE_OPEN
    )
    letter.refresh_from_db()
    assert letter.application is None
    assert letter.recipient == "who@example.org"
    assert read(letter).headers["To"] == "who@example.org"
    assert "/fr/events/" in read(letter).text


@pytest.mark.parametrize("missing", ["subject_fr", "body_fr"])
def test_a_missing_text_stops_all_letters_and_is_never_taken_from_the_other_language(missing: str) -> None:
    english = ApplicationFactory(language="en")
    template_for(english, **{missing: ""})
    french = ApplicationFactory(event=english.event, language="fr")
    with pytest.raises(NoText) as caught:
        letters.queue_many(LetterKind.ACCEPTANCE, [english, french], at=WHILE_OPEN, release_at=DECISION_HOUR)
    assert (caught.value.kind, caught.value.language) == (LetterKind.ACCEPTANCE, "fr")
    assert not Letter.objects.exists()


def test_a_kind_without_a_template_has_no_text() -> None:
    with pytest.raises(NoText):
        accept(ApplicationFactory())


@pytest.mark.parametrize("second", [LetterKind.ACCEPTANCE, LetterKind.DECLINE, LetterKind.WAITING_LIST])
def test_nobody_gets_a_second_decision_letter(second: LetterKind) -> None:
    application = ApplicationFactory()
    template_for(application)
    if second != LetterKind.ACCEPTANCE:
        LetterTemplateFactory(event=application.event, kind=second)
    accept(application)
    with pytest.raises(IntegrityError):
        letters.queue(second, application, at=AFTER_RELEASE)


def test_cancelling_stops_what_has_not_left_and_makes_room_for_another_decision() -> None:
    application = ApplicationFactory()
    template_for(application)
    LetterTemplateFactory(event=application.event, kind=LetterKind.RECEIPT)
    receipt = letters.queue(LetterKind.RECEIPT, application, at=WHILE_OPEN)
    Letter.objects.filter(pk=receipt.pk).update(status=LetterStatus.SENT, sent_at=WHILE_OPEN)
    accept(application)
    assert letters.cancel(application) == 1
    receipt.refresh_from_db()
    assert receipt.status == LetterStatus.SENT
    assert accept(application).status == LetterStatus.APPROVED


@pytest.mark.parametrize(
    "name",
    [
        "Ana\r\nBcc: all@example.org",
        "<script>alert(1)</script>",
        "**Ana** {personal_link}",
        "\u202eanA",
        "Zoe\u0308 🎉 李",
    ],
)
def test_a_name_is_shown_as_typed_and_does_nothing_else(name: str) -> None:
    application = ApplicationFactory(first_name=name, family_name="")
    template_for(application, subject_en="For {first_name}", body_en="Dear {first_name}")
    letter = accept(application)
    reading = read(letter)
    assert set(reading.headers) == set(read(accept_plainly()).headers)
    assert reading.subject == letter.subject == f"For {mime.header_text(name)}"
    assert reading.text == f"Dear {name}".replace("\r\n", "\n")
    assert "<script" not in reading.html
    assert "<strong" not in reading.html
    assert "<a " not in reading.html


def accept_plainly() -> Letter:
    """Queue the acceptance of somebody with an ordinary name."""
    application = ApplicationFactory()
    template_for(application)
    return accept(application)


def test_a_subject_never_holds_a_link() -> None:
    application = ApplicationFactory()
    template_for(application, subject_en="See {personal_link} {{event.__init__}}")
    assert accept(application).subject == "See {personal_link} {{event.__init__}}"


def test_a_preview_is_the_letter_itself_and_leaves_nothing_behind() -> None:
    application = ApplicationFactory(first_name="Zoë")
    template = template_for(application)
    reading = letters.preview(template, application, language="fr", at=WHILE_OPEN)
    assert "Bonjour Zoë" in reading.text
    assert not Letter.objects.exists()
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("count", [1, 40])
def test_queries_do_not_grow_with_the_number_of_letters(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = ApplicationFactory()
    template_for(first)
    applications = [first, *ApplicationFactory.create_batch(count - 1, event=first.event)]
    event = Event.objects.get(pk=first.event_id)
    for application in applications:
        application.event = event
    with django_assert_num_queries(6):  # event, templates, contacts, agenda, tokens, letters
        letters.queue_many(LetterKind.ACCEPTANCE, applications, at=WHILE_OPEN, release_at=DECISION_HOUR)
    assert Letter.objects.count() == count
    assert len(set(Letter.objects.values_list("message_id", flat=True))) == count


@pytest.mark.parametrize(("language", "title"), [("en", "Opening"), ("fr", "Ouverture")])
def test_a_letter_about_the_days_carries_the_calendar_in_its_language(language: str, title: str) -> None:
    application = ApplicationFactory(event__slug="visit", language=language, first_name="Zoë 🎉", family_name="Müller")
    starts = dt.datetime(2021, 12, 7, 8, tzinfo=dt.UTC)
    application.event.sessions.create(
        key="opening",
        starts_at=starts,
        ends_at=starts + dt.timedelta(hours=1),
        title_en="Opening",
        title_fr="Ouverture",
    )
    template_for(application)
    message = message_from_bytes(bytes(accept(application).mime), policy=policy.default)
    assert message.defects == []
    [attachment] = message.iter_attachments()
    assert attachment.get_content_type() == "text/calendar"
    assert attachment.get_filename() == f"visit-{language}.ics"
    assert attachment["Content-Type"].params["method"] == "PUBLISH"
    [entry] = icalendar.Calendar.from_ical(attachment.get_content()).walk("VEVENT")
    assert (entry["SUMMARY"], entry["DTSTART"].dt) == (title, starts)
    assert str(entry["DTSTART"].dt.tzinfo) == "Europe/Paris"


def test_other_letters_carry_no_file() -> None:
    application = ApplicationFactory()
    LetterTemplateFactory(event=application.event, kind=LetterKind.DECLINE)
    assert read(letters.queue(LetterKind.DECLINE, application, at=DECISION_HOUR)).attachments == ()
