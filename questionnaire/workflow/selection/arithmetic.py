"""The conflicts that counting alone can show, each within one kind of bound and its simplest surroundings."""

from collections import Counter
from collections.abc import Iterator

from .model import Limit, Model
from .results import Finding, FindingCode


def arithmetic(model: Model) -> Iterator[Finding]:
    """Give what adds up wrongly among those who are not pinned out."""
    pool = [column for column in range(model.size) if model.pins.get(column) != 0]
    rows = {column: {row for row, _ in model.signatures[model.kinds[column]]} for column in pool}
    counts = Counter(row for own in rows.values() for row in own)
    if len(pool) < model.capacity:
        yield Finding(code="too_few_candidates", needed=model.capacity, available=len(pool))
    for row, limit in enumerate(model.limits):
        if limit.kind == "quota" and limit.low:
            yield from _short_pool(model, rows, row, counts[row])
    for attribute in sorted({limit.attribute for limit in model.limits if limit.kind == "quota"}):
        own = {row for row, limit in enumerate(model.limits) if limit.kind == "quota" and limit.attribute == attribute}
        yield from _sums(model, rows, counts, attribute, own)
    reach = _within_organisations(model, rows)
    if len(pool) >= model.capacity > reach:
        yield Finding(code="per_org_below_capacity", needed=model.capacity, available=reach)


def _short_pool(model: Model, rows: dict[int, set[int]], row: int, count: int) -> Iterator[Finding]:
    limit = model.limits[row]
    reach = _within_organisations(model, {column: own for column, own in rows.items() if row in own})
    if count < limit.low:
        yield _finding("min_above_pool", limit, count)
    elif reach < limit.low:
        yield _finding("min_above_pool_per_org", limit, reach)


def _finding(code: FindingCode, limit: Limit, available: int) -> Finding:
    return Finding(code=code, attribute=limit.attribute, value=limit.value, needed=limit.low, available=available)


def _within_organisations(model: Model, rows: dict[int, set[int]]) -> int:
    """Count how many of these people the organisations' caps let in."""
    caps = {row: limit.high for row, limit in enumerate(model.limits) if limit.kind == "organisation"}
    sent = Counter(row for own in rows.values() for row in own & caps.keys())
    independent = sum(not own & caps.keys() for own in rows.values())
    return independent + sum(min(count, caps[row]) for row, count in sent.items())


def _sums(
    model: Model, rows: dict[int, set[int]], counts: Counter[int], attribute: str, own: set[int]
) -> Iterator[Finding]:
    """Hold the minima and the maxima of one attribute against the places, where they can be added up at all."""
    asking = {row for row in own if model.limits[row].low}
    minima = sum(model.limits[row].low for row in asking)
    if minima > model.capacity and all(len(asking & held) <= 1 for held in rows.values()):
        yield Finding(code="minima_above_capacity", attribute=attribute, needed=minima, available=model.capacity)
    maxima = sum(min(model.limits[row].high, counts[row]) for row in own)
    if maxima < model.capacity and all(own & held for held in rows.values()):
        yield Finding(code="maxima_below_capacity", attribute=attribute, needed=model.capacity, available=maxima)
