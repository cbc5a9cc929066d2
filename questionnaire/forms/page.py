"""A page of the questionnaire as a form. It shows; what is right or wrong is decided by `workflow.answers`."""

import json
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.forms.widgets import Input
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from questionnaire.models import Question
from questionnaire.workflow import answers, countries
from questionnaire.workflow.submission import Page

Kind = Question.Kind
Choices = list[tuple[str, str]]

AUTOCOMPLETE = {
    Question.Fills.FIRST_NAME: "given-name",
    Question.Fills.FAMILY_NAME: "family-name",
    Question.Fills.EMAIL: "email",
    Question.Fills.ORGANISATION: "organization",
}


class PageForm(forms.Form):
    """The inputs of one page, filled with what was typed, with the errors that are given.

    `typed` is `{input name: [values]}`; `errors` and `hidden` go by question key. Hidden questions are in
    the page too, so that a script can show them at once; without it, saving does.
    """

    # The server says what is wrong, all at once and in the page's language; no browser bubbles.
    use_required_attribute = False

    def __init__(
        self,
        page: Page,
        typed: Mapping[str, Sequence[str]],
        *,
        errors: Mapping[str, list[ValidationError]] | None = None,
        hidden: Collection[str] = (),
    ) -> None:
        super().__init__(data=MultiValueDict({name: list(values) for name, values in typed.items()}))
        self.page = page
        self.typed = typed
        self.given_errors = errors or {}
        for question in page.questions:
            self.fields.update(fields_of(question))
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.form_show_errors = True
        self.helper.layout = Layout(*(block_of(question, question.key in hidden) for question in page.questions))

    def full_clean(self) -> None:
        """Take the errors over, each at the input that has to be changed."""
        self._errors = ErrorDict(renderer=self.renderer)
        self.cleaned_data = {}
        for question in self.page.questions:
            for error in self.given_errors.get(question.key, ()):
                self.add_error(self._input_with(question, error), error)

    def _input_with(self, question: Question, error: ValidationError) -> str:
        if error.code == "text_required":
            return answers.text_name(question.key)
        if question.kind == Kind.MATRIX:
            names = answers.input_names(question)
            return next((name for name in names if not any(self.typed.get(name, ()))), names[0])
        return str(question.key)


def block_of(question: Question, hidden: bool) -> Div:
    """Return the layout of a question: its inputs in one block that can be hidden as a whole."""
    names = answers.input_names(question)
    inputs = [Fieldset(question.label, *names)] if question.kind == Kind.MATRIX else names
    attributes = {"data_shown_when": json.dumps(conditions_of(question))} if question.conditions.all() else {}
    if hidden:
        attributes["hidden"] = "hidden"
    return Div(*inputs, css_id=f"question-{question.key}", css_class="rv-question", **attributes)


def conditions_of(question: Question) -> dict[str, object]:
    """Return when a question is shown, for the script that does so at once."""
    return {
        "match": question.match,
        "conditions": [
            {"question": condition.depends_on.key, "operator": condition.operator, "values": condition.values.split()}
            for condition in question.conditions.all()
        ],
    }


def fields_of(question: Question) -> dict[str, forms.Field]:
    """Return the form fields of a question by input name."""
    if question.kind == Kind.MATRIX:
        choices = [(option.key, option.label) for option in answers.live_options(question)]
        return {
            answers.row_name(question.key, row.key): _field(
                question, forms.RadioSelect(choices=choices), label=row.label
            )
            for row in question.rows.all()
        }
    fields = {question.key: _field(question, widget_of(question))}
    opened = next((option for option in answers.live_options(question) if option.opens_text), None)
    if opened:
        label = _("“%(option)s”: please say which") % {"option": opened.label}
        widget = forms.TextInput(attrs={"maxlength": answers.OTHER_TEXT_LIMIT, "data-beside": question.key})
        fields[answers.text_name(question.key)] = forms.CharField(label=label, required=False, widget=widget)
    return fields


def _field(question: Question, widget: forms.Widget, *, label: str = "") -> forms.Field:
    return forms.Field(
        label=label or question.label,
        help_text="" if label else question.help,
        required=question.required,
        widget=widget,
    )


def widget_of(question: Question) -> forms.Widget:
    """Return the input that suits a question's kind."""
    attributes = _attributes(question)
    choices = [(option.key, option.label) for option in answers.live_options(question)]
    match question.kind:
        case Kind.LONG_TEXT:
            return forms.Textarea(attrs={**attributes, "rows": 6})
        case Kind.SINGLE_CHOICE if question.display == Question.Display.LIST:
            return forms.Select(choices=[("", _("Choose…")), *choices], attrs=attributes)
        case Kind.SINGLE_CHOICE:
            return forms.RadioSelect(choices=choices)
        case Kind.MULTIPLE_CHOICE:
            return forms.CheckboxSelectMultiple(choices=choices)
        case Kind.YES_NO:
            return forms.RadioSelect(choices=[("yes", _("Yes")), ("no", _("No"))])
        case Kind.COUNTRY:
            return forms.Select(choices=country_choices(get_language() or "en"), attrs=attributes)
        case Kind.ACKNOWLEDGEMENT:
            return forms.CheckboxInput(attrs={"value": "yes"}, check_test=bool)
        case _:
            return _INPUTS.get(Kind(question.kind), forms.TextInput)(attrs=attributes)


class DateInput(forms.DateInput):
    """A date, with the browser's own calendar."""

    input_type = "date"


class PhoneInput(forms.TextInput):
    """A telephone number, with a keyboard of digits on a phone."""

    input_type = "tel"


_INPUTS: dict[Question.Kind, type[Input]] = {
    Kind.EMAIL: forms.EmailInput,
    Kind.PHONE: PhoneInput,
    Kind.NUMBER: forms.NumberInput,
    Kind.DATE: DateInput,
}


def _attributes(question: Question) -> dict[str, str | int]:
    """Return the attributes that help to type: who one is, and how much may be written."""
    attributes: dict[str, str | int] = {}
    if question.fills in AUTOCOMPLETE:
        attributes["autocomplete"] = AUTOCOMPLETE[Question.Fills(question.fills)]
    elif question.kind == Kind.COUNTRY:
        attributes["autocomplete"] = "country"
    if question.kind == Kind.LONG_TEXT:
        # Counted, not cut: a text pasted from elsewhere is kept whole, and the page says by how much to shorten it.
        attributes["data-maxlength"] = question.maximum or answers.LONG_TEXT_LIMIT
        if question.minimum:
            attributes["data-minlength"] = question.minimum
    if question.kind == Kind.NUMBER:
        attributes["inputmode"] = "numeric"
    return attributes


def without_accents(text: str) -> str:
    """Return a text for sorting, in which É stands with E."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


@lru_cache(maxsize=8)
def country_choices(language: str) -> list[tuple[Any, Any]]:
    """Return the countries in a language, in its order: the Union, the rest of Europe, the rest of the world."""
    names = countries.country_names(language)
    europe = countries.EU_COUNTRIES | countries.OTHER_EUROPEAN_COUNTRIES
    others = countries.all_countries() - europe

    def group(codes: Collection[str]) -> Choices:
        return sorted(((code, names[code]) for code in codes), key=lambda choice: without_accents(choice[1]))

    return [
        ("", _("Choose…")),
        (_("European Union"), group(countries.EU_COUNTRIES)),
        (_("Other European countries"), group(countries.OTHER_EUROPEAN_COUNTRIES)),
        (_("Other countries"), group(others)),
    ]
