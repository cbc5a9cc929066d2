"""The question "can these bounds hold together?" as a small program: candidates who count alike are one column.

Standard library only, so that a conflict can be checked without a solver.
"""

from collections import Counter
from collections.abc import Collection

from .model import Model
from .problem import Bound, Side
from .program import ANY_NUMBER, Program

ActiveBound = tuple[int, Side]  # a limit's row, and one side of it


def all_bounds(model: Model) -> list[ActiveBound]:
    """Give every side of every limit that asks for something."""
    active: list[ActiveBound] = []
    for row, limit in enumerate(model.limits):
        if limit.low > 0:
            active.append((row, "min"))
        if limit.high < ANY_NUMBER:
            active.append((row, "max"))
    return active


def aggregated(model: Model, active: Collection[ActiveBound]) -> Program:
    """Give the costless program of some bounds and all pins; other bounds are open, rows keep their numbers.

    One column stands for all candidates with the same active rows: as many of them as are taken.
    """
    sides = set(active)
    rows = {row for row, _ in sides}
    projected = [tuple(entry for entry in signature if entry[0] in rows) for signature in model.signatures]
    index = {signature: place for place, signature in enumerate(dict.fromkeys(projected))}
    columns = [index[signature] for signature in projected]
    total = Counter(columns[kind] for kind in model.kinds)
    taken = Counter(columns[model.kinds[column]] for column, pin in model.pins.items() if pin)
    barred = Counter(columns[model.kinds[column]] for column, pin in model.pins.items() if not pin)
    return Program(
        cost=[0] * len(index),
        lower=[taken[place] for place in range(len(index))],
        upper=[total[place] - barred[place] for place in range(len(index))],
        kind=list(range(len(index))),
        signatures=list(index),
        rows=[
            (limit.low if (row, "min") in sides else 0, limit.high if (row, "max") in sides else ANY_NUMBER)
            for row, limit in enumerate(model.limits)
        ],
    )


def active_bounds(model: Model, bounds: Collection[Bound]) -> list[ActiveBound]:
    """Find the rows of bounds that came from this model. Raises `KeyError` for one that did not."""
    known = {model.limits[row].bound(side): (row, side) for row, side in all_bounds(model)}
    return [known[bound] for bound in bounds]
