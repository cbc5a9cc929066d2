"""Exact integer optimum: a relaxation priced over all columns, then branch and bound on the few that matter.

The relaxation starts from a handful of promising columns and prices the others in. Its exact bound fixes every
column that could not move without losing more than the gap; the tree grows on what is left, usually some dozens.
Limits count nodes, never time, so that every machine gives the same answer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from heapq import nlargest

from .lp import Lp, LpAnswer, SolverFailure, solve_integer
from .program import Box, Core, Priced, Program
from .proof import Branch, Leaf, Node, Proof, bounded, narrowed

NOISE = 1e-7  # an objective this close below a whole number has reached it: no prices will show otherwise
ROUNDING = 4096  # reduced costs below 1/4096 of a cost unit are not worth another round of pricing
SMALL = 600  # up to so many columns are simply all taken
BATCH = 400  # columns priced in at a time
FIRST_CORE = 150  # columns in the first core


@dataclass(slots=True)
class Budget:
    """How many nodes may be opened before the search gives up (`limit`), and how many were, in all."""

    limit: int
    spent: int = 0


class OutOfNodes(Exception):
    """The nodes ran out. `x` is the best known so far, if any; nothing is worth more than `bound` cost units."""

    def __init__(self, x: list[int] | None, bound: int) -> None:
        super().__init__(bound)
        self.x = x
        self.bound = bound


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A solved relaxation: the program under its prices, and its x if that is whole and holds."""

    priced: Priced
    x: list[int] | None


def relax(program: Program, seeds: Iterable[int] | None = None) -> Relaxation | None:
    """Solve the relaxation by column generation; None where it is (provably) infeasible. Raises `SolverFailure`."""
    lp = Lp(program, sorted(_seeds(program) if seeds is None else _with_forced(program, seeds)))
    costless = replace(program, cost=[0] * len(program.cost))
    while True:
        answer = lp.solve()
        priced = Priced.of(program, answer.prices) if answer.feasible else _priced_ray(costless, answer, lp.columns)
        batch = _wanted(priced, lp)
        if not batch:
            break
        lp.add(batch)
    if answer.feasible:
        return Relaxation(priced, _whole_x(program, lp.columns, answer))
    if priced.bound < 0:
        return None
    raise SolverFailure("infeasible without a proof")


def _wanted(priced: Priced, lp: Lp) -> list[int]:
    """Pick the columns outside the relaxation that its prices make most attractive."""
    tiny, inside = priced.program.scale // ROUNDING, set(lp.columns)
    gains = [
        (gain, -column)
        for column, (gain, high) in enumerate(zip(priced.reduced, priced.program.upper, strict=True))
        if gain > tiny and high and column not in inside
    ]
    return sorted(-column for _, column in nlargest(BATCH, gains))


def _whole_x(program: Program, columns: Iterable[int], answer: LpAnswer) -> list[int] | None:
    if answer.widest is not None:
        return None
    x = [0] * len(program.cost)
    for column, amount in zip(columns, answer.x, strict=True):
        x[column] = amount
    return x if program.allows(x) else None


def _priced_ray(costless: Program, answer: LpAnswer, columns: Iterable[int]) -> Priced:
    """Price with the ray, in the sign that bounds the columns of the relaxation lowest.

    HiGHS gives no ray where a single row is out of reach; then that row alone is priced.
    """
    inside = set(columns)
    reach = costless.boxed(
        {column: (0, 0) for column, high in enumerate(costless.upper) if high and column not in inside}
    )
    rays: list[dict[int, int]] = [answer.prices, {row: -price for row, price in answer.prices.items()}]
    rays += [{row: sign} for row, sign in _rows_out_of_reach(reach)] if not answer.prices else []
    bounds = [(Priced.of(reach, ray).bound, place) for place, ray in enumerate(rays)]
    return Priced.of(costless, rays[min(bounds)[1]])


