"""The preflight: everyone for whom something is missing, and what may be let by."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from events.models import Contact, Event
from events.tests.factories import UserFactory
from questionnaire.models import Application, LetterKind, LetterTemplate, ReleaseException
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, WHILE_OPEN, ApplicationFactory, small_questionnaire
from questionnaire.workflow import preflight
from questionnaire.workflow.preflight import Check

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event that closed, with all letter templates and a contact."""
    event = small_questionnaire()
    Contact.objects.create(event=event, name="A. Korn")
    return event


def ready(event: Event, **changes: Any) -> Application:
    """Return an application for which nothing is missing but what `changes` say."""
    return ApplicationFactory(event=event, **{"state": State.SIGNED_OFF, "outcome": Outcome.ACCEPT} | changes)


def lacks(event: Event) -> dict[int, list[Check]]:
    """Return what each person lacks."""
    people = preflight.look(event, now=AFTER_CLOSE).people
    return {person.pk: [lack.code for lack in person.open] for person in people}


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"state": State.SUBMITTED, "outcome": ""}, Check.UNDECIDED),
        ({"state": State.PROPOSED}, Check.UNSIGNED),
        ({"outcome": Outcome.DECLINE, "language": "fr"}, Check.NO_LETTER),
        ({"first_name": " "}, Check.NO_VALUE),
        ({"email": "two@example.org, more@example.org"}, Check.BAD_ADDRESS),
        ({"email_proved_at": None}, Check.UNPROVED),
    ],
)
def test_everyone_who_lacks_something_is_named_with_it(event: Event, changes: dict[str, Any], check: Check) -> None:
    LetterTemplate.objects.filter(event=event, kind=LetterKind.DECLINE).update(body_fr="")
    ready(event)
    person = ready(event, **changes)
    assert lacks(event) == {person.pk: [check]}


def test_what_the_event_itself_lacks_is_named(event: Event) -> None:
    ready(event)
    ready(event)
    Event.objects.filter(pk=event.pk).update(places=1, venue_fr="")
    acceptance = LetterTemplate.objects.filter(event=event, kind=LetterKind.ACCEPTANCE)
    acceptance.update(body_fr="{venue} {typo}", body_en="{venue}")
    LetterTemplate.objects.filter(event=event, kind=LetterKind.DECLINE).delete()
    found = preflight.look(Event.objects.get(pk=event.pk), now=WHILE_OPEN)
    assert [finding.code for finding in found.findings] == [
        Check.STILL_OPEN,
        Check.TOO_MANY,
        Check.NO_TEMPLATE,
        Check.NO_EVENT_VALUE,
    ]
    assert [finding.detail for finding in found.findings[2:]] == ["decline", "{typo} (French), {venue} (French)"]


def test_drafts_and_those_who_withdrew_need_nothing(event: Event) -> None:
    for state in (State.DRAFT, State.WITHDRAWN, State.DECLINED):
        ApplicationFactory(event=event, state=state, email_proved_at=None, email="")
    assert preflight.look(event, now=AFTER_CLOSE).findings == []


def test_what_is_let_by_stands_in_nobodys_way_and_stays_on_record(event: Event) -> None:
    first, second = (ready(event, email_proved_at=None) for _ in range(2))
    organiser = UserFactory()
    reason = "rang them up"
    assert preflight.let_by(event, Check.UNPROVED, [first.pk], reason=reason, by=organiser, at=AFTER_CLOSE) == 1
    assert lacks(event) == {first.pk: [], second.pk: [Check.UNPROVED]}
    assert preflight.let_by(event, Check.UNPROVED, None, reason="all known", by=organiser, at=AFTER_CLOSE) == 1
    found = preflight.look(event, now=AFTER_CLOSE)
    assert found.findings == []
    kept = ReleaseException.objects.get(application=first)
    assert (kept.reason, kept.by, kept.at) == (reason, organiser, AFTER_CLOSE)
    assert [person.pk for person in found.excepted] == [first.pk, second.pk]
    assert preflight.insist([kept.pk], event=event) == 1
    assert lacks(event)[first.pk] == [Check.UNPROVED]


@pytest.mark.parametrize("check", sorted(set(Check) - preflight.MAY_BE_EXCEPTED))
def test_what_must_be_there_cannot_be_let_by(event: Event, check: Check) -> None:
    with pytest.raises(ValueError, match=check):
        preflight.let_by(event, check, None, reason="no time", by=UserFactory(), at=AFTER_CLOSE)


def test_an_exception_takes_a_reason_and_is_for_what_was_found(event: Event) -> None:
    nothing_missing = ready(event)
    unproved = ready(event, email_proved_at=None)
    with pytest.raises(ValueError, match="unproved"):
        preflight.let_by(event, Check.UNPROVED, [unproved.pk], reason=" ", by=UserFactory(), at=AFTER_CLOSE)
    ids = [nothing_missing.pk, ready(small_questionnaire(), email_proved_at=None).pk]
    assert preflight.let_by(event, Check.UNPROVED, ids, reason="known", by=UserFactory(), at=AFTER_CLOSE) == 0


def test_another_events_exceptions_are_not_touched(event: Event) -> None:
    other = ready(event, email_proved_at=None)
    preflight.let_by(event, Check.UNPROVED, [other.pk], reason="known", by=UserFactory(), at=AFTER_CLOSE)
    assert preflight.insist([ReleaseException.objects.get().pk], event=small_questionnaire()) == 0


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_one_as_for_three(
    event: Event, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        ready(event, email_proved_at=None)
    with django_assert_num_queries(5):  # templates, contacts, exceptions, those with a place, applicants
        assert len(preflight.look(event, now=AFTER_CLOSE).people) == count
