"""A page of the questionnaire on which nothing has to be said: quick, since most of it was rendered before.

Each question is rendered once for each version of the event, language and choice. In place of what somebody typed
stands a mark, so that nothing personal is kept; it goes in, escaped, when the page is put together.
"""

import re
from collections.abc import Collection
from functools import cached_property

from crispy_forms.utils import render_field
from django.template import Context
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from questionnaire.forms.page import PageForm
from questionnaire.models import Question
from questionnaire.workflow import answers
from questionnaire.workflow.answers import CHOICE_KINDS, Posted
from questionnaire.workflow.questionnaire import Page

Kind = Question.Kind
CHOSEN = CHOICE_KINDS | {Kind.YES_NO, Kind.COUNTRY, Kind.ACKNOWLEDGEMENT}
MAX_RENDERED = 512
RENDERED: dict[tuple[object, ...], str] = {}
"""Questions as this process rendered them, by everything that they depend on."""

# Characters that no keyboard has; a text that holds them all the same is put in last and not looked at again.
_MARK = re.compile("\ue000([a-z0-9_-]+)\ue001")


class PlainPage:
    """A page filled with what was typed, without remarks; it stands in a template where a `PageForm` does."""

    errors: dict[str, list[str]] = {}

    def __init__(self, page: Page, typed: Posted, *, asked: Collection[str], version: int) -> None:
        self.page = page
        self.typed = typed
        self.asked = asked
        self.version = version

    @property
    def is_multipart(self) -> bool:
        """Return whether files go with it."""
        return bool(self.page.files)

    @property
    def html(self) -> SafeString:
        """Return the questions, rendered."""
        form = "".join(self._block(number, question) for number, question in enumerate(self.page.questions))
        return mark_safe(_MARK.sub(self._typed_text, form))

    def _typed_text(self, mark: re.Match[str]) -> str:
        return escape(self.typed[mark[1]][-1])

    def _block(self, number: int, question: Question) -> str:
        key = (question.pk, self.version, get_language(), question.key in self.asked, *self._content(question))
        html = RENDERED.get(key)
        if html is None:
            html = str(render_field(self._marked_form.helper.layout.fields[number], self._marked_form, Context()))
            if question.kind != Kind.FILE:
                _keep(key, html)
        return html

    def _content(self, question: Question) -> list[object]:
        """Return what of the typed makes a difference to the inputs: choices, and whether there is a text."""
        return [
            tuple(self.typed.get(name, ())) if _is_choice(question, name) else _is_text(self.typed, name)
            for name in answers.input_names(question)
        ]

    @cached_property
    def _marked_form(self) -> PageForm:
        """Return the form with marks in place of texts."""
        marked = {
            name: list(self.typed.get(name, ()))
            if _is_choice(question, name) or question.kind == Kind.FILE or not _is_text(self.typed, name)
            else [f"\ue000{name}\ue001"]
            for name, question in self.page.question_of.items()
        }
        return PageForm(self.page, marked, asked=self.asked)


def _is_choice(question: Question, name: str) -> bool:
    return question.kind in CHOSEN and name != answers.text_name(question.key)


def _is_text(typed: Posted, name: str) -> bool:
    """Return whether a text shows in its input: a browser shows the last one."""
    return bool((typed.get(name) or [""])[-1])


def _keep(key: tuple[object, ...], html: str) -> None:
    if len(RENDERED) >= MAX_RENDERED:
        RENDERED.clear()
    RENDERED[key] = html