def _rows_out_of_reach(program: Program) -> Iterator[tuple[int, int]]:
    """Give the rows that no x in the box can keep, with the sign of the price that shows it."""
    least, most = [0] * len(program.rows), [0] * len(program.rows)
    for kind, low, high in zip(program.kind, program.lower, program.upper, strict=True):
        for row, weight in program.signatures[kind]:
            least[row] += weight * (low if weight > 0 else high)
            most[row] += weight * (high if weight > 0 else low)
    for row, (low, high) in enumerate(program.rows):
        if most[row] < low:
            yield row, -program.scale
        if least[row] > high:
            yield row, program.scale


def _with_forced(program: Program, columns: Iterable[int]) -> set[int]:
    """Add the columns that must not be 0, and leave out those that can be nothing else."""
    forced = {column for column, low in enumerate(program.lower) if low}
    return forced | {column for column in columns if program.upper[column]}


def _seeds(program: Program) -> set[int]:
    """Pick the columns to start from: the best for each row that needs people, and all that are no candidates."""
    open_columns = [column for column, high in enumerate(program.upper) if high]
    if len(open_columns) <= SMALL:
        return set(open_columns)
    wanted = {row: 3 * low + 3 for row, (low, _) in enumerate(program.rows) if low > 0}
    chosen = {column for column in open_columns if program.upper[column] > 1}  # no candidates
    for column in sorted(open_columns, key=program.cost.__getitem__, reverse=True):
        for row, _ in program.signatures[program.kind[column]]:
            if row in wanted:
                chosen.add(column)
                wanted[row] -= 1
                if not wanted[row]:
                    del wanted[row]
        if not wanted:
            break
    return _with_forced(program, chosen)


@dataclass(slots=True)
class Exploration:
    """What a branch and bound has found: the best x above the floor, and the nodes that leave nothing better."""

    value: int | None  # of x, or else the floor
    x: list[int] | None = None
    nodes: list[Node] = field(default_factory=list)
    complete: bool = False


def explore(program: Program, floor: int | None, budget: Budget) -> Exploration:
    """Search for an x worth more than `floor`, depth first, the nearer side of a branch first."""
    found = Exploration(floor)
    lp = Lp(program)
    open_boxes: list[Box] = [{}]
    for _ in range(budget.limit):
        if not open_boxes:
            break
        box = open_boxes.pop()
        budget.spent += 1
        lp.narrow(box)
        answer = lp.solve()
        _keep_if_better(program, box, answer, found)
        leaf = _leaf(program, box, answer, found.value)
        if leaf is not None:
            found.nodes.append(leaf)
            continue
        branch = _branch(program, box, answer)
        found.nodes.append(branch)
        open_boxes.extend(narrowed(program, box, branch))
    found.complete = not open_boxes
    return found


def _keep_if_better(program: Program, box: Box, answer: LpAnswer, found: Exploration) -> None:
    if not answer.feasible or answer.widest is not None:
        return
    value = program.value(answer.x)
    if (found.value is None or value > found.value) and program.boxed(box).allows(answer.x):
        found.x, found.value = answer.x, value


def _leaf(program: Program, box: Box, answer: LpAnswer, value: int | None) -> Leaf | None:
    """Give prices that leave nothing worth more than `value` in the box, if the answer has them."""
    if not answer.feasible:
        return _infeasible_leaf(program.boxed(box), answer, value)
    if value is None or answer.objective > value + 1 - NOISE:
        return None
    ceiling = (value + 1) * program.scale
    return next((Leaf(prices) for prices in (answer.prices, {}) if bounded(program, box, prices) < ceiling), None)


