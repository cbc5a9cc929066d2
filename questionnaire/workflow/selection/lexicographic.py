"""The order in which a panel is settled: score, then targets, then the published tie order.

Solver and verifier walk through the same steps; they differ in how a step is settled. The solver looks for the
optimum of the step's program and proves it; the verifier holds the panel against the stored proof.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from .model import Model
from .program import Core, Priced, Program

BLOCK = 24  # candidates whose order one tie step settles: weights up to 2²³, far from the limits of a float


@dataclass(frozen=True, slots=True)
class Settled:
    """A step's outcome: an optimal x, the optimum, and the program under prices that bound it."""

    x: list[int]
    value: int
    priced: Priced


class Settle(Protocol):
    """Settle one step: maximise the program, starting from an x that holds."""

    def __call__(self, program: Program, start: list[int] | None) -> Settled: ...


def settle_in_order(model: Model, program: Program, tolerance: int, settle: Settle) -> list[int]:
    """Give the whole program's x of the panel that the rules single out.

    Greatest score first; then, within `tolerance` units of it, the smallest penalty for missed targets and under
    that the greatest score again; of what is left the first panel in tie order.
    """
    best = settle(program, None)
    if not model.aims:
        tolerance = 0
    core = best.priced.core(best.priced.bound - (best.value - tolerance) * program.scale)
    scores, rest = core.program.cost, core.constant
    part = core.program.with_level(scores, best.value - tolerance - rest, best.value - rest)
    x = core.narrow(best.x)
    if model.aims:
        misses = core.narrow(model.misses())
        # Scores differ by no more than the tolerance, so that one step nearer outweighs them: both are settled at once,
        # since on equal misses alone a search would have nothing to tell one panel from another by.
        weighed = [miss * (tolerance + 1) + score for miss, score in zip(misses, scores, strict=True)]
        x = settle(replace(part, cost=weighed), x).x
        part = core.program
        for levels in (misses, scores):
            level = sum(cost * amount for cost, amount in zip(levels, x, strict=True))
            part = part.with_level(levels, level, level)
    candidates = [place for place, column in enumerate(core.columns) if column < model.size]
    return core.widen(_settle_ties(part, candidates, len(model.limits), x, settle))


def _settle_ties(part: Program, candidates: list[int], limits: int, x: list[int], settle: Settle) -> list[int]:
    """Settle the candidates in blocks of the tie order, the earlier ones weighing more than all later ones."""
    groups = _equals(part, candidates)
    settled = _firsts_of_equals(groups, x)
    grouped = set(candidates)
    others = [column for column in range(len(part.cost)) if column not in grouped]
    candidates = _undominated(part, groups, limits)
    for start in range(0, len(candidates), BLOCK):
        undecided = candidates[start:]
        core = Core.cut(part, undecided + others, settled)
        low, high = core.program.rows[0]
        if high == 0 or low == len(undecided):
            break
        weights = [1 << (BLOCK - 1 - at) if at < BLOCK else 0 for at in range(len(core.columns))]
        weights[len(undecided) :] = [0] * len(others)
        step = settle(replace(core.program, cost=weights), core.narrow(settled))
        settled = core.widen(step.x)
    return settled


def _equals(part: Program, candidates: Sequence[int]) -> list[list[int]]:
    """Group the candidates who count alike in every row, the score among them; each group in tie order."""
    groups: dict[int, list[int]] = {}
    for column in candidates:
        groups.setdefault(part.kind[column], []).append(column)
    return list(groups.values())


def _firsts_of_equals(groups: Sequence[Sequence[int]], x: list[int]) -> list[int]:
    """Take as many of each group as x does, but the first: never worse in tie order, and equal in all else."""
    settled = x.copy()
    for group in groups:
        taken = sum(x[column] for column in group)
        for place, column in enumerate(group):
            settled[column] = int(place < taken)
    return settled


def _undominated(part: Program, groups: Sequence[Sequence[int]], limits: int) -> list[int]:
    """Leave out those who can't be among the first of their group, for lack of seats in a limit."""
    kept: list[int] = []
    for group in groups:
        signature = part.signatures[part.kind[group[0]]]
        seats = min(part.rows[row][1] for row, _ in signature if row < limits)
        kept += group[:seats]
    return sorted(kept)
