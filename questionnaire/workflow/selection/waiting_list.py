"""The waiting list: who takes a declined place so that the balance holds.

No fixed order can do it: whom the limits need depends on who has left. Scores and tie order decide among those who
fit; the targets have no say any more.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from .lexicographic import settle_in_order
from .model import Model, build
from .problem import Problem
from .program import Program
from .relaxation import relaxations
from .results import NodeLimit, Replacement, Suggestion
from .search import Budget, OutOfNodes, Search
from .settler import MAX_NODES, NoPanel, Settler


def replacement(
    problem: Problem,
    suggestion: Suggestion | Sequence[str],
    declined: str | Collection[str],
    *,
    max_nodes: int = MAX_NODES,
) -> Replacement:
    """Say what to do about the places of those who have declined, everyone else keeping theirs.

    `suggestion` may also be a panel's ids, where people have been replaced since; `declined` names all who are not
    available any more, whether or not they are in the panel. With one free place the answer is the first in score
    and tie order whose swap keeps every bound; with several they are filled together, exactly.
    Raises `InvalidProblem`, `ScoreMissing`, `PinConflict`, `NodeLimit`, `SolverFailure`.
    """
    gone = frozenset({declined} if isinstance(declined, str) else declined)
    panel = suggestion.selected if isinstance(suggestion, Suggestion) else tuple(suggestion)
    model = build(replace(problem, targets=(), pinned_in=problem.pinned_in - gone))
    try:
        return _Seats(model, panel, gone, Budget(max_nodes)).fill()
    except OutOfNodes as limit:
        raise NodeLimit(None, limit.bound * model.unit) from None


def replacement_table(problem: Problem, suggestion: Suggestion | Sequence[str]) -> dict[str, str | None]:
    """Give for each selected person the one who would take their place alone; None where no swap keeps the bounds.

    Show the latter before inviting. Raises `InvalidProblem`, `ScoreMissing`, `PinConflict`.
    """
    panel = suggestion.selected if isinstance(suggestion, Suggestion) else tuple(suggestion)
    model = build(problem)
    counts = model.occupancy(panel)
    reserves = _first_of_each_kind(model, panel)
    return {person: _swap(model, counts, reserves, person) for person in panel}


def _first_of_each_kind(model: Model, panel: Iterable[str]) -> list[tuple[str, frozenset[int]]]:
    """Give the reserves in score and tie order with their limits; of those who count alike only the first."""
    taken = set(model.columns(panel)) | {column for column, pin in model.pins.items() if not pin}
    order = sorted((-model.scores[column], column) for column in range(model.size) if column not in taken)
    first: dict[int, int] = {}
    for _, column in order:
        first.setdefault(model.kinds[column], column)
    return [(model.ids[column], frozenset(model.rows_of(model.ids[column]))) for column in first.values()]


def _swap(
    model: Model, counts: Sequence[int], reserves: Iterable[tuple[str, frozenset[int]]], leaving: str
) -> str | None:
    own = set(model.rows_of(leaving))
    left = [count - (row in own) for row, count in enumerate(counts)]
    short = {row for row, (count, limit) in enumerate(zip(left, model.limits, strict=True)) if count < limit.low}
    full = {row for row, (count, limit) in enumerate(zip(left, model.limits, strict=True)) if count >= limit.high}
    return next((person for person, rows in reserves if short <= rows and not full & rows), None)


class _Seats:
    """The free places of a panel, and those who might take them."""

    def __init__(self, model: Model, panel: Sequence[str], gone: frozenset[str], budget: Budget) -> None:
        self.budget = budget
        self.gone = gone
        self.kept = tuple(person for person in panel if person not in gone)
        barred = {**model.pins, **dict.fromkeys(model.columns(gone & model.position.keys()), 0)}
        self.open_model = model.with_pins(barred)
        self.model = model.with_pins({**barred, **dict.fromkeys(model.columns(self.kept), 1)})
        self.free = model.capacity - len(self.kept)

    def fill(self) -> Replacement:
        """Fill every place if possible; else as many as possible, and say what could help."""
        entering = self._settled(self.model.program())
        if entering is not None:
            return self._answer("swap", entering, 0)
        for held in range(1, self.free + 1):
            entering = self._filled_but(held)
            if entering is not None:
                return self._answer("hold" if self._one_more_would_do() else "relax", entering, held)
        return self._answer("relax", (), self.free)

    def _answer(self, kind: Literal["swap", "hold", "relax"], entering: tuple[str, ...], held: int) -> Replacement:
        return Replacement(
            kind=kind,
            declined=tuple(sorted(self.gone)),
            entering=entering,
            held=held,
            relaxations=tuple(relaxations(self.model, self.budget)) if held else (),
        )

    def _settled(self, program: Program) -> tuple[str, ...] | None:
        """Give those who enter in the best panel, in tie order; None where no panel holds."""
        try:
            x = settle_in_order(self.model, program, 0, Settler(self.budget, prove=False))
        except NoPanel:
            return None
        kept = set(self.kept)
        return tuple(person for person in self.model.panel(x) if person not in kept)

    def _filled_but(self, held: int) -> tuple[str, ...] | None:
        """Fill all places but `held`, with every maximum kept and the fewest people missing from the minima.

        A minimum may miss no more people than there are places held, or these could never make up for it.
        """
        seats = self.model.capacity - held
        program = self.model.with_capacity(seats).program()
        rows = [row for row, limit in enumerate(self.model.limits) if row and limit.low]
        width = len(program.cost)
        short = replace(
            program,
            cost=[0] * width + [-1] * len(rows),
            lower=program.lower + [0] * len(rows),
            upper=program.upper + [held] * len(rows),
            kind=program.kind + list(range(len(program.signatures), len(program.signatures) + len(rows))),
            signatures=[*program.signatures, *(((row, 1),) for row in rows)],
        )
        x = Search(short, self.budget).best()
        if x is None:
            return None
        missing = short.with_level(short.cost, short.value(x), 0)
        return self._settled(replace(missing, cost=program.cost + [0] * len(rows)))

    def _one_more_would_do(self) -> bool:
        """Tell whether some one further decline would let all places be filled together."""
        program = self.open_model.program()
        kept = set(self.model.columns(self.kept))
        stays = [int(column in kept) for column in range(len(program.cost))]
        loose = program.with_level(stays, len(kept) - 1, len(kept))
        return Search(replace(loose, cost=[0] * len(stays)), self.budget).best() is not None
