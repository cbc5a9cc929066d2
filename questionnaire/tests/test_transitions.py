"""The one writer of states keeps the table of moves and leaves a record of each."""

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from events.tests.factories import UserFactory
from questionnaire.models import Application, Transition
from questionnaire.states import ALLOWED_MOVES, Outcome, State, sources
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory
from questionnaire.workflow import transitions

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("target", State)
def test_only_the_moves_of_the_table_happen(start: State, target: State) -> None:
    application = ApplicationFactory(state=start, outcome=Outcome.ACCEPT, submitted_at=AFTER_CLOSE)
    if target in ALLOWED_MOVES[start]:
        transitions.move([application], target, at=AFTER_CLOSE)
    else:
        with pytest.raises(transitions.MoveNotAllowed):
            transitions.move([application], target, at=AFTER_CLOSE)
    application.refresh_from_db()
    assert application.state == (target if target in ALLOWED_MOVES[start] else start)


def test_a_move_records_who_when_and_why() -> None:
    organiser = UserFactory()
    application = ApplicationFactory()
    transitions.move(
        [application], State.PROPOSED, at=AFTER_CLOSE, by=organiser, outcome=Outcome.DECLINE, reason="Not on the ground"
    )
    record = Transition.objects.get()
    assert (record.from_state, record.to_state, record.outcome) == (State.SUBMITTED, State.PROPOSED, Outcome.DECLINE)
    assert (record.by, record.at, record.reason) == (organiser, AFTER_CLOSE, "Not on the ground")


def test_one_that_cannot_move_keeps_all_from_moving_and_is_named() -> None:
    free, decided = ApplicationFactory(), ApplicationFactory(state=State.DECLINED)
    with pytest.raises(transitions.MoveNotAllowed) as caught:
        transitions.move([free, decided], State.PROPOSED, at=AFTER_CLOSE, outcome=Outcome.ACCEPT)
    assert caught.value.applications == [decided]
    free.refresh_from_db()
    assert free.state == State.SUBMITTED
    assert not Transition.objects.exists()


def test_what_is_true_now_decides_not_what_was_read_before() -> None:
    application = ApplicationFactory()
    Application.objects.filter(pk=application.pk).update(state=State.WITHDRAWN)
    with pytest.raises(transitions.MoveNotAllowed):
        transitions.move([application], State.PROPOSED, at=AFTER_CLOSE, outcome=Outcome.ACCEPT)


def test_the_database_itself_refuses_an_unknown_state_and_a_proposal_without_an_outcome() -> None:
    application = ApplicationFactory()
    for columns in ({"state": "accepted!"}, {"state": State.PROPOSED, "outcome": ""}, {"submitted_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.filter(pk=application.pk).update(**columns)


def test_moving_many_takes_as_many_queries_as_moving_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in (1, 3):
        applications = ApplicationFactory.create_batch(number)
        with django_assert_num_queries(5):  # savepoint, lock, update, record, release
            transitions.move(applications, State.PROPOSED, at=AFTER_CLOSE, outcome=Outcome.ACCEPT)


def test_sources_are_the_table_read_backwards() -> None:
    assert sources(State.CONFIRMED) == {State.ACCEPTED, State.TURNED_DOWN}
