"""Why in, why not: the selection solved again with one person forced the other way."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from .counterfactual import Counterfactuals
from .problem import Problem, Side
from .program import Program
from .results import Explanation, FullQuota, ReasonCode, Suggestion
from .settler import MAX_NODES

FURTHER = 3  # by how many people a full limit is raised to see whether it lets someone in
MORE_SEATS = 10  # how many places more are tried


def explain(
    problem: Problem,
    suggestion: Suggestion,
    id: str,  # noqa: A002 (the name that the interface gives it)
    *,
    max_nodes: int = MAX_NODES,
) -> Explanation:
    """Explain one person's place in or out of a suggestion.

    Raises `KeyError` for an unknown person, `NodeLimit`, `SolverFailure`.
    """
    return Explainer(problem, suggestion, max_nodes=max_nodes).explain(id)


class Explainer:
    """Explains any number of people of one suggestion; the preparation is shared."""

    def __init__(self, problem: Problem, suggestion: Suggestion, *, max_nodes: int = MAX_NODES) -> None:
        self._what_if = Counterfactuals(problem, suggestion, max_nodes)
        self._model = self._what_if.model
        self._selected = frozenset(suggestion.selected)
        self._counts = self._model.occupancy(suggestion.selected)

    def explain(self, person: str) -> Explanation:
        """Explain one person. Raises `KeyError`, `NodeLimit`, `SolverFailure`."""
        column = self._model.position[person]
        if column in self._model.pins:
            inside = bool(self._model.pins[column])
            return Explanation(
                id=person, selected=inside, code="pinned_in" if inside else "pinned_out", points_missing=None
            )
        return self._explain_in(person, column) if person in self._selected else self._explain_out(person, column)

    def points_missing(self, within: Fraction) -> Iterator[tuple[str, Fraction]]:
        """Give the exact loss of forcing each person the other way, for all who cost at most `within` points.

        Raises `NodeLimit`, `SolverFailure`.
        """
        what_if = self._what_if
        most = int(within / self._model.unit)
        for person, column in self._model.position.items():
            if column in self._model.pins:
                continue
            forced = self._forced(column, 0 if person in self._selected else 1)
            if what_if.cannot_reach(forced, -most):
                continue
            value = what_if.value(forced)
            if value is not None and what_if.best - value <= most:
                yield person, what_if.points(what_if.best - value)

    def _forced(self, column: int, amount: int) -> Program:
        return self._what_if.program.boxed({column: (amount, amount)})

    def _explain_in(self, person: str, column: int) -> Explanation:
        kept_up = tuple(FullQuota(self._model.limits[row].bound("min"), None) for row in self._edges(person, "min"))
        other = self._what_if.panel(self._forced(column, 0))
        if other is None:
            return Explanation(id=person, selected=True, code="needed", points_missing=None, full_quotas=kept_up)
        panel, value = other
        shift = self._what_if.shift(panel)
        return Explanation(
            id=person,
            selected=True,
            code="selected",
            points_missing=self._what_if.points(self._what_if.best - value),
            displaced=tuple(other for other in shift.leaving if other != person),
            entering=shift.entering,
            full_quotas=kept_up,
        )

    def _explain_out(self, person: str, column: int) -> Explanation:
        full = tuple(self._full_quota(column, row) for row in self._edges(person, "max"))
        first = None if full else self._first_capacity(person, column)
        why = Explanation(
            id=person, selected=False, code="impossible", points_missing=None, full_quotas=full, first_capacity=first
        )
        other = self._what_if.panel(self._forced(column, 1))
        if other is None:
            return why
        panel, value = other
        missing = self._what_if.best - value
        shift = self._what_if.shift(panel)
        return replace(
            why,
            code=self._code(missing, full),
            points_missing=self._what_if.points(missing),
            displaced=shift.leaving,
            entering=tuple(other for other in shift.entering if other != person),
        )

    def _code(self, missing: int, full: tuple[FullQuota, ...]) -> ReasonCode:
        if self._model.aims and missing <= self._what_if.tolerance:
            return "target"
        if not missing:
            return "tie"
        return "quota" if any(quota.opens_at is not None for quota in full) else "score"

    def _edges(self, person: str, side: Side) -> list[int]:
        """Give the limits, other than the capacity, that hold this person and are at their edge."""
        edges = []
        for row in self._model.rows_of(person):
            limit = self._model.limits[row]
            at_edge = self._counts[row] == (limit.low if side == "min" else limit.high)
            if at_edge and limit.kind != "capacity" and (limit.low or side == "max"):
                edges.append(row)
        return edges

    def _full_quota(self, column: int, row: int) -> FullQuota:
        """Raise one full limit (for an organisation: everyone's cap) until it lets the person in."""
        bound = self._model.limits[row].bound("max")
        for more in range(1, FURTHER + 1):
            if self._is_in(column, self._what_if.program.with_rows(raised(self._what_if, row, more))):
                return FullQuota(bound, bound.limit + more)
        return FullQuota(bound, None)

    def _is_in(self, column: int, program: Program) -> bool:
        """Tell whether a changed program selects someone: by the first prices, by the score, by the whole rule."""
        what_if, forced = self._what_if, program.boxed({column: (1, 1)})
        if what_if.cannot_reach(forced, -what_if.tolerance):
            return False
        with_them, anyway = what_if.value(forced), what_if.value(program)
        if with_them is None or anyway is None or with_them < anyway - what_if.tolerance:
            return False
        found = what_if.panel(program)
        return found is not None and self._model.ids[column] in found[0]

    def _first_capacity(self, person: str, column: int) -> int | None:
        """Give the first number of places at which the person is added to the present panel."""
        for extra in range(1 + self._ahead(column), MORE_SEATS + 1):
            program, model = self._what_if.with_seats(extra, kept=True)
            found = self._what_if.panel(program, model)
            if found is not None and person in found[0]:
                return model.capacity
        return None

    def _ahead(self, column: int) -> int:
        """Count those not selected who count alike in every limit and come first by score and tie order."""
        model = self._model
        return sum(
            kind == model.kinds[column]
            and (-model.scores[other], other) < (-model.scores[column], column)
            and model.ids[other] not in self._selected
            and other not in model.pins
            for other, kind in enumerate(model.kinds)
        )


def raised(what_if: Counterfactuals, row: int, more: int) -> dict[int, tuple[int, int]]:
    """Give the rows that change when a maximum is raised: the cap of organisations is one for all of them."""
    limits = what_if.model.limits
    rows = [row]
    if limits[row].kind == "organisation":
        rows = [other for other, limit in enumerate(limits) if limit.kind == "organisation"]
    return {other: (limits[other].low, limits[other].high + more) for other in rows}
