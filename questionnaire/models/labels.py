"""What people read for the answers that conditions, quotas and wished shares name by their keys."""

from __future__ import annotations

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from events.countries import all_countries, country_name
from questionnaire.models.question import Question

Kind = Question.Kind
QUESTION_MARK = "? \u00a0\u202f"  # with the spaces that French sets before it


def value_label(question: Question, value: str) -> str:
    """Return what an applicant reads for a value that a condition names; an unknown value stands for itself."""
    labels = {option.key: option.label for option in question.options.all()}
    match question.kind:
        case Kind.YES_NO | Kind.ACKNOWLEDGEMENT:
            return {"yes": _("Yes"), "no": _("No")}.get(value, value)
        case Kind.MATRIX:
            row_key, _colon, step = value.rpartition(":")
            rows = {row.key: row.label for row in question.rows.all()}
            row = rows.get(row_key, row_key)
            return _("%(question)s: %(values)s") % {"question": row, "values": labels.get(step, step)}
        case Kind.COUNTRY if value in all_countries():
            return country_name(value)
        case _:
            return labels.get(value, value)


def values_label(question: Question, values: str) -> str:
    """Return what people read for several values with spaces between."""
    return str(get_text_list([value_label(question, value) for value in values.split()], _("or")))


def group_label(question: Question, values: str) -> str:
    """Return what people call those who gave one of these answers to a question; without values, its label."""
    if not values:
        return question.label
    return _("%(question)s: %(values)s") % {
        "question": question.label.rstrip(QUESTION_MARK),
        "values": values_label(question, values),
    }
