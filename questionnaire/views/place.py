"""One page of the questionnaire as one request meets it: it may have been opened before the questionnaire changed."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest
from django.utils import timezone

from questionnaire.models import Application, Question
from questionnaire.views import access
from questionnaire.workflow import display, drafts, merging
from questionnaire.workflow import questionnaire as questionnaires
from questionnaire.workflow.answers import PAGES_OWN, CheckedAnswers, Posted
from questionnaire.workflow.questionnaire import Page, Questionnaire

REMOVE = "remove-"
KEEP = "keep-"
PAGE = "page"


@dataclass(frozen=True)
class Moved:
    """A question that has left the page since it was opened, for another one."""

    question: Question
    number: int
    section: str


@dataclass(frozen=True)
class Gone:
    """Something that is no longer asked, with what was typed there. Without a label, nobody knows it any more."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """One page of the questionnaire as one request meets it."""

    request: HttpRequest
    questionnaire: Questionnaire
    number: int
    application: Application | None
    now: dt.datetime

    @property
    def page(self) -> Page:
        """Return the page as it is now."""
        return self.questionnaire.pages[self.number - 1]

    @property
    def mark(self) -> str:
        """Return by what a page knows again when it was opened, and which section it showed."""
        return f"{self.questionnaire.event.version}:{self.page.section.key}"

    @property
    def opened(self) -> str:
        """Return the mark of the page that was posted: that of the present one, unless it says otherwise."""
        return self.request.POST.get(PAGE) or self.mark

    @cached_property
    def page_as_opened(self) -> Page:
        """Return the page with the questions that have left it since the browser opened it, wherever they went."""
        return self.page.joined_by(self.strays) if self.strays else self.page

    @cached_property
    def strays(self) -> tuple[Question, ...]:
        """Return the questions that have left the page since the browser opened it."""
        if self.opened == self.mark:
            return ()
        shown = merging.read_shown(self.request.POST.get("shown")) or {}
        names = [*shown, *self.request.FILES, *(name.removeprefix(REMOVE) for name in self.request.POST)]
        owners = self.questionnaire.owners(names).values()
        return tuple(dict.fromkeys(question for question in owners if question.key not in self.page.keys))

    @property
    def moved(self) -> list[Moved]:
        """Return the questions that now stand on other pages."""
        pages = self.questionnaire.pages
        numbers = {question: self.questionnaire.page_of(question.key) for question in self.strays}
        return [Moved(question, n, pages[n - 1].section.title) for question, n in numbers.items() if n]

    @property
    def gone(self) -> list[Gone]:
        """Return what was typed that is no longer asked anywhere."""
        typed = {**self.typed, **self.posted}
        retired = [question for question in self.strays if question.retired]
        said = [Gone(question.label, display.typed_row(question, typed).lines) for question in retired]
        return [gone for gone in said if gone.lines] + [Gone("", tuple(typed[name])) for name in self.unknown]

    @property
    def unknown(self) -> list[str]:
        """Return the inputs in which something was typed and that belong to no question any more."""
        if self.opened == self.mark:
            return []
        owners = self.questionnaire.owners(self.posted)
        return [
            name
            for name, values in self.posted.items()
            if any(values) and name not in owners.keys() | PAGES_OWN and not name.startswith((REMOVE, KEEP))
        ]

    @property
    def typed(self) -> Posted:
        """Return what was typed on all pages so far."""
        return self.application.draft.values if self.application else {}

    @cached_property
    def checked(self) -> CheckedAnswers:
        """Return what to make of what was typed so far."""
        return self.questionnaire.check(self.typed)

    @cached_property
    def posted(self) -> dict[str, list[str]]:
        """Return every text that was posted."""
        return {name: list(map(str, values)) for name, values in self.request.POST.lists()}

    def given(self) -> drafts.Input:
        """Return what the browser sent from this page."""
        post = self.request.POST
        page = self.page_as_opened
        choices = {name: merging.read_choice(post.get(f"{KEEP}{name}", "")) for name in page.typed_names}
        return drafts.Input(
            typed=self.posted,
            files={
                name: file for name in self.request.FILES if isinstance(file := self.request.FILES[name], UploadedFile)
            },
            removed_files=frozenset(q.key for q in page.files if f"{REMOVE}{q.key}" in post),
            shown=merging.read_shown(post.get("shown")),
            choices={name: choice for name, choice in choices.items() if choice is not None},
        )


def find(request: HttpRequest, slug: str, number: int) -> Place:
    """Return the page that was asked for, or the one that asks the questions of the page that was posted.

    Raises `Http404`.
    """
    event, application = access.current_for(request, slug)
    questionnaire = questionnaires.load(event)
    last = len(questionnaire.pages)
    opened = request.POST.get(PAGE, "")
    if opened:
        number = questionnaire.number_of(opened.partition(":")[2]) or min(number, last)
    if not 1 <= number <= last:
        raise Http404
    return Place(request, questionnaire, number, application, timezone.now())
