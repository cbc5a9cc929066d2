"""What of a questionnaire may still change once people have answered it: texts and order, nothing that answers name."""

from collections.abc import Iterable

from questionnaire.models import Answer, Condition, Draft, Question
from questionnaire.workflow import answers

COUNTS_ANSWERS = frozenset({Condition.Operator.ANSWERED, Condition.Operator.UNANSWERED})
YES_NO = frozenset({"yes", "no"})


def is_answered(question: Question) -> bool:
    """Return whether anybody has answered a question, be it in a draft: then its key and type stay."""
    if Answer.objects.filter(question=question).exists():
        return True
    names = answers.input_names(question)
    return Draft.objects.filter(application__event=question.event_id, values__has_any_keys=names).exists()


def chosen_options(question: Question) -> frozenset[str]:
    """Return the keys of the options that somebody chose: these can be retired, not deleted."""
    keys = frozenset[str]().union(*(answers.value_keys(value) for value in _values(question)))
    return frozenset(key.rpartition(":")[2] for key in keys)


def chosen_rows(question: Question) -> frozenset[str]:
    """Return the keys of the matrix rows in which somebody answered."""
    keys = frozenset[str]().union(*(answers.value_keys(value) for value in _values(question)))
    return frozenset(key.rpartition(":")[0] for key in keys)


def _values(question: Question) -> Iterable[object]:
    return Answer.objects.filter(question=question).values_list("value", flat=True).iterator()


def comes_before(earlier: Question, later: Question) -> bool:
    """Return whether a question is asked before another; two with one place stand in the order of their keys."""

    def place(question: Question) -> tuple[int, str, int, str]:
        return (question.section.order, question.section.key, question.order, question.key)

    return place(earlier) < place(later)


def unknown_values(condition: Condition) -> frozenset[str]:
    """Return the values of a condition that no answer to the other question can have."""
    question = condition.depends_on
    match question.kind:
        case Question.Kind.YES_NO | Question.Kind.ACKNOWLEDGEMENT:
            return condition.wanted - YES_NO
        case Question.Kind.SINGLE_CHOICE | Question.Kind.MULTIPLE_CHOICE:
            return condition.wanted - {option.key for option in question.options.all()}
        case Question.Kind.MATRIX:
            rows, steps = question.rows.all(), question.options.all()
            return condition.wanted - {f"{row.key}:{step.key}" for row in rows for step in steps}
        case _:
            return frozenset()
