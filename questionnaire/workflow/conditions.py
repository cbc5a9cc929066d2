"""What a condition may look at, and how it reads in words. Whether it holds is decided in `answers`."""

from __future__ import annotations

from django.utils.translation import gettext as _

from events.countries import all_countries
from questionnaire.models import Condition, Question
from questionnaire.models.labels import values_label

COUNTS_ANSWERS = frozenset({Condition.Operator.ANSWERED, Condition.Operator.UNANSWERED})
YES_NO = frozenset({"yes", "no"})

Kind = Question.Kind
CAN_HOLD_SEVERAL = frozenset({Kind.MULTIPLE_CHOICE, Kind.MATRIX})


def comes_before(earlier: Question, later: Question) -> bool:
    """Return whether a question is asked before another; two with one place stand in the order of their keys."""

    def place(question: Question) -> tuple[int, str, int, str]:
        return (question.section.order, question.section.key, question.order, question.key)

    return place(earlier) < place(later)


def possible_values(question: Question) -> frozenset[str] | None:
    """Return the values that an answer can have, as `answers.value_keys` writes them; None for any."""
    match question.kind:
        case Kind.YES_NO | Kind.ACKNOWLEDGEMENT:
            return YES_NO
        case Kind.SINGLE_CHOICE | Kind.MULTIPLE_CHOICE:
            return frozenset(option.key for option in question.options.all())
        case Kind.MATRIX:
            steps = question.options.all()
            return frozenset(f"{row.key}:{step.key}" for row in question.rows.all() for step in steps)
        case Kind.COUNTRY:
            return all_countries()
        case _:
            return None


def unknown_values(condition: Condition) -> frozenset[str]:
    """Return the values of a condition that no answer to the other question can have."""
    possible = possible_values(condition.depends_on)
    return frozenset() if possible is None else condition.wanted - possible


def in_words(condition: Condition) -> str:
    """Return what a condition says, in the active language."""
    other = condition.depends_on
    values = {
        "question": other.label,
        "values": values_label(other, condition.values),
    }
    several = other.kind in CAN_HOLD_SEVERAL
    match condition.operator:
        case Condition.Operator.ANSWERED:
            return _("“%(question)s” has an answer") % values
        case Condition.Operator.UNANSWERED:
            return _("“%(question)s” has no answer") % values
        case Condition.Operator.IS_ONE_OF if several:
            return _("the answer to “%(question)s” contains %(values)s") % values
        case Condition.Operator.IS_ONE_OF:
            return _("the answer to “%(question)s” is %(values)s") % values
        case _ if several:
            return _("the answer to “%(question)s” does not contain %(values)s") % values
        case _:
            return _("the answer to “%(question)s” is not %(values)s") % values
