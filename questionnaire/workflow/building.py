"""What a questionnaire must be before it is published, and stay afterwards: the gate that organisers build against.

The checks are pure: they look at an `Outline` in memory. `watch` holds an edit against them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events import bilingual, publishing
from events.models import Bilingual, Event
from questionnaire.models import Application, Condition, MatrixRow, Option, Question, Section
from questionnaire.workflow import answers, conditions, outline, uploads
from questionnaire.workflow.outline import Outline

Kind = Question.Kind
Fills = Question.Fills
Operator = Condition.Operator

NEEDED = {
    Fills.EMAIL: gettext_lazy("No question asks for the e-mail address, to which the personal link and letters go."),
    Fills.FIRST_NAME: gettext_lazy("No question asks for the first name."),
    Fills.FAMILY_NAME: gettext_lazy("No question asks for the family name."),
    Fills.LANGUAGE: gettext_lazy("No question asks for the language of the letters."),
}
FILLED_BY = {
    Fills.FIRST_NAME: Kind.SHORT_TEXT,
    Fills.FAMILY_NAME: Kind.SHORT_TEXT,
    Fills.EMAIL: Kind.EMAIL,
    Fills.LANGUAGE: Kind.SINGLE_CHOICE,
    Fills.COUNTRY: Kind.COUNTRY,
    Fills.ORGANISATION: Kind.SHORT_TEXT,
    Fills.TARGET_GROUP: Kind.SINGLE_CHOICE,
    Fills.REPLACEMENT_NAME: Kind.SHORT_TEXT,
    Fills.REPLACEMENT_EMAIL: Kind.EMAIL,
}
HAS_MINIMUM = frozenset({Kind.SHORT_TEXT, Kind.LONG_TEXT, Kind.NUMBER, Kind.MULTIPLE_CHOICE})
HAS_MAXIMUM = HAS_MINIMUM | {Kind.FILE}
LIMITS = {Kind.SHORT_TEXT: answers.SHORT_TEXT_LIMIT, Kind.LONG_TEXT: answers.LONG_TEXT_LIMIT}


@dataclass(frozen=True)
class Problem:
    """Something that must not be in a published questionnaire.

    `row` is where it can be put right, and `name` what of it: a field, or `options`, `rows`, `conditions` for what
    hangs on a question. Without a row, it is about the questionnaire as a whole. `other` is the question that a
    condition looks at, with `other_name`, which has as much a part in it. Two problems are the same whatever their
    wording.
    """

    code: str
    text: str = field(compare=False)
    row: Model | None = None
    name: str = ""
    other: Question | None = None
    other_name: str = ""


class WouldBreak(Exception):
    """The edit would break a published questionnaire. Attribute: `problems`, those that are new."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.text for problem in problems))


