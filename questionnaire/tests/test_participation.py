"""Answering an acceptance: until the deadline, by whom it concerns, and never more than there are places."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Application, Letter, LetterKind, LetterStatus, LetterTemplate
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE, DECISION_HOUR, ApplicationFactory, small_questionnaire
from questionnaire.tests.taking_part import accepted, kinds_to, released_event, states
from questionnaire.workflow import letters, participation, places, promotion
from questionnaire.workflow.transitions import MoveNotAllowed

pytestmark = pytest.mark.django_db

SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def event() -> Event:
    """Return an event with all letter templates."""
    return small_questionnaire()


def state_of(application: Application) -> str:
    """Return the state that the database holds."""
    return Application.objects.get(pk=application.pk).state


def test_confirming_is_receipted_once(event: Event) -> None:
    application = ApplicationFactory(event=event, state=State.ACCEPTED)
    for _time in range(2):
        participation.confirm(application, now=AFTER_RELEASE)
    assert state_of(application) == State.CONFIRMED
    assert [letter.kind for letter in application.letters.all()] == [LetterKind.CONFIRMATION_RECEIPT]


def test_turning_down_keeps_the_reason(event: Event) -> None:
    application = ApplicationFactory(event=event, state=State.ACCEPTED)
    participation.turn_down(application, reason="On duty", now=AFTER_RELEASE)
    assert state_of(application) == State.TURNED_DOWN
    assert application.transitions.get().reason == "On duty"


@pytest.mark.parametrize("answer", ["confirm", "turn_down"])
def test_the_deadline_is_checked_when_the_answer_is_given(event: Event, answer: str) -> None:
    application = ApplicationFactory(event=event, state=State.ACCEPTED)
    with pytest.raises(participation.TooLate):
        if answer == "confirm":
            participation.confirm(application, now=event.answer_by)
        else:
            participation.turn_down(application, reason="", now=event.answer_by)
    assert state_of(application) == State.ACCEPTED


def test_an_answer_can_be_changed_until_the_deadline(event: Event) -> None:
    application = ApplicationFactory(event=event, state=State.ACCEPTED)
    participation.confirm(application, now=AFTER_RELEASE)
    participation.turn_down(application, reason="", now=AFTER_RELEASE)
    participation.confirm(application, now=event.answer_by - dt.timedelta(seconds=1))
    assert state_of(application) == State.CONFIRMED


def test_a_place_turned_down_is_regained_only_while_one_is_free() -> None:
    event = small_questionnaire()
    Event.objects.filter(pk=event.pk).update(places=1)
    application = ApplicationFactory(event=event, state=State.TURNED_DOWN)
    other = ApplicationFactory(event=event, state=State.ACCEPTED)
    with pytest.raises(places.NoPlaceLeft):
        participation.confirm(application, now=AFTER_RELEASE)
    participation.turn_down(other, reason="", now=AFTER_RELEASE)
    participation.confirm(application, now=AFTER_RELEASE)
    assert state_of(application) == State.CONFIRMED


@pytest.mark.parametrize(
    "state", [State.DRAFT, State.SUBMITTED, State.SIGNED_OFF, State.WAITING_LIST, State.DECLINED, State.WITHDRAWN]
)
def test_nobody_confirms_a_place_that_was_not_given(event: Event, state: State) -> None:
    application = ApplicationFactory(event=event, state=state, outcome="accept")
    with pytest.raises(MoveNotAllowed):
        participation.confirm(application, now=AFTER_RELEASE)
    assert state_of(application) == state
    assert not participation.can_answer(application, AFTER_RELEASE)


class TestLapse:
    """No answer by the deadline."""

    def test_a_place_lapses_at_the_deadline_and_the_person_is_told_once(self) -> None:
        event = released_event()
        silent = accepted(event, "Ada")
        participation.confirm(accepted(event, "Bea"), now=AFTER_RELEASE)
        assert participation.lapse_due(at=event.answer_by - SECOND) == 0
        assert [participation.lapse_due(at=event.answer_by) for _tick in range(2)] == [1, 0]
        assert states(event) == {"Ada": State.LAPSED, "Bea": State.CONFIRMED}
        assert kinds_to(silent) == ["acceptance", "lapsed"]

    def test_nobody_loses_a_place_of_which_they_never_heard(self) -> None:
        event = released_event()
        untold = accepted(event, "Ada", told=False)
        assert participation.lapse_due(at=event.answer_by) == 0
        Letter.objects.filter(application=untold).update(status=LetterStatus.SENT, sent_at=event.answer_by)
        assert participation.lapse_due(at=event.answer_by) == 1

    def test_a_place_offered_later_lapses_by_its_own_deadline(self) -> None:
        event = released_event()
        ada = accepted(event, "Ada")
        participation.lapse_due(at=event.answer_by)
        offered = promotion.offer(ada, reason="Called us", by=UserFactory(), at=event.answer_by)
        assert participation.lapse_due(at=offered.answer_by - SECOND) == 0
        assert participation.lapse_due(at=offered.answer_by) == 1

    def test_organisers_take_back_a_place_whose_letter_never_left_and_not_before_the_deadline(self) -> None:
        event = released_event()
        untold = accepted(event, "Ada", told=False)
        person = UserFactory()
        with pytest.raises(participation.TooEarly):
            participation.take_back(untold, reason="", by=person, at=event.answer_by - SECOND)
        participation.take_back(untold, reason="Cannot be reached", by=person, at=event.answer_by)
        change = untold.transitions.last()
        assert (change.to_state, change.by, change.reason) == (State.LAPSED, person, "Cannot be reached")

    def test_an_event_without_the_text_holds_up_no_other(self) -> None:
        without, ready = released_event(), released_event()
        for event in (without, ready):
            accepted(event, "Ada")
        LetterTemplate.objects.filter(event=without, kind="lapsed").delete()
        with pytest.raises(letters.NoText):
            participation.lapse_due(at=ready.answer_by)
        assert (states(without)["Ada"], states(ready)["Ada"]) == (State.ACCEPTED, State.LAPSED)


class TestReminder:
    """Half-way to the deadline and a day before it."""

    def test_whoever_has_not_answered_is_reminded_twice(self) -> None:
        event = released_event()
        silent = accepted(event, "Ada")
        participation.confirm(accepted(event, "Bea"), now=AFTER_RELEASE)
        half_way = DECISION_HOUR + (event.answer_by - DECISION_HOUR) / 2
        sent = [
            participation.remind_due(at=at)
            for at in (
                half_way - SECOND,
                half_way,
                half_way + SECOND,
                event.answer_by - DAY - SECOND,
                event.answer_by - DAY,
                event.answer_by - SECOND,
                event.answer_by,
            )
        ]
        assert sent == [0, 1, 0, 0, 1, 0, 0]
        assert kinds_to(silent) == ["acceptance", "confirm_reminder", "confirm_reminder"]

    def test_one_that_comes_late_stands_for_the_next_one_too(self) -> None:
        event = released_event()
        accepted(event, "Ada")
        assert participation.remind_due(at=event.answer_by - DAY - HOUR) == 1
        assert participation.remind_due(at=event.answer_by - DAY) == 0

    def test_a_short_deadline_has_a_single_reminder(self) -> None:
        event = released_event()
        ada = accepted(event, "Ada")
        participation.turn_down(ada, reason="", now=AFTER_RELEASE)
        promotion.offer(ada, reason="", by=UserFactory(), at=AFTER_RELEASE)
        ticks = [participation.remind_due(at=AFTER_RELEASE + hours * HOUR) for hours in range(48)]
        assert (sum(ticks), ticks[24]) == (1, 1)

    def test_a_tick_with_nobody_to_remind_writes_nothing(self) -> None:
        event = released_event()
        accepted(event, "Ada")
        with CaptureQueriesContext(connection) as queries:
            participation.remind_due(at=AFTER_RELEASE)
        assert all(query["sql"].startswith("SELECT") for query in queries)
        assert len(queries) == 2
