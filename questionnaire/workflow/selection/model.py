"""A problem in its canonical form: candidates in tie order, limits as rows, scores as integers.

Everything after this module works on positions, so that no answer can depend on the order of the input.
"""

import hmac
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from .problem import Bound, BoundKind, Candidate, PinConflict, Problem, Side, integer_scores, validate
from .program import ANY_NUMBER, Program, Signature
from .targets import Aim, StepColumn, aims, reached_columns, step_columns


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of the program: a number of people between `low` and `high`."""

    kind: BoundKind
    attribute: str
    value: str
    low: int
    high: int
    firm: bool

    def bound(self, side: Side) -> Bound:
        """Give one side of this limit as the outside knows it."""
        limit = self.low if side == "min" else self.high
        return Bound(kind=self.kind, attribute=self.attribute, value=self.value, side=side, limit=limit, firm=self.firm)


@dataclass(frozen=True, slots=True)
class Model:
    """The canonical form of a problem. Candidate j of the tie order is column j.

    For each aim of the targets a column follows that counts whom it has reached, then the columns of all steps.
    """

    ids: list[str]
    position: dict[str, int] = field(repr=False)
    scores: list[int] = field(repr=False)
    unit: Fraction  # points per unit of score
    limits: list[Limit]  # row r is limits[r]; rows of targets follow
    kinds: list[int] = field(repr=False)
    signatures: list[Signature] = field(repr=False)
    pins: dict[int, int] = field(repr=False)  # column → 0 or 1
    aims: list[Aim]

    @property
    def size(self) -> int:
        """Give the number of candidates."""
        return len(self.ids)

    @property
    def capacity(self) -> int:
        """Give the number of places."""
        return self.limits[0].high

    def program(self) -> Program:
        """Give the program whose optimum is the greatest total score."""
        pins, n, first = self.pins, self.size, len(self.limits)
        reached = reached_columns(self.aims, first)
        steps = self._steps()
        further = [*reached, *(step.signature for step in steps)]
        return Program(
            cost=self.scores + [0] * len(further),
            lower=[pins.get(column, 0) for column in range(n)] + [0] * len(further),
            upper=[pins.get(column, 1) for column in range(n)] + [self.capacity] * len(reached) + [1] * len(steps),
            kind=self.kinds + list(range(len(self.signatures), len(self.signatures) + len(further))),
            signatures=self.signatures + further,
            rows=[
                *((limit.low, limit.high) for limit in self.limits),
                *((0, 0) for _ in self.aims),  # the people of an aim are those that it has reached,
                *((aim.seats, aim.seats) for aim in self.aims),  # and these with their misses make its seats
            ],
        )

    def _steps(self) -> list[StepColumn]:
        return step_columns(self.aims, first_row=len(self.limits) + len(self.aims))

    def misses(self) -> list[int]:
        """Give the (negative) worth of each column in the stage that seeks the targets."""
        return [0] * (self.size + len(self.aims)) + [-step.penalty for step in self._steps()]

    def with_pins(self, pins: dict[int, int]) -> "Model":
        """Give the same model with other pins."""
        return replace(self, pins=pins)

    def with_capacity(self, capacity: int) -> "Model":
        """Give the same model with another number of places, the targets' seats following."""
        limits = [replace(self.limits[0], low=capacity, high=capacity), *self.limits[1:]]
        return replace(self, limits=limits, aims=[replace(aim, capacity=capacity) for aim in self.aims])

    def columns(self, ids: Iterable[str]) -> list[int]:
        """Give the columns of some candidates, ascending."""
        return sorted(self.position[person] for person in ids)

    def panel(self, x: Iterable[int]) -> tuple[str, ...]:
        """Give the selected ids in tie order."""
        return tuple(person for person, taken in zip(self.ids, x, strict=False) if taken)

    def occupancy(self, selected: Iterable[str]) -> list[int]:
        """Count, for each limit, the people of a panel that it holds."""
        counts = [0] * (len(self.limits) + len(self.aims))
        for kind, people in Counter(self.kinds[self.position[person]] for person in selected).items():
            for row, _ in self.signatures[kind]:
                counts[row] += people
        return counts[: len(self.limits)]

    def rows_of(self, person: str) -> list[int]:
        """Give the limits that hold this candidate."""
        signature = self.signatures[self.kinds[self.position[person]]]
        return [row for row, _ in signature if row < len(self.limits)]


