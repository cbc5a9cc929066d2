"""How benchmarks measure in turn and write their figures down."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

ROUNDS = 5


def line(name: str, figure: float, unit: str, ratio: float, sense: str, target: float) -> str:
    """Write one figure with its ratio, and whether that reaches the target."""
    reached = ratio >= target if sense == ">=" else ratio <= target
    return f"  {name:<18}{figure:>8.1f}   {ratio:.2f} {unit}   target {sense} {target}: {'yes' if reached else 'NO'}"


def in_turn(*measures: Callable[[], float]) -> list[float]:
    """Return the median of each measure, taken in turn so that all meet the same noise."""
    rounds = [[measure() for measure in measures] for _ in range(ROUNDS)]
    return [median(column) for column in zip(*rounds, strict=True)]


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    start = perf_counter()
    work()
    return perf_counter() - start
