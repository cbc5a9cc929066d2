"""An event in figures."""

import datetime as dt

import pytest

from events.models import Event, Membership
from events.tests.factories import EventFactory, MembershipFactory, UserFactory
from questionnaire.models import Question
from questionnaire.states import State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    BEFORE_OPENING,
    WHILE_OPEN,
    ApplicationFactory,
    AssignmentFactory,
    QuestionFactory,
    ReviewFactory,
    SectionFactory,
)
from questionnaire.workflow.statistics import Period, Progress, Share, periods, statistics

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event."""
    return EventFactory()


def test_each_day_of_the_window_is_there(event: Event) -> None:
    ApplicationFactory(event=event, created_at=WHILE_OPEN, submitted_at=WHILE_OPEN + dt.timedelta(days=1))
    ApplicationFactory(event=event, created_at=WHILE_OPEN, state=State.DRAFT)
    found = periods(event, now=AFTER_CLOSE)
    assert [found[0].first, found[-1].last] == [dt.date(2021, 11, 2), dt.date(2021, 11, 19)]
    assert len(found) == 18
    counted = {period.first: (period.begun, period.submitted) for period in found if period.begun or period.submitted}
    assert counted == {dt.date(2021, 11, 10): (2, 0), dt.date(2021, 11, 11): (0, 1)}


def test_a_day_is_that_of_the_event(event: Event) -> None:
    late = dt.datetime(2021, 11, 10, 23, 30, tzinfo=dt.UTC)
    ApplicationFactory(event=event, created_at=late, submitted_at=late)
    [day] = [period for period in periods(event, now=AFTER_CLOSE) if period.submitted]
    assert day.first == dt.date(2021, 11, 11)


def test_while_it_is_open_the_days_end_today(event: Event) -> None:
    assert periods(event, now=WHILE_OPEN)[-1].last == dt.date(2021, 11, 10)
    assert periods(event, now=BEFORE_OPENING) == []


def test_a_long_time_is_counted_by_weeks() -> None:
    event = EventFactory(opens_at=dt.datetime(2021, 1, 4, tzinfo=dt.UTC))
    ApplicationFactory(event=event, created_at=WHILE_OPEN, submitted_at=WHILE_OPEN)
    found = periods(event, now=AFTER_CLOSE)
    assert found[0] == Period(dt.date(2021, 1, 4), dt.date(2021, 1, 10), 0, 0)
    assert sum(period.submitted for period in found) == 1
    assert len(found) == 46


def test_shares_count_what_was_received(event: Event) -> None:
    question = QuestionFactory(
        section=SectionFactory(event=event), fills=Question.Fills.TARGET_GROUP, kind="single_choice", options=["x", "y"]
    )
    for country, group in (("DE", "x"), ("FR", "x"), ("FR", "")):
        ApplicationFactory(event=event, country=country, target_group=group)
    ApplicationFactory(event=event, country="IT", state=State.WITHDRAWN)
    ApplicationFactory(event=event, country="IT", state=State.DRAFT)
    ApplicationFactory(country="IT")
    found = statistics(event, now=AFTER_CLOSE)
    assert found.countries == [Share("FR", "France", 2), Share("DE", "Germany", 1)]
    labels = {option.key: option.label for option in question.options.all()}
    assert found.target_groups == [Share("x", labels["x"], 2), Share("y", labels["y"], 0), Share("", "", 1)]
    assert found.languages == [Share("en", "English", 3), Share("fr", "French", 0)]
    assert [(share.key, share.number) for share in found.states] == [("draft", 1), ("submitted", 3), ("withdrawn", 1)]


def test_how_far_each_reviewer_is(event: Event) -> None:
    anna = MembershipFactory(event=event, role=Membership.Role.REVIEWER, user__last_name="A").user
    bo = MembershipFactory(event=event, role=Membership.Role.REVIEWER, user__last_name="B").user
    former = UserFactory(username="former", last_name="C")
    first, second, third = ApplicationFactory.create_batch(3, event=event)
    for application in (first, second):
        AssignmentFactory(application=application, reviewer=anna)
    AssignmentFactory(application=third, reviewer=anna, taken_away_at=AFTER_CLOSE)
    AssignmentFactory(application=third, reviewer=bo)
    ReviewFactory(application=first, reviewer=anna, mean_score=5)
    ReviewFactory(application=second, reviewer=anna)
    ReviewFactory(application=third, reviewer=anna, conflict=True)
    ReviewFactory(application=first, reviewer=former, mean_score=5)
    ReviewFactory(application=ApplicationFactory(event=event, state=State.WITHDRAWN), reviewer=anna, mean_score=5)
    ReviewFactory(application=ApplicationFactory(), reviewer=anna, mean_score=5)
    found = statistics(event, now=AFTER_CLOSE).reviewers
    assert found == [
        Progress(anna.pk, "A", 2, 1, 1, 1),
        Progress(bo.pk, "B", 1, 0, 0, 0),
        Progress(former.pk, "C", 0, 0, 1, 0),
    ]
    assert [progress.to_do for progress in found] == [1, 1, 0]
