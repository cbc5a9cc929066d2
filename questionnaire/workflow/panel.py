"""How a panel stands: against each quota, and against each wished share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from questionnaire.workflow import selection
from questionnaire.workflow.bounded import Bounded
from questionnaire.workflow.reasons import Words
from questionnaire.workflow.selection import Candidate


@dataclass(frozen=True)
class Bar(Bounded):
    """How one bound stands, in people."""

    label: str
    pool: int
    selected: int
    minimum: int
    maximum: int | None

    @property
    def holds(self) -> bool:
        """Return whether the bound is kept."""
        return not self.missing and not self.excess

    @property
    def is_full(self) -> bool:
        """Return whether nobody more may come."""
        return self.selected == self.maximum


@dataclass(frozen=True)
class Wish:
    """How far a wished share is met, in people; `percent` of the places are `wanted`."""

    label: str
    pool: int
    selected: int
    wanted: int
    percent: int
    weight: int

    @property
    def missing(self) -> int:
        """Return how many people are fewer than wished."""
        return max(0, self.wanted - self.selected)

    @property
    def excess(self) -> int:
        """Return how many people are more than wished."""
        return max(0, self.selected - self.wanted)


class Counted:
    """How many of a pool, and of those selected, have each value, and come from each organisation."""

    def __init__(self, pool: Iterable[Candidate], selected: Collection[str]) -> None:
        self.pool, self.selected = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        self.sent, self.chosen = Counter[str](), Counter[str]()
        self.people = len(selected)
        for candidate in pool:
            held = [(attribute, value) for attribute, values in candidate.values.items() for value in values]
            self.pool.update(held)
            self.sent[candidate.org or ""] += 1
            if candidate.id in selected:
                self.selected.update(held)
                self.chosen[candidate.org or ""] += 1
        del self.sent[""], self.chosen[""]


def bars(problem: selection.Problem, counts: Counted, words: Words) -> Iterator[Bar]:
    """Yield how each bound stands: places first, then the quotas, then the most that one organisation sends."""
    yield Bar(_("Places"), len(problem.candidates), counts.people, problem.capacity, problem.capacity)
    for quota in sorted(problem.quotas, key=lambda quota: _as_asked(quota, words)):
        name = (quota.attribute, quota.value)
        yield Bar(words.group(*name), counts.pool[name], counts.selected[name], quota.min, quota.max)
    if problem.per_org is not None:
        sent, chosen = (max(numbers.values(), default=0) for numbers in (counts.sent, counts.chosen))
        yield Bar(_("The most from one organisation"), sent, chosen, 0, problem.per_org)


def wishes(problem: selection.Problem, counts: Counted, words: Words) -> Iterator[Wish]:
    """Yield how far each wished share is met."""
    for target in sorted(problem.targets, key=lambda target: _as_asked(target, words)):
        name = (target.attribute, target.value)
        yield Wish(
            label=words.group(*name),
            pool=counts.pool[name],
            selected=counts.selected[name],
            wanted=target.seats(problem.capacity),
            percent=int(target.share * 100),
            weight=target.weight,
        )


def _as_asked(quota: selection.Quota | selection.Target, words: Words) -> tuple[int, int, str, str]:
    """Return the key that sorts bounds and wishes by question, values of one question in the order of its options."""
    question = words.questions.get(quota.attribute)
    if question is None:
        return (1, 0, quota.attribute, quota.value)
    options = [option.key for option in question.options.all()]
    first = quota.value.split()[0] if quota.value.split() else ""
    return (0, options.index(first) if first in options else len(options), quota.attribute, quota.value)
