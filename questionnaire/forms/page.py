"""A page of the questionnaire as a form. It shows; what is right or wrong is decided by `workflow.answers`."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from crispy_forms.utils import flatatt, render_crispy_form
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.forms.widgets import Input
from django.template import Context
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from events.countries import country_choices
from questionnaire.models import Question
from questionnaire.workflow import answers, display, file_types, merging
from questionnaire.workflow.answers import CheckedAnswers, Posted
from questionnaire.workflow.merging import Conflict
from questionnaire.workflow.questionnaire import Page

Kind = Question.Kind

AUTOCOMPLETE = {
    Question.Fills.FIRST_NAME: "given-name",
    Question.Fills.FAMILY_NAME: "family-name",
    Question.Fills.EMAIL: "email",
    Question.Fills.ORGANISATION: "organization",
}


@dataclass(frozen=True)
class Remarks:
    """What a page says beside its inputs: errors, conflicts and warnings; each comes after something was saved.

    `errors` and `warnings` go by question key, `conflicts` by input name.
    """

    errors: Mapping[str, list[ValidationError]] = field(default_factory=dict)
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    warnings: Mapping[str, list[str]] = field(default_factory=dict)


class PageForm(forms.Form):
    """The inputs of one page, filled with what was typed, with the remarks that are given.

    `typed` is `{input name: [values]}`, of this page and the others; `asked` holds the keys of the questions
    that are shown. The others of the page are in it too, hidden, so that a script can show them at once;
    without it, saving does.
    """

    # The server says what is wrong, all at once and in the page's language; no browser bubbles.
    use_required_attribute = False

    def __init__(self, page: Page, typed: Posted, *, asked: Collection[str], remarks: Remarks | None = None) -> None:
        super().__init__(data=MultiValueDict({name: list(typed.get(name, ())) for name in page.question_of}))
        self.page = page
        self.typed = typed
        self.remarks = remarks or Remarks()
        for question in page.questions:
            self.fields.update(fields_of(question))
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.form_show_errors = True
        self.helper.errors_stand_above = True  # the page shows them before anything else
        self.helper.layout = Layout(*(self._block(question, question.key in asked) for question in page.questions))

    @property
    def html(self) -> SafeString:
        """Return the form, rendered."""
        return SafeString(render_crispy_form(self))

    def html_of(self, question: Question) -> SafeString:
        """Return one question of the form, rendered."""
        whole = self.helper.layout
        self.helper.layout = Layout(whole.fields[self.page.questions.index(question)])
        html = SafeString(render_crispy_form(self))
        self.helper.layout = whole
        return html

    def full_clean(self) -> None:
        """Take the errors over, each at the input that has to be changed."""
        self._errors = ErrorDict(renderer=self.renderer)
        self.cleaned_data = {}
        for question in self.page.questions:
            for error in self.remarks.errors.get(question.key, ()):
                for name in self._inputs_with(question, error):
                    self.add_error(name, error)

    def _inputs_with(self, question: Question, error: ValidationError) -> list[str]:
        if error.code == "text_required":
            return [answers.text_name(question.key)]
        if question.kind == Kind.MATRIX:
            names = answers.input_names(question)
            return [name for name in names if not any(self.typed.get(name, ()))] or names[:1]
        return [str(question.key)]

    def _block(self, question: Question, is_asked: bool) -> Div:
        """Return the layout of a question: its inputs in one block that can be hidden as a whole."""
        attributes = {"data_shown_when": json.dumps(conditions_of(question))} if question.conditions.all() else {}
        if not is_asked:
            attributes["hidden"] = "hidden"
        names = [name for name in answers.input_names(question) if name in self.fields]
        parts = [part for name in names for part in self._parts(question, name)]
        block = MatrixBlock(question, *parts) if question.kind == Kind.MATRIX else Div(*parts)
        block.css_id = f"question-{question.key}"
        block.css_class = "rv-question"
        block.flat_attrs = flatatt(attributes)
        return block

    def _parts(self, question: Question, name: str) -> list[Any]:
        """Return an input with what is said beside it."""
        parts: list[Any] = [name]
        if question.kind == Kind.FILE and len(self.typed.get(name, ())) == 2:
            upload_id, file_name = self.typed[name]
            parts.append(Note("questionnaire/_kept_file.html", name=name, upload=upload_id, file_name=file_name))
        if name in self.remarks.conflicts:
            parts.append(_conflict_note(question, self.remarks.conflicts[name]))
        if name == question.key and self.remarks.warnings.get(question.key):
            mark = merging.fingerprint([name, *self.typed.get(name, ())])
            parts.append(Note("questionnaire/_warning.html", warnings=self.remarks.warnings[question.key], mark=mark))
        return parts


class Note:
    """A piece of the layout that is no input: a template with what it says."""

    def __init__(self, template: str, **context: object) -> None:
        self.template = template
        self.context = context

    def render(self, _form: forms.Form, _context: Context, **_options: object) -> SafeString:
        """Return the HTML."""
        return render_to_string(self.template, self.context)


class MatrixBlock(Div):
    """A matrix: one legend, and below it a group of choices a row."""

    template = "ecl/layout/matrix.html"

    def __init__(self, question: Question, *fields: Any) -> None:
        super().__init__(*fields)
        self.legend = question.label
        self.help_text = question.help


def _conflict_note(question: Question, conflict: Conflict) -> Note:
    """Return the choice between what stands on the page and what was saved elsewhere."""
    return Note(
        "questionnaire/_conflict.html",
        name=conflict.name,
        here=display.typed_lines(question, conflict.name, conflict.here),
        saved=display.typed_lines(question, conflict.name, conflict.saved),
        saved_at=conflict.saved_at,
        seen=merging.fingerprint(conflict.saved),
    )


def conditions_of(question: Question) -> dict[str, object]:
    """Return when a question is shown, for the script that does so at once."""
    return {
        "match": question.match,
        "conditions": [
            {"question": condition.depends_on.key, "operator": condition.operator, "values": condition.values.split()}
            for condition in question.conditions.all()
        ],
    }


def answers_elsewhere(page: Page, checked: CheckedAnswers) -> dict[str, list[str]]:
    """Return the answers on other pages that the conditions of this one look at, for the script."""
    wanted = {condition.depends_on.key for question in page.questions for condition in question.conditions.all()}
    return {
        key: sorted(answers.value_keys(checked.answers[key].value)) if key in checked.answers else []
        for key in sorted(wanted - page.keys)
    }


def fields_of(question: Question) -> dict[str, forms.Field]:
    """Return the form fields of a question by input name."""
    if question.kind == Kind.MATRIX:
        choices = [(option.key, option.label) for option in answers.live_options(question)]
        return {
            answers.row_name(question.key, row.key): PartField(
                question, row.label, forms.RadioSelect(choices=choices), required=question.required
            )
            for row in question.rows.all()
        }
    whole = forms.Field(
        label=question.label, help_text=question.help, required=question.required, widget=widget_of(question)
    )
    fields: dict[str, forms.Field] = {question.key: whole}
    opened = next((option for option in answers.live_options(question) if option.opens_text), None)
    if opened:
        label = _("“%(option)s”: please say which") % {"option": opened.label}
        attributes = {"maxlength": answers.OTHER_TEXT_LIMIT, "data-beside": question.key, "data-opened-by": opened.key}
        widget = forms.TextInput(attrs=attributes)
        fields[answers.text_name(question.key)] = PartField(question, label, widget, required=False)
    return fields


class PartField(forms.Field):
    """One of several inputs of a question: away from it, as in the summary of errors, its name needs the question's."""

    def __init__(self, question: Question, label: str, widget: forms.Widget, *, required: bool) -> None:
        super().__init__(label=label, required=required, widget=widget)
        self.part_of = question.label


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
    Kind.FILE: forms.FileInput,
}


def _attributes(question: Question) -> dict[str, str | int]:
    """Return the attributes that help to type: who one is, and how much may be written."""
    attributes: dict[str, str | int] = {}
    if question.fills in AUTOCOMPLETE:
        attributes["autocomplete"] = AUTOCOMPLETE[Question.Fills(question.fills)]
    elif question.kind == Kind.COUNTRY:
        attributes["autocomplete"] = "country"
    if question.kind == Kind.LONG_TEXT or (question.kind == Kind.SHORT_TEXT and question.maximum):
        # Counted, not cut: a text pasted from elsewhere is kept whole, and the page says by how much to shorten it.
        attributes["data-maxlength"] = question.maximum or answers.LONG_TEXT_LIMIT
        if question.minimum:
            attributes["data-minlength"] = question.minimum
    if question.kind == Kind.NUMBER:
        attributes["inputmode"] = "numeric"
    if question.kind == Kind.FILE:
        attributes["accept"] = file_types.ACCEPT
    return attributes
