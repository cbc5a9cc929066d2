"""How the selected stand against each quota of an event, and what the pool of applications could give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q

from events.models import Event
from questionnaire.models import Answer, Application, Question, Quota
from questionnaire.models.labels import value_label
from questionnaire.states import DECIDED_IN_SECRET, HOLDS_A_PLACE, Outcome
from questionnaire.workflow.answers import value_keys
from questionnaire.workflow.bounded import Bounded

Kind = Question.Kind
Fills = Question.Fills
WITH_FEW_VALUES = (
    Kind.YES_NO,
    Kind.SINGLE_CHOICE,
    Kind.MULTIPLE_CHOICE,
    Kind.MATRIX,
    Kind.COUNTRY,
    Kind.ACKNOWLEDGEMENT,
)
COUNTED_BY_COLUMN = frozenset({Fills.COUNTRY, Fills.ORGANISATION, Fills.TARGET_GROUP, Fills.LANGUAGE})
# A free text that one person of the pool alone wrote, and who is not selected, says nothing of any quota.
IS_TO_BE_NAMED = Q(pool__gt=1) | Q(selected__gt=0)


def is_selected(path: str = "") -> Q:
    """Return the condition that an application, at the end of `path`, holds a place or will on the release."""
    decided = {f"{path}state__in": DECIDED_IN_SECRET, f"{path}outcome": Outcome.ACCEPT}
    return Q(**{f"{path}state__in": HOLDS_A_PLACE}) | Q(**decided)


class Verdict(StrEnum):
    """Whether a quota is met by those selected."""

    MET = "met"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Standing(Bounded):
    """A quota with how many of the pool, and of those selected, it counts.

    A quota without values holds for each value that occurs: then `values` names the one that is selected most, and
    `pool` counts that one too. `values` is empty while nobody is selected.
    """

    question: str
    values: tuple[str, ...]
    pool: int
    selected: int
    minimum: int
    maximum: int | None
    for_each_value: bool

    @property
    def verdict(self) -> Verdict:
        """Return whether the quota is met."""
        if self.missing:
            return Verdict.TOO_FEW
        return Verdict.TOO_MANY if self.excess else Verdict.MET

    @property
    def is_out_of_reach(self) -> bool:
        """Return whether the pool itself has too few."""
        return self.pool < self.minimum


@dataclass
class _Tally:
    """The answers to one question: how many of the pool, and of those selected, gave each combination of keys."""

    question: Question
    pool: Counter[frozenset[str]] = field(default_factory=Counter)
    selected: Counter[frozenset[str]] = field(default_factory=Counter)
    spelling: dict[str, str] = field(default_factory=dict)

    def add(self, value: Any, pool: int, selected: int) -> None:
        """Count people who gave one answer."""
        keys = _comparable(value_keys(value), self.question, self.spelling)
        self.pool[keys] += pool
        self.selected[keys] += selected


def standings(event: Event) -> list[Standing]:
    """Return each quota of the event with its count, in the order of the questionnaire; at most eight queries."""
    quotas = list(
        Quota.objects.filter(event=event)
        .select_related("question")
        .prefetch_related("question__options", "question__rows")
        .order_by("question__section__order", "question__order", "question__key", "pk")
    )
    tallies = {quota.question_id: _Tally(quota.question) for quota in quotas}
    in_columns = {pk: tally for pk, tally in tallies.items() if tally.question.fills in COUNTED_BY_COLUMN}
    for tally in in_columns.values():
        _count_column(event, tally)
    _count_answers({pk: tally for pk, tally in tallies.items() if pk not in in_columns})
    return [_standing(quota, tallies[quota.question_id]) for quota in quotas]


def _count_column(event: Event, tally: _Tally) -> None:
    """Count what the application itself holds, where the many answers need not be looked into."""
    column = tally.question.fills
    rows = Application.objects.received().filter(event=event).exclude(**{column: ""}).order_by().values_list(column)
    counted = rows.annotate(pool=Count("pk"), selected=Count("pk", filter=is_selected()))
    if tally.question.kind not in WITH_FEW_VALUES:
        counted = counted.filter(IS_TO_BE_NAMED)
    for value, pool, selected in counted:
        tally.add(value, pool, selected)


def _count_answers(tallies: Mapping[int, _Tally]) -> None:
    rows = (
        Answer.objects.filter(application__in=Application.objects.received(), question__in=tallies)
        .order_by()
        .values_list("question", "question__kind", "value")
        .annotate(pool=Count("pk"), selected=Count("pk", filter=is_selected("application__")))
        .filter(Q(question__kind__in=WITH_FEW_VALUES) | IS_TO_BE_NAMED)
    )
    for pk, _kind, value, pool, selected in rows:
        tallies[pk].add(value, pool, selected)


def _comparable(keys: Iterable[str], question: Question, spelling: dict[str, str]) -> frozenset[str]:
    """Return keys that are equal where a free text differs in case or spaces alone; remember how it was written."""
    if question.kind in WITH_FEW_VALUES:
        return frozenset(keys)
    folded = {" ".join(key.split()).casefold(): key for key in keys}
    for key, written in folded.items():
        spelling.setdefault(key, written)
    return frozenset(folded)


def _standing(quota: Quota, tally: _Tally) -> Standing:
    return _of_values(quota, tally) if quota.values else _of_each_value(quota, tally)


def _of_values(quota: Quota, tally: _Tally) -> Standing:
    wanted = _comparable(quota.values.split(), quota.question, {})
    return Standing(
        question=quota.question.label,
        values=tuple(value_label(quota.question, value) for value in quota.values.split()),
        pool=sum(number for keys, number in tally.pool.items() if keys & wanted),
        selected=sum(number for keys, number in tally.selected.items() if keys & wanted),
        minimum=quota.minimum,
        maximum=quota.maximum,
        for_each_value=False,
    )


def _of_each_value(quota: Quota, tally: _Tally) -> Standing:
    pool, selected = _by_key(tally.pool), _by_key(tally.selected)
    fullest = max(selected, key=lambda key: (selected[key], key), default="")
    found = selected[fullest]
    return Standing(
        question=quota.question.label,
        values=(_label(quota.question, fullest, tally),) if found else (),
        pool=pool[fullest] if found else max(pool.values(), default=0),
        selected=found,
        minimum=0,
        maximum=quota.maximum,
        for_each_value=True,
    )


def _by_key(numbers: Mapping[frozenset[str], int]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for keys, number in numbers.items():
        for key in keys:
            counted[key] += number
    return counted


def _label(question: Question, key: str, tally: _Tally) -> str:
    return tally.spelling.get(key) or value_label(question, key)
