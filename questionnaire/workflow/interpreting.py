"""Which interpretation each session of the agenda needs, and for how many of those who take part.

The question that asks for it is the first one with the options `en_fr` and `fr_en`, as `Interpretation` calls them. Who
attends some days alone says so in the first one with the options `first`, `second` …, as many as the event has days.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, OuterRef, Subquery

from events import agenda
from events.models import Event, Interpretation, Session
from questionnaire.models import Answer, Question
from questionnaire.states import DECIDED_IN_SECRET, Outcome, State
from questionnaire.workflow.answers import live_options, value_keys
from questionnaire.workflow.promise import Figures

DIRECTIONS = (Interpretation.EN_FR, Interpretation.FR_EN)
FROM_FLOOR = {"en": (Interpretation.EN_FR,), "fr": (Interpretation.FR_EN,)}
"""What somebody can need by the language that is spoken; where none is named, both are."""

DAYS = ("first", "second", "third", "fourth", "fifth")


class Group(StrEnum):
    """Where somebody stands who takes part, or may yet."""

    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    WAITING = "waiting"


class Verdict(StrEnum):
    """Whether what a session offers is what people need."""

    COVERED = "covered"
    MISSING = "missing"
    UNUSED = "unused"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True)
class Need:
    """How many people need one direction."""

    direction: Interpretation
    confirmed: int
    accepted: int
    waiting: int

    @property
    def taking_part(self) -> int:
        """Return how many hold a place, or will once the decisions are released."""
        return self.confirmed + self.accepted


@dataclass(frozen=True)
class Row:
    """A session, what people need to follow it, and what is planned."""

    slot: agenda.Slot
    needs: tuple[Need, ...]

    @property
    def session(self) -> Session:
        """Return the session."""
        return self.slot.session

    @property
    def missing(self) -> tuple[Need, ...]:
        """Return what somebody who takes part needs and nobody has planned."""
        return tuple(need for need in self.needs if need.taking_part and need.direction not in self._planned)

    @property
    def verdict(self) -> Verdict:
        """Return whether what is planned is what people need."""
        if self.missing:
            return Verdict.MISSING
        if any(need.taking_part for need in self.needs):
            return Verdict.COVERED
        return Verdict.UNUSED if self._planned else Verdict.NOT_NEEDED

    @property
    def _planned(self) -> frozenset[str]:
        planned = Interpretation(self.session.interpretation)
        return frozenset(DIRECTIONS) if planned == Interpretation.BOTH else frozenset({planned}) & set(DIRECTIONS)


@dataclass(frozen=True)
class Plan:
    """The sessions in their order; `silent` hold a place and have not said what they need."""

    question: str
    rows: tuple[Row, ...]
    silent: int

    @property
    def highest(self) -> int:
        """Return the greatest number of people that one direction has, those who wait included."""
        return max((need.taking_part + need.waiting for row in self.rows for need in row.needs), default=0)


def plan(event: Event, figures: Figures) -> Plan | None:
    """Return the plan in at most six queries, or None where no question asks for interpretation."""
    question = _question(event, DIRECTIONS)
    if question is None:
        return None
    dates = agenda.dates(event)
    of_days = _question(event, DAYS[: len(dates)]) if len(dates) in range(2, len(DAYS) + 1) else None
    numbers, answered = _count(question, of_days, dates)
    slots = [slot for day in agenda.days(event.sessions.all(), event.zone) for slot in day.slots]
    rows = tuple(Row(slot, tuple(_needs(slot, numbers))) for slot in slots if _is_spoken(slot.session))
    return Plan(question.label, rows, max(0, figures.accepted - answered))


def _question(event: Event, keys: Sequence[str]) -> Question | None:
    """Return the first question that has options with all these keys."""
    questions = Question.objects.filter(event=event, retired=False).prefetch_related("options")
    for question in questions.filter(options__key=keys[0]).order_by("section__order", "order", "key").distinct():
        if {option.key for option in live_options(question)} >= set(keys):
            return question
    return None


def _count(
    question: Question, of_days: Question | None, dates: Sequence[dt.date]
) -> tuple[Counter[tuple[str, Group, dt.date]], int]:
    """Return how many need what, by direction, group and day, and how many of those with a place have answered.

    Who is not asked for days, since they attend all, has no answer to `of_days`.
    """
    attended = Answer.objects.filter(question=of_days, application=OuterRef("application")).values("value")
    rows = Answer.objects.filter(question=question).order_by().annotate(days=Subquery(attended))
    found = rows.values_list("value", "days", "application__state", "application__outcome").annotate(number=Count("pk"))
    numbers, answered = Counter[tuple[str, Group, dt.date]](), 0
    for value, days, state, outcome, number in found:
        group = group_of(state, outcome)
        if group is None:
            continue
        answered += number if group is not Group.WAITING else 0
        there = [date for key, date in zip(DAYS, dates, strict=False) if key in value_keys(days)] or dates
        numbers.update({(key, group, date): number for key in value_keys(value) for date in there})
    return numbers, answered


def group_of(state: str, outcome: str) -> Group | None:
    """Return where an application stands that takes part or may yet; None for all others."""
    if state in DECIDED_IN_SECRET:
        return {Outcome.ACCEPT: Group.ACCEPTED, Outcome.WAITING_LIST: Group.WAITING}.get(Outcome(outcome))
    return {
        State.CONFIRMED: Group.CONFIRMED,
        State.ACCEPTED: Group.ACCEPTED,
        State.WAITING_LIST: Group.WAITING,
    }.get(State(state))


def _needs(slot: agenda.Slot, numbers: Counter[tuple[str, Group, dt.date]]) -> Iterator[Need]:
    for direction in FROM_FLOOR.get(slot.session.floor_language, DIRECTIONS):
        yield Need(direction, *(numbers[direction, group, slot.starts.date()] for group in Group))


def _is_spoken(session: Session) -> bool:
    return session.kind != Session.Kind.BREAK
