"""A release in two waves: five letters first, the others once these have arrived, and all of them in time."""

import datetime as dt
from collections import Counter

import pytest

from events.models import Event, Membership
from events.tests.factories import MembershipFactory, UserFactory
from questionnaire.models import Hold, Letter, LetterKind, LetterStatus, Notice, Wave
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, DECISION_HOUR, ApplicationFactory, small_questionnaire
from questionnaire.tests.releasing import release
from questionnaire.tests.test_outbox import LATER, OK, PERHAPS, REFUSED, Clock, ScriptedTransport
from questionnaire.workflow import holds, submission, waves
from questionnaire.workflow.delivery import Outcome as Delivery
from questionnaire.workflow.due import do_what_is_due

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

ENDS = dt.datetime(2021, 11, 29, 23, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def event() -> Event:
    """Return an event with nine decisions, three of each, half of them in French, released at the decision hour."""
    event = small_questionnaire()
    for number in range(9):
        ApplicationFactory(
            event=event, state=State.SIGNED_OFF, outcome=list(Outcome)[number % 3], language=("en", "fr")[number % 2]
        )
    release(event, at=AFTER_CLOSE)
    return event


def tick(clock: Clock, *outcomes: Delivery) -> Counter[str]:
    """Do what is due; return how many decisions were sent to be in each status."""
    do_what_is_due(clock, lambda: ScriptedTransport(outcomes))
    return Counter(Letter.objects.filter(wave__gt=0).values_list("status", flat=True))


def test_where_the_first_arrive_the_others_follow_in_the_same_tick(event: Event, clock: Clock) -> None:
    assert tick(clock) == {LetterStatus.SENT: 9}
    assert Counter(Letter.objects.values_list("wave", flat=True)) == {Wave.FIRST: 5, Wave.SECOND: 4}
    assert Hold.objects.get().ended_at == DECISION_HOUR
    assert not Notice.objects.exists()


def test_the_first_are_of_every_kind_and_language(event: Event, clock: Clock) -> None:
    tick(clock)
    first = Letter.objects.filter(wave=Wave.FIRST)
    assert set(first.values_list("kind", flat=True)) == {"acceptance", "waiting_list", "decline"}
    assert set(first.values_list("language", flat=True)) == {"en", "fr"}


@pytest.mark.parametrize("bad", [REFUSED, PERHAPS])
def test_where_one_of_the_first_goes_wrong_the_others_are_held_and_organisers_told(
    event: Event, clock: Clock, bad: Delivery
) -> None:
    MembershipFactory(event=event, role=Membership.Role.ORGANISER, user__email="olga@example.org")
    assert tick(clock, OK, bad) == {LetterStatus.SENT: 4, bad.status: 1, LetterStatus.APPROVED: 4}
    clock.move(MINUTE)
    tick(clock)
    told = Letter.objects.get(kind=LetterKind.LETTERS_HELD)
    assert (told.recipient, told.status) == ("olga@example.org", LetterStatus.SENT)
    clock.move(MINUTE)
    tick(clock)
    assert Letter.objects.filter(kind=LetterKind.LETTERS_HELD).count() == 1


def test_others_letters_of_the_event_are_not_held(event: Event, clock: Clock) -> None:
    tick(clock, REFUSED)
    submission.withdraw(event.applications.filter(letters__status=LetterStatus.SENT).first(), now=clock())
    tick(clock)
    assert Letter.objects.get(kind=LetterKind.WITHDRAWAL_RECEIPT).status == LetterStatus.SENT


def test_a_person_lets_the_others_go(event: Event, clock: Clock) -> None:
    tick(clock, REFUSED)
    [hold] = holds.on(event)
    holds.let_go(hold, by=UserFactory(), at=clock())
    assert tick(clock) == {LetterStatus.SENT: 8, LetterStatus.FAILED: 1}


def test_first_letters_that_are_only_slow_let_the_others_go_once_they_arrive(event: Event, clock: Clock) -> None:
    assert tick(clock, LATER)[LetterStatus.APPROVED] == 4
    clock.move(MINUTE)
    assert tick(clock) == {LetterStatus.SENT: 9}


def test_first_letters_that_take_ten_minutes_are_told(event: Event, clock: Clock) -> None:
    tick(clock, LATER)
    Letter.objects.filter(status=LetterStatus.RETRY).update(due_at=clock() + dt.timedelta(hours=9))
    clock.move(waves.LATE - MINUTE)
    tick(clock)
    assert not Notice.objects.filter(kind=LetterKind.LETTERS_HELD).exists()
    clock.move(MINUTE)
    tick(clock)
    assert Notice.objects.filter(kind=LetterKind.LETTERS_HELD).count() == 1


def test_where_nobody_decides_the_others_leave_by_themselves(event: Event, clock: Clock) -> None:
    tick(clock, REFUSED)
    clock.move(waves.LONGEST - MINUTE)
    assert tick(clock)[LetterStatus.APPROVED] == 4
    clock.move(MINUTE)
    assert tick(clock) == {LetterStatus.SENT: 8, LetterStatus.FAILED: 1}


def test_a_persons_word_holds_them_for_longer(event: Event, clock: Clock) -> None:
    tick(clock, REFUSED)
    [hold] = holds.on(event)
    holds.keep(hold, by=UserFactory())
    clock.move(waves.LONGEST)
    assert tick(clock)[LetterStatus.APPROVED] == 4


def test_near_the_end_of_the_promised_day_the_wait_is_shorter(event: Event) -> None:
    clock = Clock(ENDS - dt.timedelta(hours=3))
    assert tick(clock, REFUSED)[LetterStatus.APPROVED] == 4
    clock.now = ENDS - waves.SPARE
    assert tick(clock) == {LetterStatus.SENT: 8, LetterStatus.FAILED: 1}


def test_at_the_very_end_nobody_waits(event: Event) -> None:
    do_what_is_due(Clock(ENDS - dt.timedelta(seconds=1)), lambda: ScriptedTransport([REFUSED]))
    assert not Hold.objects.exists()
    assert Letter.objects.filter(status=LetterStatus.SENT).count() == 8


def test_few_letters_leave_at_once(clock: Clock) -> None:
    event = small_questionnaire()
    ApplicationFactory.create_batch(5, event=event, state=State.SIGNED_OFF, outcome=Outcome.ACCEPT)
    release(event, at=AFTER_CLOSE)
    do_what_is_due(clock, lambda: ScriptedTransport([REFUSED]))
    assert not Hold.objects.exists()
    assert Letter.objects.filter(status=LetterStatus.SENT).count() == 4


def test_nothing_leaves_before_the_hour(event: Event) -> None:
    do_what_is_due(Clock(DECISION_HOUR - dt.timedelta(seconds=1)), ScriptedTransport)
    assert not Letter.objects.exists()
