"""Reminders to those whose application is begun and not submitted: three days and one day before the close."""

import datetime as dt
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from events.models import Event
from questionnaire.models import Application, Draft, LetterKind
from questionnaire.states import State
from questionnaire.workflow import letters, turns

BEFORE_CLOSE = (dt.timedelta(days=3), dt.timedelta(days=1))
LEAST_APART = dt.timedelta(hours=12)
"""A reminder that comes late, after an outage, stands for the next one too if that is due as soon as this."""


def remind_due(*, at: dt.datetime) -> int:
    """Queue the reminders that are due, of every event that has a text for them; return how many.

    Raises `letters.NoText` where the text lacks a language; the other events have had their turn then.
    """
    closing_soon = Event.objects.published().filter(
        closes_at__gt=at,
        closes_at__lte=at + max(BEFORE_CLOSE),
        letter_templates__kind=LetterKind.DRAFT_REMINDER,
    )
    return turns.take(closing_soon.order_by("closes_at", "pk"), partial(_remind, at=at))


@transaction.atomic
def _remind(event: Event, *, at: dt.datetime) -> int:
    """Queue the letters and note it at the drafts, in one transaction: each reminder is written once."""
    since = max(event.closes_at - before for before in BEFORE_CLOSE if event.closes_at - before <= at)
    due = list(_unfinished(event, since).select_related("application__event").order_by("-saved_at", "-pk"))
    newest = {draft.application.email_key: draft.application for draft in reversed(due)}
    Draft.objects.filter(pk__in=[draft.pk for draft in due]).update(reminded_at=at)
    return len(letters.queue_many(LetterKind.DRAFT_REMINDER, newest.values(), at=at, release_at=at))


def _unfinished(event: Event, since: dt.datetime) -> QuerySet[Draft]:
    """Return the drafts, locked, that stood unfinished at the moment of a reminder and did not have it yet."""
    of_event = Application.objects.filter(event=event)
    applied = of_event.exclude(state=State.DRAFT).values("email_key")
    stopped = of_event.filter(draft__reminders_stopped_at__isnull=False).values("email_key")
    return (
        Draft.objects.select_for_update(of=("self",), no_key=True)
        .filter(application__event=event, application__state=State.DRAFT, application__created_at__lte=since)
        .filter(Q(reminded_at=None) | Q(reminded_at__lt=since - LEAST_APART))
        .filter(application__submitted_revision=None)
        .exclude(application__email_key="")
        .exclude(application__email_key__in=applied)
        .exclude(application__email_key__in=stopped)
    )


def stop(application: Application, *, now: dt.datetime) -> None:
    """Send no more reminders to the application's address, whichever of its drafts they would be about."""
    key = application.email_key
    drafts = Draft.objects.filter(application__event=application.event_id, application__email_key=key)
    drafts.filter(reminders_stopped_at=None).update(reminders_stopped_at=now)
