"""What more places, or one person's give in each full limit, would change."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .counterfactual import Counterfactuals
from .explanation import raised
from .problem import Bound, Problem
from .results import QuotaStep, SeatStep, Shift, Suggestion, Sweep
from .settler import MAX_NODES


def sweep(
    problem: Problem, suggestion: Suggestion, seats: Iterable[int] = range(1, 11), *, max_nodes: int = MAX_NODES
) -> Sweep:
    """Solve again with each number of extra `seats`, and with each limit that is at its edge moved by one.

    Raises `NodeLimit`, `SolverFailure`.
    """
    what_if = Counterfactuals(problem, suggestion, max_nodes)
    steps = tuple(_seat_step(what_if, extra) for extra in seats)
    first_in: dict[str, int] = {}
    for step in steps:
        for person in step.kept.entering:
            first_in[person] = min(step.capacity, first_in.get(person, step.capacity))
    return Sweep(steps, tuple(_quota_steps(what_if)), first_in)


def _seat_step(what_if: Counterfactuals, extra: int) -> SeatStep:
    shifts: list[Shift] = []
    for kept in (True, False):
        program, model = what_if.with_seats(extra, kept=kept)
        found = what_if.panel(program, model)
        shifts.append(what_if.shift(None if found is None else found[0]))
    return SeatStep(what_if.model.capacity + extra, *shifts)


def _quota_steps(what_if: Counterfactuals) -> Iterator[QuotaStep]:
    """Move each limit at its edge; the cap of organisations is one for all of them, and told once, for none by name."""
    counts = what_if.model.occupancy(what_if.selected)
    cap_told = False
    for row, (limit, count) in enumerate(zip(what_if.model.limits, counts, strict=True)):
        if limit.kind == "quota" and limit.low and count == limit.low:
            yield _quota_step(what_if, limit.bound("min"), limit.low - 1, {row: (limit.low - 1, limit.high)})
        if limit.kind == "quota" and count == limit.high:
            yield _quota_step(what_if, limit.bound("max"), limit.high + 1, raised(what_if, row, 1))
        if limit.kind == "organisation" and count == limit.high and not cap_told:
            cap_told = True
            cap = replace(limit.bound("max"), value="")
            yield _quota_step(what_if, cap, limit.high + 1, raised(what_if, row, 1))


def _quota_step(what_if: Counterfactuals, bound: Bound, to: int, rows: dict[int, tuple[int, int]]) -> QuotaStep:
    """Solve with the limit moved; where nothing gains, the present panel stands."""
    program = what_if.program.with_rows(rows)
    found = None if what_if.cannot_reach(program, 1) else what_if.panel(program)
    if found is None or found[1] <= what_if.best:
        return QuotaStep(bound, to, what_if.points(0), what_if.shift(what_if.selected))
    panel, value = found
    return QuotaStep(bound, to, what_if.points(value - what_if.best), what_if.shift(panel))