def tie_order(problem: Problem) -> list[Candidate]:
    """Sort the candidates by the published rule: time of submission, or HMAC-SHA256 of the person under the seed."""
    if problem.tie == "lottery" and problem.seed:
        seed = problem.seed
        drawn = {c.id: hmac.digest(seed, c.id.encode(), "sha256") for c in problem.candidates}
        return sorted(problem.candidates, key=lambda c: drawn[c.id])
    return sorted(problem.candidates, key=lambda c: (c.submitted_at, c.id))


def build(problem: Problem) -> Model:
    """Give the canonical form. Raises `InvalidProblem`, `ScoreMissing`, `PinConflict`."""
    validate(problem)
    candidates = tie_order(problem)
    ids = [c.id for c in candidates]
    position = {person: column for column, person in enumerate(ids)}
    scores, unit = integer_scores(candidates)
    limits = _limits(problem)
    sought = aims(problem.targets, problem.capacity)
    kinds, signatures = _signatures(candidates, limits, sought)
    pins = {position[person]: int(person in problem.pinned_in) for person in problem.pinned_in | problem.pinned_out}
    model = Model(ids, position, scores, unit, limits, kinds, signatures, pins, sought)
    _check_pins(model, problem)
    return model


def _limits(problem: Problem) -> list[Limit]:
    """Give capacity first, then the quotas, then the organisations that could send more than their share."""
    capacity = Limit("capacity", "", "", problem.capacity, problem.capacity, firm=True)
    quotas = [
        Limit("quota", q.attribute, q.value, q.min, ANY_NUMBER if q.max is None else q.max, q.firm)
        for q in sorted(problem.quotas, key=lambda q: (q.attribute, q.value))
    ]
    if problem.per_org is None:
        return [capacity, *quotas]
    cap = problem.per_org
    sizes = Counter(c.org for c in problem.candidates if c.org is not None)
    crowded = [Limit("organisation", "", org, 0, cap, firm=True) for org in sorted(sizes) if sizes[org] > cap]
    return [capacity, *quotas, *crowded]


def _signatures(
    candidates: list[Candidate], limits: list[Limit], sought: list[Aim]
) -> tuple[list[int], list[Signature]]:
    """Give each candidate's kind, and the rows of each kind."""
    groups: dict[tuple[str, str], list[int]] = {}
    organisations: dict[str | None, int] = {}
    for row, limit in enumerate(limits):
        if limit.kind == "quota":
            groups.setdefault((limit.attribute, limit.value), []).append(row)
        elif limit.kind == "organisation":
            organisations[limit.value] = row
    for row, aim in enumerate(sought, start=len(limits)):
        groups.setdefault((aim.attribute, aim.value), []).append(row)
    rows_of_values: dict[tuple[tuple[str, frozenset[str]], ...], tuple[int, ...]] = {}
    index: dict[tuple[int, ...], int] = {}
    kinds = []
    for candidate in candidates:
        items = tuple(candidate.values.items())
        rows = rows_of_values.get(items)
        if rows is None:
            held = (groups.get((attribute, value), ()) for attribute, own in items for value in own)
            rows = rows_of_values[items] = (0, *sorted(row for group in held for row in group))
        cap = organisations.get(candidate.org)
        kinds.append(index.setdefault(rows if cap is None else (*rows, cap), len(index)))
    return kinds, [tuple((row, 1) for row in sorted(rows)) for rows in index]


def _check_pins(model: Model, problem: Problem) -> None:
    """Raise `PinConflict` for the first limit that the pins break on their own."""
    if not model.pins:
        return
    taken = model.occupancy(problem.pinned_in)
    pool = model.occupancy(model.ids)
    barred = model.occupancy(problem.pinned_out)
    for row, limit in enumerate(model.limits):
        if taken[row] > limit.high:
            raise PinConflict(_members(model, row, problem.pinned_in), limit.bound("max"))
        if pool[row] - barred[row] < limit.low <= pool[row]:
            raise PinConflict(_members(model, row, problem.pinned_out), limit.bound("min"))


def _members(model: Model, row: int, ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(person for person in ids if row in model.rows_of(person)))
