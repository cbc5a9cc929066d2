"""One signature under the decisions of an event as a whole: what a second person sees, and exactly that they sign.

What is seen is told in parts, each with its own hash. The page carries these hashes; whoever signs sends them back, and
they are compared under the event's lock with what is true then.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet

from events.countries import country_name
from events.models import Event
from questionnaire.models import Application, Pin, Quota, Release, SelectionRun, Signature, Transition
from questionnaire.states import DECIDED_IN_SECRET, UNDER_REVIEW, Outcome, State
from questionnaire.workflow import balance, candidates, decision, runs, selection, transitions
from questionnaire.workflow.candidates import Pool
from questionnaire.workflow.reasons import Words

COLUMNS = ("public_id", "event", "state", "outcome", "first_name", "family_name", "organisation", "country")
"""What the page shows of an application."""


class Part(StrEnum):
    """What a person sees before signing, part by part."""

    DECISIONS = "decisions"
    UNDECIDED = "undecided"
    SELECTION = "selection"
    BALANCE = "balance"
    SCORES = "scores"
    BY_HAND = "by_hand"


class Changed(Exception):
    """It is not what was seen any more. Attribute: `parts`, those that differ."""

    def __init__(self, parts: Collection[Part]) -> None:
        self.parts = parts
        super().__init__(", ".join(parts))


class NothingToSign(Exception):
    """No decision waits for its second signature."""


@dataclass(frozen=True)
class Decided:
    """A proposed decision: on whom, by whom and why, with the score in points, and the choice by hand if there is one.

    `rank` is the place by score among all candidates, from 1, `points` the score; None without a finished review.
    """

    application: Application
    proposal: Transition
    rank: int | None
    points: Fraction | None
    pin: Pin | None

    @property
    def score(self) -> str:
        """Return the score in words, empty for none."""
        return "" if self.points is None else in_points(self.points)

    @property
    def country(self) -> str:
        """Return the name of the country in the active language."""
        return country_name(self.application.country)

    @property
    def is_signed(self) -> bool:
        """Return whether a second person has signed it already."""
        return self.application.state == State.SIGNED_OFF


@dataclass(frozen=True)
class Difference:
    """Somebody who is decided otherwise than the solver would suggest; `decided` is None where nothing is proposed."""

    application: Application
    suggested: bool
    decided: Decided | None


@dataclass(frozen=True)
class Comparison:
    """What is proposed beside what the solver suggests without any choice by hand.

    `cost` is how many points less those to be accepted have. Where not `is_solved`, no selection keeps every quota, or
    none was proven, and nothing can be compared.
    """

    is_solved: bool
    differences: tuple[Difference, ...] = ()
    cost: str = ""


@dataclass(frozen=True)
class Standing:
    """The last signature under the whole, and those whose decision is no longer the one that was signed."""

    signature: Signature
    changed: tuple[Application, ...]


@dataclass(frozen=True)
class Whole:
    """All that is proposed for an event, and what it follows from; people stand in the order of their scores.

    `run` is what the board shows, `pool` what would be solved today, `latest` the id of the last record of the history.
    """

    event: Event
    run: SelectionRun | None
    pool: Pool
    decided: tuple[Decided, ...]
    undecided: tuple[Application, ...]
    quotas: tuple[Quota, ...]
    standings: tuple[balance.Standing, ...]
    pins: tuple[Pin, ...]
    latest: int

    def of(self, outcome: Outcome) -> list[Decided]:
        """Return those for whom one thing is proposed."""
        return [row for row in self.decided if row.application.outcome == outcome]

    @cached_property
    def unsigned(self) -> list[Decided]:
        """Return what waits for its second signature."""
        return [row for row in self.decided if not row.is_signed]

    def proposed_by(self, user: User) -> list[Application]:
        """Return those that wait for a signature on what this person proposed."""
        return [row.application for row in self.unsigned if row.proposal.by_id == user.pk]

    @cached_property
    def outdated(self) -> bool:
        """Return whether the selection on the board no longer follows from what there is."""
        return self.run is not None and not runs.is_made_of(self.run, self.pool)

    @cached_property
    def total(self) -> Fraction:
        """Return the sum of the scores of those who are to be accepted, in points."""
        return sum((row.points for row in self.of(Outcome.ACCEPT) if row.points is not None), Fraction(0))

    @property
    def total_score(self) -> str:
        """Return that sum in words."""
        return in_points(self.total)

    @cached_property
    def content(self) -> dict[Part, Any]:
        """Return what a signature binds, part by part, in no language and without anybody's name."""
        run = self.run
        return {
            Part.DECISIONS: sorted(
                [row.application.public_id, row.application.outcome, row.proposal.pk, row.is_signed]
                for row in self.decided
            ),
            Part.UNDECIDED: sorted(row.public_id for row in self.undecided),
            Part.SELECTION: [run.pk, run.input_sha256, _sha256(run.result), self.outdated] if run else [],
            Part.BALANCE: [
                self.event.places,
                [[quota.key, quota.minimum, quota.maximum] for quota in self.quotas],
                [[standing.pool, standing.selected] for standing in self.standings],
            ],
            Part.SCORES: [[row.application.public_id, row.rank, str(row.points)] for row in self.decided],
            Part.BY_HAND: sorted([pin.application.public_id, pin.side, pin.pk] for pin in self.pins),
        }

    @cached_property
    def seen(self) -> str:
        """Return the hashes of the parts, in their order, as a page carries them."""
        return ".".join(_sha256(_canonical(self.content[part])) for part in Part)

    @property
    def sha256(self) -> str:
        """Return the fingerprint of the whole: the hash of the hashes."""
        return _sha256(self.seen)

    def changed_since(self, seen: str) -> tuple[Part, ...]:
        """Return the parts that are not as they were seen; all of them where `seen` is no such thing."""
        then = seen.split(".")
        if len(then) != len(Part):
            return tuple(Part)
        return tuple(part for part, old, new in zip(Part, then, self.seen.split("."), strict=True) if old != new)


