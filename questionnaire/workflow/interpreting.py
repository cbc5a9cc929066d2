"""Which interpretation each session of the agenda needs, and for how many of those who take part.

The question that asks for it is the first one with the options `en_fr` and `fr_en`, as `Interpretation` calls them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count

from events import agenda
from events.models import Event, Interpretation, Session
from questionnaire.models import Answer, Question
from questionnaire.states import DECIDED_IN_SECRET, Outcome, State
from questionnaire.workflow.answers import live_options, value_keys
from questionnaire.workflow.promise import Figures

DIRECTIONS = (Interpretation.EN_FR, Interpretation.FR_EN)
FROM_FLOOR = {"en": (Interpretation.EN_FR,), "fr": (Interpretation.FR_EN,)}
"""What somebody can need by the language that is spoken; where none is named, both are."""


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
    """Return the plan in at most four queries, or None where no question asks for interpretation."""
    question = _question(event)
    if question is None:
        return None
    numbers, answered = _count(question)
    slots = [slot for day in agenda.days(event.sessions.all(), event.zone) for slot in day.slots]
    rows = tuple(Row(slot, tuple(_needs(slot.session, numbers))) for slot in slots if _is_spoken(slot.session))
    return Plan(question.label, rows, max(0, figures.accepted - answered))


def _question(event: Event) -> Question | None:
    """Return the question that asks which interpretation somebody needs."""
    questions = Question.objects.filter(event=event, retired=False).prefetch_related("options")
    for question in questions.filter(options__key=DIRECTIONS[0]).order_by("section__order", "order", "key").distinct():
        if {option.key for option in live_options(question)} >= set(DIRECTIONS):
            return question
    return None


def _count(question: Question) -> tuple[Counter[tuple[str, Group]], int]:
    """Return how many need what, by direction and group, and how many of those with a place have answered."""
    rows = Answer.objects.filter(question=question).order_by()
    found = rows.values_list("value", "application__state", "application__outcome").annotate(number=Count("pk"))
    numbers, answered = Counter[tuple[str, Group]](), 0
    for value, state, outcome, number in found:
        group = group_of(state, outcome)
        if group is None:
            continue
        answered += number if group is not Group.WAITING else 0
        numbers.update({(key, group): number for key in value_keys(value)})
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


def _needs(session: Session, numbers: Counter[tuple[str, Group]]) -> Iterator[Need]:
    for direction in FROM_FLOOR.get(session.floor_language, DIRECTIONS):
        yield Need(direction, *(numbers[direction, group] for group in Group))


def _is_spoken(session: Session) -> bool:
    return session.kind != Session.Kind.BREAK
