"""HiGHS behind the smallest possible door: linear relaxations, and its own integer search as the fallback.

Nothing that comes from here is trusted. Prices are turned into integers, and whoever asked computes the exact
bound that they give; a solution is rounded and checked against the rows.
One thread only: changing the number of threads within a process makes HiGHS refuse to run.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import highspy
import numpy as np
from numpy.typing import NDArray

from .problem import SelectionError
from .program import ANY_NUMBER, PRICE_SCALE, Box, Program

FRACTION = 1e-6  # a value this close to a whole number is one
LARGEST_COST = 1 << 14  # costs are scaled down to this for the floating-point solver, whose tolerances are absolute

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


class SolverFailure(SelectionError):
    """The solver answered neither "optimal" nor "infeasible", or its answer did not hold."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class LpAnswer:
    """A solved relaxation over some columns.

    Where it is infeasible, `prices` is the ray that shows it and the rest is empty.
    """

    feasible: bool
    prices: dict[int, int]  # row → price in 1/scale
    objective: float = 0.0
    x: list[int] = field(default_factory=list)  # rounded
    widest: tuple[int, float] | None = None  # the place in x that is furthest from whole, and the amount there


class Lp:
    """The relaxation of a program over some of its columns (the rest at 0), warm from one solution to the next."""

    def __init__(self, program: Program, columns: Sequence[int] | None = None) -> None:
        self.program = program
        self.columns: list[int] = []
        self._place: dict[int, int] = {}
        self._narrowed: Box = {}
        largest = max(map(abs, program.cost), default=0)
        self._cost_factor = 1 / max(1, largest / LARGEST_COST)
        self._row_factor = _row_factors(program)
        self._highs = _quiet_highs()
        self._highs.setOptionValue("presolve", "off")
        self._highs.setOptionValue("solver", "simplex")
        self._ranges = np.zeros(0)  # of the columns: a number of people is branched on before a person
        self._pass_rows()
        self.add(range(len(program.cost)) if columns is None else columns)

    def _pass_rows(self) -> None:
        model = highspy.HighsLp()
        model.num_row_ = len(self.program.rows)
        model.sense_ = highspy.ObjSense.kMaximize
        model.row_lower_, model.row_upper_ = _row_bounds(self.program, self._row_factor)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.zeros(1, np.int32)
        self._highs.passModel(model)

    def add(self, columns: Iterable[int]) -> None:
        """Take further columns into the relaxation."""
        new = list(columns)
        self._place.update((column, place) for place, column in enumerate(new, start=len(self.columns)))
        self.columns += new
        ranges = [self.program.upper[column] - self.program.lower[column] for column in new]
        self._ranges = np.append(self._ranges, ranges)
        cost, lower, upper, (starts, index, weight) = _column_arrays(self.program, new, self._row_factor)
        self._highs.addCols(len(new), cost * self._cost_factor, lower, upper, len(index), starts[:-1], index, weight)

    def narrow(self, box: Box) -> None:
        """Set the box of a branch, and give the columns of the previous one their own back."""
        before, program = self._narrowed, self.program
        for column in before.keys() - box.keys():
            self._highs.changeColBounds(self._place[column], program.lower[column], program.upper[column])
        for column, sides in box.items():
            if before.get(column) != sides:
                self._highs.changeColBounds(self._place[column], *sides)
        self._narrowed = box

    def solve(self) -> LpAnswer:
        """Solve from the last basis. Raises `SolverFailure`."""
        if not self.columns:
            return LpAnswer(all(low <= 0 <= high for low, high in self.program.rows), {})
        status = self._run()
        if status == highspy.HighsModelStatus.kOptimal:
            return self._optimal()
        if status == highspy.HighsModelStatus.kInfeasible:
            return LpAnswer(False, self._ray())
        raise SolverFailure(status.name)

    def _optimal(self) -> LpAnswer:
        solution = self._highs.getSolution()
        amounts = np.asarray(solution.col_value)
        whole = np.rint(amounts)
        distances = np.abs(amounts - whole)
        widest = int((np.where(distances > FRACTION, distances, 0.0) * self._ranges).argmax())
        return LpAnswer(
            feasible=True,
            prices=self._whole(np.asarray(solution.row_dual) * self._row_factor / self._cost_factor),
            objective=self._highs.getInfo().objective_function_value / self._cost_factor,
            x=whole.astype(np.int64).tolist(),
            widest=(widest, float(amounts[widest])) if distances[widest] > FRACTION else None,
        )

    def _run(self) -> highspy.HighsModelStatus:
        """Run from the last basis, or where that ends in neither answer, once more from none."""
        decided = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        self._highs.run()
        if self._highs.getModelStatus() not in decided:
            self._highs.clearSolver()
            self._highs.run()
        return self._highs.getModelStatus()

    def _ray(self) -> dict[int, int]:
        _, found, ray = self._highs.getDualRay()  # type: ignore[attr-defined]  # missing in its stub
        if not found:
            return {}
        values = np.asarray(ray) * self._row_factor
        return self._whole(values / max(1e-30, float(np.abs(values).max(initial=0.0))))

    def _whole(self, prices: Floats) -> dict[int, int]:
        whole = np.rint(prices * self.program.scale)
        return {int(row): int(whole[row]) for row in np.flatnonzero(whole)}


