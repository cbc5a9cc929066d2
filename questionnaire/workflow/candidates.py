"""The selection's problem as the database has it: who can be selected, by which marks, within which bounds."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from math import inf, lcm
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Case, Count, F, Sum, Value, When
from django.db.models.functions import Cast

from events.models import Event
from questionnaire.models import (
    Answer,
    Criterion,
    Pin,
    Question,
    Quota,
    Score,
    Scores,
    SelectionRules,
    Target,
    Ties,
)
from questionnaire.states import HOLDS_A_PLACE, State
from questionnaire.workflow import calibrating, rules, selection
from questionnaire.workflow import places as capacity
from questionnaire.workflow.answers import value_keys
from questionnaire.workflow.organisations import organisation_key
from questionnaire.workflow.review import MEAN_MAXIMUM

Fills = Question.Fills
COLUMNS = (Fills.COUNTRY, Fills.ORGANISATION, Fills.TARGET_GROUP, Fills.LANGUAGE)
WRITTEN = (Question.Kind.SHORT_TEXT, Question.Kind.LONG_TEXT, Question.Kind.EMAIL, Question.Kind.PHONE)


@dataclass(frozen=True)
class Pool:
    """The problem of an event; a mark is worth `points` of the scale from 0 to 10, and comes from `scores`.

    `left_out` counts the applications without a finished review, where these are not asked for.
    """

    problem: selection.Problem
    points: Fraction
    left_out: int
    scores: Scores


@dataclass(frozen=True)
class Seats:
    """The places of an event after the release: who holds one, who waits for one, in the words of the selection.

    `unscored` are those who wait without a finished review: they count as having no points at all.
    """

    problem: selection.Problem
    points: Fraction
    panel: frozenset[str]
    unscored: frozenset[str]

    @property
    def free(self) -> int:
        """Return how many places came back and were not given again."""
        return max(0, self.problem.capacity - len(self.panel))

    @property
    def waiting(self) -> list[selection.Candidate]:
        """Return those on the waiting list, in its order."""
        return [candidate for candidate in by_score(self.problem) if candidate.id not in self.panel]


class _Row(NamedTuple):
    """The columns of an application that the selection looks at."""

    pk: int
    public_id: str
    submitted_at: dt.datetime
    country: str
    organisation: str
    target_group: str
    language: str


@dataclass(frozen=True)
class _Person:
    """An applicant as far as the selection looks at them; `keys` holds their answers by question."""

    row: _Row
    marks: tuple[int, ...]
    keys: Mapping[int, frozenset[str]]


@dataclass(frozen=True)
class _Group:
    """Those whom a quota or a wished share counts, as the solver calls them: by which answers to which question."""

    attribute: str
    value: str
    question: int
    keys: frozenset[str]


@dataclass(frozen=True)
class _Bound:
    """A quota of the solver, and whom it counts."""

    quota: selection.Quota
    group: _Group


def pool(event: Event, *, everyone: bool = False, places: int | None = None) -> Pool:
    """Return the problem of an event, in eight queries whatever its size, nine with adjusted scores.

    Candidates are those who wait for their decision and have a finished review, with `everyone` those without one
    too (the solver then names who misses a mark). Without `places` all places of the event are to be filled, or as
    many as there are candidates for.
    """
    chosen = rules.of(event)
    quotas = list(Quota.objects.filter(event=event).select_related("question").order_by("pk"))
    wishes = list(Target.objects.filter(event=event).select_related("question").order_by("pk"))
    marks, points = _marks(event, chosen)
    applications = event.applications.to_be_decided().order_by("submitted_at", "pk")
    received = [_Row(*columns) for columns in applications.values_list(*_Row._fields).iterator()]
    considered = [row for row in received if everyone or row.pk in marks]
    pins = _pins(considered, event)
    asked = {quota.question for quota in quotas} | {wish.question for wish in wishes}
    selectable = len(considered) - sum(side == Pin.Side.OUT for side in pins.values())
    problem = replace(
        _bounded(_people(considered, marks, asked, event), quotas, wishes),
        capacity=min(event.places, selectable) if places is None else places,
        pinned_in=frozenset(name for name, side in pins.items() if side == Pin.Side.IN),
        pinned_out=frozenset(name for name, side in pins.items() if side == Pin.Side.OUT),
        **_ties(chosen),
        targets=[_target(wish) for wish in wishes],
        tolerance=Fraction(chosen.tolerance) / points if wishes else Fraction(0),
    )
    return Pool(problem, points, len(received) - len(considered), Scores(chosen.scores))


def seats(event: Event) -> Seats:
    """Return who holds a place and who waits for one, with today's quotas, in nine queries whatever the number."""
    chosen = rules.of(event)
    quotas = list(Quota.objects.filter(event=event).select_related("question").order_by("pk"))
    marks, points = _marks(event, chosen)
    applications = event.applications.filter(state__in=[*HOLDS_A_PLACE, State.WAITING_LIST])
    rows = list(applications.order_by("submitted_at", "pk").values_list("state", *_Row._fields))
    concerned = [_Row(*columns) for _state, *columns in rows]
    scored = {row.pk: marks.get(row.pk, [0]) for row in concerned}
    problem = _bounded(_people(concerned, scored, {quota.question for quota in quotas}, event), quotas)
    panel = frozenset(row.public_id for (state, *_), row in zip(rows, concerned, strict=True) if state in HOLDS_A_PLACE)
    waiting = [row for row in concerned if row.public_id not in panel]
    return Seats(
        replace(problem, capacity=capacity.on_offer(event), **_ties(chosen)),
        points,
        panel,
        frozenset(row.public_id for row in waiting if row.pk not in marks),
    )


