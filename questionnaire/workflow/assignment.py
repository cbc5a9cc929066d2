"""Who reviews what: shared out evenly, handed on at once when somebody cannot, changed by hand by organisers.

The only writer of assignments. Whoever writes holds the event's row, so that two people who step back at the same
moment are replaced one after the other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext_noop

from events import team
from events.models import Event
from questionnaire.models import Application, Assignment, Review
from questionnaire.workflow import history
from questionnaire.workflow.eligibility import Applicant, Bar, Pair, Reviewer, Situation, situation
from questionnaire.workflow.matching import Task, rank, share_out
from questionnaire.workflow.transitions import lock_event


class PlanChanged(Exception):
    """What was looked at is no longer what would be done."""


class NotEligible(Exception):
    """This reviewer may not get this application. Attribute: `bar`, why, or None for somebody not in the team."""

    def __init__(self, bar: Bar | None) -> None:
        self.bar = bar
        super().__init__("not in the team" if bar is None else bar.name)


class ReviewFinished(Exception):
    """A finished review stays with whoever wrote it."""


@dataclass(frozen=True)
class Shortage:
    """An application for which reviewers are missing; `bars` names by reason those who may not."""

    applicant: Applicant
    has: int
    needed: int
    bars: Mapping[Bar, tuple[str, ...]]


@dataclass(frozen=True)
class Load:
    """What a reviewer has before and after the plan."""

    reviewer: Reviewer
    before: int
    after: int

    @property
    def more(self) -> int:
        """Return how many come, or go where it is negative."""
        return self.after - self.before


@dataclass(frozen=True)
class Plan:
    """What sharing out would do: pairs to come and to go, and the applications that every reviewer is to read."""

    given: tuple[Pair, ...]
    dropped: tuple[Pair, ...]
    shared: tuple[Applicant, ...]
    shortages: tuple[Shortage, ...]
    loads: tuple[Load, ...]
    applications: int
    newly_shared: frozenset[int]

    @property
    def unknown(self) -> list[Reviewer]:
        """Return the reviewers who get nothing because it is not known where they work."""
        return [load.reviewer for load in self.loads if not load.reviewer.is_known]

    @property
    def changes_nothing(self) -> bool:
        """Return whether everything is as it should be."""
        return not (self.given or self.dropped or self.newly_shared)

    @property
    def fingerprint(self) -> str:
        """Return a hash of what would be done."""
        return hashlib.sha256(repr((self.given, self.dropped, sorted(self.newly_shared))).encode()).hexdigest()


def plan(event: Event, *, again: bool = False) -> Plan:
    """Return how the applications under review would be shared out.

    What is assigned stays, unless nobody has opened it and it is no longer allowed; with `again`, whatever nobody
    has opened and nobody assigned by hand is shared out anew, so that new reviewers get their part.
    """
    return _plan(situation(event), again=again)


@transaction.atomic
def carry_out(event: Event, *, fingerprint: str, again: bool = False, by: User, at: dt.datetime) -> Plan:
    """Share out as the plan with this fingerprint says. Raises `PlanChanged` where it would now be another."""
    lock_event(event.pk)
    found = plan(event, again=again)
    if found.fingerprint != fingerprint:
        raise PlanChanged
    _write(found, by=by, at=at)
    text = gettext_noop("Applications shared out among the reviewers: %(given)d assigned, %(dropped)d taken back.")
    history.record(event, text, by=by, given=len(found.given), dropped=len(found.dropped))
    return found


@transaction.atomic
def share_all_out(event: Event, *, at: dt.datetime) -> Plan:
    """Share out whatever is to be, without asking and without a letter to anybody: for the demo and tests."""
    lock_event(event.pk)
    found = plan(event)
    _write(found, by=None, at=at, told_at=at)
    return found


@transaction.atomic
def hand_on(application: Application, gone: User, *, at: dt.datetime) -> None:
    """Take an application from somebody who cannot review it, and give it to who has the least to do.

    The caller's transaction has recorded why.
    """
    lock_event(application.event_id)
    Assignment.objects.filter(application=application, reviewer=gone).delete()
    _refill(situation(application.event, only=[application.pk]), at=at, instead_of=gone)


@transaction.atomic
def give_back(application: Application, reviewer: User, *, at: dt.datetime) -> None:
    """Give an application back to somebody who stepped back by mistake; who came instead keeps it if begun."""
    lock_event(application.event_id)
    instead = Assignment.objects.standing().filter(application=application, instead_of=reviewer)
    begun = Review.objects.filter(application=application).values("reviewer")
    instead.exclude(reviewer__in=begun).delete()
    _assign(application, reviewer, made_at=at)


@team.handover
@transaction.atomic
def leave(event: Event, gone: User, at: dt.datetime) -> None:
    """Share out among the others what somebody leaves unfinished who is no longer in the team."""
    lock_event(event.pk)
    done = Review.objects.filter(reviewer=gone, mean_score__isnull=False).values("application")
    unfinished = Assignment.objects.filter(application__event=event, reviewer=gone).exclude(application__in=done)
    left = list(unfinished.values_list("application", flat=True))
    unfinished.delete()
    if left:
        _refill(situation(event, only=left), at=at, instead_of=gone)


@transaction.atomic
def give(application: Application, reviewer: User, *, by: User, at: dt.datetime) -> None:
    """Assign an application by hand. Raises `NotEligible`."""
    event = lock_event(application.event_id)
    around = situation(event, only=[application.pk])
    member, applicant = around.reviewers.get(reviewer.pk), around.applicants.get(application.pk)
    if member is None or applicant is None:
        raise NotEligible(None)
    bar = around.bar(applicant, member)
    if bar not in {None, Bar.TAKEN_AWAY}:
        raise NotEligible(bar)
    _assign(application, reviewer, made_at=at, made_by=by, by_hand=True)
    text = gettext_noop("Application %(id)s assigned to %(reviewer)s.")
    history.record(event, text, by=by, id=application.public_id, reviewer=member.name)


@transaction.atomic
def take_away(application: Application, reviewer: User, *, by: User, at: dt.datetime) -> None:
    """Take an application away from a reviewer by hand, for good. Raises `ReviewFinished`."""
    event = lock_event(application.event_id)
    if Review.objects.filter(application=application, reviewer=reviewer, mean_score__isnull=False).exists():
        raise ReviewFinished
    standing = Assignment.objects.standing().filter(application=application, reviewer=reviewer)
    if standing.update(taken_away_at=at):
        text = gettext_noop("Application %(id)s taken away from %(reviewer)s.")
        history.record(event, text, by=by, id=application.public_id, reviewer=team.name_of(reviewer))


def candidates(application: Application) -> tuple[list[Load], Mapping[Bar, tuple[str, ...]]]:
    """Return who could be given an application by hand, who has least to do first, and why the others may not."""
    around = situation(application.event, only=[application.pk])
    applicant = around.applicants.get(application.pk)
    if applicant is None:
        return [], {}
    held = around.held.get(applicant.id, {})
    bars = {pk: bar for pk, bar in around.bars(applicant).items() if pk not in held}
    free = [pk for pk, bar in bars.items() if bar in {None, Bar.TAKEN_AWAY}]
    free.sort(key=lambda pk: (around.loads[pk], rank(applicant.id, pk)))
    loads = [Load(around.reviewers[pk], around.loads[pk], around.loads[pk] + 1) for pk in free]
    return loads, _by_reason(around, {pk: bar for pk, bar in bars.items() if pk not in free})


def _assign(application: Application, reviewer: User, **made: object) -> None:
    shared = Assignment.objects.standing().filter(application=application, shared=True).exists()
    made |= {"taken_away_at": None, "skipped_at": None, "told_at": None, "shared": shared}
    Assignment.objects.update_or_create(application=application, reviewer=reviewer, defaults=made)


def _plan(around: Situation, *, again: bool = False, choose_shared: bool = True) -> Plan:
    kept: dict[int, set[int]] = {}
    freed: dict[int, set[int]] = {}
    bars = {applicant.id: around.bars(applicant) for applicant in around.applicants.values()}
    for pk in around.applicants:
        kept[pk], freed[pk] = set(), set()
        for reviewer, held in around.held.get(pk, {}).items():
            is_barred = bars[pk].get(reviewer, Bar.UNKNOWN) is not None
            stays = held.begun or not (is_barred or (again and not held.by_hand))
            (kept if stays else freed)[pk].add(reviewer)
    able = {pk: frozenset(r for r, bar in bars[pk].items() if bar is None) - kept[pk] for pk in around.applicants}
    shared = _shared(around, kept, able) if choose_shared else _already_shared(around)
    wanted = around.event.reviews_per_application
    tasks = [
        Task(pk, len(able[pk]) if pk in shared else max(0, wanted - len(kept[pk])), able[pk], frozenset(freed[pk]))
        for pk in around.applicants
    ]
    before_moving = Counter(around.loads)
    before_moving.subtract(reviewer for gone in freed.values() for reviewer in gone if reviewer in around.loads)
    shares = share_out(tasks, before_moving)
    given = tuple(sorted((pk, r) for pk, share in shares.items() for r in share - freed[pk]))
    dropped = tuple(sorted((pk, r) for pk, gone in freed.items() for r in gone - shares[pk]))
    after = before_moving + Counter(reviewer for share in shares.values() for reviewer in share)
    return Plan(
        given=given,
        dropped=dropped,
        shared=tuple(around.applicants[pk] for pk in around.applicants if pk in shared),
        shortages=tuple(
            Shortage(applicant, has, wanted, _by_reason(around, bars[pk]))
            for pk, applicant in around.applicants.items()
            if (has := len(kept[pk]) + len(shares[pk])) < wanted
        ),
        loads=tuple(Load(member, around.loads[pk], after[pk]) for pk, member in around.reviewers.items()),
        applications=len(around.applicants),
        newly_shared=frozenset(shared - _already_shared(around)),
    )


def _already_shared(around: Situation) -> set[int]:
    return {pk for pk in around.applicants if any(held.shared for held in around.held.get(pk, {}).values())}


def _shared(around: Situation, kept: Mapping[int, set[int]], able: Mapping[int, frozenset[int]]) -> set[int]:
    """Return the applications that every reviewer is to read: those that are, then those that most of them may."""
    already = _already_shared(around)
    missing = max(0, around.event.shared_applications - len(already))
    readers = {pk: len(kept[pk]) + len(able[pk]) for pk in around.applicants if pk not in already}
    comparing = [pk for pk, number in readers.items() if number > 1]  # in the order of submission, which the sort keeps
    return already | set(sorted(comparing, key=lambda pk: -readers[pk])[:missing])


def _by_reason(around: Situation, bars: Mapping[int, Bar | None]) -> dict[Bar, tuple[str, ...]]:
    """Return the names of those who may not, by reason."""
    names = {reason: tuple(around.reviewers[pk].name for pk, bar in bars.items() if bar is reason) for reason in Bar}
    return {reason: those for reason, those in names.items() if those}


def _write(
    found: Plan,
    *,
    by: User | None,
    at: dt.datetime,
    instead_of: User | None = None,
    told_at: dt.datetime | None = None,
) -> None:
    rows = Assignment.objects.filter(application__in={application for application, _reviewer in found.dropped})
    pairs = set(found.dropped)
    gone = [pk for pk, *pair in rows.values_list("pk", "application", "reviewer") if tuple(pair) in pairs]
    Assignment.objects.filter(pk__in=gone).delete()
    shared = {applicant.id for applicant in found.shared}
    Assignment.objects.filter(application__in=found.newly_shared).update(shared=True)
    Assignment.objects.bulk_create(
        [
            Assignment(
                application_id=application,
                reviewer_id=reviewer,
                shared=application in shared,
                made_at=at,
                made_by=by,
                instead_of=instead_of,
                told_at=told_at,
            )
            for application, reviewer in found.given
        ],
        batch_size=1000,
    )


def _refill(around: Situation, *, at: dt.datetime, instead_of: User) -> None:
    """Give applications that lost a reviewer to those who have the least to do."""
    _write(_plan(around, choose_shared=False), by=None, at=at, instead_of=instead_of)
