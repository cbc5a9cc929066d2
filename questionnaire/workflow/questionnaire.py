"""The questionnaire of an event in memory: its pages, the questions on them, what they are called in a form."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.db.models import Prefetch

from events.models import Event
from questionnaire.models import Condition, Question, Section
from questionnaire.workflow import answers
from questionnaire.workflow.answers import CheckedAnswers, Posted

MOST_KEPT = 32
_kept: dict[tuple[int, int], "tuple[Page, ...]"] = {}


@dataclass(frozen=True)
class Page:
    """A section of the questionnaire as it is asked: the section and its questions in use, in order."""

    section: Section
    questions: tuple[Question, ...]

    @cached_property
    def keys(self) -> frozenset[str]:
        """Return the keys of the questions."""
        return frozenset(question.key for question in self.questions)

    @cached_property
    def question_of(self) -> Mapping[str, Question]:
        """Return the question that each input on the page belongs to, in the order of the page."""
        return {name: question for question in self.questions for name in answers.input_names(question)}

    @cached_property
    def files(self) -> tuple[Question, ...]:
        """Return the questions for files."""
        return tuple(question for question in self.questions if question.kind == Question.Kind.FILE)

    @cached_property
    def typed_names(self) -> tuple[str, ...]:
        """Return the names of the inputs whose content a browser posts: all but those for files."""
        return tuple(name for name, question in self.question_of.items() if question.kind != Question.Kind.FILE)

    def posted(self, posted: Posted) -> dict[str, list[str]]:
        """Return what was posted for the page, with nothing for the inputs that a browser leaves out when empty."""
        return {name: list(posted.get(name, ())) for name in self.typed_names}

    def is_untouched(self, typed: Posted) -> bool:
        """Return whether nothing has been typed on the page."""
        return not any(any(typed.get(name, ())) for name in self.question_of)


@dataclass(frozen=True)
class Questionnaire:
    """The whole questionnaire of an event."""

    event: Event
    pages: tuple[Page, ...]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Return all questions in use, in the order in which they are asked."""
        return tuple(question for page in self.pages for question in page.questions)

    def check(self, posted: Posted) -> CheckedAnswers:
        """Check all that was typed."""
        return answers.check_all(self.questions, posted)

    def page_of(self, key: str) -> int | None:
        """Return the number of the page on which a question is asked."""
        return next((number for number, page in enumerate(self.pages, 1) if key in page.keys), None)


def load(event: Event) -> Questionnaire:
    """Return the questionnaire of an event, without empty sections and retired questions.

    Read in five queries whatever its length, then kept by this process as long as `event.version` stays: what
    is public of an event never changes without it (see `events.publishing`). Inside a transaction nothing is
    kept, since what it sees may never be committed.
    """
    key = (event.pk, event.version)
    pages = _kept.get(key)
    if pages is None:
        pages = _read(event)
        if not connection.in_atomic_block:
            _keep(key, pages)
    return Questionnaire(event, pages)


def _read(event: Event) -> tuple[Page, ...]:
    in_use = (
        Question.objects.filter(retired=False)
        .order_by("order", "key")
        .prefetch_related("options", "rows", Prefetch("conditions", Condition.objects.select_related("depends_on")))
    )
    sections = event.sections.order_by("order", "key").prefetch_related(Prefetch("questions", in_use))
    pages = (Page(section, tuple(section.questions.all())) for section in sections)
    return tuple(page for page in pages if page.questions)


def _keep(key: tuple[int, int], pages: tuple[Page, ...]) -> None:
    """Keep the pages in place of the event's former ones, or of those kept longest."""
    outdated = [other for other in _kept if other[0] == key[0]]
    for other in outdated or list(_kept)[: len(_kept) - MOST_KEPT + 1]:
        _kept.pop(other, None)
    _kept[key] = pages
