"""A reviewer's queue."""

import datetime as dt

import pytest

from events.models import Membership
from events.tests.factories import MembershipFactory
from questionnaire.models import Assignment
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_CLOSE, WHILE_OPEN, AssignmentFactory, ReviewFactory
from questionnaire.workflow import queue
from questionnaire.workflow.queue import Progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows() -> list[Assignment]:
    """Return three applications assigned to one reviewer, the last of them shared."""
    member = MembershipFactory(role=Membership.Role.REVIEWER)
    return [
        AssignmentFactory(
            reviewer=member.user,
            shared=number == 2,
            application__event=member.event,
            application__submitted_at=WHILE_OPEN + dt.timedelta(minutes=number),
        )
        for number in range(3)
    ]


def test_shared_ones_come_first_then_by_submission_and_what_was_put_off_last(rows: list[Assignment]) -> None:
    user, event = rows[0].reviewer, rows[0].application.event
    first, second, shared = (row.application for row in rows)
    assert queue.following(user, event) == shared
    assert queue.following(user, event, after=shared) == first
    queue.put_off(user, shared, at=AFTER_CLOSE)
    queue.put_off(user, first, at=AFTER_CLOSE + dt.timedelta(minutes=1))
    assert queue.following(user, event) == second
    assert queue.following(user, event, after=second) == shared


def test_what_is_done_taken_away_withdrawn_or_of_others_is_not_to_do(rows: list[Assignment]) -> None:
    user, event = rows[0].reviewer, rows[0].application.event
    done, taken, withdrawn = rows
    ReviewFactory(application=done.application, reviewer=user, mean_score=5)
    ReviewFactory(application=taken.application, mean_score=5)
    Assignment.objects.filter(pk=taken.pk).update(taken_away_at=AFTER_CLOSE)
    withdrawn.application.state = State.WITHDRAWN
    withdrawn.application.save()
    AssignmentFactory(application__event=event)
    assert queue.following(user, event) is None
    assert queue.progress(user, event) == Progress(done=1, total=1)


def test_how_far_somebody_is_in_each_event(rows: list[Assignment]) -> None:
    user, event = rows[0].reviewer, rows[0].application.event
    ReviewFactory(application=rows[0].application, reviewer=user, mean_score=5)
    ReviewFactory(application=rows[1].application, reviewer=user)
    other = MembershipFactory(user=user, role=Membership.Role.REVIEWER, event__first_day=dt.date(2020, 1, 1)).event
    assert queue.work_of(user) == [(event, Progress(1, 3)), (other, Progress(0, 0))]
    assert queue.progress(user, event).left == 2
