"""The screen of the letters' texts: whole in both languages, no unknown placeholder, a true preview."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from events import gates
from events.tests.admin_pages import client_of
from events.tests.factories import ContactFactory
from questionnaire.models import AccessToken, Draft, Letter, LetterKind, LetterTemplate
from questionnaire.tests.factories import ApplicationFactory, LetterTemplateFactory, small_questionnaire
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import mime

pytestmark = pytest.mark.django_db
TEMPLATES = "/admin/questionnaire/lettertemplate/"


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


@pytest.fixture
def template(team: Team) -> LetterTemplate:
    """Return the text of the receipt."""
    return LetterTemplateFactory(event=team.event, kind=LetterKind.RECEIPT)


def save(team: Team, template: LetterTemplate, **changes: str) -> Any:
    """Save a text with changes."""
    texts = {name: getattr(template, name) for name in ("subject_en", "subject_fr", "body_en", "body_fr")}
    return client_of(team.organiser).post(f"{TEMPLATES}{template.pk}/change/", {**texts, **changes})


def test_both_languages_stand_side_by_side(team: Team, template: LetterTemplate) -> None:
    shown = client_of(team.organiser).get(f"{TEMPLATES}{template.pk}/change/").content.decode()
    for name in ("subject_en", "subject_fr", "body_en", "body_fr"):
        assert f'name="{name}"' in shown
    assert 'lang="fr"' in shown
    assert "{first_name}" in shown
    assert "personal link to the applicant" in shown


def test_a_good_text_is_saved_and_the_next_letter_says_so(team: Team, template: LetterTemplate) -> None:
    kept = team.event.version
    assert save(team, template, body_fr="Bonjour {family_name}").status_code == 302
    assert LetterTemplate.objects.filter(body_fr="Bonjour {family_name}").exists()
    team.event.refresh_from_db()
    assert team.event.version > kept, "letters would go on with the text that is kept of the event"


@pytest.mark.parametrize("field", ["subject_fr", "body_fr"])
def test_a_missing_language_is_refused(team: Team, template: LetterTemplate, field: str) -> None:
    response = save(team, template, **{field: ""})
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors


@pytest.mark.parametrize("text", ["Dear {nobody}", "{first_name.__class__}", "{event.__init__}", "{0}", "{}"])
@pytest.mark.parametrize("field", ["subject_en", "body_fr"])
def test_an_unknown_placeholder_is_refused_at_its_field(
    team: Team, template: LetterTemplate, field: str, text: str
) -> None:
    response = save(team, template, **{field: text})
    assert response.status_code == 200
    assert "Unknown placeholder" in str(response.context["adminform"].form.errors[field])


def test_a_missing_language_and_an_unknown_placeholder_are_said_at_once(team: Team, template: LetterTemplate) -> None:
    response = save(team, template, subject_fr="", body_en="Dear {nobody}")
    assert set(response.context["adminform"].form.errors) == {"subject_fr", "body_en"}


def test_the_letters_stand_in_their_course_those_to_the_team_last(team: Team) -> None:
    kinds = [LetterKind.PLACE_GIVEN_UP, LetterKind.CORRECTION, LetterKind.ACCEPTANCE, LetterKind.PERSONAL_LINK]
    for kind in kinds:
        LetterTemplateFactory(event=team.event, kind=kind)
    shown = client_of(team.organiser).get(TEMPLATES).context["cl"].result_list
    assert [template.kind for template in shown] == [kinds[3], kinds[2], kinds[1], kinds[0]]


def test_a_letter_to_the_team_is_previewed_for_no_applicant(team: Team, template: LetterTemplate) -> None:
    ApplicationFactory(event=team.event, first_name="Ada")
    to_team = LetterTemplateFactory(
        event=team.event, kind=LetterKind.LETTER_FAILED, body_en="Dear {organiser_name}", body_fr="x"
    )
    client = client_of(team.organiser)
    assert "As written to" in client.get(f"{TEMPLATES}{template.pk}/preview/").content.decode()
    shown = client.get(f"{TEMPLATES}{to_team.pk}/preview/").content.decode()
    assert "As written to" not in shown
    assert "Ada" not in shown


def test_the_preview_says_where_replies_go_when_no_contact_has_an_address(team: Team, template: LetterTemplate) -> None:
    client, address = client_of(team.organiser), f"{TEMPLATES}{template.pk}/preview/"
    assert "writes to the sender" in client.get(address).content.decode()
    ContactFactory(event=team.event, email="contact@example.org")
    assert "writes to the sender" not in client.get(address).content.decode()


def test_a_link_has_no_place_in_a_subject(team: Team, template: LetterTemplate) -> None:
    assert "subject_en" in save(team, template, subject_en="{personal_link}").context["adminform"].form.errors


def test_a_letter_to_a_stranger_knows_no_name(team: Team) -> None:
    template = LetterTemplateFactory(event=team.event, kind=LetterKind.NO_APPLICATION, body_en="x", body_fr="x")
    assert save(team, template, body_en="Dear {first_name}").status_code == 200
    assert save(team, template, body_en="About {event_title}").status_code == 302


def test_event_and_kind_stay(team: Team, template: LetterTemplate) -> None:
    other = LetterTemplateFactory().event
    save(team, template, kind=LetterKind.DECLINE, event=str(other.pk))
    template.refresh_from_db()
    assert (template.event, template.kind) == (team.event, LetterKind.RECEIPT)


def test_a_second_text_of_one_kind_is_refused(team: Team, template: LetterTemplate) -> None:
    texts = {"subject_en": "a", "subject_fr": "a", "body_en": "a", "body_fr": "a"}
    response = client_of(team.organiser).post(
        f"{TEMPLATES}add/", {"event": team.event.pk, "kind": LetterKind.RECEIPT, **texts}
    )
    assert response.status_code == 200
    assert LetterTemplate.objects.filter(event=team.event).count() == 1


def test_a_text_of_no_kind_is_refused_and_kept_on_the_page(team: Team) -> None:
    texts = {"subject_en": "a", "subject_fr": "a", "body_en": "typed {anything}", "body_fr": "a"}
    response = client_of(team.organiser).post(f"{TEMPLATES}add/", {"event": team.event.pk, "kind": "", **texts})
    assert response.status_code == 200
    assert "This field is required." in response.content.decode()
    assert "typed {anything}" in response.content.decode()


def test_the_preview_is_the_letter(team: Team, template: LetterTemplate) -> None:
    application = ApplicationFactory(event=team.event, first_name=PAYLOAD, language="en")
    client = client_of(team.organiser)
    shown = client.get(f"{TEMPLATES}{template.pk}/preview/?language=fr").content.decode()
    assert "receipt en français" in shown
    assert "Bonjour <bdi>Zoé</bdi>" in shown
    shown = client.get(f"{TEMPLATES}{template.pk}/preview/?language=en&application={application.pk}").content.decode()
    assert "Dear <bdi>&lt;script&gt;" in shown
    assert "<script>alert" not in shown


def test_what_is_typed_is_previewed_and_not_saved(team: Team, template: LetterTemplate) -> None:
    client, application = client_of(team.organiser), ApplicationFactory(event=team.event, first_name=PAYLOAD)
    texts = {"subject_en": "Hi", "subject_fr": "Salut", "body_en": "Typed {first_name}", "body_fr": "\n Tapé <b>"}
    address, typed = f"{TEMPLATES}{template.pk}/preview/", {**texts, "typed": "en", "application": str(application.pk)}
    shown = client.post(address, typed).content.decode()
    assert "Typed <bdi>&lt;script&gt;" in shown
    assert "Tapé &lt;b&gt;</textarea>" in shown  # goes along to the next preview
    assert "Tapé" in client.post(address, {**typed, "typed": "fr"}).content.decode()
    refused = client.post(address, {**typed, "body_fr": "{nobody}"}).content.decode()
    assert "Unknown placeholder: {nobody}." in refused
    assert "As mail programs show it" not in refused
    template.refresh_from_db()
    assert template.body_en != texts["body_en"]
    assert not Letter.objects.exists()
    assert 'name="typed" value="fr"' in client.get(f"{TEMPLATES}{template.pk}/change/").content.decode()


def test_the_preview_takes_no_applicant_of_another_event(team: Team, template: LetterTemplate) -> None:
    foreign = ApplicationFactory(first_name="Foreigner")
    query = f"application={foreign.pk}"
    assert (
        "Foreigner" not in client_of(team.organiser).get(f"{TEMPLATES}{template.pk}/preview/?{query}").content.decode()
    )


@pytest.mark.parametrize("query", ["language=de", "language=", "application=" + "9" * 40, "application=x"])
def test_the_preview_of_odd_requests(team: Team, template: LetterTemplate, query: str) -> None:
    assert client_of(team.organiser).get(f"{TEMPLATES}{template.pk}/preview/?{query}").status_code == 200


def test_the_preview_of_a_text_that_is_missing(team: Team, template: LetterTemplate) -> None:
    LetterTemplate.objects.update(body_fr="")
    shown = client_of(team.organiser).get(f"{TEMPLATES}{template.pk}/preview/?language=fr").content.decode()
    assert "no text in this language" in shown


def test_others_are_kept_out(team: Team, template: LetterTemplate) -> None:
    for address in (f"{template.pk}/change/", f"{template.pk}/preview/"):
        assert client_of(team.stranger).get(TEMPLATES + address).status_code == 302
        assert client_of(team.reviewer).get(TEMPLATES + address).status_code in {302, 403}
    assert client_of(team.organiser).post(f"{TEMPLATES}{template.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client_of(team.organiser).get(f"{TEMPLATES}{'9' * 40}/preview/").status_code in {302, 404}


def test_an_event_whose_letters_are_not_all_written_is_kept_from_publication() -> None:
    event = small_questionnaire()
    assert gates.obstacles(event) == []
    LetterTemplate.objects.filter(event=event, kind=LetterKind.RECEIPT).update(body_fr="")
    LetterTemplate.objects.filter(event=event, kind=LetterKind.DECLINE).delete()
    assert [obstacle.text for obstacle in gates.obstacles(event)] == [
        f"Letter without a text in every language: {kind.label}." for kind in (LetterKind.RECEIPT, LetterKind.DECLINE)
    ]


def test_a_test_letter_goes_to_oneself_alone(team: Team, template: LetterTemplate) -> None:
    application = ApplicationFactory(event=team.event, first_name="Zoë 🎉", family_name="Müller")
    User.objects.filter(pk=team.organiser.pk).update(email="olga@example.org")
    url = f"{TEMPLATES}{template.pk}/preview/?language=fr&application={application.pk}"
    client = client_of(team.organiser)
    assert "Send this letter to myself (olga@example.org)" in client.get(url).content.decode()
    assert not Letter.objects.exists()
    shown = client.post(url, follow=True)
    assert "The letter is on its way to olga@example.org." in shown.content.decode()
    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient, letter.application) == (LetterKind.TEST, "olga@example.org", None)
    assert "Bonjour Zoë 🎉" in mime.read(bytes(letter.mime)).text
    assert not AccessToken.objects.exists()
    assert application.letters.count() == 0


def test_a_test_letter_stops_nobodys_reminders(team: Team) -> None:
    reminder = LetterTemplateFactory(event=team.event, kind=LetterKind.DRAFT_REMINDER)
    application = ApplicationFactory(event=team.event)
    User.objects.filter(pk=team.organiser.pk).update(email="olga@example.org")
    client = client_of(team.organiser)
    client.post(f"{TEMPLATES}{reminder.pk}/preview/?application={application.pk}")
    address = mime.read(bytes(Letter.objects.get().mime)).headers["List-Unsubscribe"].strip("<>")
    assert address.rpartition("/reminders/")[0]
    assert client.post(address.removeprefix(settings.BASE_URL)).status_code == 404
    assert not Draft.objects.exclude(reminders_stopped_at=None).exists()


def test_without_an_address_of_ones_own_no_test_letter_leaves(team: Team, template: LetterTemplate) -> None:
    User.objects.filter(pk=team.organiser.pk).update(email="")
    shown = client_of(team.organiser).post(f"{TEMPLATES}{template.pk}/preview/", follow=True).content.decode()
    assert "Your own account has no e-mail address" in shown
    assert not Letter.objects.exists()


def test_a_stranger_sends_no_test_letter(team: Team, template: LetterTemplate) -> None:
    client_of(team.stranger).post(f"{TEMPLATES}{template.pk}/preview/")
    assert not Letter.objects.exists()