class Watch:
    """Holds an edit against the gate; lives in the transaction of the edit. Begin with `watch`."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self._before = set(problems(outline.read(event))) if event.published else set()

    def verify(self) -> None:
        """Record the edit as a public change. Raises `WouldBreak` when a published questionnaire has new problems."""
        publishing.touch(self.event)
        if not self.event.published:
            return
        new = [problem for problem in problems(outline.read(self.event)) if problem not in self._before]
        if new:
            raise WouldBreak(new)


def watch(event_id: int) -> Watch:
    """Return the watch over an edit that begins now; of two organisers, the second waits for the first."""
    return Watch(Event.objects.select_for_update().get(pk=event_id))


@contextmanager
def edit(event: Event) -> Iterator[None]:
    """Do an edit in a transaction that is undone when it would break a published questionnaire: `WouldBreak`."""
    with transaction.atomic():
        watching = watch(event.pk)
        yield
        watching.verify()


def problems(whole: Outline) -> list[Problem]:
    """Return all that stands between a questionnaire and its publication, in the order of the page."""
    found = list(_of_whole(whole))
    for part in whole.parts:
        if part.live:
            found += _missing_texts(part.section)
        for question in part.live:
            found += [*_missing_texts(*_shown_texts(question)), *own_problems(question), *_of_choices(question)]
            found += [problem for condition in question.conditions.all() for problem in _of_condition(condition, whole)]
    return found


def in_full(problem: Problem) -> str:
    """Return what is wrong, with the name of the question or section where it is."""
    place = place_of(problem)
    if place is None:
        return problem.text
    return _("%(place)s: %(problem)s") % {"place": _title(place), "problem": problem.text}


def place_of(problem: Problem) -> Question | Section | None:
    """Return the question or section on whose page a problem can be put right; None for the whole."""
    match problem.row:
        case Question() | Section() as row:
            return row
        case Condition() | Option() | MatrixRow() as row:
            return row.question
        case _:
            return None


def _title(place: Question | Section) -> str:
    return _("“%(title)s”") % {"title": str(place) or place.key}


def _of_whole(whole: Outline) -> Iterator[Problem]:
    filled = {question.fills for part in whole.parts for question in part.live}
    for fills, text in NEEDED.items():
        if fills not in filled:
            yield Problem(f"no_{fills.value}", str(text))


def _shown_texts(question: Question) -> list[Bilingual]:
    return [question, *answers.live_options(question), *question.rows.all()]


def _missing_texts(*rows: Bilingual) -> Iterator[Problem]:
    for row in rows:
        for column in bilingual.missing_columns(row):
            text = _("A text is missing: %(text)s.") % {"text": bilingual.column_label(type(row), column)}
            yield Problem("missing_text", text, row, column)


def own_problems(question: Question) -> Iterator[Problem]:
    """Yield what is wrong with a question by itself, whatever stands around it."""
    if question.key in answers.PAGES_OWN:
        yield Problem(
            "key", _("The pages of the questionnaire use this key themselves: choose another."), question, "key"
        )
    yield from _of_bounds(question)
    yield from _of_filling(question)


def _of_bounds(question: Question) -> Iterator[Problem]:
    kind, minimum, maximum = Kind(question.kind), question.minimum, question.maximum
    if minimum is not None and kind not in HAS_MINIMUM:
        yield Problem("no_such_bound", _("A question of this type has no minimum."), question, "minimum")
    if maximum is not None and kind not in HAS_MAXIMUM:
        yield Problem("no_such_bound", _("A question of this type has no maximum."), question, "maximum")
    if maximum == 0 and kind != Kind.NUMBER:
        yield Problem("bound", _("With a maximum of 0 nobody could answer."), question, "maximum")
    if maximum and kind == Kind.FILE and maximum > uploads.LARGEST_MEGABYTES:
        text = _("A file can have %(limit)d MB at most.") % {"limit": uploads.LARGEST_MEGABYTES}
        yield Problem("bound", text, question, "maximum")
    limit = LIMITS.get(kind)
    if maximum is None and limit and minimum and minimum > limit:
        text = _("Without a maximum of its own, a text of this type has %(limit)d characters at most.")
        yield Problem("bound", text % {"limit": limit}, question, "minimum")


def _of_filling(question: Question) -> Iterator[Problem]:
    if not question.fills:
        return
    fills = Fills(question.fills)
    if question.kind != FILLED_BY[fills]:
        text = _("Only a question of the type “%(kind)s” can fill this.") % {"kind": FILLED_BY[fills].label}
        yield Problem("filling", text, question, "fills")
        return
    column: Any = Application._meta.get_field(fills.value)
    length = column.max_length
    if question.kind == Kind.SHORT_TEXT and (question.maximum or LIMITS[Kind.SHORT_TEXT]) > length:
        text = _("The list of applications holds %(length)d characters of this at most.") % {"length": length}
        yield Problem("filling", text, question, "maximum")
    if fills == Fills.EMAIL and not question.required:
        text = _("The e-mail address must be required: the personal link and all letters go there.")
        yield Problem("filling", text, question, "required")


def _of_choices(question: Question) -> Iterator[Problem]:
    options = answers.live_options(question)
    if question.kind not in answers.CHOICE_KINDS:
        if options:
            text = _("A question of this type has no options: delete or retire them, or choose another type.")
            yield Problem("options", text, question, "options")
        return
    if not options:
        yield Problem("options", _("There is nothing to choose from: add options."), question, "options")
    if question.kind == Kind.MATRIX and not question.rows.all():
        yield Problem("rows", _("The matrix has no rows."), question, "rows")
    if question.kind == Kind.MULTIPLE_CHOICE and (question.minimum or 0) > len(options) > 0:
        yield Problem("bound", _("More must be chosen than there are options."), question, "minimum")
    if question.fills == Fills.LANGUAGE and not {option.key for option in options} <= set(bilingual.CODES):
        text = _("The keys of these options must be languages of the site: %(keys)s.")
        yield Problem("filling", text % {"keys": ", ".join(bilingual.CODES)}, question, "options")


def _of_condition(condition: Condition, whole: Outline) -> Iterator[Problem]:
    question, other = condition.question, condition.depends_on
    label = {"question": other.label}
    if question.fills == Fills.EMAIL:
        yield Problem("conditional", _("The e-mail address must always be asked."), condition, "depends_on")
    if other.pk not in whole.positions:
        yield Problem("foreign", _("“%(question)s” belongs to another event.") % label, condition, "depends_on")
    elif other.pk == question.pk:
        yield Problem("self", _("A question cannot wait for its own answer."), condition, "depends_on")
    elif _leads_to(other, question):
        text = _("“%(question)s” in turn waits for this one: a circle.") % label
        yield Problem("circle", text, condition, "depends_on", other, "conditions")
    elif whole.positions[other.pk] > whole.positions[question.pk]:
        text = _("“%(question)s” comes later; only the answer to an earlier question is known.") % label
        yield Problem("later", text, condition, "depends_on", other, "order")
    if other.retired:
        text = _("“%(question)s” is retired, so there will be no answer to it.") % label
        yield Problem("retired", text, condition, "depends_on", other, "retired")
    yield from _of_values(condition)


def _leads_to(start: Question, goal: Question) -> bool:
    """Return whether the conditions of `start` lead, directly or by way of others, to `goal`."""
    seen, ahead = set[int](), [start]
    while ahead:
        question = ahead.pop()
        if question.pk in seen:
            continue
        seen.add(question.pk)
        ahead += [condition.depends_on for condition in question.conditions.all()]
    return goal.pk in seen


def _of_values(condition: Condition) -> Iterator[Problem]:
    other = condition.depends_on
    if condition.operator in conditions.COUNTS_ANSWERS:
        return
    if not condition.wanted:
        text = _("It names no answer to “%(question)s”.") % {"question": other.label}
        yield Problem("no_values", text, condition, "values")
    unknown = sorted(conditions.unknown_values(condition))
    if unknown:
        text = ngettext(
            "“%(question)s” has no answer with this key: %(keys)s.",
            "“%(question)s” has no answers with these keys: %(keys)s.",
            len(unknown),
        ) % {"question": other.label, "keys": get_text_list(unknown, _("and"))}
        yield Problem("unknown_values", text, condition, "values", other, "options")
    elif condition.operator == Operator.IS_ONE_OF and condition.wanted and not _on_offer(condition):
        text = _("None of these answers to “%(question)s” is on offer any more, so the question would never be asked.")
        yield Problem("never", text % {"question": other.label}, condition, "values", other, "options")


def _on_offer(condition: Condition) -> bool:
    """Return whether an answer that the condition names can still be chosen."""
    other = condition.depends_on
    if other.kind not in answers.CHOICE_KINDS:
        return True
    live = {option.key for option in answers.live_options(other)}
    return any(value.rpartition(":")[2] in live for value in condition.wanted)
