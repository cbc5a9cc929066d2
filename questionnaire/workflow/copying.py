"""The questionnaire of one event taken over by another, with what goes along: criteria, letters, balance."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model

from events.models import Event
from questionnaire.models import (
    Application,
    Condition,
    Criterion,
    CriterionStep,
    LetterTemplate,
    MatrixRow,
    Option,
    Question,
    Quota,
    Section,
    Target,
)
from questionnaire.workflow import answers, building, conditions, outline
from questionnaire.workflow.outline import Outline

Row = TypeVar("Row", bound=Model)


class HasApplications(Exception):
    """Somebody has begun to answer the questionnaire that would be replaced."""


class NothingToCopy(Exception):
    """The other event has no questions."""


@dataclass(frozen=True)
class Along:
    """What is copied beside the questionnaire; what the event already has under the same name stays."""

    criteria: bool = False
    letters: bool = False
    quotas: bool = False


@dataclass(frozen=True)
class Copied:
    """How many rows were copied, and the conditions left behind, since they look at what was not copied."""

    sections: int
    questions: int
    criteria: int
    letters: int
    quotas: int
    left_behind: tuple[str, ...]


def can_take(event: Event) -> bool:
    """Return whether an event can take over a questionnaire: nobody has begun to answer its own."""
    return not Application.objects.filter(event=event).exists()


def copy_questionnaire(source: Event, target: Event, along: Along) -> Copied:
    """Replace an event's questionnaire by a copy of another's, in both languages, without what is retired there.

    Raises `HasApplications`, `NothingToCopy`, or `building.WouldBreak` where the event is published and the copy is
    not fit to be; then nothing is changed.
    """
    with building.edit(target):
        if not can_take(target):
            raise HasApplications
        whole = outline.read(source)
        if not any(part.live for part in whole.parts):
            raise NothingToCopy
        quotas = list(Quota.objects.filter(event=source)) if along.quotas else []
        targets = list(Target.objects.filter(event=source)) if along.quotas else []
        Section.objects.filter(event=target).delete()
        questions = _copy_questions(whole, target)
        left_behind = _copy_conditions(whole, questions)
        return Copied(
            sections=len({question.section_id for question in questions.values()}),
            questions=len(questions),
            criteria=_copy_criteria(source, target) if along.criteria else 0,
            letters=len(_copy_missing(LetterTemplate, "kind", source, target)) if along.letters else 0,
            quotas=_copy_balance(Quota, quotas, questions, target) + _copy_balance(Target, targets, questions, target),
            left_behind=left_behind,
        )


def _copy_questions(whole: Outline, target: Event) -> dict[int, Question]:
    """Copy sections and questions with options and rows; return the new questions by the ids of the old ones."""
    parts = [part for part in whole.parts if part.live]
    sections = _copies((part.section for part in parts), event=target)
    Section.objects.bulk_create(sections.values())
    questions: dict[int, Question] = {}
    for part in parts:
        questions |= _copies(part.live, event=target, section=sections[part.section.pk])
    Question.objects.bulk_create(questions.values())
    options: list[Option] = []
    rows: list[MatrixRow] = []
    for question in (question for part in parts for question in part.live):
        options += _copies(answers.live_options(question), question=questions[question.pk]).values()
        rows += _copies(question.rows.all(), question=questions[question.pk]).values()
    Option.objects.bulk_create(options)
    MatrixRow.objects.bulk_create(rows)
    return questions


def _copy_conditions(whole: Outline, questions: dict[int, Question]) -> tuple[str, ...]:
    """Copy the conditions of the questions that were copied; return in words those that cannot be."""
    copied: list[Condition] = []
    left_behind: list[str] = []
    for question in (question for question in whole.questions if question.pk in questions):
        for condition in question.conditions.all():
            values = _values_on_offer(condition)
            if condition.depends_on_id not in questions or (condition.values and not values):
                left_behind.append(f"{question.label}: {conditions.in_words(condition)}")
                continue
            changes = {"depends_on": questions[condition.depends_on_id], "values": values}
            copied += _copies([condition], question=questions[question.pk], **changes).values()
    Condition.objects.bulk_create(copied)
    return tuple(left_behind)


def _values_on_offer(condition: Condition) -> str:
    """Return the values of a condition without the options that are retired."""
    retired = {option.key for option in condition.depends_on.options.all() if option.retired}
    return " ".join(value for value in condition.values.split() if value.rpartition(":")[2] not in retired)


def _copy_balance(model: type[Row], rows: Iterable[Row], questions: dict[int, Question], target: Event) -> int:
    """Copy the quotas, or wished shares, on questions that were copied; the event's own went with its questions."""
    copied: list[Row] = []
    for row in rows:
        question = questions.get(row.question_id)  # type: ignore[attr-defined]
        if question is not None:
            copied += _copies([row], event=target, question=question).values()
    return len(model._default_manager.bulk_create(copied))


def _copy_criteria(source: Event, target: Event) -> int:
    """Copy the criteria that the event has not, with the steps of their scales."""
    copied = _copy_missing(Criterion, "key", source, target)
    steps = CriterionStep.objects.filter(criterion__in=copied)
    CriterionStep.objects.bulk_create(
        row for step in steps for row in _copies([step], criterion=copied[step.criterion_id]).values()
    )
    return len(copied)


def _copy_missing(model: type[Row], by: str, source: Event, target: Event) -> dict[int, Row]:
    """Copy what the other event has under a name that this one has not; return copies by the ids of the originals."""
    rows = model._default_manager.all()
    there = rows.filter(event=target).values_list(by, flat=True)
    missing = rows.filter(event=source).exclude(**{f"{by}__in": there})
    copied = _copies(missing, event=target)
    model._default_manager.bulk_create(copied.values())
    return copied


def _copies(rows: Iterable[Row], **changes: Any) -> dict[int, Row]:
    """Return unsaved copies of rows by the ids of the originals, with some columns changed."""
    copies = {}
    for row in rows:
        copies[row.pk] = copy(row)
        copies[row.pk].pk = None
        copies[row.pk]._state.adding = True
        for name, value in changes.items():
            setattr(copies[row.pk], name, value)
    return copies