def solve_integer(program: Program, *, max_nodes: int, start: Sequence[int] | None) -> list[int] | None:
    """Let HiGHS search on its own for at most `max_nodes`; give its best x that holds, or none."""
    highs = _quiet_highs()
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", 0.0)
    highs.setOptionValue("mip_max_nodes", max_nodes)
    columns = range(len(program.cost))
    factors = _row_factors(program)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(columns), len(program.rows)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_, model.col_lower_, model.col_upper_, matrix = _column_arrays(program, columns, factors)
    model.row_lower_, model.row_upper_ = _row_bounds(program, factors)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    highs.passModel(model)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = np.array(start, float)
        highs.setSolution(known)
    highs.run()
    x = [round(amount) for amount in highs.getSolution().col_value]
    return x if len(x) == len(columns) and program.allows(x) else None


def _quiet_highs() -> highspy.Highs:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    return highs


def _row_factors(program: Program) -> Floats:
    """Scale rows with large coefficients (a floor on the score) down to a largest coefficient of 1."""
    largest = [1] * len(program.rows)
    if program.scale == PRICE_SCALE:  # small coefficients only
        return np.ones(len(largest))
    for signature in program.signatures:
        for row, weight in signature:
            if not -largest[row] <= weight <= largest[row]:
                largest[row] = abs(weight)
    return 1 / np.array(largest, float)


def _row_bounds(program: Program, factors: Floats) -> tuple[Floats, Floats]:
    lower = np.array([low for low, _ in program.rows], float)
    upper = np.array([high for _, high in program.rows], float)
    upper[upper > ANY_NUMBER / 2] = highspy.kHighsInf
    return lower * factors, upper * factors


def _column_arrays(
    program: Program, columns: Sequence[int], factors: Floats
) -> tuple[Floats, Floats, Floats, tuple[Integers, Integers, Floats]]:
    """Give cost, lower, upper and the column-wise matrix (starts, rows, weights) of some columns."""
    signatures = [program.signatures[program.kind[column]] for column in columns]
    flat = chain.from_iterable(chain.from_iterable(signatures))
    entries = np.fromiter(flat, np.int64).reshape(-1, 2)
    starts = np.zeros(len(signatures) + 1, np.int32)
    np.cumsum([len(signature) for signature in signatures], out=starts[1:])
    index = np.ascontiguousarray(entries[:, 0], np.int32)
    return (
        np.array([program.cost[column] for column in columns], float),
        np.array([program.lower[column] for column in columns], float),
        np.array([program.upper[column] for column in columns], float),
        (starts, index, entries[:, 1] * factors[index]),
    )
