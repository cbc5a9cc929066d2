"""Rehearsals are ordered one at a time for each event, and a process that dies is noticed."""

import datetime as dt

import pytest
from django.db import IntegrityError
from pytest_django import DjangoCaptureOnCommitCallbacks

from events.tests.factories import EventFactory
from questionnaire.models import Rehearsal
from questionnaire.signals import rehearsal_ordered
from questionnaire.tests.factories import WHILE_OPEN
from questionnaire.workflow import rehearsing

pytestmark = pytest.mark.django_db

Status = Rehearsal.Status


def order(event: object = None, at: dt.datetime = WHILE_OPEN) -> Rehearsal:
    """Order a rehearsal."""
    return rehearsing.order(event or EventFactory(), applicants=12, seed=1, faults=["worker", "smtp"], by=None, at=at)


def test_an_order_waits_until_one_process_takes_it() -> None:
    """Of two, one."""
    ordered = order()
    assert (ordered.status, ordered.faults) == (Status.WAITING, ["smtp", "worker"])
    assert rehearsing.take_waiting(at=WHILE_OPEN) == [ordered]
    assert rehearsing.take_waiting(at=WHILE_OPEN) == []


def test_an_order_is_announced_once_it_is_committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """The worker need not wait for the beat."""
    heard = []

    def listen(**signal: object) -> None:
        heard.append(signal)

    rehearsal_ordered.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            order()
    finally:
        rehearsal_ordered.disconnect(listen)
    assert len(heard) == 1


def test_an_event_has_one_at_a_time() -> None:
    """Other events do not wait for it; the database says so too."""
    first = order()
    with pytest.raises(rehearsing.AlreadyUnderWay) as refusal:
        order(first.event)
    assert refusal.value.rehearsal == first
    order()
    with pytest.raises(IntegrityError):
        Rehearsal.objects.create(event=first.event, ordered_at=WHILE_OPEN)


def test_progress_is_kept_until_somebody_stops_it() -> None:
    """Then the process is told to end, and nothing that it still finds counts."""
    ordered = order()
    rehearsing.begin(ordered, at=WHILE_OPEN)
    rehearsing.note_progress(ordered, "applying", 0.3, at=WHILE_OPEN)
    ordered.refresh_from_db()
    assert (ordered.act, ordered.percent) == ("applying", 30)
    rehearsing.fail(ordered, "stopped by olga", at=WHILE_OPEN)
    with pytest.raises(rehearsing.NotWanted):
        rehearsing.note_progress(ordered, "applying", 0.4, at=WHILE_OPEN)
    rehearsing.finish(ordered, {}, kept=True, at=WHILE_OPEN)
    ordered.refresh_from_db()
    assert (ordered.status, ordered.complaint, ordered.outcome) == (Status.FAILED, "stopped by olga", None)


def test_one_that_falls_silent_is_given_up_and_keeps_nobody_from_the_next() -> None:
    """A machine that died must not block the event for ever."""
    ordered = order()
    rehearsing.begin(ordered, at=WHILE_OPEN)
    order(ordered.event, at=WHILE_OPEN + rehearsing.SILENT_AFTER * 2)
    ordered.refresh_from_db()
    assert ordered.status == Status.FAILED


@pytest.mark.parametrize(("kept", "status"), [(True, Status.KEPT), (False, Status.BROKEN)])
def test_the_outcome_is_kept(kept: bool, status: str) -> None:
    """With its verdict."""
    ordered = order()
    rehearsing.begin(ordered, at=WHILE_OPEN)
    rehearsing.finish(ordered, {"findings": []}, kept=kept, at=WHILE_OPEN)
    ordered.refresh_from_db()
    assert (ordered.status, ordered.outcome, ordered.percent) == (status, {"findings": []}, 100)
