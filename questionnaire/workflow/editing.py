"""What of a questionnaire may still change once people have answered it: texts and order, nothing that answers name."""

from collections.abc import Iterable

from questionnaire.models import Answer, Draft, Question
from questionnaire.workflow import answers


def is_answered(question: Question) -> bool:
    """Return whether anybody has answered a question, be it in a draft: then its key and type stay."""
    if Answer.objects.filter(question=question).exists():
        return True
    names = answers.input_names(question)
    return Draft.objects.filter(application__event=question.event_id, values__has_any_keys=names).exists()


def chosen_options(question: Question) -> frozenset[str]:
    """Return the keys of the options that somebody chose, be it in a draft: these can be retired, not deleted."""
    answered = frozenset(key.rpartition(":")[2] for key in _answered_keys(question))
    return answered.union(*(values for typed in _typed(question) for values in typed.values()))


def chosen_rows(question: Question) -> frozenset[str]:
    """Return the keys of the matrix rows in which somebody answered, be it in a draft."""
    row_keys = {answers.row_name(question.key, row.key): row.key for row in question.rows.all()}
    named = {name for typed in _typed(question) for name, values in typed.items() if any(values)}
    return frozenset(row_keys[name] for name in named & row_keys.keys()) | frozenset(
        key.rpartition(":")[0] for key in _answered_keys(question)
    )


def _answered_keys(question: Question) -> frozenset[str]:
    values = Answer.objects.filter(question=question).values_list("value", flat=True)
    return frozenset[str]().union(*(answers.value_keys(value) for value in values.iterator()))


def _typed(question: Question) -> Iterable[dict[str, list[str]]]:
    """Yield what stands in each draft for a question, by input name."""
    names = answers.input_names(question)
    drafts = Draft.objects.filter(application__event=question.event_id, values__has_any_keys=names)
    for values in drafts.values_list("values", flat=True).iterator():
        yield {name: values[name] for name in names if name in values}
