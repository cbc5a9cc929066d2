"""How far the letters of a release have come, how fast, and when they will be done."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Max, Min, Q

from events.models import Event
from questionnaire.models import DECISION_KINDS, OPEN_STATUSES, Hold, Letter, LetterKind, LetterStatus, Wave
from questionnaire.workflow import holds

WINDOW = dt.timedelta(minutes=5)
"""The time over which the rate is measured."""


@dataclass(frozen=True)
class Sending:
    """The letters that tell an event's decisions, corrections included, by where they are."""

    now: dt.datetime
    sent: int
    waiting: int
    retrying: int
    failed: int
    first_open: int
    recent: int
    began_at: dt.datetime | None
    ended_at: dt.datetime | None
    holds: list[Hold]

    @property
    def total(self) -> int:
        """Return how many letters there are in all."""
        return self.sent + self.open + self.failed

    @property
    def open(self) -> int:
        """Return how many letters are still on their way."""
        return self.waiting + self.retrying

    @property
    def is_first_wave(self) -> bool:
        """Return whether the others still wait for the first letters."""
        return any(hold.cause == Hold.Cause.FIRST_LETTERS for hold in self.holds)

    @property
    def per_minute(self) -> float:
        """Return how many letters left in each of the last minutes, or since the first one left."""
        if self.began_at is None or not self.recent:
            return 0.0
        minutes = min(WINDOW, self.now - self.began_at) / dt.timedelta(minutes=1)
        return self.recent / max(minutes, 1 / 60)

    @cached_property
    def finishes_at(self) -> dt.datetime | None:
        """Return when the last letter leaves at this rate; None while none leaves, or all have."""
        if self.holds or not self.waiting or not self.per_minute:
            return None
        return self.now + dt.timedelta(minutes=self.waiting / self.per_minute)


def look(event: Event, *, now: dt.datetime) -> Sending:
    """Return how far an event's letters are: two queries, however many letters."""

    def number(*statuses: str) -> Count:
        return Count("pk", filter=Q(status__in=statuses))

    rows = Letter.objects.filter(event=event, kind__in=[*DECISION_KINDS, LetterKind.CORRECTION])
    found = rows.aggregate(
        sent=number(LetterStatus.SENT),
        waiting=number(LetterStatus.APPROVED, LetterStatus.SENDING),
        retrying=number(LetterStatus.RETRY, LetterStatus.UNCERTAIN),
        failed=number(LetterStatus.FAILED),
        first_open=Count("pk", filter=Q(wave=Wave.FIRST, status__in=OPEN_STATUSES)),
        recent=Count("pk", filter=Q(sent_at__gt=now - WINDOW)),
        began_at=Min("sent_at"),
        ended_at=Max("sent_at"),
    )
    return Sending(now=now, holds=holds.on(event), **found)
