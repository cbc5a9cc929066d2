"""Answers as people read them, in the active language: for the check page, the review and exports."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from events.countries import country_name
from questionnaire.models import Answer, Question
from questionnaire.workflow import answers, sensitive
from questionnaire.workflow.answers import CheckedAnswer, is_asked
from questionnaire.workflow.questionnaire import Questionnaire

Kind = Question.Kind


@dataclass(frozen=True)
class Row:
    """A question with its answer: `lines` of plain text, none where it was left out.

    `warnings` says why a text seems to name an offender or a case; `upload` is the id of a file.
    """

    key: str
    label: str
    kind: str
    lines: tuple[str, ...]
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    upload: str = ""


@dataclass(frozen=True)
class Group:
    """The rows of a section; `number` is that of its page."""

    number: int
    title: str
    rows: tuple[Row, ...]


def lines(question: Question, value: object, text: str = "") -> tuple[str, ...]:
    """Return an answer as lines of plain text in the active language."""
    labels = {option.key: option.label for option in question.options.all()}
    match value:
        case bool():
            return (_("Yes") if value else _("No"),)
        case dict():
            rows = {row.key: row.label for row in question.rows.all()}
            return tuple(
                _("%(row)s: %(answer)s") % {"row": rows[row], "answer": labels[key]} for row, key in value.items()
            )
        case list():
            return tuple(_with_text(question, key, labels, text) for key in value)
        case _ if question.kind == Kind.SINGLE_CHOICE:
            return (_with_text(question, str(value), labels, text),)
        case _ if question.kind == Kind.COUNTRY:
            return (country_name(str(value)),)
        case _ if question.kind == Kind.FILE:
            return (text,)
        case _ if question.kind == Kind.DATE:
            return (_date_in_words(str(value)),)
        case _:
            return tuple(str(value).split("\n"))


def _date_in_words(text: str) -> str:
    """Return a date as the language writes it; what is none stays as it was typed."""
    try:
        return date_format(dt.date.fromisoformat(text))
    except ValueError:
        return text


def _with_text(question: Question, key: str, labels: Mapping[str, str], text: str) -> str:
    opened = any(option.key == key and option.opens_text for option in question.options.all())
    if opened and text:
        return _("%(option)s: %(text)s") % {"option": labels[key], "text": text}
    return labels[key]


def groups(
    questionnaire: Questionnaire,
    checked: Mapping[str, CheckedAnswer],
    errors: Mapping[str, list[ValidationError]] | None = None,
) -> list[Group]:
    """Return the questionnaire with its answers, section by section, without questions that are not asked."""
    result = []
    for number, page in enumerate(questionnaire.pages, 1):
        rows = tuple(
            _row(question, checked.get(question.key), (errors or {}).get(question.key, []))
            for question in page.questions
            if is_asked(question, checked)
        )
        if rows:
            result.append(Group(number, page.section.title, rows))
    return result


def _row(question: Question, answer: CheckedAnswer | None, errors: list[ValidationError]) -> Row:
    return Row(
        key=question.key,
        label=question.label,
        kind=question.kind,
        lines=lines(question, answer.value, answer.text) if answer else (),
        errors=tuple(message for error in errors for message in error.messages),
        warnings=tuple(warnings(question, str(answer.value))) if answer else (),
        upload=str(answer.value) if answer and question.kind == Kind.FILE else "",
    )


def warnings(question: Question, text: str) -> list[str]:
    """Return why a long text seems to name an offender or a case, in words, with the passage meant."""
    if question.kind != Kind.LONG_TEXT:
        return []
    return [
        _("%(reason)s “%(passage)s”") % {"reason": finding.reason.value, "passage": finding.excerpt}
        for finding in sensitive.findings(text)
    ]


def typed_lines(question: Question, name: str, typed: Sequence[str]) -> tuple[str, ...]:
    """Return what stands in one input, right or wrong, as lines of plain text in the active language."""
    said = [value for value in typed if value]
    if name == answers.text_name(question.key):
        return tuple(said)
    labels = {option.key: option.label for option in question.options.all()}
    match question.kind:
        case Kind.SINGLE_CHOICE | Kind.MULTIPLE_CHOICE | Kind.MATRIX:
            return tuple(labels.get(value, value) for value in said)
        case Kind.YES_NO | Kind.ACKNOWLEDGEMENT:
            return tuple({"yes": _("Yes"), "no": _("No")}.get(value, value) for value in said)
        case Kind.COUNTRY:
            return tuple(country_name(value) for value in said)
        case Kind.FILE:
            return tuple(said[1:])
        case Kind.DATE:
            return tuple(map(_date_in_words, said))
        case _:
            return tuple(line for value in said for line in value.split("\n"))


def typed_groups(questionnaire: Questionnaire, typed: answers.Posted) -> list[Group]:
    """Return all that stands in a draft, right or wrong, asked or not, section by section; what is retired last."""
    result = []
    for number, page in enumerate(questionnaire.pages, 1):
        rows = tuple(typed_row(question, typed) for question in page.questions)
        said = tuple(row for row in rows if row.lines)
        if said:
            result.append(Group(number, page.section.title, said))
    former = tuple(row for row in (typed_row(question, typed) for question in questionnaire.retired) if row.lines)
    return [*result, Group(0, _("No longer asked"), former)] if former else result


def typed_row(question: Question, typed: answers.Posted) -> Row:
    """Return what stands in the inputs of a question, right or wrong."""
    rows = {answers.row_name(question.key, row.key): row.label for row in question.rows.all()}
    said = [
        _("%(row)s: %(answer)s") % {"row": rows[name], "answer": line} if name in rows else line
        for name in answers.input_names(question)
        for line in typed_lines(question, name, typed.get(name, ()))
    ]
    return Row(question.key, question.label, question.kind, tuple(said))


def submitted(stored: Sequence[Answer]) -> dict[str, CheckedAnswer]:
    """Return stored answers by question key; each needs its question at hand."""
    return {answer.question.key: CheckedAnswer(answer.value, answer.text) for answer in stored}
