"""What would let the places be filled: the cheapest changes of bounds, found exactly.

Lowering a minimum from m to m − 1 persons costs 1 + 2/m (a small minimum is a promise to few, and many minima give
a little rather than one everything), raising a maximum by one 1, one more from every organisation 3, an empty place
5. The number of changed bounds does not count: the fewest changes would always be to drop the capacity.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from .aggregate import aggregated, all_bounds
from .model import Limit, Model
from .problem import Bound, Problem, Quota
from .program import Program, Signature
from .results import Change, Family, Relaxation
from .search import Budget, Search

COST_UNIT = 1000  # whole-number resolution of the costs
ORGANISATION_WEIGHT = 3
CAPACITY_WEIGHT = 5
MOST_OFFERED = 3


@dataclass(frozen=True, slots=True)
class _Give:
    """People by whom a bound may give way, at the same cost each: a column that counts them."""

    bound: Bound
    signature: Signature
    most: int
    cost: int  # of one person, in 1/COST_UNIT


def relaxations(model: Model, budget: Budget) -> list[Relaxation]:
    """Give up to three alternatives, each leaving alone what the earlier ones change.

    Firm quotas, the organisations' cap and empty places are touched only where negotiable quotas don't suffice.
    Raises `OutOfNodes`, `SolverFailure`.
    """
    gives = list(_gives(model))
    negotiable = [give for give in gives if not give.bound.firm]
    return _alternatives(model, negotiable, budget) or _alternatives(model, gives, budget)


def relaxed(problem: Problem, relaxation: Relaxation) -> Problem:
    """Give the problem with the changes made."""
    for change in relaxation.changes:
        problem = _with_change(problem, change)
    return problem


def _with_change(problem: Problem, change: Change) -> Problem:
    bound = change.bound
    if bound.kind == "capacity":
        return replace(problem, capacity=change.to)
    if bound.kind == "organisation":
        return replace(problem, per_org=change.to)
    return replace(problem, quotas=tuple(_moved(quota, change) for quota in problem.quotas))


def _moved(quota: Quota, change: Change) -> Quota:
    if (quota.attribute, quota.value) != (change.bound.attribute, change.bound.value):
        return quota
    return replace(quota, min=change.to) if change.bound.side == "min" else replace(quota, max=change.to)


def _alternatives(model: Model, gives: list[_Give], budget: Budget) -> list[Relaxation]:
    """Give alternatives in other families of bounds first, then with other bounds of the same families."""
    found: list[Relaxation] = []
    for likeness in (Family.of, lambda bound: bound):
        while len(found) < MOST_OFFERED:
            moved = {likeness(change.bound) for relaxation in found for change in relaxation.changes}
            option = _cheapest(model, [give for give in gives if likeness(give.bound) not in moved], budget)
            if option is None:
                break
            found.append(option)
    return found


def _gives(model: Model) -> Iterator[_Give]:
    """List what may give way, and by how many people at most."""
    pool = model.occupancy(model.ids)
    organisations = [row for row, limit in enumerate(model.limits) if limit.kind == "organisation"]
    for row, limit in enumerate(model.limits):
        if limit.kind == "quota":
            yield from _quota_gives(row, limit, pool[row])
    if organisations:
        cap = replace(model.limits[organisations[0]].bound("max"), value="")
        most = max(pool[row] for row in organisations) - cap.limit
        yield _Give(cap, tuple((row, -1) for row in organisations), most, ORGANISATION_WEIGHT * COST_UNIT)
    places = model.limits[0].bound("min")
    yield _Give(places, ((0, 1),), places.limit, CAPACITY_WEIGHT * COST_UNIT)


def _quota_gives(row: int, limit: Limit, pool: int) -> Iterator[_Give]:
    if limit.low:
        for low in range(limit.low, 0, -1):
            yield _Give(limit.bound("min"), ((row, 1),), 1, COST_UNIT + 2 * COST_UNIT // low)
    if limit.high < pool:
        yield _Give(limit.bound("max"), ((row, -1),), pool - limit.high, COST_UNIT)


def _cheapest(model: Model, gives: list[_Give], budget: Budget) -> Relaxation | None:
    """Give the cheapest set of changes after which a panel exists; None where there is none."""
    program = _elastic(model, gives)
    x = Search(program, budget).best()
    if x is None:
        return None
    people: Counter[Bound] = Counter()
    for give, moved in zip(gives, x[len(x) - len(gives) :], strict=True):
        people[give.bound] += moved
    changes = tuple(
        Change(bound, bound.limit + (moved if bound.side == "max" else -moved))
        for bound, moved in people.items()
        if moved
    )
    return Relaxation(changes, Fraction(-program.value(x), COST_UNIT))


def _elastic(model: Model, gives: list[_Give]) -> Program:
    """Add to the program of all bounds a paid column for each that may give way."""
    program = aggregated(model, all_bounds(model))
    signatures = [*program.signatures, *(give.signature for give in gives)]
    return replace(
        program,
        cost=program.cost + [-give.cost for give in gives],
        lower=program.lower + [0] * len(gives),
        upper=program.upper + [give.most for give in gives],
        kind=program.kind + list(range(len(program.signatures), len(signatures))),
        signatures=signatures,
    )
