"""A page of the questionnaire on which nothing has to be said, as most are: each question is rendered once.

That is, once for each version of the event, language and choice; of texts a mark holds the place (see `marks`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from questionnaire.forms.marks import fill, mark, once
from questionnaire.forms.page import PageForm
from questionnaire.models import Question
from questionnaire.workflow import answers
from questionnaire.workflow.answers import CHOICE_KINDS, Posted
from questionnaire.workflow.questionnaire import Page

Kind = Question.Kind
CHOSEN = CHOICE_KINDS | {Kind.YES_NO, Kind.COUNTRY, Kind.ACKNOWLEDGEMENT}


def render(page: Page, typed: Posted, *, asked: Collection[str], version: int) -> SafeString:
    """Return the inputs of a page, filled with what was typed; `version` is that of the event."""
    texts = {name: values[-1] for name, values in typed.items() if values}
    # Our own templates made the blocks, and `fill` escapes each text that it puts in.
    return mark_safe(fill(_Blocks(page, typed, asked, version).html, texts))


@dataclass(frozen=True)
class _Blocks:
    """The questions of a page, rendered."""

    page: Page
    typed: Posted
    asked: Collection[str]
    version: int

    @property
    def html(self) -> str:
        """Return them all, with marks in place of texts."""
        return "".join(map(self._block, self.page.questions))

    def _block(self, question: Question) -> str:
        if question.kind == Kind.FILE:  # its name and address are the visitor's
            return self._marked_form.html_of(question)
        key = ("question", question.pk, self.version, get_language(), question.key in self.asked)
        return once((*key, *self._content(question)), lambda: self._marked_form.html_of(question))

    def _content(self, question: Question) -> list[object]:
        """Return what of the typed makes a difference to the inputs: choices, and whether there is a text."""
        return [
            self._has_text(name) if _is_text(question, name) else tuple(self.typed.get(name, ()))
            for name in answers.input_names(question)
        ]

    def _has_text(self, name: str) -> bool:
        """Return whether a text shows in its input: a browser shows the last one."""
        return bool((self.typed.get(name) or [""])[-1])

    @cached_property
    def _marked_form(self) -> PageForm:
        """Return the form with marks in place of texts."""
        marked = {
            name: [mark(name)] if _is_text(question, name) and self._has_text(name) else list(self.typed.get(name, ()))
            for name, question in self.page.question_of.items()
        }
        return PageForm(self.page, marked, asked=self.asked)


def _is_text(question: Question, name: str) -> bool:
    return name == answers.text_name(question.key) or question.kind not in CHOSEN | {Kind.FILE}
