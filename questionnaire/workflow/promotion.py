"""A free place goes to the best of the waiting list who keeps the balance, with a deadline of its own, by itself.

What the selection answers is a plan; it is made without a lock, since solving takes its time. Under the event's lock
the plan is carried out only if nothing that it was made of has changed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from events.models import Event
from questionnaire.models import Application, LetterKind, Promotion, Standstill
from questionnaire.states import CAN_BE_OFFERED, HOLDS_A_PLACE, State
from questionnaire.workflow import candidates, letters, notices, places, selection, transitions, turns
from questionnaire.workflow.candidates import Seats
from questionnaire.workflow.panel import Counted
from questionnaire.workflow.selection import Bound, Candidate

logger = logging.getLogger(__name__)

Cause = Standstill.Cause
LEAST_TIME = dt.timedelta(hours=12)
"""With less than this before the event begins, nobody is asked by letter alone: organisers call."""
ATTEMPTS = 3  # at a plan that nothing overtakes, before the next tick


class TooLate(Exception):
    """The event is over."""


@dataclass(frozen=True)
class Choice:
    """Somebody who would be given a place: their rank by score on the waiting list, from 1, and why not one before.

    `bounds` are the limits that kept the better placed ones out, who are `passed_over` in number.
    """

    id: str
    rank: int
    passed_over: int
    bounds: tuple[Bound, ...]


@dataclass(frozen=True)
class Plan:
    """Who would be given the free places now; `held` of them nobody could take, and `relaxations` would help."""

    seats: Seats
    choices: tuple[Choice, ...] = ()
    held: int = 0
    relaxations: tuple[selection.Relaxation, ...] = ()
    cause: Standstill.Cause | None = None


def plan(seats: Seats) -> Plan:
    """Return what the quotas allow for the free places."""
    waiting = seats.waiting
    if not seats.free or not waiting:
        return Plan(seats, held=seats.free)
    try:
        answer = selection.replacement(seats.problem, sorted(seats.panel), ())
    except selection.SelectionError as error:
        logger.warning("free places wait: %s", type(error).__name__)
        return Plan(seats, held=seats.free, cause=Cause.INTRICATE)
    choices = tuple(_choices(seats, waiting, frozenset(answer.entering)))
    cause = Cause.QUOTAS if answer.held and len(choices) < len(waiting) else None
    return Plan(seats, choices, answer.held, answer.relaxations if cause else (), cause)


def _choices(seats: Seats, waiting: list[Candidate], entering: frozenset[str]) -> Iterator[Choice]:
    """Yield those who enter, by rank, each with what kept out the ones before."""
    counts = Counted(seats.problem.candidates, seats.panel | entering)
    passed_over: list[Candidate] = []
    for rank, candidate in enumerate(waiting, 1):
        if candidate.id in entering:
            bounds = {bound for other in passed_over for bound in _in_the_way(seats.problem, counts, candidate, other)}
            in_order = sorted(bounds, key=lambda bound: (bound.kind, bound.attribute, bound.value, bound.side))
            yield Choice(candidate.id, rank, len(passed_over), tuple(in_order))
        else:
            passed_over.append(candidate)


def _in_the_way(problem: selection.Problem, counts: Counted, taken: Candidate, left: Candidate) -> Iterator[Bound]:
    """Yield the limits that would break if the place went to `left` instead of `taken`."""
    for quota in problem.quotas:
        of_taken, of_left = (quota.value in person.values.get(quota.attribute, ()) for person in (taken, left))
        number = counts.selected[quota.attribute, quota.value]
        if of_left and not of_taken and quota.max is not None and number >= quota.max:
            yield Bound(kind="quota", attribute=quota.attribute, value=quota.value, side="max", limit=quota.max)
        if of_taken and not of_left and number <= quota.min:
            yield Bound(kind="quota", attribute=quota.attribute, value=quota.value, side="min", limit=quota.min)
    cap = problem.per_org
    if cap is not None and left.org and left.org != taken.org and counts.chosen[left.org] >= cap:
        yield Bound(kind="organisation", value=left.org, side="max", limit=cap)


def deadline(event: Event, at: dt.datetime) -> dt.datetime:
    """Return until when somebody confirms who is offered a place now: never after the event begins."""
    return min(at + dt.timedelta(hours=event.promotion_hours), event.begins_at)


def is_too_late(event: Event, at: dt.datetime) -> bool:
    """Return whether the event begins so soon that a letter alone would promise too much."""
    return event.begins_at - at < min(LEAST_TIME, dt.timedelta(hours=event.promotion_hours))


def promote_due(*, at: dt.datetime) -> int:
    """Offer the free places of every event to its waiting list; return how many were offered.

    Raises `letters.NoText` where the letter has no text; the other events have had their turn then.
    """
    with_room = (event for event in _with_waiting_list(at) if places.held(event) < places.on_offer(event))
    return turns.take(with_room, lambda event: len(promote(event, at=at)))


def _with_waiting_list(at: dt.datetime) -> QuerySet[Event]:
    """Return the events with people who wait, unless the list is held or the event is over."""
    waiting = Application.objects.filter(event=OuterRef("pk"), state=State.WAITING_LIST)
    going_on = Event.objects.filter(promotions_held=False, last_day__gte=at.date() - dt.timedelta(days=1))
    return going_on.filter(Exists(waiting)).order_by("first_day", "pk")


def promote(event: Event, *, at: dt.datetime) -> list[Promotion]:
    """Offer the free places of one event; where none can be given, note why. Raises `letters.NoText`."""
    for _attempt in range(ATTEMPTS):
        seats = candidates.seats(event)
        if at >= event.begins_at or _is_known(event, seats, at):
            return []
        planned = Plan(seats, cause=Cause.TOO_LATE) if is_too_late(event, at) else plan(seats)
        promoted = _carry_out(event, planned, at=at)
        if promoted is not None:
            return promoted
    return []


def _is_known(event: Event, seats: Seats, at: dt.datetime) -> bool:
    """Return whether this situation was found to be a standstill before."""
    known = Standstill.objects.filter(event=event, situation=_situation(seats)).first()
    return known is not None and (known.cause == Cause.TOO_LATE) == is_too_late(event, at)


def _situation(seats: Seats) -> str:
    """Return the hash of all that a plan follows from."""
    parts = [selection.problem_sha256(seats.problem), *sorted(seats.panel)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@transaction.atomic
def _carry_out(event: Event, planned: Plan, *, at: dt.datetime) -> list[Promotion] | None:
    """Do what was planned, or note why nothing can be done; None where the plan was overtaken."""
    event = transitions.lock_event(event.pk)
    if event.promotions_held:
        return []
    if candidates.seats(event) != planned.seats:
        return None
    if planned.choices:
        return _offer_all(event, planned.choices, at=at)
    if planned.cause is not None:
        _note_standstill(event, planned, planned.cause, at=at)
    return []


def _note_standstill(event: Event, planned: Plan, cause: Standstill.Cause, *, at: dt.datetime) -> None:
    """Remember why nobody was asked, and have organisers told of it, once."""
    situation = _situation(planned.seats)
    values = {"cause": cause, "places": planned.seats.free, "situation": situation, "since": at}
    Standstill.objects.update_or_create(event=event, defaults=values)
    notices.note(event.pk, LetterKind.PLACE_WAITING, f"{cause} {situation}", at=at)


def _offer_all(event: Event, choices: Iterable[Choice], *, at: dt.datetime) -> list[Promotion]:
    """Give a place to each of those chosen."""
    choice_of = {choice.id: choice for choice in choices}
    waiting = event.applications.filter(public_id__in=choice_of, state=State.WAITING_LIST)
    until = deadline(event, at)
    moved = _move(list(waiting), until, at=at)
    return Promotion.objects.bulk_create(
        Promotion(
            application=application,
            at=at,
            answer_by=until,
            by_hand=False,
            rank=choice_of[application.public_id].rank,
            passed_over=choice_of[application.public_id].passed_over,
            bounds=[_stored(bound) for bound in choice_of[application.public_id].bounds],
        )
        for application in moved
    )


def _stored(bound: Bound) -> list[str | int]:
    return [bound.kind, bound.attribute, bound.value, bound.side, bound.limit]


def bounds_of(promotion: Promotion) -> list[Bound]:
    """Return the limits that kept out those who were better placed."""
    return [
        Bound(kind=kind, attribute=attribute, value=value, side=side, limit=limit)
        for kind, attribute, value, side, limit in promotion.bounds
    ]


def _move(
    applications: list[Application],
    until: dt.datetime,
    *,
    at: dt.datetime,
    by: User | None = None,
    reason: str = "",
) -> list[Application]:
    columns = {"answer_by": until, "answer_reminded_at": None}
    moved = transitions.move(applications, State.ACCEPTED, at=at, by=by, reason=reason, columns=columns)
    letters.queue_many(LetterKind.PROMOTION, moved, at=at, release_at=at)
    return moved


@transaction.atomic
def offer(application: Application, *, reason: str, by: User, at: dt.datetime) -> Promotion:
    """Offer a place by hand, whatever the quotas: to somebody who waits, turned it down, lapsed, or got no letter.

    Raises `places.NoPlaceLeft`, `TooLate`, `letters.NoText` or `transitions.MoveNotAllowed`.
    """
    event = transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if current.state not in CAN_BE_OFFERED:
        raise transitions.MoveNotAllowed([current], State.ACCEPTED)
    if at >= event.ends_at:
        raise TooLate
    if current.state not in HOLDS_A_PLACE:
        places.require_free(event)
    until = event.ends_at if is_too_late(event, at) else deadline(event, at)
    [moved] = _move([current], until, at=at, by=by, reason=reason)
    return Promotion.objects.create(application=moved, at=at, answer_by=until, by=by, by_hand=True, reason=reason)


def set_held(event: Event, held: bool) -> None:
    """Hold the waiting list, or let it go on; a promotion that is on its way waits in line."""
    with transaction.atomic():
        transitions.lock_event(event.pk)
        Event.objects.filter(pk=event.pk).update(promotions_held=held)
