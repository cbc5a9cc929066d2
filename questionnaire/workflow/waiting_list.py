"""The waiting list as organisers read it: who would be next and why, what waits and why, what was offered to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from questionnaire.models import Application, Promotion, Standstill
from questionnaire.states import CAN_BE_OFFERED, HOLDS_A_PLACE, State
from questionnaire.workflow import board, candidates, participation, places, promotion
from questionnaire.workflow.reasons import Words
from questionnaire.workflow.selection import Bound

_CAUSES = {
    Standstill.Cause.QUOTAS: gettext_lazy(
        "Nobody on the waiting list could take a free place so that every quota holds. It waits for the next decline, "
        "unless you change a quota or choose somebody yourself."
    ),
    Standstill.Cause.INTRICATE: gettext_lazy(
        "The quotas are too intricate for a proven answer. Take one of them out, or choose somebody yourself."
    ),
    Standstill.Cause.TOO_LATE: gettext_lazy(
        "The event begins so soon that nobody could be expected to answer a letter in time. Call somebody, then offer "
        "the place by hand."
    ),
}


@dataclass(frozen=True)
class Next:
    """Somebody who would be offered a place now."""

    application: Application
    score: str
    reason: str


@dataclass(frozen=True)
class Offered:
    """A place that was offered after the release."""

    promotion: Promotion
    reason: str


@dataclass(frozen=True)
class Unanswered:
    """Somebody who holds a place and has not confirmed it; `is_told` says whether a letter has left."""

    application: Application
    is_told: bool
    is_overdue: bool


@dataclass(frozen=True)
class WaitingList:
    """How an event's places stand at one moment."""

    event: Event
    free: int
    coming_back: int
    confirmed: int
    unanswered: tuple[Unanswered, ...]
    waiting: int
    without_review: int
    next: tuple[Next, ...]
    cause: str
    relaxations: tuple[tuple[str, ...], ...]
    until: dt.datetime
    offered: tuple[Offered, ...]


def overview(event: Event, now: dt.datetime) -> WaitingList:
    """Return all of it, in as many queries however many the people are; it solves where places are free."""
    seats = candidates.seats(event)
    planned = promotion.plan(seats)
    cause = planned.cause
    if planned.choices and promotion.is_too_late(event, now):
        cause = Standstill.Cause.TOO_LATE
    offered = list(Promotion.objects.filter(application__event=event).select_related("application", "by"))
    bounds = [bound for choice in planned.choices for bound in choice.bounds]
    bounds += [bound for row in offered for bound in promotion.bounds_of(row)]
    bounds += [change.bound for relaxation in planned.relaxations for change in relaxation.changes]
    words = Words.of(event, seats.points, {bound.value for bound in bounds})
    states = list(
        event.applications.filter(state__in=[*HOLDS_A_PLACE, State.WAITING_LIST]).values_list("state", flat=True)
    )
    return WaitingList(
        event=event,
        free=max(0, places.free(event)),
        coming_back=seats.free,
        confirmed=states.count(State.CONFIRMED),
        unanswered=_unanswered(event, now),
        waiting=states.count(State.WAITING_LIST),
        without_review=len(seats.unscored),
        next=_next(event, planned, words),
        cause=str(_CAUSES[cause]) if cause else "",
        relaxations=tuple(
            tuple(words.change(change) for change in relaxation.changes) for relaxation in planned.relaxations
        ),
        until=promotion.deadline(event, now),
        offered=tuple(Offered(row, _why_offered(row, words)) for row in offered),
    )


def _next(event: Event, planned: promotion.Plan, words: Words) -> tuple[Next, ...]:
    rows = {row.public_id: row for row in event.applications.filter(public_id__in=[one.id for one in planned.choices])}
    of = {candidate.id: candidate for candidate in planned.seats.problem.candidates}
    return tuple(
        Next(
            rows[choice.id],
            "–" if choice.id in planned.seats.unscored else board.score(of[choice.id], words),
            why(choice.rank, choice.passed_over, choice.bounds, words),
        )
        for choice in planned.choices
        if choice.id in rows
    )


def _why_offered(row: Promotion, words: Words) -> str:
    if row.by_hand:
        return row.reason
    return why(row.rank or 1, row.passed_over, promotion.bounds_of(row), words)


def why(rank: int, passed_over: int, bounds: Iterable[Bound], words: Words) -> str:
    """Return in a sentence why somebody was next."""
    if not passed_over:
        return _("First by score of those who waited.") if rank == 1 else _("Next by score of those who waited.")
    limits = " · ".join(words.bound(bound) for bound in bounds)
    if not limits:
        return _("Number %(rank)d by score: so all the free places can be filled.") % {"rank": rank}
    return _("Number %(rank)d by score: those before could not come because of %(limits)s.") % {
        "rank": rank,
        "limits": limits,
    }


def _unanswered(event: Event, now: dt.datetime) -> tuple[Unanswered, ...]:
    rows = event.applications.filter(state=State.ACCEPTED).order_by("family_name", "first_name", "pk")
    told = set(rows.filter(participation.told()).values_list("pk", flat=True))
    people = []
    for row in rows:
        row.event = event
        people.append(Unanswered(row, row.pk in told, now >= row.answers_until))
    return tuple(sorted(people, key=lambda person: person.application.answers_until))


def can_be_offered(event: Event) -> QuerySet[Application]:
    """Return those to whom organisers can offer a place by hand: the ones who wait first."""
    rows = event.applications.filter(state__in=CAN_BE_OFFERED, erased_at=None)
    return rows.order_by("-state", "family_name", "first_name", "pk")
