"""Small integer programs: maximise cost·x over whole x within a box, each row's sum between two bounds.

Columns with the same coefficients share a signature, which makes exact arithmetic on thousands of columns cheap.
Prices are integers too, in 1/`scale` of a cost unit: weak duality then bounds the optimum without rounding.
Standard library only: the solver and the verifier stand on the same definitions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress

PRICE_SCALE = 27_720  # divisible by 1 … 12, the usual denominators of such prices, so that most are exact
ANY_NUMBER = 1 << 40  # stands for "no maximum"; more than any number of people

Signature = tuple[tuple[int, int], ...]  # (row, coefficient), ascending rows
Prices = Mapping[int, int]  # row → price, in 1/scale of a cost unit
Box = Mapping[int, tuple[int, int]]  # column → (lower, upper): what a branch has narrowed


@dataclass(frozen=True, slots=True)
class Program:
    """An integer program; `lower`, `upper`, `cost` and `kind` (index of the signature) have one entry per column.

    `scale` grows with the coefficients of the rows, so that rounding a price never matters.
    """

    cost: list[int]
    lower: list[int]
    upper: list[int]
    kind: list[int]
    signatures: Sequence[Signature]
    rows: Sequence[tuple[int, int]]
    scale: int = PRICE_SCALE

    def reduced_costs(self, prices: Prices) -> list[int]:
        """Give cost − Σ price · coefficient for each column, in 1/scale."""
        scale = self.scale
        if not prices:
            return [cost * scale for cost in self.cost]
        paid = []
        for signature in self.signatures:
            total = 0
            for row, weight in signature:
                if row in prices:
                    total += prices[row] * weight
            paid.append(total)
        return [cost * scale - paid[kind] for cost, kind in zip(self.cost, self.kind, strict=True)]

    def row_bound(self, prices: Prices) -> int:
        """Give Σ(y⁺·U − y⁻·L), the part of the dual bound that the rows pay."""
        return sum(price * self.rows[row][price > 0] for row, price in prices.items())

    def value(self, x: Sequence[int]) -> int:
        """Give cost·x."""
        return sum(cost * amount for cost, amount in zip(self.cost, x, strict=True) if amount)

    def activities(self, x: Sequence[int]) -> list[int]:
        """Give each row's sum at x."""
        totals = [0] * len(self.rows)
        for kind, amount in compress(zip(self.kind, x, strict=True), x):
            for row, weight in self.signatures[kind]:
                totals[row] += weight * amount
        return totals

    def allows(self, x: Sequence[int]) -> bool:
        """Tell whether x keeps the box and every row."""
        boxed = all(low <= amount <= high for low, amount, high in zip(self.lower, x, self.upper, strict=True))
        return boxed and all(
            low <= total <= high for total, (low, high) in zip(self.activities(x), self.rows, strict=True)
        )

    def boxed(self, box: Box) -> "Program":
        """Narrow (or widen) the box of some columns."""
        lower, upper = self.lower.copy(), self.upper.copy()
        for column, (low, high) in box.items():
            lower[column], upper[column] = low, high
        return replace(self, lower=lower, upper=upper)

    def with_rows(self, changed: Mapping[int, tuple[int, int]]) -> "Program":
        """Replace the bounds of some rows."""
        return replace(self, rows=[changed.get(row, bounds) for row, bounds in enumerate(self.rows)])

    def with_level(self, levels: Sequence[int], low: int, high: int) -> "Program":
        """Add the row low ≤ levels·x ≤ high; `levels` has one coefficient per column."""
        row = len(self.rows)
        index: dict[tuple[int, int], int] = {}
        kind = [index.setdefault(pair, len(index)) for pair in zip(self.kind, levels, strict=True)]
        signatures = [self.signatures[old] + (((row, level),) if level else ()) for old, level in index]
        scale = max(self.scale, PRICE_SCALE << max(map(abs, levels), default=0).bit_length())
        return replace(self, kind=kind, signatures=signatures, rows=[*self.rows, (low, high)], scale=scale)


@dataclass(frozen=True, slots=True)
class Priced:
    """A program under fixed prices: the exact dual bound, and what each column would take off it."""

    program: Program
    prices: Prices
    reduced: list[int] = field(repr=False)
    bound: int  # Σ(y⁺U − y⁻L) + Σ max over the box of reduced·x, in 1/scale: no x is worth more

    @classmethod
    def of(cls, program: Program, prices: Prices, reduced: list[int] | None = None) -> "Priced":
        """Price a program; `reduced` may be handed over where only rows and box have changed."""
        if reduced is None:
            reduced = program.reduced_costs(prices)
        best = sum(
            cost * (high if cost > 0 else low)
            for cost, low, high in zip(reduced, program.lower, program.upper, strict=True)
        )
        return cls(program, prices, reduced, program.row_bound(prices) + best)

    def core(self, width: int) -> "Core":
        """Keep the columns whose reduced cost is within `width`; fix each other one at its better side.

        Moving a fixed column by one costs more than `width`, so whatever is worth more than bound − width
        (in 1/scale) is left in the core.
        """
        program = self.program
        resting = [
            high if cost > 0 else low
            for cost, low, high in zip(self.reduced, program.lower, program.upper, strict=True)
        ]
        columns = [
            column
            for column, (cost, low, high) in enumerate(zip(self.reduced, program.lower, program.upper, strict=True))
            if low < high and -width <= cost <= width
        ]
        return Core.cut(program, columns, resting)


@dataclass(frozen=True, slots=True)
class Core:
    """A part of a program: some columns free, the others at rest."""

    program: Program
    columns: list[int]
    resting: list[int] = field(repr=False)
    constant: int  # what the resting columns are worth

    @classmethod
    def cut(cls, program: Program, columns: list[int], resting: list[int]) -> "Core":
        """Cut the given columns out of a program, charging the others, at rest, to the rows."""
        rest = resting.copy()
        for column in columns:
            rest[column] = 0
        used = program.activities(rest)
        index: dict[int, int] = {}
        kind = [index.setdefault(program.kind[column], len(index)) for column in columns]
        part = Program(
            cost=[program.cost[column] for column in columns],
            lower=[program.lower[column] for column in columns],
            upper=[program.upper[column] for column in columns],
            kind=kind,
            signatures=[program.signatures[old] for old in index],
            rows=[(low - total, high - total) for total, (low, high) in zip(used, program.rows, strict=True)],
            scale=program.scale,
        )
        return cls(part, columns, resting, program.value(rest))

    def widen(self, x: Iterable[int]) -> list[int]:
        """Give the whole program's x for the core's."""
        full = self.resting.copy()
        for column, amount in zip(self.columns, x, strict=True):
            full[column] = amount
        return full

    def narrow(self, x: Sequence[int]) -> list[int]:
        """Give the core's part of the whole program's x."""
        return [x[column] for column in self.columns]
