"""Organisers are told what needs them: once, together, in their language, and never of their own letters."""

import datetime as dt

import pytest

from events.models import Event, Membership
from events.tests.factories import UserFactory
from questionnaire.models import Letter, LetterKind, LetterStatus, LetterTemplate, Notice
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE, ApplicationFactory, small_questionnaire
from questionnaire.tests.test_outbox import Clock, ScriptedTransport
from questionnaire.workflow import letters, mime, notices, outbox, participation, submission
from questionnaire.workflow.delivery import Outcome, Phase

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

LATER = AFTER_RELEASE + notices.LEAST_APART


@pytest.fixture
def event() -> Event:
    """Return an event with a text for each letter to organisers, of which all say how many and where."""
    event = small_questionnaire()
    LetterTemplate.objects.filter(event=event, kind=LetterKind.LETTER_FAILED).update(
        body_en="Dear {organiser_name}: {number} failed. {admin_link}",
        body_fr="Bonjour {organiser_name} : {number} en échec. {admin_link}",
    )
    return event


def organiser(event: Event, language: str = "en", **person: object) -> Membership:
    return Membership.objects.create(
        event=event, user=UserFactory(**person), role=Membership.Role.ORGANISER, language=language
    )


def texts() -> dict[str, str]:
    """Return what each address was sent about failed letters."""
    found = Letter.objects.filter(kind=LetterKind.LETTER_FAILED)
    return {letter.recipient: mime.read(bytes(letter.mime)).text for letter in found}


def fail(event: Event) -> None:
    """Have the mail server refuse a letter to an applicant for good."""
    application = ApplicationFactory(event=event)
    letter = letters.queue(LetterKind.RECEIPT, application, at=AFTER_RELEASE)
    refusal = Outcome(LetterStatus.FAILED, Phase.RCPT, code=550, reply="no such user")
    outbox.send_due(Clock(AFTER_RELEASE), lambda: ScriptedTransport([refusal] * 9))
    letter.refresh_from_db()
    assert letter.status == LetterStatus.FAILED


def test_many_failures_are_one_letter_to_each_organiser_in_their_language(event: Event) -> None:
    organiser(event, first_name="Ann", last_name="Lee", email="ann@example.org")
    organiser(event, "fr", first_name="Zoé", last_name="Roy", email="zoe@example.org")
    organiser(event, email="gone@example.org", is_active=False)
    organiser(event, email="")
    for _ in range(3):
        fail(event)
    assert notices.tell_due(at=LATER) == 2
    told = texts()
    assert told["ann@example.org"].startswith("Dear Ann Lee: 3 failed. http")
    assert told["zoe@example.org"].startswith("Bonjour Zoé Roy : 3 en échec. http")
    assert f"/admin/questionnaire/letter/failed/{event.pk}/" in told["ann@example.org"]


def test_nothing_is_told_twice_and_what_is_new_waits_a_little(event: Event) -> None:
    organiser(event, email="ann@example.org")
    fail(event)
    assert [notices.tell_due(at=AFTER_RELEASE), notices.tell_due(at=LATER)] == [1, 0]
    fail(event)
    assert notices.tell_due(at=AFTER_RELEASE + dt.timedelta(minutes=1)) == 0
    assert notices.tell_due(at=LATER + dt.timedelta(minutes=1)) == 1
    notices.note(event.pk, LetterKind.PLACE_GIVEN_UP, "seven", at=LATER)
    notices.note(event.pk, LetterKind.PLACE_GIVEN_UP, "seven", at=LATER)
    assert notices.tell_due(at=LATER) == 1
    assert Notice.objects.filter(key="seven").count() == 1


def test_a_letter_to_an_organiser_that_fails_is_not_told_by_letter(event: Event) -> None:
    organiser(event, email="ann@example.org")
    fail(event)
    notices.tell_due(at=AFTER_RELEASE)
    refusal = Outcome(LetterStatus.FAILED, Phase.RCPT, code=550, reply="no such user")
    outbox.send_due(Clock(AFTER_RELEASE), lambda: ScriptedTransport([refusal] * 9))
    assert notices.tell_due(at=LATER) == 0


def test_a_missing_text_keeps_the_notice_for_later_and_other_events_from_nothing(event: Event) -> None:
    other = small_questionnaire()
    organiser(event, email="ann@example.org")
    organiser(other, email="bea@example.org")
    LetterTemplate.objects.filter(event=event, kind=LetterKind.LETTER_FAILED).update(body_en="")
    fail(event)
    fail(other)
    with pytest.raises(letters.NoText):
        notices.tell_due(at=LATER)
    assert list(texts()) == ["bea@example.org"]
    LetterTemplate.objects.filter(event=event, kind=LetterKind.LETTER_FAILED).update(body_en="{number}")
    notices.tell_due(at=LATER)
    assert texts()["ann@example.org"] == "1"


def test_a_place_given_up_is_told_however_it_is_and_an_application_without_a_place_is_not(event: Event) -> None:
    organiser(event, email="ann@example.org")
    accepted = {state: ApplicationFactory(event=event, state=state) for state in (State.ACCEPTED, State.CONFIRMED)}
    participation.turn_down(accepted[State.ACCEPTED], reason="", now=AFTER_RELEASE)
    submission.withdraw(accepted[State.CONFIRMED], now=AFTER_RELEASE)
    submission.withdraw(ApplicationFactory(event=event), now=AFTER_RELEASE)
    assert Notice.objects.filter(event=event, kind=LetterKind.PLACE_GIVEN_UP).count() == 2
    lapsed = ApplicationFactory(event=event, state=State.ACCEPTED)
    participation.take_back(lapsed, reason="", by=UserFactory(), at=event.answer_by)
    assert Notice.objects.filter(event=event, kind=LetterKind.PLACE_GIVEN_UP).count() == 3
    assert notices.tell_due(at=event.answer_by) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow_with_the_failures(event: Event, number: int, django_assert_num_queries: object) -> None:
    organiser(event, email="ann@example.org")
    for _ in range(number):
        fail(event)
    with django_assert_num_queries(11):
        notices.tell_due(at=LATER)
