"""Tell organisers what needs them: noted in the transaction of what happened, told by the next tick in one letter.

So forty letters that fail at once are one letter to each organiser, and nothing is told twice.
"""

import datetime as dt
from collections.abc import Callable, Collection

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from events.models import Event
from questionnaire.models import Application, Letter, LetterKind, Notice
from questionnaire.workflow import letters, transitions, turns, wording

LEAST_APART = dt.timedelta(minutes=4)
"""Between two letters of one kind about one event: few letters, and still within five minutes of what happened."""


def note(event_id: int, kind: LetterKind, *keys: str, at: dt.datetime) -> None:
    """Have the organisers of an event told of what `keys` stand for; noting the same again changes nothing."""
    rows = [Notice(event_id=event_id, kind=kind, key=key, noted_at=at) for key in keys]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def note_failure(letter: Letter, *, at: dt.datetime) -> None:
    """Have organisers told that a letter failed, unless it was one to themselves."""
    if letter.kind not in wording.TO_ORGANISERS:
        note(letter.event_id, LetterKind.LETTER_FAILED, f"{letter.pk} {at.isoformat()}", at=at)


def note_places_given_up(event_id: int, applications: Collection[Application], *, at: dt.datetime) -> None:
    """Have organisers told that these people no longer take their places."""
    keys = [f"{application.pk} {at.isoformat()}" for application in applications]
    note(event_id, LetterKind.PLACE_GIVEN_UP, *keys, at=at)


def tell_due(*, at: dt.datetime) -> int:
    """Write to the organisers about all that they were not told yet; return how many letters.

    Raises `letters.NoText` where a text lacks a language; the other events have had their turn then.
    """
    waiting = Notice.objects.filter(told_at=None).order_by("event", "kind").values_list("event", "kind").distinct()
    return turns.take(waiting, lambda about: _tell(about[0], LetterKind(about[1]), at=at))


@transaction.atomic
def _tell(event_id: int, kind: LetterKind, *, at: dt.datetime) -> int:
    """Write the letters about all notices of one kind, and mark these as told, in one transaction."""
    event = transitions.lock_event(event_id)
    notices = Notice.objects.filter(event=event, kind=kind)
    if notices.filter(told_at__gt=at - LEAST_APART).exists():
        return 0
    number = notices.filter(told_at=None).update(told_at=at)
    if not number:
        return 0
    return len(letters.queue_to_organisers(kind, event, _values(kind, event, number), at=at))


def _values(kind: LetterKind, event: Event, number: int) -> Callable[[], dict[str, str]]:
    """Return what a letter about so many things says, to be called in its reader's language."""
    return lambda: {"number": str(number), wording.ADMIN_LINK: settings.BASE_URL + _PAGES[kind](event)}


def _failed_letters(event: Event) -> str:
    return reverse("admin:questionnaire_letter_failed", args=[event.pk])


def _waiting_list(event: Event) -> str:
    return reverse("admin:questionnaire_promotion_event", args=[event.pk])


def _replacements(event: Event) -> str:
    return reverse("admin:questionnaire_promotion_replacements", args=[event.pk])


def _release(event: Event) -> str:
    return reverse("admin:questionnaire_release_event", args=[event.pk])


_PAGES: dict[LetterKind, Callable[[Event], str]] = {
    LetterKind.LETTER_FAILED: _failed_letters,
    LetterKind.PLACE_GIVEN_UP: _waiting_list,
    LetterKind.PLACE_WAITING: _waiting_list,
    LetterKind.LETTERS_HELD: _release,
    LetterKind.REPLACEMENT_REQUESTED: _replacements,
}
