"""Answers as people read them, in the active language: for the check page, the review and exports."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from questionnaire.models import Answer, Question
from questionnaire.workflow.answers import CheckedAnswer, is_asked
from questionnaire.workflow.countries import country_name
from questionnaire.workflow.submission import Questionnaire

Kind = Question.Kind


@dataclass(frozen=True)
class Row:
    """A question with its answer: `lines` of plain text, none where it was left out."""

    key: str
    label: str
    kind: str
    lines: tuple[str, ...]
    errors: tuple[str, ...] = ()


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
        case _:
            return tuple(str(value).split("\n"))


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
    shown = lines(question, answer.value, answer.text) if answer else ()
    return Row(question.key, question.label, question.kind, shown, tuple(m for error in errors for m in error.messages))


def submitted(answers: list[Answer]) -> dict[str, CheckedAnswer]:
    """Return stored answers by question key; each needs its question at hand."""
    return {answer.question.key: CheckedAnswer(answer.value, answer.text) for answer in answers}
