"""The promise clock."""

import datetime as dt
from typing import Any

import pytest

from events.tests.factories import EventFactory
from questionnaire.models import LetterKind, LetterStatus, Release
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory, small_questionnaire
from questionnaire.tests.team import make_team
from questionnaire.workflow import letters
from questionnaire.workflow.promise import figures

pytestmark = pytest.mark.django_db


def test_each_figure_counts_its_own() -> None:
    event = small_questionnaire()
    for state, outcome, number in [
        (State.DRAFT, "", 9),
        (State.WITHDRAWN, "", 8),
        (State.SUBMITTED, "", 3),
        (State.PROPOSED, Outcome.ACCEPT, 3),
        (State.SIGNED_OFF, Outcome.ACCEPT, 2),
        (State.SIGNED_OFF, Outcome.WAITING_LIST, 5),
        (State.CONFIRMED, Outcome.ACCEPT, 1),
        (State.DECLINED, Outcome.DECLINE, 6),
    ]:
        ApplicationFactory.create_batch(number, event=event, state=state, outcome=outcome)
    ApplicationFactory()  # of another event
    letters.queue(LetterKind.RECEIPT, ApplicationFactory(event=event), at=AFTER_CLOSE)
    event.letters.update(status=LetterStatus.FAILED)
    [found] = figures([event], now=AFTER_CLOSE)
    assert (found.received, found.undecided, found.unsigned) == (21, 4, 3)
    assert (found.accepted, found.waiting, found.declined) == (6, 5, 6)
    assert found.letters_failed == 1
    assert figures([event], now=AFTER_CLOSE, kinds=[LetterKind.ACCEPTANCE])[0].letters_failed == 0


def test_three_queries_for_any_number_of_events(django_assert_num_queries: Any) -> None:
    events = EventFactory.create_batch(5)
    with django_assert_num_queries(3):
        assert [found.event for found in figures(events, now=AFTER_CLOSE)] == events


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (dt.datetime(2021, 11, 27, 22, 59, tzinfo=dt.UTC), 2),
        (dt.datetime(2021, 11, 27, 23, 1, tzinfo=dt.UTC), 1),  # the 28th in Paris
        (dt.datetime(2021, 11, 29, 12, tzinfo=dt.UTC), 0),
        (dt.datetime(2021, 12, 1, 12, tzinfo=dt.UTC), -2),
    ],
)
def test_days_are_counted_on_the_events_calendar(now: dt.datetime, days: int) -> None:
    assert figures([EventFactory()], now=now)[0].days_left == days


def test_the_promise_breaks_at_the_end_of_its_day() -> None:
    team = make_team()
    midnight = dt.datetime(2021, 11, 29, 23, tzinfo=dt.UTC)
    application = ApplicationFactory(event=team.event)
    assert not figures([team.event], now=midnight - dt.timedelta(seconds=1))[0].is_broken
    assert figures([team.event], now=midnight)[0].is_broken
    application.delete()
    assert not figures([team.event], now=midnight)[0].is_broken


def test_the_order_of_release_is_among_them() -> None:
    team = make_team()
    release = Release.objects.create(event=team.event, ordered_by=team.organiser, ordered_at=AFTER_CLOSE)
    assert figures([team.event], now=AFTER_CLOSE)[0].release == release