def _infeasible_leaf(program: Program, answer: LpAnswer, value: int | None) -> Leaf | None:
    """Multiply the ray until its bound falls below value + 1 whatever the costs add."""
    costless = replace(program, cost=[0] * len(program.cost))
    ray = _priced_ray(costless, answer, range(len(program.cost)))
    if ray.bound >= 0:
        return None
    columns = zip(program.cost, program.lower, program.upper, strict=True)
    costs = sum(abs(cost) * max(abs(low), abs(high)) for cost, low, high in columns)
    excess = (costs - (-costs if value is None else value + 1)) * program.scale
    times = max(1, excess // -ray.bound + 1)
    return Leaf({row: price * times for row, price in ray.prices.items()})


def _branch(program: Program, box: Box, answer: LpAnswer) -> Branch:
    """Split the most fractional column; without one (rounding got in the way) the first that is still open."""
    if answer.widest is not None:
        column, amount = answer.widest
        return Branch(column, int(amount), up=amount - int(amount) >= 0.5)
    for column, own in enumerate(zip(program.lower, program.upper, strict=True)):
        low, high = box.get(column, own)
        if low < high:
            return Branch(column, low, up=False)
    raise SolverFailure("a single point neither holds nor fails")


def _first_width(priced: Priced) -> int:
    """Give the reduced cost that leaves about `FIRST_CORE` columns in the core."""
    columns = zip(priced.reduced, priced.program.lower, priced.program.upper, strict=True)
    gaps = sorted(abs(gap) for gap, low, high in columns if low < high)
    return gaps[min(FIRST_CORE, len(gaps) - 1)] if gaps else 0


class Search:
    """The exact optimum of one program, and the proof of it."""

    def __init__(self, program: Program, budget: Budget, seeds: Iterable[int] | None = None) -> None:
        self.program = program
        self.budget = budget
        relaxation = relax(program, seeds)
        self.priced = None if relaxation is None else relaxation.priced
        self._whole_x = None if relaxation is None else relaxation.x

    def best(self, start: list[int] | None = None) -> list[int] | None:
        """Give an x of the greatest value (`start` itself if nothing is better); None if no x exists.

        Raises `OutOfNodes`, `SolverFailure`.
        """
        if self.priced is None:
            return None
        x, whole = start, self._whole_x
        if whole is not None and (x is None or self.program.value(whole) > self.program.value(x)):
            x = whole
        return x if x is not None and self._closes(x) else self._widened(self.priced, x)

    def _closes(self, x: list[int]) -> bool:
        priced = self.priced
        return priced is not None and priced.bound < (self.program.value(x) + 1) * self.program.scale

    def _widened(self, priced: Priced, x: list[int] | None) -> list[int] | None:
        """Search ever wider cores, until what is left out can't be worth more than what is found."""
        width = _first_width(priced)
        while True:
            core = priced.core(width)
            found = self._explored(core, x, priced)
            x = x if found is None else core.widen(found)
            scale = self.program.scale
            reach = width * 4 + scale if x is None else priced.bound - self.program.value(x) * scale
            if reach <= width or self._whole(core):
                return x
            width = reach

    def _whole(self, core: Core) -> bool:
        program = self.program
        return len(core.columns) == sum(low < high for low, high in zip(program.lower, program.upper, strict=True))

    def _explored(self, core: Core, x: list[int] | None, priced: Priced) -> list[int] | None:
        """Search a core; where its nodes run out, let HiGHS look for a better start and try once more."""
        floor = None if x is None else self.program.value(x) - core.constant
        found = explore(core.program, floor, self.budget)
        if not found.complete:
            found = self._explored_with_help(core, found)
        if found.complete:
            return found.x
        known = x if found.x is None else core.widen(found.x)
        raise OutOfNodes(known, priced.bound // self.program.scale)

    def _explored_with_help(self, core: Core, found: Exploration) -> Exploration:
        better = solve_integer(core.program, max_nodes=self.budget.limit, start=found.x)
        if better is not None and (found.value is None or core.program.value(better) > found.value):
            found.x, found.value = better, core.program.value(better)
        again = explore(core.program, found.value, self.budget)
        again.x = again.x or found.x
        return again

    def proof(self, value: int) -> tuple[Priced, Proof]:
        """Prove that no x is worth more than `value`; with it, give the program under the proof's prices.

        Raises `OutOfNodes`, and `SolverFailure` where one is worth more.
        """
        if self.priced is None:
            raise SolverFailure("no optimum to prove")
        priced = self.priced
        for candidate in (Priced.of(self.program, {}), priced):
            gap = candidate.bound - (value + 1) * self.program.scale
            if gap < 0:
                return candidate, Proof(value, candidate.prices)
        core = priced.core(gap)
        found = explore(core.program, value - core.constant, self.budget)
        if found.x is not None:
            raise SolverFailure("the optimum could be improved")
        if not found.complete:
            raise OutOfNodes(None, priced.bound // self.program.scale)
        return priced, Proof(value, priced.prices, tuple(found.nodes))