def by_score(problem: selection.Problem) -> list[selection.Candidate]:
    """Return the candidates by their mean mark, equal ones by the rule for ties; those without a mark come last."""
    common = lcm(*(len(candidate.marks) for candidate in problem.candidates if candidate.marks))

    def score(candidate: selection.Candidate) -> float:
        return sum(candidate.marks) * common // len(candidate.marks) if candidate.marks else -inf

    return sorted(selection.tie_order(problem), key=score, reverse=True)  # equal ones stay in their order


def _bounded(
    people: Collection[_Person], quotas: Collection[Quota], wishes: Collection[Target] = ()
) -> selection.Problem:
    """Return the problem of some people within some quotas, without a place yet."""
    bounds = _bounds([quota for quota in quotas if not _caps_organisations(quota)], people)
    return selection.Problem(
        candidates=_candidates(people, [*(bound.group for bound in bounds), *map(_wished, wishes)]),
        capacity=0,
        quotas=[bound.quota for bound in bounds],
        per_org=next((quota.maximum for quota in quotas if _caps_organisations(quota)), None),
    )


def _ties(chosen: SelectionRules) -> dict[str, Any]:
    """Return how the problem decides between equal scores."""
    return {"tie": "lottery" if chosen.ties == Ties.LOTTERY else "submitted", "seed": rules.seed_of(chosen)}


def _marks(event: Event, chosen: SelectionRules) -> tuple[dict[int, list[int]], Fraction]:
    """Return the marks of each application by its id, and what a mark is worth, as the event computes them."""
    marks, points = _raw_marks(event)
    return _adjusted(event, marks) if chosen.scores == Scores.ADJUSTED else (marks, points)


