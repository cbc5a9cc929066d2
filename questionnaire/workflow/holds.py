"""Hold letters back, for an event or altogether, and let them go: what is held stays due, and no sender takes it."""

import datetime as dt

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from events.models import Event
from questionnaire.models import OPEN_STATUSES, Hold, Letter, LetterStatus

Cause = Hold.Cause

# Written out, since the ORM would build it anew for each claim and each letter, at a multiple of what running it costs.
NOT_HELD = """
    NOT EXISTS (
        SELECT 1 FROM questionnaire_hold hold
        WHERE hold.ended_at IS NULL AND (hold.until IS NULL OR hold.until > %s)
        AND (hold.event_id IS NULL OR hold.event_id = questionnaire_letter.event_id)
        AND (hold.cause <> 'first_letters' OR questionnaire_letter.wave = 2)
    )
"""
"""Condition on a letter that nothing holds it; its parameter is the moment, as the database at hand takes it."""


def free(now: dt.datetime) -> RawSQL:
    """Return the condition on letters that nothing holds at a moment."""
    return RawSQL(NOT_HELD, [connection.ops.adapt_datetimefield_value(now)], output_field=BooleanField())


def begin(event: Event | None, *, by: User | None, at: dt.datetime, reason: str = "") -> Hold:
    """Let no letter of an event, or none at all, leave from now on, until somebody lets go. Twice is once."""
    hold, _made = Hold.objects.get_or_create(
        event=event, cause=Cause.PERSON, ended_at=None, defaults={"made_by": by, "made_at": at, "reason": reason}
    )
    return hold


def let_go(hold: Hold, *, by: User | None, at: dt.datetime) -> bool:
    """End a hold; return whether it still stood."""
    return Hold.objects.standing().filter(pk=hold.pk).update(ended_at=at, ended_by=by) > 0


def keep(hold: Hold, *, by: User) -> bool:
    """Have a hold that would end by itself stand until somebody lets go; return whether it still stood."""
    return Hold.objects.standing().filter(pk=hold.pk).update(until=None, made_by=by) > 0


def on(event: Event) -> list[Hold]:
    """Return the holds that concern an event, those over everything included."""
    standing = Hold.objects.standing().filter(Q(event=event) | Q(event=None))
    return list(standing.select_related("made_by"))


def write_off(*, before: dt.datetime) -> int:
    """Cancel the letters that were due before a moment, since they left before a backup was restored; return how many.

    They stay readable on nobody's page; whoever should have one more copy asks for a personal link.
    """
    left = Letter.objects.filter(status__in=OPEN_STATUSES, release_at__lte=before, created_at__lte=before)
    return left.update(status=LetterStatus.CANCELLED, due_at=None, claim_token=None)
