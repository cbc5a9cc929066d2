"""Personal data at the end of their time: erased for good, event by event. What counts need stays.

The time is the event's own (`Event.retention_days`), told to applicants in the privacy notice.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from events import publishing
from events.models import Event
from questionnaire.models import OPEN_STATUSES, Hold, Letter, LetterStatus, Upload
from questionnaire.workflow import limits, retention

PORTION = 200
"""Applications erased in one tick at the most, so that letters of other events need not wait."""


class NotYet(Exception):
    """The time of the personal data is not over. Attribute: `event`."""

    def __init__(self, event: Event) -> None:
        self.event = event
        super().__init__(event.slug)


@dataclass(frozen=True)
class Amount:
    """How many rows hold personal data: applications, files given with them, and letters written."""

    applications: int
    files: int
    letters: int


def amount(event: Event) -> Amount:
    """Return what there is to erase."""
    return Amount(
        applications=event.applications.filter(erased_at=None).count(),
        files=Upload.objects.filter(application__event=event).count(),
        letters=_written(event).count(),
    )


def over_from(event: Event) -> dt.datetime:
    """Return the moment from which the personal data of an event are to be gone, in UTC."""
    return event.end_of(event.kept_until)


def require_over(event: Event, at: dt.datetime) -> None:
    """Raise `NotYet` unless the time of the event's personal data is over."""
    if at < over_from(event):
        raise NotYet(event)


def shred(event: Event, *, at: dt.datetime, most: int | None = None) -> bool:
    """Erase the personal data of an event, of at most so many people; return whether nothing is left.

    Each application goes in a transaction of its own: broken off, it can be begun again. States stay as they are.
    """
    left = event.applications.filter(erased_at=None).order_by("pk")
    for application in left[:most]:
        retention.erase(application, now=at, withdraws=False)
    if left.exists():
        return False
    _finish(event, at=at)
    return True


@transaction.atomic
def _finish(event: Event, *, at: dt.datetime) -> None:
    """Erase what belongs to no application: letters to the team and to strangers, the domains they went to, names of
    runs, tags, feedback, and why letters were held; also of holds on everything that nobody needs any more.
    """
    others = _written(event)
    others.filter(status__in=OPEN_STATUSES).update(status=LetterStatus.CANCELLED, due_at=None)
    others.update(**retention.NO_TEXT)
    limits.forget(at)
    Hold.objects.filter(Q(event=event) | Q(event=None, ended_at__lte=at)).update(reason="")
    event.selection_runs.update(name="")
    event.tags.all().delete()
    event.feedback.update(liked="", missed="")
    Event.objects.filter(pk=event.pk).update(shredded_at=at)
    publishing.touch(event)  # the privacy notice names the events whose data are kept


def shred_due(*, at: dt.datetime) -> None:
    """Erase a portion of the personal data of each event whose time for them is over."""
    past = Event.objects.filter(shredded_at=None, last_day__lt=at.date()).order_by("last_day", "pk")
    for event in past:
        if at >= over_from(event):
            shred(event, at=at, most=PORTION)


def _written(event: Event) -> QuerySet[Letter]:
    return Letter.objects.filter(event=event).exclude(Q(recipient="") & Q(subject=""))
