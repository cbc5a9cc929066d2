"""Soft targets: what a missed or overshot share costs once the bounds and the score are settled.

The worth of c people towards t wished ones is √(c/t): the first missing person costs least and each further
one more, so that misses spread over the values instead of piling up on one. Overshoot mirrors it. As the steps
grow, a linear program takes them in their order by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import isqrt

from .problem import Target, whole_seats
from .program import Signature

PENALTY_UNIT = 10_000  # whole-number resolution of one full miss of weight 1


@dataclass(frozen=True, slots=True)
class Aim:
    """A target in whole seats out of `capacity`."""

    attribute: str
    value: str
    share: Fraction
    weight: int
    capacity: int

    @property
    def seats(self) -> int:
        """Give the share in whole seats, halves rounded up."""
        return whole_seats(self.share, self.capacity)


@dataclass(frozen=True, slots=True)
class StepColumn:
    """One seat of shortfall (+1 in its row) or of overshoot (−1)."""

    index: int  # of its signature among the step columns' signatures
    signature: Signature
    penalty: int


def aims(targets: Sequence[Target], capacity: int) -> list[Aim]:
    """Give the targets in whole seats, in a fixed order."""
    return [
        Aim(t.attribute, t.value, Fraction(t.share), t.weight, capacity)
        for t in sorted(targets, key=lambda t: (t.attribute, t.value))
    ]


def step_penalties(aim: Aim, count: int) -> list[int]:
    """Give the ascending cost of each of `count` steps away from the aim; flat where the aim is no seat at all."""
    seats = max(aim.seats, 1)
    roots = [isqrt(PENALTY_UNIT**2 * seat // seats) for seat in range(seats, -1, -1)]
    rising = sorted((high - low) * aim.weight for high, low in pairwise(roots))
    return (rising + [rising[-1]] * count)[:count]


def reached_columns(aims: Sequence[Aim], first_row: int) -> list[Signature]:
    """Give a column for each aim: as many as it counts in row `first_row` + its place, they meet its seats below.

    A branch on such a number decides about all steps of the aim at once; one on a step would only lead to the next.
    """
    return [((row, -1), (row + len(aims), 1)) for row in range(first_row, first_row + len(aims))]


def step_columns(aims: Sequence[Aim], first_row: int) -> list[StepColumn]:
    """Give the columns that absorb every possible miss; the aim of row r is `aims[r - first_row]`."""
    columns: list[StepColumn] = []
    for row, aim in enumerate(aims, start=first_row):
        below, above = aim.seats, aim.capacity - aim.seats
        for sign, count in ((1, below), (-1, above)):
            columns += [
                StepColumn(len(columns) + step, ((row, sign),), penalty)
                for step, penalty in enumerate(step_penalties(aim, count))
            ]
    return columns


def miss_penalty(aim: Aim, reached: int) -> int:
    """Give what `reached` people cost against this aim, in 1/PENALTY_UNIT of its weight."""
    return sum(step_penalties(aim, abs(reached - aim.seats)))
