"""How severe each reviewer is, and what an application's mean would be without it. Pure: it knows no database.

The additive two-way model without interaction (S. R. Searle, Linear Models, Wiley 1971, chapter 7; the linear
counterpart of the rater facet in J. M. Linacre, Many-Facet Rasch Measurement, 1989):

    score(a, r) = quality(a) + severity(r) + error

is fitted by least squares. For given severities the best quality is the mean of what is left of an application's
scores; put back in, the severities solve the normal equations

    Σ_s L(r, s) · severity(s) = Σ_{a of r} (score(a, r) − mean(a)),
    L(r, r) = Σ_{a of r} (1 − 1/n(a)),   L(r, s) = −Σ_{a of r and s} 1/n(a),

n(a) being the number of a's reviews. L is the Laplacian of the graph in which reviewers are joined by the
applications that they share, so within each of its components, a circle, severities are known up to a constant: they
add up to 0 there, and say nothing across circles. An application with one review says nothing of severity.

Everything that decides is computed in whole numbers and fractions: the same scores give the same severities on any
machine. Only the standard errors are floating-point numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor, lcm, sqrt
from typing import Generic, TypeVar

A = TypeVar("A", bound=Hashable)
R = TypeVar("R", bound=Hashable)

FEW = 5
"""With fewer shared reviews a severity says little: its standard error is about the error of one score, a point or
so of ten, times √(2 / number), and from five on that falls below what reviewers usually differ by."""


@dataclass(frozen=True)
class Effect:
    """A reviewer: `severity` is what they give more (or, below 0, less) than the others of their `circle`.

    Severity, its standard `error` and `mean` are in the unit of the scores. `error` is None where no score is left to
    tell it from, or nobody to compare with. `shared` counts the reviews of applications that others reviewed too.
    """

    severity: Fraction
    error: float | None
    reviews: int
    shared: int
    mean: Fraction
    circle: int

    @property
    def rests_on_few(self) -> bool:
        """Return whether the severity says little."""
        return self.shared < FEW


@dataclass(frozen=True)
class Calibration(Generic[A, R]):
    """The severities, and each application's mean without them; `error` is the standard error of one score.

    `circles` is the number of groups of reviewers that share no application.
    """

    effects: Mapping[R, Effect]
    adjusted: Mapping[A, Fraction] = field(repr=False)
    error: float | None
    circles: int


def calibrate(scores: Iterable[tuple[A, R, int]]) -> Calibration[A, R]:
    """Fit the model to (application, reviewer, score), each pair once, scores in whole units.

    The order of the scores changes nothing but the numbers by which circles are called.
    """
    by_application: defaultdict[A, list[tuple[R, int]]] = defaultdict(list)
    by_reviewer: defaultdict[R, list[tuple[A, int]]] = defaultdict(list)
    for application, reviewer, score in scores:
        by_application[application].append((reviewer, score))
        by_reviewer[reviewer].append((application, score))
    equations = _Equations(list(by_reviewer), [given for given in by_application.values() if len(given) > 1])
    circles = _circles(by_reviewer, by_application)
    severities: dict[R, Fraction] = {}
    for members in circles:
        severities |= equations.solve(members)
    adjusted = {
        application: (sum(score for _, score in given) - sum(severities[reviewer] for reviewer, _ in given))
        / Fraction(len(given))
        for application, given in by_application.items()
    }
    error = _error(by_application, severities, adjusted, len(circles))
    effects = {}
    for number, members in enumerate(circles, 1):
        spreads = equations.spreads(members)
        for reviewer in members:
            given = by_reviewer[reviewer]
            effects[reviewer] = Effect(
                severity=severities[reviewer],
                error=None if error is None or len(members) == 1 else error * spreads[reviewer],
                reviews=len(given),
                shared=sum(len(by_application[application]) > 1 for application, _ in given),
                mean=Fraction(sum(score for _, score in given), len(given)),
                circle=number,
            )
    return Calibration(effects, adjusted, error, len(circles))


def rounded(score: Fraction) -> int:
    """Return the nearest whole number, halves up."""
    return floor(score + Fraction(1, 2))


def _circles(
    by_reviewer: Mapping[R, Sequence[tuple[A, int]]], by_application: Mapping[A, Sequence[tuple[R, int]]]
) -> list[list[R]]:
    """Return the reviewers who are joined, directly or over others, by applications; the largest circle first."""
    left = dict.fromkeys(by_reviewer)
    found = []
    while left:
        members = [next(iter(left))]
        del left[members[0]]
        for reviewer in members:
            for application, _ in by_reviewer[reviewer]:
                for other, _ in by_application[application]:
                    if other in left:
                        del left[other]
                        members.append(other)
        found.append(members)
    return sorted(found, key=len, reverse=True)


class _Equations(Generic[R]):
    """The normal equations, multiplied by the least common multiple of the numbers of reviews: all whole."""

    def __init__(self, reviewers: Iterable[R], shared: Sequence[Sequence[tuple[R, int]]]) -> None:
        self.common = lcm(*{len(given) for given in shared})
        self.row: dict[R, defaultdict[R, int]] = {reviewer: defaultdict(int) for reviewer in reviewers}
        self.right: dict[R, int] = dict.fromkeys(self.row, 0)
        for given in shared:
            part = self.common // len(given)
            total = sum(score for _, score in given)
            for reviewer, score in given:
                self.right[reviewer] += self.common * score - part * total
                row = self.row[reviewer]
                row[reviewer] += self.common
                for other, _ in given:
                    row[other] -= part

    def solve(self, members: Sequence[R]) -> dict[R, Fraction]:
        """Return the severities of a circle, which add up to 0: the last one is held at 0 first, then all are moved."""
        held = members[:-1]
        matrix = [[self.row[one][other] for other in held] for one in held]
        found = [*_solved(matrix, [self.right[one] for one in held]), Fraction(0)]
        centre = sum(found, Fraction(0)) / len(members)
        return {reviewer: severity - centre for reviewer, severity in zip(members, found, strict=True)}

    def spreads(self, members: Sequence[R]) -> dict[R, float]:
        """Return the standard errors of the severities in units of that of one score: √ of L's pseudo-inverse."""
        size = len(members)
        held = members[:-1]
        inverse = _inverted([[self.row[one][other] / self.common for other in held] for one in held])
        whole = [[*row, 0.0] for row in inverse] + [[0.0] * size]
        means = [sum(row) / size for row in whole]
        mean = sum(means) / size
        return {reviewer: sqrt(max(0.0, whole[at][at] - 2 * means[at] + mean)) for at, reviewer in enumerate(members)}


