"""The questionnaire as organisers build it: every section and question, those that are retired too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch

from events.models import Bilingual, Event
from questionnaire.models import Condition, Question, Section


@dataclass(frozen=True)
class Part:
    """A section with all of its questions, in order."""

    section: Section
    questions: tuple[Question, ...]

    @property
    def live(self) -> tuple[Question, ...]:
        """Return the questions that are asked."""
        return tuple(question for question in self.questions if not question.retired)


@dataclass(frozen=True)
class Outline:
    """A whole questionnaire in memory. Conditions lead to the same question objects that stand in it."""

    parts: tuple[Part, ...]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Return all questions in order."""
        return tuple(question for part in self.parts for question in part.questions)

    @cached_property
    def positions(self) -> dict[int, int]:
        """Return where in the order each question stands, by its id."""
        return {question.pk: position for position, question in enumerate(self.questions)}

    def rows(self) -> Iterator[Bilingual]:
        """Yield everything that has texts in two languages, in the order of the page."""
        for part in self.parts:
            yield part.section
            for question in part.questions:
                yield from texts_of(question)


def texts_of(question: Question) -> list[Bilingual]:
    """Return a question and all that hangs on it and has texts."""
    return [question, *question.options.all(), *question.rows.all()]


def read(event: Event) -> Outline:
    """Read the questionnaire of an event, in five queries whatever its length."""
    conditions: Prefetch[Any] = Prefetch("conditions", Condition.objects.order_by("pk"))
    questions = Question.objects.order_by("order", "key").prefetch_related("options", "rows", conditions)
    sections = Section.objects.filter(event=event.pk).order_by("order", "key")
    parts = tuple(
        Part(section, tuple(section.questions.all()))
        for section in sections.prefetch_related(Prefetch("questions", questions))
    )
    outline = Outline(parts)
    known = {question.pk: question for question in outline.questions}
    for question in outline.questions:
        for condition in question.conditions.all():
            if condition.depends_on_id in known:
                condition.depends_on = known[condition.depends_on_id]
    return outline
