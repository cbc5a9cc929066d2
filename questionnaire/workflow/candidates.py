"""The selection's problem as the database has it: who can be selected, by which marks, within which bounds."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from django.db.models import BigIntegerField, Case, Count, F, Sum, Value, When
from django.db.models.functions import Cast

from events.models import Event
from questionnaire.models import Answer, Criterion, Pin, Question, Quota, Score
from questionnaire.states import HOLDS_A_PLACE, State
from questionnaire.workflow import places as capacity
from questionnaire.workflow import selection
from questionnaire.workflow.answers import value_keys
from questionnaire.workflow.organisations import organisation_key
from questionnaire.workflow.review import MEAN_MAXIMUM

Fills = Question.Fills
COLUMNS = (Fills.COUNTRY, Fills.ORGANISATION, Fills.TARGET_GROUP, Fills.LANGUAGE)
WRITTEN = (Question.Kind.SHORT_TEXT, Question.Kind.LONG_TEXT, Question.Kind.EMAIL, Question.Kind.PHONE)


@dataclass(frozen=True)
class Pool:
    """The problem of an event; a mark is worth `points` of the scale from 0 to 10.

    `left_out` counts the applications without a finished review, where these are not asked for.
    """

    problem: selection.Problem
    points: Fraction
    left_out: int


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
        """Return those on the waiting list."""
        return [candidate for candidate in self.problem.candidates if candidate.id not in self.panel]


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
class _Bound:
    """A quota of the solver, and which answers to which question count for it."""

    quota: selection.Quota
    question: int
    keys: frozenset[str]


def pool(event: Event, *, everyone: bool = False, places: int | None = None) -> Pool:
    """Return the problem of an event, in six queries whatever its size.

    Candidates are those who wait for their decision and have a finished review, with `everyone` those without one
    too (the solver then names who misses a mark). Without `places` all places of the event are to be filled, or as
    many as there are candidates for.
    """
    quotas = list(Quota.objects.filter(event=event).select_related("question").order_by("pk"))
    marks, points = _marks(event)
    applications = event.applications.to_be_decided().order_by("submitted_at", "pk")
    received = [_Row(*columns) for columns in applications.values_list(*_Row._fields).iterator()]
    considered = [row for row in received if everyone or row.pk in marks]
    pins = _pins(considered, event)
    selectable = len(considered) - sum(side == Pin.Side.OUT for side in pins.values())
    problem = replace(
        _bounded(_people(considered, marks, {quota.question for quota in quotas}, event), quotas),
        capacity=min(event.places, selectable) if places is None else places,
        pinned_in=frozenset(name for name, side in pins.items() if side == Pin.Side.IN),
        pinned_out=frozenset(name for name, side in pins.items() if side == Pin.Side.OUT),
    )
    return Pool(problem, points, len(received) - len(considered))


def seats(event: Event) -> Seats:
    """Return who holds a place and who waits for one, with today's quotas, in seven queries whatever the number."""
    quotas = list(Quota.objects.filter(event=event).select_related("question").order_by("pk"))
    marks, points = _marks(event)
    applications = event.applications.filter(state__in=[*HOLDS_A_PLACE, State.WAITING_LIST])
    rows = list(applications.order_by("submitted_at", "pk").values_list("state", *_Row._fields))
    concerned = [_Row(*columns) for _state, *columns in rows]
    scored = {row.pk: marks.get(row.pk, [0]) for row in concerned}
    problem = _bounded(_people(concerned, scored, {quota.question for quota in quotas}, event), quotas)
    panel = frozenset(row.public_id for (state, *_), row in zip(rows, concerned, strict=True) if state in HOLDS_A_PLACE)
    waiting = [row for row in concerned if row.public_id not in panel]
    return Seats(
        replace(problem, capacity=capacity.on_offer(event)),
        points,
        panel,
        frozenset(row.public_id for row in waiting if row.pk not in marks),
    )


def by_score(people: Collection[selection.Candidate]) -> list[selection.Candidate]:
    """Return candidates by their mean mark, equal ones by the time of submission; those without a mark come last."""
    common = lcm(*(len(candidate.marks) for candidate in people if candidate.marks))

    def place(candidate: selection.Candidate) -> tuple[int, dt.datetime, str]:
        score = sum(candidate.marks) * common // len(candidate.marks) if candidate.marks else -1
        return (-score, candidate.submitted_at, candidate.id)

    return sorted(people, key=place)


def _bounded(people: Collection[_Person], quotas: Collection[Quota]) -> selection.Problem:
    """Return the problem of some people within some quotas, without a place yet."""
    bounds = _bounds([quota for quota in quotas if not _caps_organisations(quota)], people)
    return selection.Problem(
        candidates=_candidates(people, bounds),
        capacity=0,
        quotas=[bound.quota for bound in bounds],
        per_org=next((quota.maximum for quota in quotas if _caps_organisations(quota)), None),
    )


def _marks(event: Event) -> tuple[dict[int, list[int]], Fraction]:
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
    people = []
    for row in considered:
        keys = {
            question.pk: value_keys(getattr(row, question.fills) or None)
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
    found = {}
    for application, question, value in rows.values_list("application", "question", "value"):
        keys = value_keys(value)
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
            bounds[name] = _Bound(_narrower(known.quota, new) if known else new, quota.question_id, keys)
    return list(bounds.values())


def _values(quota: Quota, people: Iterable[_Person]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each value that a quota bounds, with the keys of the answers that count for it."""
    if quota.values:
        keys = frozenset(quota.values.split())
        yield quota.values, _folded(keys) if quota.question.kind in WRITTEN else keys
    elif quota.maximum is not None:
        numbers = Counter(key for person in people for key in person.keys[quota.question_id])
        for key in sorted(numbers):
            if numbers[key] > quota.maximum:
                yield key, frozenset({key})


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


def _candidates(people: Collection[_Person], bounds: Collection[_Bound]) -> list[selection.Candidate]:
    """Return the candidates, each with those values alone that a bound names."""
    keys = {name: organisation_key(name) for name in {person.row.organisation for person in people}}
    first_of: dict[str, str] = {}
    values: dict[tuple[frozenset[str], ...], dict[str, frozenset[str]]] = {}
    candidates = []
    for person in people:
        row, answers, key = person.row, tuple(person.keys.values()), keys[person.row.organisation]
        if answers not in values:
            values[answers] = _named_values(person, bounds)
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


def _named_values(person: _Person, bounds: Iterable[_Bound]) -> dict[str, frozenset[str]]:
    held: defaultdict[str, set[str]] = defaultdict(set)
    for bound in bounds:
        held[bound.quota.attribute] |= {bound.quota.value} if bound.keys & person.keys[bound.question] else set()
    return {attribute: frozenset(named) for attribute, named in held.items()}
