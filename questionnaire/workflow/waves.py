"""The letters of a release leave in two waves: five first, the others once these have arrived.

Where the first do not all arrive, the others are held and organisers told at once. They decide; if nobody does, the
others leave by themselves after two hours, and two hours before the promised day is over at the latest: a letter that
fails can be sent again, a promise cannot be kept again. Only a person's word holds them for longer.
"""

import datetime as dt
import logging
from collections.abc import Iterable
from itertools import chain, zip_longest

from django.db import transaction

from events.models import Event
from questionnaire.models import DECISION_KINDS, Hold, Letter, LetterKind, LetterStatus, Wave
from questionnaire.workflow import notices

logger = logging.getLogger(__name__)

FIRST = 5
"""Letters in the first wave."""

LONGEST = dt.timedelta(hours=2)
"""How long the others wait for the first, where nobody decides."""

SPARE = dt.timedelta(hours=2)
"""How long before the end of the promised day the others leave in any case."""

LATE = dt.timedelta(minutes=10)
"""How long the first may take before organisers are told, even where nothing failed."""


def divide(event: Event, letters: Iterable[Letter], *, at: dt.datetime) -> None:
    """Divide the letters of a release, in its transaction. Few letters, and late ones, all leave at once."""
    rows = list(letters)
    until = min(at + LONGEST, event.promise_ends_at - SPARE)
    if len(rows) <= FIRST or until <= at:
        return
    first = [letter.pk for letter in choose_first(rows)]
    of_release = Letter.objects.filter(event=event, kind__in=DECISION_KINDS, status=LetterStatus.APPROVED)
    of_release.exclude(pk__in=first).update(wave=Wave.SECOND)
    of_release.filter(pk__in=first).update(wave=Wave.FIRST)
    Hold.objects.create(event=event, cause=Hold.Cause.FIRST_LETTERS, made_at=at, until=until)


def choose_first(letters: Iterable[Letter]) -> list[Letter]:
    """Return the first wave: every kind and language has its turn, so that each is tried."""
    groups: dict[tuple[str, str], list[Letter]] = {}
    for letter in letters:
        groups.setdefault((letter.kind, letter.language), []).append(letter)
    in_turn = chain.from_iterable(zip_longest(*groups.values()))
    return [letter for letter in in_turn if letter is not None][:FIRST]


def advance(*, at: dt.datetime) -> int:
    """Let the others go where the first arrived or the time is over, else tell organisers; return how many times."""
    waiting = Hold.objects.standing().filter(cause=Hold.Cause.FIRST_LETTERS)
    return sum(_advance(hold, at) for hold in waiting.exclude(until=None))


@transaction.atomic
def _advance(hold: Hold, at: dt.datetime) -> bool:
    statuses = first_statuses(hold.event_id)
    is_over = hold.until is not None and hold.until <= at
    if is_over or statuses <= {LetterStatus.SENT}:
        still_standing = Hold.objects.standing().filter(pk=hold.pk).exclude(until=None)
        return still_standing.update(ended_at=at) > 0
    if statuses & {LetterStatus.FAILED, LetterStatus.UNCERTAIN} or hold.made_at + LATE <= at:
        _alarm(hold, at)
    return False


def first_statuses(event_id: int | None) -> set[str]:
    """Return what has become of an event's first letters; those cancelled or replaced do not count."""
    first = Letter.objects.filter(event=event_id, wave=Wave.FIRST).exclude(status=LetterStatus.CANCELLED)
    return set(first.values_list("status", flat=True).distinct().order_by())


def _alarm(hold: Hold, at: dt.datetime) -> None:
    """Have organisers told, once."""
    if hold.event_id is not None and Hold.objects.filter(pk=hold.pk, alarmed_at=None).update(alarmed_at=at):
        logger.error("event %d: the first letters did not all arrive, the others are held", hold.event_id)
        notices.note(hold.event_id, LetterKind.LETTERS_HELD, str(hold.pk), at=at)
