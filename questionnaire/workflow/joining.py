"""Letters around the meeting itself: how to join, as soon as one can; thanks, once it is over."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from events.models import Event
from questionnaire.models import Application, Letter, LetterKind, LetterStatus
from questionnaire.states import State
from questionnaire.workflow import letters, transitions, turns

THANKS_AFTER = dt.timedelta(hours=1)
THANKS_AT_THE_LATEST = dt.timedelta(days=14)
"""An event that has been over for longer, perhaps loaded as an example, is left alone."""


def instruct_due(*, at: dt.datetime) -> int:
    """Tell everybody confirmed how to join, once joining is open, later ones too; return how many.

    Raises `letters.NoText` where the text lacks a language; the other events have had their turn then.
    """
    events = Event.objects.filter(joining_opens_at__lte=at, last_day__gte=(at - dt.timedelta(days=1)).date())
    return _write(LetterKind.JOINING, (event for event in events if event.can_join(at)), at)


def thank_due(*, at: dt.datetime) -> int:
    """Thank everybody confirmed, once the event is over, but who is noted as absent; return how many.

    Raises as `instruct_due` does.
    """
    events = Event.objects.filter(last_day__lte=at.date(), last_day__gte=(at - THANKS_AT_THE_LATEST).date())
    over = (event for event in events if at >= event.ends_at + THANKS_AFTER)
    return _write(LetterKind.THANKS, over, at)


def _write(kind: LetterKind, events: Iterable[Event], at: dt.datetime) -> int:
    """Write to those who did not have the letter yet, in every event that has a text for it."""
    concerned = (
        event
        for event in events
        if event.letter_templates.filter(kind=kind).exists() and _without(kind, event).exists()
    )
    return turns.take(concerned, lambda event: _write_to_all(kind, event, at))


@transaction.atomic
def _write_to_all(kind: LetterKind, event: Event, at: dt.datetime) -> int:
    transitions.lock_event(event.pk)
    people = _without(kind, event).select_related("event")
    return len(letters.queue_many(kind, people, at=at, release_at=at))


def _without(kind: LetterKind, event: Event) -> QuerySet[Application]:
    """Return those who are to have such a letter and have none."""
    had = Letter.objects.filter(application=OuterRef("pk"), kind=kind).exclude(status=LetterStatus.CANCELLED)
    people = event.applications.filter(~Exists(had), state=State.CONFIRMED, erased_at=None)
    return people.exclude(attended=False) if kind == LetterKind.THANKS else people
