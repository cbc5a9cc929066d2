"""Small random selection problems, and the slow and obvious way to solve them that the solver is held against."""

import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Any

from questionnaire.workflow.selection import Bound, Candidate, Problem, Quota, Target

HOW_MANY = int(os.environ.get("SELECTION_PROBLEMS", "300"))  # thousands, for a night
VALUES = {"country": "abcd", "gender": "fm", "language": "xyz"}
OPENING = datetime(2021, 10, 1, tzinfo=UTC)
Panel = tuple[Candidate, ...]


def person(name: str, *marks: int, org: str | None = None, minute: int = 0, **values: str | Iterable[str]) -> Candidate:
    """Give a candidate who applied at this minute; an attribute may have one value or several."""
    return Candidate(
        id=name,
        marks=marks or (5,),
        values={attribute: frozenset({held} if isinstance(held, str) else held) for attribute, held in values.items()},
        org=org,
        submitted_at=OPENING + timedelta(minutes=minute),
    )


def random_problems(count: int, *, targets: bool = False, start: int = 0) -> Iterator[Problem]:
    """Give problems of up to 12 candidates, three of four planted around a panel that holds."""
    for seed in range(start, start + count):
        yield random_problem(Random(seed), targets=targets)


def random_problem(random: Random, *, targets: bool = False) -> Problem:
    """Give one problem."""
    count = random.randint(1, 12)
    candidates = [_random_person(random, number) for number in range(count)]
    panel = random.sample(candidates, random.randint(0, min(count, 7)))
    planted = random.random() < 0.75
    per_org = random.choice([None, None, 1, 2, 3])
    if planted and per_org:
        per_org = max(per_org, *(sum(c.org == org for c in panel) for org in "uvw"))
    others = [c.id for c in candidates if c not in panel] if planted else [c.id for c in candidates]
    problem = Problem(
        candidates=candidates,
        capacity=len(panel),
        quotas=[
            _random_quota(random, attribute, value, panel if planted else None)
            for attribute, values in VALUES.items()
            for value in values
            if random.random() < 0.6
        ],
        per_org=per_org,
        pinned_in=frozenset(c.id for c in panel[: random.choice([0, 0, 0, 1, 2])]),
        tie=random.choice(["submitted", "lottery"]),
        seed=b"drawn from a hat",
    )
    pinned_out = frozenset(others[: random.choice([0, 0, 1, 2])]) - problem.pinned_in
    return replace(problem, pinned_out=pinned_out, **(_random_targets(random) if targets else {}))


def _random_person(random: Random, number: int) -> Candidate:
    best = random.choice([3, 10])
    return person(
        f"{random.randint(0, 10**6)}-{number}",
        *(random.randint(0, best) for _ in range(random.randint(1, 3))),
        org=random.choice(["u", "v", "w", None]),
        minute=random.randint(0, 5),
        country=random.choice("abcd"),
        gender=random.choice("fm"),
        language=random.sample("xyz", random.randint(0, 2)),
    )


def _random_quota(random: Random, attribute: str, value: str, panel: Iterable[Candidate] | None) -> Quota:
    if panel is None:
        low = random.choice([0, 0, 1, 1, 2, 3])
        high = random.choice([None, low, low + 1, low + 2])
    else:
        present = sum(value in c.values[attribute] for c in panel)
        low = max(0, present - random.choice([0, 0, 1, 9]))
        high = random.choice([None, present, present, present + 1])
    return Quota(attribute=attribute, value=value, min=low, max=high, firm=random.random() < 0.6)


def _random_targets(random: Random) -> dict[str, Any]:
    targets = [
        Target(attribute=a, value=v, share=Fraction(random.randint(0, 4), 4), weight=random.randint(1, 3))
        for a, v in (("country", "a"), ("country", "b"), ("gender", "f"), ("gender", "m"), ("language", "x"))
        if random.random() < 0.6
    ]
    return {"targets": targets, "tolerance": Fraction(random.randint(0, 6), 2)}


def points(panel: Iterable[Candidate]) -> Fraction:
    """Give the sum of the mean marks."""
    return sum((Fraction(sum(c.marks), len(c.marks)) for c in panel), Fraction(0))


def ids(panel: Iterable[Candidate]) -> set[str]:
    """Give the ids of a panel."""
    return {c.id for c in panel}


def in_order(problem: Problem) -> list[Candidate]:
    """Sort by the published rule."""
    if problem.tie == "submitted":
        return sorted(problem.candidates, key=lambda c: (c.submitted_at, c.id))
    seed = problem.seed or b""
    return sorted(problem.candidates, key=lambda c: hmac.new(seed, c.id.encode(), hashlib.sha256).digest())


def holding(problem: Problem) -> list[Panel]:
    """Give every panel that keeps all bounds and pins, the first in tie order first."""
    panels = combinations(in_order(problem), problem.capacity) if problem.capacity >= 0 else ()
    return [panel for panel in panels if _keeps_pins(problem, panel) and _keeps_bounds(problem, panel)]


def _keeps_pins(problem: Problem, panel: Iterable[Candidate]) -> bool:
    present = ids(panel)
    return problem.pinned_in <= present and not present & problem.pinned_out


def _keeps_bounds(problem: Problem, panel: Panel) -> bool:
    for quota in problem.quotas:
        present = sum(quota.value in c.values.get(quota.attribute, ()) for c in panel)
        if present < quota.min or (quota.max is not None and present > quota.max):
            return False
    sent = [sum(other.org == c.org for other in panel) for c in panel if c.org is not None]
    return problem.per_org is None or max(sent, default=0) <= problem.per_org


def best(problem: Problem) -> Panel | None:
    """Give the first of the panels with the most points; None where none holds. Knows no targets."""
    panels = holding(problem)
    most = max(map(points, panels), default=None)
    return next((panel for panel in panels if points(panel) == most), None)


def can_hold(problem: Problem, bounds: Iterable[Bound]) -> bool:
    """Tell whether some set of people, of any size, keeps the pins and these bounds alone."""
    asked = list(bounds)
    sizes = range(len(problem.candidates) + 1)
    panels = (panel for size in sizes for panel in combinations(problem.candidates, size))
    return any(_keeps_pins(problem, panel) and all(_keeps(bound, panel) for bound in asked) for panel in panels)


def _keeps(bound: Bound, panel: Panel) -> bool:
    if bound.kind == "capacity":
        present = len(panel)
    elif bound.kind == "organisation":
        present = sum(c.org == bound.value for c in panel)
    else:
        present = sum(bound.value in c.values.get(bound.attribute, ()) for c in panel)
    return present >= bound.limit if bound.side == "min" else present <= bound.limit
