"""Order rehearsals, one at a time for each event, and keep how far they have come; the play itself is elsewhere."""

import datetime as dt
import logging
from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from events.models import Event
from questionnaire.models import Rehearsal
from questionnaire.signals import rehearsal_ordered
from questionnaire.workflow import transitions

logger = logging.getLogger(__name__)

Status = Rehearsal.Status
OPEN = (Status.WAITING, Status.RUNNING)
SILENT_AFTER = dt.timedelta(minutes=5)
"""A process of which nothing was heard for so long has ended without a word: killed, or the machine with it."""


class AlreadyUnderWay(Exception):
    """Another rehearsal of the event waits or is under way. Attribute: `rehearsal`."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal = rehearsal
        super().__init__(str(rehearsal))


class NotWanted(Exception):
    """The rehearsal was stopped, or has been given up."""


@transaction.atomic
def order(
    event: Event, *, applicants: int, seed: int, faults: Collection[str], by: User | None, at: dt.datetime
) -> Rehearsal:
    """Order a rehearsal; whoever listens to `rehearsal_ordered` starts it. Raises `AlreadyUnderWay`."""
    transitions.lock_event(event.pk)
    give_up_silent(at=at)
    if (other := Rehearsal.objects.filter(event=event, status__in=OPEN).first()) is not None:
        raise AlreadyUnderWay(other)
    rehearsal = Rehearsal.objects.create(
        event=event, applicants=applicants, seed=seed, faults=sorted(faults), ordered_by=by, ordered_at=at
    )
    transaction.on_commit(lambda: rehearsal_ordered.send_robust(sender=Rehearsal), robust=True)
    return rehearsal


def take_waiting(*, at: dt.datetime) -> list[Rehearsal]:
    """Return the rehearsals that wait, each to one caller alone: it is to start them."""
    give_up_silent(at=at)
    waiting = Rehearsal.objects.filter(status=Status.WAITING).order_by("pk")
    return [rehearsal for rehearsal in waiting if begin(rehearsal, at=at)]


def begin(rehearsal: Rehearsal, *, at: dt.datetime) -> bool:
    """Take one that waits; return whether nobody else did."""
    mine = Rehearsal.objects.filter(pk=rehearsal.pk, status=Status.WAITING)
    return mine.update(status=Status.RUNNING, alive_at=at) == 1


def note_progress(rehearsal: Rehearsal, act: str, share: float, *, at: dt.datetime) -> None:
    """Keep how far it has come. Raises `NotWanted` where it should come to an end."""
    running = Rehearsal.objects.filter(pk=rehearsal.pk, status=Status.RUNNING)
    if not running.update(act=act[:40], share=share, alive_at=at):
        raise NotWanted


def finish(rehearsal: Rehearsal, outcome: dict[str, Any], *, kept: bool, at: dt.datetime) -> None:
    """Keep what it found."""
    status = Status.KEPT if kept else Status.BROKEN
    running = Rehearsal.objects.filter(pk=rehearsal.pk, status=Status.RUNNING)
    running.update(status=status, outcome=outcome, share=1.0, finished_at=at)


def fail(rehearsal: Rehearsal, complaint: str, *, at: dt.datetime) -> None:
    """Keep why it came to no outcome; of one that has ended already, nothing changes."""
    unfinished = Rehearsal.objects.filter(pk=rehearsal.pk, status__in=OPEN)
    unfinished.update(status=Status.FAILED, complaint=complaint[:500], finished_at=at)


def give_up_silent(*, at: dt.datetime) -> int:
    """Call those ended of which nothing was heard for a while; return how many."""
    silent = Q(status=Status.RUNNING, alive_at__lt=at - SILENT_AFTER)
    number = Rehearsal.objects.filter(silent).update(status=Status.FAILED, finished_at=at)
    if number:
        logger.warning("rehearsals that ended without a word: %d", number)
    return number
