"""The keys of answers, by which conditions, quotas and wished shares name them, and the words for these keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.countries import country_choices
from questionnaire.models import Question
from questionnaire.models.labels import value_label
from questionnaire.workflow import conditions

NAMED_BY_KEY = [
    Question.Kind.YES_NO,
    Question.Kind.ACKNOWLEDGEMENT,
    Question.Kind.SINGLE_CHOICE,
    Question.Kind.MULTIPLE_CHOICE,
    Question.Kind.MATRIX,
]


def keys_to_name(question: Question) -> SafeString:
    """Return a list of the questions that come before, each with the keys of its answers and what they stand for."""
    if question.pk is None:
        return format_html("{}", _("Listed here once the question is saved."))
    others = _with_keys(Question.objects.filter(event=question.event_id).exclude(pk=question.pk))
    earlier = [other for other in others if conditions.comes_before(other, question)]
    if not earlier:
        return format_html("{}", _("No earlier question has answers with keys."))
    return _listed(earlier)


def answers_to_choose(question: Question) -> list[tuple[Any, Any]] | None:
    """Return the answers to a question as choices, keys with words; None where answers are written freely."""
    if question.kind == Question.Kind.COUNTRY:
        _nothing, *groups = country_choices(get_language() or "en")
        return groups
    if question.kind in NAMED_BY_KEY:
        return [(key, value_label(question, key)) for key in _in_order(question)]
    return None


def _with_keys(questions: QuerySet[Question]) -> QuerySet[Question]:
    return (
        questions.filter(retired=False, kind__in=NAMED_BY_KEY)
        .select_related("section")
        .prefetch_related("options", "rows")
        .order_by("event", "section__order", "section__key", "order", "key")
    )


def _listed(questions: Iterable[Question]) -> SafeString:
    lists = format_html_join("", "<dt>{}</dt><dd>{}</dd>", ((other.label, _keys(other)) for other in questions))
    countries = _("Countries are named by their two capital letters: FR, AT.")
    return format_html(
        '<details class="keys"><summary>{}</summary><dl class="placeholders">{}</dl><p>{}</p></details>',
        _("Show the keys"),
        lists,
        countries,
    )


def _keys(question: Question) -> SafeString:
    def rows() -> Iterator[tuple[str, str]]:
        for key in _in_order(question):
            yield key, value_label(question, key)

    return format_html_join(" · ", "<code>{}</code> {}", rows())


def _in_order(question: Question) -> list[str]:
    """Return the keys in the order in which the applicant reads the answers."""
    options = [option.key for option in question.options.all()]
    if question.kind == Question.Kind.MATRIX:
        return [f"{row.key}:{key}" for row in question.rows.all() for key in options]
    return options or sorted(conditions.possible_values(question) or (), reverse=True)