def look(event: Event, rows: Collection[Application] | None = None) -> Whole:
    """Return what there is to sign; as many queries for one applicant as for thousands.

    `rows` are the applications where they have been read already, and locked.
    """
    run = runs.current(event)
    pool = candidates.pool(event, everyone=run.everyone, places=run.places) if run else candidates.pool(event)
    means = _means(pool)
    names = [candidate.id for candidate in candidates.by_score(pool.problem) if candidate.id in means]
    ranks = {name: rank for rank, name in enumerate(names, 1)}
    rows = sorted(
        _under_review(event) if rows is None else rows,
        key=lambda row: (ranks.get(row.public_id, len(ranks) + 1), row.family_name, row.first_name, row.pk),
    )
    pins = Pin.objects.filter(application__event=event, application__state__in=UNDER_REVIEW, lifted_at=None)
    chosen = tuple(pins.select_related("application", "by"))
    pin_of = {pin.application_id: pin for pin in chosen}
    proposals = _proposals(event)
    return Whole(
        event=event,
        run=run,
        pool=pool,
        decided=tuple(
            Decided(
                row,
                proposals[row.pk],
                ranks.get(row.public_id),
                means.get(row.public_id),
                pin_of.get(row.pk),
            )
            for row in rows
            if row.state in DECIDED_IN_SECRET
        ),
        undecided=tuple(row for row in rows if row.state == State.SUBMITTED),
        quotas=tuple(Quota.objects.filter(event=event).select_related("question").order_by("pk")),
        standings=tuple(balance.standings(event)),
        pins=chosen,
        latest=Transition.objects.filter(application__event=event).aggregate(last=Max("pk"))["last"] or 0,
    )


def _under_review(event: Event) -> QuerySet[Application]:
    return event.applications.filter(state__in=UNDER_REVIEW).only(*COLUMNS)


def _proposals(event: Event) -> dict[int, Transition]:
    """Return the proposal that stands, by the id of its application; the few who proposed are read once each."""
    made = _proposals_of(event).only("application", "reason", "by").prefetch_related("by")
    return {row.application_id: row for row in made}


