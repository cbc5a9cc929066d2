"""The promise clock: what stands between an event and "everyone is told by …", in figures."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count

from events import promise
from events.models import Event
from questionnaire.models import Application, Letter, LetterKind, LetterStatus, Release
from questionnaire.states import HOLDS_A_PLACE, Outcome, State


@dataclass(frozen=True)
class Figures:
    """The figures of one event: applications by state and outcome, letters by status, the release."""

    event: Event
    now: dt.datetime
    applications: Counter[tuple[str, str]]
    letters: Counter[str]
    release: Release | None

    @property
    def received(self) -> int:
        """Return how many applied and did not withdraw."""
        return self._in_states(set(State) - {State.DRAFT, State.WITHDRAWN})

    @property
    def undecided(self) -> int:
        """Return how many have no decision proposed."""
        return self._in_states({State.SUBMITTED})

    @property
    def unsigned(self) -> int:
        """Return how many decisions wait for a second person."""
        return self._in_states({State.PROPOSED})

    @property
    def accepted(self) -> int:
        """Return how many hold a place, or will once the decisions are released."""
        return self._in_states(HOLDS_A_PLACE) + self._decided(Outcome.ACCEPT)

    @property
    def waiting(self) -> int:
        """Return how many are on the waiting list, or will be."""
        return self._in_states({State.WAITING_LIST}) + self._decided(Outcome.WAITING_LIST)

    @property
    def declined(self) -> int:
        """Return how many are declined, or will be."""
        return self._in_states({State.DECLINED}) + self._decided(Outcome.DECLINE)

    @property
    def letters_failed(self) -> int:
        """Return how many letters need a person."""
        return self.letters[LetterStatus.FAILED]

    @property
    def days_left(self) -> int:
        """Return the days from today to the promised day on the event's calendar; below zero once it is over."""
        return promise.days_left(self.event, self.now)

    @property
    def last_working_day(self) -> dt.date:
        """Return the promised day, or the Friday before it where it lies in a weekend."""
        return promise.last_working_day(self.event.promised_by)

    @property
    def is_broken(self) -> bool:
        """Return whether the promised day is over and somebody's answer has still not left."""
        return self.now >= self.event.promise_ends_at and self.received > 0 and self.event.answered_at is None

    @property
    def is_kept(self) -> bool:
        """Return whether everybody's answer left before the promised day was over."""
        return self.event.answered_at is not None and self.event.answered_at < self.event.promise_ends_at

    def _in_states(self, states: Iterable[State]) -> int:
        wanted = set(states)
        return sum(number for (state, _outcome), number in self.applications.items() if state in wanted)

    def _decided(self, outcome: Outcome) -> int:
        return self.applications[State.PROPOSED, outcome] + self.applications[State.SIGNED_OFF, outcome]


def figures(
    events: Collection[Event], *, now: dt.datetime, kinds: Collection[str] = tuple(LetterKind)
) -> list[Figures]:
    """Return the figures of each event, three queries in all; letters are counted of `kinds` alone."""
    applications: dict[int, Counter[tuple[str, str]]] = {event.pk: Counter() for event in events}
    letters: dict[int, Counter[str]] = {event.pk: Counter() for event in events}
    rows = Application.objects.filter(event__in=events).order_by().values_list("event", "state", "outcome")
    for event_id, state, outcome, number in rows.annotate(number=Count("pk")):
        applications[event_id][state, outcome] = number
    sent = Letter.objects.filter(event__in=events, kind__in=kinds).order_by().values_list("event", "status")
    for event_id, status, number in sent.annotate(number=Count("pk")):
        letters[event_id][status] = number
    releases = {release.event_id: release for release in Release.objects.filter(event__in=events)}
    return [Figures(event, now, applications[event.pk], letters[event.pk], releases.get(event.pk)) for event in events]
