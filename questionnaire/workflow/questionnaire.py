"""The questionnaire of an event in memory: its pages, the questions on them, what they are called in a form."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch

from events.kept import KeptByVersion
from events.models import Event
from questionnaire.models import Condition, Question, Section
from questionnaire.workflow import answers
from questionnaire.workflow.answers import CheckedAnswers, Posted


@dataclass(frozen=True)
class Page:
    """A section of the questionnaire as it is asked: the section and its questions in use, in order."""

    section: Section
    questions: tuple[Question, ...]

    @cached_property
    def keys(self) -> frozenset[str]:
        """Return the keys of the questions."""
        return frozenset(question.key for question in self.questions)

    def asks(self, asked: Collection[str]) -> bool:
        """Return whether the page asks something, given the keys of the questions that are asked."""
        return not self.keys.isdisjoint(asked)

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
        return {
            name: list(posted.get(name, ()))
            for name in self.typed_names
            if name in posted or answers.is_on_its_page(self.question_of[name], name)
        }

    def joined_by(self, questions: Iterable[Question]) -> "Page":
        """Return the page with further questions at its end."""
        return Page(self.section, (*self.questions, *questions))

    def is_untouched(self, typed: Posted) -> bool:
        """Return whether nothing has been typed on the page."""
        return not any(any(typed.get(name, ())) for name in self.question_of)


@dataclass(frozen=True)
class Content:
    """What stands in a questionnaire: its pages, and the questions that are no longer asked."""

    pages: tuple[Page, ...]
    retired: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Questionnaire:
    """The whole questionnaire of an event."""

    event: Event
    content: Content

    @property
    def pages(self) -> tuple[Page, ...]:
        """Return the pages, in the order in which they are filled in."""
        return self.content.pages

    @property
    def retired(self) -> tuple[Question, ...]:
        """Return the questions that are no longer asked; somebody may still have their page open."""
        return self.content.retired

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

    def page_after(self, number: int, asked: Collection[str]) -> int | None:
        """Return the number of the next page that asks something, given the keys of the questions that are asked."""
        later = enumerate(self.pages[number:], number + 1)
        return next((n for n, page in later if page.asks(asked)), None)

    def number_of(self, section_key: str) -> int | None:
        """Return the number of the page that asks the questions of a section."""
        return next((n for n, page in enumerate(self.pages, 1) if page.section.key == section_key), None)

    def owners(self, names: Iterable[str]) -> dict[str, Question]:
        """Return the questions that inputs belong to, retired ones included; no question has the names left out."""
        everything = (*self.retired, *self.questions)
        question_of = {name: question for question in everything for name in answers.input_names(question)}
        return {name: question_of[name] for name in names if name in question_of}


def load(event: Event) -> Questionnaire:
    """Return the questionnaire of an event, without empty sections; what is retired stands apart.

    Read in five queries whatever its length, then kept by this process as long as `event.version` stays.
    """
    return Questionnaire(event, kept(event))


def _read(event: Event) -> Content:
    conditions = Condition.objects.select_related("depends_on")
    questions = Question.objects.order_by("order", "key").prefetch_related(
        "options", "rows", Prefetch("conditions", conditions)
    )
    sections = event.sections.order_by("order", "key").prefetch_related(Prefetch("questions", questions))
    pages, retired = [], []
    for section in sections:
        in_use = tuple(question for question in section.questions.all() if not question.retired)
        retired += [question for question in section.questions.all() if question.retired]
        if in_use:
            pages.append(Page(section, in_use))
    return Content(tuple(pages), tuple(retired))


kept = KeptByVersion(_read)