def _proposals_of(event: Event) -> QuerySet[Transition]:
    """Return the proposals on what is decided and not released, the one that stands as the last of each person."""
    made = Transition.objects.filter(to_state=State.PROPOSED, application__event=event)
    return made.filter(application__state__in=DECIDED_IN_SECRET).order_by("at", "pk")


def _means(pool: Pool) -> dict[str, Fraction]:
    """Return the mean score in points of everybody who has one, by public id."""
    return {
        candidate.id: Fraction(sum(candidate.marks), len(candidate.marks)) * pool.points
        for candidate in pool.problem.candidates
        if candidate.marks
    }


def compare(whole: Whole) -> Comparison | None:
    """Return how the decisions differ from what the solver suggests without choices by hand; None without a run."""
    if whole.run is None:
        return None
    problem = runs.problem_of(whole.run) if whole.outdated else whole.pool.problem
    free = replace(
        problem,
        capacity=min(whole.event.places if whole.run.places is None else whole.run.places, len(problem.candidates)),
        pinned_in=frozenset(),
        pinned_out=frozenset(),
    )
    try:
        suggestion = selection.suggest(free)
    except selection.SelectionError:
        return Comparison(is_solved=False)
    suggested = frozenset(suggestion.selected)
    lost = suggestion.total * runs.points_of(whole.run) - whole.total
    return Comparison(True, tuple(_differences(whole, suggested)), in_points(lost))


def _differences(whole: Whole, suggested: frozenset[str]) -> Iterator[Difference]:
    for row in whole.decided:
        is_suggested = row.application.public_id in suggested
        if is_suggested != (row.application.outcome == Outcome.ACCEPT):
            yield Difference(row.application, is_suggested, row)
    for application in whole.undecided:
        if application.public_id in suggested:
            yield Difference(application, suggested=True, decided=None)


@transaction.atomic
def sign(event: Event, *, seen: str, by: User, at: dt.datetime) -> Signature:
    """Sign all decisions that wait for it, as a second person, if everything is still as it was `seen`.

    Raises `Changed`, `NothingToSign`, `decision.SameEyes` with those that `by` proposed, or
    `transitions.MoveNotAllowed`.
    """
    event = transitions.lock_event(event.pk)
    whole = look(event, transitions.lock_rows(_under_review(event)))
    if changed := whole.changed_since(seen):
        raise Changed(changed)
    if not whole.unsigned:
        raise NothingToSign
    if own := whole.proposed_by(by):
        raise decision.SameEyes(own)
    transitions.move_locked([row.application for row in whole.unsigned], State.SIGNED_OFF, at=at, by=by)
    return Signature.objects.create(
        event=event,
        run=whole.run,
        by=by,
        at=at,
        signed=len(whole.unsigned),
        sha256=whole.sha256,
        packed_statement=zlib.compress(_canonical(whole.content).encode()),
    )


def statement(signature: Signature) -> str:
    """Return what was signed as canonical JSON, byte for byte: the part hashes are those of its values."""
    return zlib.decompress(bytes(signature.packed_statement)).decode()


def standing(event: Event) -> Standing | None:
    """Return the last signature, with what has changed since; nothing can, once the decisions are released."""
    signature = event.signatures.select_related("by", "run").defer("run__packed_inputs", "run__result").first()
    if signature is None:
        return None
    if Release.objects.filter(event=event, released_at__isnull=False).exists():
        return Standing(signature, ())
    signed = {name: proposal for name, _outcome, proposal, _was in json.loads(statement(signature))[Part.DECISIONS]}
    proposed = dict(_proposals_of(event).values_list("application__public_id", "pk"))
    changed = {name for name in {*signed, *proposed} if signed.get(name) != proposed.get(name)}
    rows = event.applications.filter(public_id__in=changed).only(*COLUMNS)
    return Standing(signature, tuple(rows.order_by("family_name", "first_name", "pk")))


def history_after(event: Event, latest: int, *, most: int) -> list[Transition]:
    """Return what became of the event's applications after the record with this id, the newest first."""
    done = Transition.objects.filter(application__event=event, pk__gt=latest)
    return list(done.select_related("application", "by").order_by("-pk")[:most])


def in_points(points: Fraction) -> str:
    """Return a score in words."""
    return Words({}, Fraction(1)).score(points)


def _canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()
