"""Why the bounds can't all hold: counting first, then an exact smallest conflict, then what would help.

The smallest conflicting set of families is found by hitting sets: whatever lets the bounds hold must give up one of
each known correction set, so that a smallest set hitting all of them is either the answer or yields another one
(Ignatiev, Previti, Liffiton, Marques-Silva, "Smallest MUS extraction with minimal hitting set dualization", 2015).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations

from .aggregate import ActiveBound, aggregated, all_bounds
from .arithmetic import arithmetic
from .lp import Lp
from .model import Model, build
from .problem import Problem
from .program import Core, Program
from .proof import Leaf, Proof
from .relaxation import relaxations
from .results import Diagnosis, Family, NodeLimit
from .search import Budget, OutOfNodes, explore
from .settler import MAX_NODES


def diagnose(problem: Problem, *, max_nodes: int = MAX_NODES) -> Diagnosis:
    """Say whether the bounds can hold together and, if not, why not and what to relax.

    Raises `InvalidProblem`, `ScoreMissing`, `PinConflict`, `NodeLimit`, `SolverFailure`.
    """
    return diagnose_model(build(problem), max_nodes)


def diagnose_model(model: Model, max_nodes: int) -> Diagnosis:
    """Diagnose a canonical problem. Raises `NodeLimit`, `SolverFailure`."""
    budget = Budget(max_nodes)
    try:
        if refute(aggregated(model, all_bounds(model)), budget) is None:
            return Diagnosis(feasible=True)
        families = _smallest_conflict(model, budget)
        bounds = _irreducible(model, _bounds_of(model, families), budget)
        return Diagnosis(
            feasible=False,
            findings=tuple(arithmetic(model)),
            families=tuple(families),
            bounds=tuple(model.limits[row].bound(side) for row, side in bounds),
            relaxations=tuple(relaxations(model, budget)),
            farkas=refute(aggregated(model, bounds), budget),
            pins_matter=bool(model.pins) and refute(aggregated(model.with_pins({}), bounds), budget) is None,
        )
    except OutOfNodes as limit:
        raise NodeLimit(None, limit.bound * model.unit) from None


def refute(program: Program, budget: Budget) -> Proof | None:
    """Prove that a costless program has no solution; None where it has one. Raises `OutOfNodes`."""
    core = Core.cut(program, [c for c, low in enumerate(program.lower) if low < program.upper[c]], program.lower)
    found = explore(core.program, -1, budget)
    if found.x is not None:
        return None
    if not found.complete:
        raise OutOfNodes(None, 0)
    if isinstance(found.nodes[0], Leaf):
        return Proof(-1, found.nodes[0].prices)
    return Proof(-1, {}, tuple(found.nodes))


def _family(model: Model, bound: ActiveBound) -> Family:
    row, side = bound
    return Family.of(model.limits[row].bound(side))


def _bounds_of(model: Model, families: Collection[Family]) -> list[ActiveBound]:
    return [bound for bound in all_bounds(model) if _family(model, bound) in families]


def _smallest_conflict(model: Model, budget: Budget) -> list[Family]:
    """Give a smallest set of families whose bounds can't hold together; the first in their order among equals."""
    families = sorted({_family(model, bound) for bound in all_bounds(model)})

    def program(chosen: Collection[Family]) -> Program:
        return aggregated(model, _bounds_of(model, chosen))

    def holds(chosen: Collection[Family]) -> bool:
        return refute(program(chosen), budget) is None

    def seems_to_hold(chosen: Collection[Family]) -> bool:
        return Lp(program(chosen)).solve().feasible

    corrections: list[frozenset[Family]] = []
    while True:
        chosen = _smallest_hitting_set(families, corrections)
        grown = _grown(families, chosen, seems_to_hold)
        if not holds(grown):
            if not holds(chosen):
                return chosen
            grown = _grown(families, chosen, holds)
        corrections.append(frozenset(families).difference(grown))


def _grown(
    families: Iterable[Family], chosen: Collection[Family], holds: Callable[[Collection[Family]], bool]
) -> list[Family]:
    """Add every family, one after the other, with which the bounds still hold."""
    grown = list(chosen)
    for family in families:
        if family not in chosen and holds([*grown, family]):
            grown.append(family)
    return grown


def _smallest_hitting_set(families: Sequence[Family], corrections: Iterable[frozenset[Family]]) -> list[Family]:
    every = (set(chosen) for size in range(len(families) + 1) for chosen in combinations(families, size))
    return sorted(next(chosen for chosen in every if all(chosen & correction for correction in corrections)))


def _irreducible(model: Model, bounds: Sequence[ActiveBound], budget: Budget) -> list[ActiveBound]:
    """Leave out bounds, as long as the rest still can't hold: first all that a proof does without, then one by one."""
    proof = refute(aggregated(model, bounds), budget)
    used = set(_support(proof)) if proof else set(bounds)
    kept = [bound for bound in bounds if bound in used]
    for bound in kept[::-1]:
        without = [other for other in kept if other != bound]
        if refute(aggregated(model, without), budget) is not None:
            kept = without
    return kept


def _support(proof: Proof) -> Iterator[ActiveBound]:
    leaves = [node.prices for node in proof.tree if isinstance(node, Leaf)]
    for prices in [proof.prices, *leaves]:
        for row, price in prices.items():
            yield row, "max" if price > 0 else "min"
