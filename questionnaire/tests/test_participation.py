"""Answering an acceptance: until the deadline, by whom it concerns, and never more than there are places."""

import datetime as dt

import pytest

from events.models import Event
from questionnaire.models import Application, LetterKind
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE, ApplicationFactory, small_questionnaire
from questionnaire.workflow import participation
from questionnaire.workflow.transitions import MoveNotAllowed

pytestmark = pytest.mark.django_db


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
    with pytest.raises(participation.NoPlaceLeft):
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
