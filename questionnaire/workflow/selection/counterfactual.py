"""The selection solved again with something changed, starting from what the first solution has taught."""

from collections.abc import Sequence
from fractions import Fraction

from .certificate import panel_total, tolerance_units
from .lexicographic import settle_in_order
from .model import Model, build
from .problem import Problem
from .program import Priced, Program
from .results import NodeLimit, Shift, Suggestion
from .search import Budget, OutOfNodes, Search, relax
from .settler import MAX_NODES, NoPanel, Settler

SEEDS = 300  # columns around the margin of the first solution: the next one hardly ever needs another


class Counterfactuals:
    """Answers to "what if" about one panel, each solved exactly."""

    def __init__(self, problem: Problem, suggestion: Suggestion, max_nodes: int = MAX_NODES) -> None:
        """Prepare. Raises what `suggest` raises for a problem without meaning, and `NodeLimit`."""
        self.model = build(problem)
        self.tolerance = tolerance_units(problem, self.model)
        self.selected = suggestion.selected
        self.budget = Budget(max_nodes)
        self.program = self.model.program()
        relaxation = relax(self.program)
        if relaxation is None:
            raise ValueError("the suggestion is none for this problem")
        self.priced = relaxation.priced
        self.seeds = self._seeds()
        self.best = int(suggestion.bound / self.model.unit) if suggestion.proven else self._best()

    def _seeds(self) -> list[int]:
        open_columns = [column for column, high in enumerate(self.program.upper) if high]
        near = sorted(open_columns, key=lambda column: abs(self.priced.reduced[column]))[:SEEDS]
        steps = range(self.model.size, len(self.program.cost))
        return sorted({*near, *self.model.columns(self.selected), *steps})

    def _best(self) -> int:
        value = self.value(self.program)
        if value is None:
            raise ValueError("the suggestion is none for this problem")
        return value

    def points(self, units: int) -> Fraction:
        """Give whole units of score as points."""
        return units * self.model.unit

    def value(self, program: Program) -> int | None:
        """Give the greatest score of a changed program, in units; None where no panel holds. Raises `NodeLimit`."""
        try:
            x = Search(program, self.budget, self.seeds).best()
        except OutOfNodes as limit:
            raise NodeLimit(None, self.points(limit.bound)) from None
        return None if x is None else program.value(x)

    def panel(self, program: Program, model: Model | None = None) -> tuple[tuple[str, ...], int] | None:
        """Give the panel that the whole rule singles out, and the greatest score; None where none holds.

        `model` is the changed one where the number of places differs. Raises `NodeLimit`.
        """
        model = model or self.model
        settler = Settler(self.budget, prove=False, seeds=self.seeds if model.aims == self.model.aims else None)
        try:
            x = settle_in_order(model, program, self.tolerance, settler)
        except NoPanel:
            return None
        except OutOfNodes as limit:
            raise NodeLimit(None, self.points(limit.bound)) from None
        return model.panel(x), program.value(settler.best or x)

    def shift(self, panel: Sequence[str] | None) -> Shift:
        """Compare a panel with the present one."""
        if panel is None:
            return Shift(None)
        new, old = set(panel), set(self.selected)
        entering = tuple(person for person in panel if person not in old)
        leaving = tuple(person for person in self.selected if person not in new)
        return Shift(panel_total(self.model, panel), entering, leaving)

    def with_seats(self, extra: int, *, kept: bool) -> tuple[Program, Model]:
        """Give the program and model with extra places, the present panel pinned if it is to be `kept`."""
        model = self.model.with_capacity(self.model.capacity + extra)
        if kept:
            model = model.with_pins({**model.pins, **dict.fromkeys(model.columns(self.selected), 1)})
        return model.program(), model

    def cannot_reach(self, program: Program, gain: int) -> bool:
        """Tell, by the first prices alone, that a program with other bounds is worth less than best + gain."""
        bound = Priced.of(program, self.priced.prices, self.priced.reduced).bound
        return bound < (self.best + gain) * program.scale