def _raw_marks(event: Event) -> tuple[dict[int, list[int]], Fraction]:
    """Return the marks of each application by its id, one a finished review, and what a mark is worth.

    A mark is Σ weight · score · (lcm of the highest scores) / highest score: whole, so that no sum is ever rounded.
    A review is finished when it has a score by each of today's criteria.
    """
    criteria = list(Criterion.objects.filter(event=event))
    if not criteria:
        return {}, Fraction(1)
    common = lcm(*(criterion.maximum for criterion in criteria))
    factors = (
        When(criterion=criterion.pk, then=Value(criterion.weight * (common // criterion.maximum)))
        for criterion in criteria
    )
    worth = Cast(F("value"), BigIntegerField()) * Case(*factors, output_field=BigIntegerField())
    rows = (
        Score.objects.filter(criterion__in=criteria, review__application__event=event, review__mean_score__isnull=False)
        .order_by()
        .values_list("review__application", "review")
        .annotate(mark=Sum(worth), given=Count("pk"))
        .filter(given=len(criteria))
    )
    marks: defaultdict[int, list[int]] = defaultdict(list)
    for application, _review, mark, _given in rows:
        marks[application].append(mark)
    return marks, Fraction(MEAN_MAXIMUM, common * sum(criterion.weight for criterion in criteria))


def _adjusted(event: Event, raw: Mapping[int, list[int]]) -> tuple[dict[int, list[int]], Fraction]:
    """Return one mark for each application that has any: its adjusted mean in whole hundredths of a point."""
    adjusted = calibrating.adjusted_hundredths(calibrating.calibrated(event))
    return {pk: [adjusted[pk]] for pk in raw}, Fraction(1, calibrating.HUNDREDTHS)


def _wished(wish: Target) -> _Group:
    """Return those whom a wished share counts."""
    return _Group(wish.question.key, wish.values, wish.question_id, _keys(wish))


def _target(wish: Target) -> selection.Target:
    return selection.Target(
        attribute=wish.question.key, value=wish.values, share=Fraction(wish.percent, 100), weight=wish.weight
    )


def _pins(considered: Iterable[_Row], event: Event) -> dict[str, str]:
    """Return where organisers placed people, by public id; nobody who is no candidate."""
    known = {row.public_id for row in considered}
    rows = Pin.objects.filter(application__event=event, lifted_at=None)
    return {name: side for name, side in rows.values_list("application__public_id", "side") if name in known}


def _people(
    considered: Iterable[_Row],
    marks: Mapping[int, list[int]],
    questions: Collection[Question],
    event: Event,
) -> list[_Person]:
    answers = _answers(event, [question for question in questions if question.fills not in COLUMNS])
    keys_of = cache(value_keys)  # a few values, one set of keys for all who gave one
    people = []
    for row in considered:
        keys = {
            question.pk: keys_of(getattr(row, question.fills) or None)
            if question.fills in COLUMNS
            else answers.get((row.pk, question.pk), frozenset())
            for question in questions
        }
        people.append(_Person(row, tuple(marks.get(row.pk, ())), keys))
    return people


def _answers(event: Event, questions: Collection[Question]) -> dict[tuple[int, int], frozenset[str]]:
    """Return the keys of the answers by application and question; what was written freely without case and spaces."""
    written = {question.pk for question in questions if question.kind in WRITTEN}
    rows = Answer.objects.filter(application__event=event, question__in=questions).order_by()
    keys_of = cache(value_keys)
    found = {}
    for application, question, value in rows.values_list("application", "question", "value"):
        keys = keys_of(value) if isinstance(value, str) else value_keys(value)
        found[application, question] = _folded(keys) if question in written else keys
    return found


def _caps_organisations(quota: Quota) -> bool:
    """Return whether a quota is the most that one organisation may send: it goes by more than equal spelling."""
    return quota.question.fills == Fills.ORGANISATION and not quota.values


def _bounds(quotas: Iterable[Quota], people: Collection[_Person]) -> list[_Bound]:
    """Return the quotas as the solver knows them; of two on the same value each side's narrower one counts.

    Several values of one quota are one value to the solver. A maximum for each value stands only for the values
    that could exceed it.
    """
    bounds: dict[tuple[str, str], _Bound] = {}
    for quota in quotas:
        for value, keys in _values(quota, people):
            new = selection.Quota(
                attribute=quota.question.key,
                value=value,
                min=quota.minimum if quota.values else 0,
                max=quota.maximum,
                firm=quota.firm,
            )
            name = (quota.question.key, value)
            known = bounds.get(name)
            group = _Group(*name, quota.question_id, keys)
            bounds[name] = _Bound(_narrower(known.quota, new) if known else new, group)
    return list(bounds.values())


def _values(quota: Quota, people: Iterable[_Person]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each value that a quota bounds, with the keys of the answers that count for it."""
    if quota.values:
        yield quota.values, _keys(quota)
    elif quota.maximum is not None:
        numbers = Counter(key for person in people for key in person.keys[quota.question_id])
        for key in sorted(numbers):
            if numbers[key] > quota.maximum:
                yield key, frozenset({key})


def _keys(row: Quota | Target) -> frozenset[str]:
    """Return the keys of the answers that count for a quota or a wished share with values."""
    keys = frozenset(row.values.split())
    return _folded(keys) if row.question.kind in WRITTEN else keys


def _folded(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(" ".join(key.split()).casefold() for key in keys)


def _narrower(one: selection.Quota, other: selection.Quota) -> selection.Quota:
    maxima = [quota.max for quota in (one, other) if quota.max is not None]
    return selection.Quota(
        attribute=one.attribute,
        value=one.value,
        min=max(one.min, other.min),
        max=min(maxima, default=None),
        firm=one.firm or other.firm,
    )


def _candidates(people: Collection[_Person], groups: Collection[_Group]) -> list[selection.Candidate]:
    """Return the candidates, each with those values alone that a bound or a wished share names."""
    keys = {name: organisation_key(name) for name in {person.row.organisation for person in people}}
    first_of: dict[str, str] = {}
    values: dict[tuple[frozenset[str], ...], dict[str, frozenset[str]]] = {}
    candidates = []
    for person in people:
        row, answers, key = person.row, tuple(person.keys.values()), keys[person.row.organisation]
        if answers not in values:
            values[answers] = _named_values(person, groups)
        candidates.append(
            selection.Candidate(
                id=row.public_id,
                marks=person.marks,
                values=values[answers],
                org=first_of.setdefault(key, row.public_id) if key else None,
                submitted_at=row.submitted_at,
            )
        )
    return candidates


def _named_values(person: _Person, groups: Iterable[_Group]) -> dict[str, frozenset[str]]:
    held: defaultdict[str, set[str]] = defaultdict(set)
    for group in groups:
        held[group.attribute] |= {group.value} if group.keys & person.keys[group.question] else set()
    return {attribute: frozenset(named) for attribute, named in held.items()}
