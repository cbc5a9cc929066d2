"""What the selection is asked: candidates, places, quotas, targets and pins.

Standard library only, so that a web worker can describe and store a problem without loading a solver.
Scores are integers throughout: see `integer_scores`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import gcd, lcm
from typing import Literal

Side = Literal["min", "max"]
BoundKind = Literal["capacity", "quota", "organisation"]
TieRule = Literal["submitted", "lottery"]


class SelectionError(Exception):
    """Anything that keeps the selection from giving an answer."""


class ScoreMissing(SelectionError):
    """Candidates who can still be selected have no mark; `ids` in alphabetical order."""

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__(ids)
        self.ids = ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One side of one limit on a number of people.

    `attribute` and `value` are empty for the capacity; for an organisation's cap `value` is the organisation.
    """

    kind: BoundKind
    attribute: str = ""
    value: str = ""
    side: Side
    limit: int
    firm: bool = True


class PinConflict(SelectionError):
    """Pins alone break a bound (`quota`), or the same people are pinned both in and out (`quota` is None)."""

    def __init__(self, ids: tuple[str, ...], quota: Bound | None) -> None:
        super().__init__(ids, quota)
        self.ids = ids
        self.quota = quota


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One application as the solver sees it.

    `values` holds for each attribute every value that applies to the person ("not stated" is a value of its own);
    `marks` are whole points, one per review; `submitted_at` is in UTC.
    """

    id: str
    marks: tuple[int, ...]
    values: Mapping[str, frozenset[str]]
    org: str | None = None
    submitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At least `min` and at most `max` persons with this value; a quota that is not `firm` may be relaxed first."""

    attribute: str
    value: str
    min: int = 0
    max: int | None = None
    firm: bool = True


class InvalidProblem(SelectionError):
    """The problem contradicts itself or misses a value; `field` names the culprit, `quota` the one upside down."""

    def __init__(self, field: str, quota: Quota | None = None) -> None:
        super().__init__(field, quota)
        self.field = field
        self.quota = quota


def whole_seats(share: Fraction, capacity: int) -> int:
    """Give a share of the places in whole places, halves rounded up."""
    return int(share * capacity + Fraction(1, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A wished share of the places for a value, sought only after the bounds and the score; `weight` ≥ 1."""

    attribute: str
    value: str
    share: Fraction
    weight: int = 1

    def seats(self, capacity: int) -> int:
        """Give the wished number of people."""
        return whole_seats(self.share, capacity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A whole selection problem; the order of candidates, quotas and targets has no meaning.

    `tolerance` is in points of the total score: how much of it may be given up for the targets.
    `seed` is the lottery's secret, whose hash (`seed_commitment`) was published before the scoring.
    """

    candidates: Sequence[Candidate]
    capacity: int
    quotas: Sequence[Quota] = ()
    per_org: int | None = None
    pinned_in: frozenset[str] = frozenset()
    pinned_out: frozenset[str] = frozenset()
    tie: TieRule = "submitted"
    seed: bytes | None = field(default=None, repr=False)
    targets: Sequence[Target] = ()
    tolerance: Fraction = Fraction(0)


def seed_commitment(seed: bytes) -> str:
    """Give the hash of a lottery's seed that is published before the scoring."""
    return hashlib.sha256(seed).hexdigest()


def validate(problem: Problem) -> None:
    """Raise `InvalidProblem`, `ScoreMissing` or `PinConflict` where the problem has no meaning."""
    _validate_candidates(problem.candidates)
    _validate_limits(problem)
    _validate_pins(problem)
    unscored = [c.id for c in problem.candidates if not c.marks and c.id not in problem.pinned_out]
    if unscored:
        raise ScoreMissing(tuple(sorted(unscored)))


def _validate_candidates(candidates: Sequence[Candidate]) -> None:
    if len({c.id for c in candidates}) != len(candidates):
        raise InvalidProblem("candidates")
    if any(c.submitted_at.utcoffset() is None for c in candidates):
        raise InvalidProblem("submitted_at")
    if any(not isinstance(mark, int) for c in candidates for mark in c.marks):
        raise InvalidProblem("marks")


def _validate_limits(problem: Problem) -> None:
    if problem.capacity < 0:
        raise InvalidProblem("capacity")
    if problem.per_org is not None and problem.per_org < 1:
        raise InvalidProblem("per_org")
    _validate_quotas(problem.quotas)
    _validate_targets(problem)
    if problem.tie not in ("submitted", "lottery"):
        raise InvalidProblem("tie")
    if problem.tie == "lottery" and not problem.seed:
        raise InvalidProblem("seed")


def _validate_quotas(quotas: Sequence[Quota]) -> None:
    named = {(q.attribute, q.value) for q in quotas}
    for quota in quotas:
        if quota.max is not None and quota.max < quota.min:
            raise InvalidProblem("quotas", quota)
    if any(q.min < 0 for q in quotas) or len(named) != len(quotas):
        raise InvalidProblem("quotas")


def _validate_targets(problem: Problem) -> None:
    aimed = {(t.attribute, t.value) for t in problem.targets}
    senseless = any(not 0 <= t.share <= 1 or t.weight < 1 for t in problem.targets)
    if senseless or len(aimed) != len(problem.targets):
        raise InvalidProblem("targets")
    if problem.tolerance < 0:
        raise InvalidProblem("tolerance")


def _validate_pins(problem: Problem) -> None:
    known = {c.id for c in problem.candidates}
    if not problem.pinned_in <= known:
        raise InvalidProblem("pinned_in")
    if not problem.pinned_out <= known:
        raise InvalidProblem("pinned_out")
    both = problem.pinned_in & problem.pinned_out
    if both:
        raise PinConflict(tuple(sorted(both)), None)


def integer_scores(candidates: Sequence[Candidate]) -> tuple[list[int], Fraction]:
    """Give mean marks as whole numbers without a common divisor, and the points that one unit is worth.

    Score = Σ marks · (lcm of the review counts) / count, divided by the gcd of all scores. An integer objective
    lets every bound be rounded down, and the gcd makes that rounding as strong as it can be.
    """
    scale = lcm(*{len(c.marks) for c in candidates if c.marks})
    scores = [sum(c.marks) * (scale // len(c.marks)) if c.marks else 0 for c in candidates]
    divisor = gcd(*scores) or 1
    return [score // divisor for score in scores], Fraction(divisor, scale)