def _solved(matrix: Sequence[Sequence[int]], right: Sequence[int]) -> list[Fraction]:
    """Solve equations with a positive definite matrix of whole numbers, exactly.

    Elimination without fractions: each division leaves no remainder (E. H. Bareiss, Mathematics of Computation 22,
    1968), so that numbers grow no longer than the determinants that they are.
    """
    size = len(matrix)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    divisor = 1
    for at in range(size - 1):
        pivot = rows[at]
        for row in rows[at + 1 :]:
            factor = row[at]
            for column in range(at + 1, size + 1):
                row[column] = (row[column] * pivot[at] - factor * pivot[column]) // divisor
        divisor = pivot[at]
    found: list[Fraction] = [Fraction(0)] * size
    for at in reversed(range(size)):
        known = sum((rows[at][column] * found[column] for column in range(at + 1, size)), Fraction(0))
        found[at] = (rows[at][size] - known) / rows[at][at]
    return found


def _inverted(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the inverse of a positive definite matrix: Gauss and Jordan, no pivoting needed."""
    size = len(matrix)
    rows = [[*row, *(float(at == column) for column in range(size))] for at, row in enumerate(matrix)]
    for at in range(size):
        pivot = rows[at] = [value / rows[at][at] for value in rows[at]]
        for number, row in enumerate(rows):
            if number != at and row[at]:
                factor = row[at]
                rows[number] = [value - factor * other for value, other in zip(row, pivot, strict=True)]
    return [row[size:] for row in rows]


def _error(
    by_application: Mapping[A, Sequence[tuple[R, int]]],
    severities: Mapping[R, Fraction],
    adjusted: Mapping[A, Fraction],
    circles: int,
) -> float | None:
    """Return the standard error of one score, √(Σ error² / degrees of freedom), None without any of these left.

    Of the scores, each application takes a degree of freedom, and each reviewer but one of a circle.
    """
    number = sum(len(given) for given in by_application.values())
    freedom = number - len(by_application) - len(severities) + circles
    if freedom <= 0:
        return None
    severity = {reviewer: float(value) for reviewer, value in severities.items()}
    total = sum(
        (score - quality - severity[reviewer]) ** 2
        for application, given in by_application.items()
        for quality in (float(adjusted[application]),)
        for reviewer, score in given
    )
    return sqrt(total / freedom)
