"""The order of sections and questions: by number, or one step up or down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import F

from events.models import Event
from questionnaire.models import Question, Section
from questionnaire.workflow import building, outline
from questionnaire.workflow.outline import Outline

Order = list[tuple[int, list[int]]]
"""The ids of the sections in order, each with the ids of its questions in order."""


@dataclass(frozen=True)
class Numbers:
    """The numbers that somebody gave, by id: a section's place, and a question's section and place in it, from 1."""

    sections: Mapping[int, int]
    questions: Mapping[int, tuple[int, int]]


def order_of(whole: Outline) -> Order:
    """Return the order as it is."""
    return [(part.section.pk, [question.pk for question in part.questions]) for part in whole.parts]


def by_numbers(numbers: Numbers) -> Callable[[Order], Order]:
    """Return the plan that gives each section and question the place that its number says.

    Whatever moved takes the place of what stood there; what got no number, or an unknown section, stays.
    """

    def plan(order: Order) -> Order:
        sections = [pk for pk, _questions in order]
        places: dict[int, list[tuple[int, int, int, int]]] = {pk: [] for pk in sections}
        for section, questions in order:
            for former, question in enumerate(questions, 1):
                wanted, number = numbers.questions.get(question, (section, former))
                there = wanted if wanted in places else section
                places[there].append((*_sorting(number, former if there == section else None), former, question))
        ranks = {
            pk: (*_sorting(numbers.sections.get(pk, former), former), former) for former, pk in enumerate(sections, 1)
        }
        return [(pk, [place[-1] for place in sorted(places[pk])]) for pk in sorted(sections, key=ranks.__getitem__)]

    return plan


def _sorting(number: int, former: int | None) -> tuple[int, int]:
    """Return by what a row is sorted: one that moves up stands before the row with its number, else after it."""
    if former is None or number < former:
        return number, -1
    return number, int(number > former)


def section_moved(pk: int, step: int) -> Callable[[Order], Order]:
    """Return the plan that moves a section up (-1) or down (1)."""

    def plan(order: Order) -> Order:
        former = next((place for place, (section, _questions) in enumerate(order) if section == pk), None)
        if former is None or not 0 <= former + step < len(order):
            return order
        result = list(order)
        result[former], result[former + step] = result[former + step], result[former]
        return result

    return plan


def question_moved(pk: int, step: int) -> Callable[[Order], Order]:
    """Return the plan that moves a question up (-1) or down (1); beyond an end of its section, to the next one."""

    def plan(order: Order) -> Order:
        here = next((place for place, (_section, questions) in enumerate(order) if pk in questions), None)
        if here is None:
            return order
        result = [(section, list(questions)) for section, questions in order]
        questions = result[here][1]
        target = questions.index(pk) + step
        if 0 <= target < len(questions):
            questions.remove(pk)
            questions.insert(target, pk)
        elif 0 <= here + step < len(result):
            questions.remove(pk)
            neighbour = result[here + step][1]
            neighbour.insert(len(neighbour) if step < 0 else 0, pk)
        return result

    return plan


def arrange(event: Event, plan: Callable[[Order], Order]) -> None:
    """Bring sections and questions into the order that `plan` makes of the present one.

    Raises `building.WouldBreak` when a published questionnaire would then ask something before what it depends on.
    """
    with building.edit(event):
        whole = outline.read(event)
        _write(whole, plan(order_of(whole)))


def _write(whole: Outline, order: Order) -> None:
    """Store the places that changed."""
    sections = {part.section.pk: part.section for part in whole.parts}
    questions = {question.pk: question for question in whole.questions}
    moved_sections, moved_questions = [], []
    for place, (section_id, question_ids) in enumerate(order, 1):
        if sections[section_id].order != place:
            sections[section_id].order = place
            moved_sections.append(sections[section_id])
        for number, question_id in enumerate(question_ids, 1):
            question = questions[question_id]
            if (question.section_id, question.order) != (section_id, number):
                question.section_id, question.order = section_id, number
                moved_questions.append(question)
    Section.objects.bulk_update(moved_sections, ["order"])
    Question.objects.bulk_update(moved_questions, ["section", "order"])


def make_room(section: Section, order: int) -> None:
    """Move the questions of a section on from a place, so that a new one can stand there."""
    following = Question.objects.filter(section=section, order__gte=order)
    if following.filter(order=order).exists():
        following.update(order=F("order") + 1)
