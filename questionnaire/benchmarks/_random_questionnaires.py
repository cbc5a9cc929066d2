"""Questionnaires that nobody thought of, with conditions of every kind, and what somebody may type into them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import strategies as st

from events import publishing
from events.models import Event
from questionnaire.benchmarks import _open_event
from questionnaire.benchmarks._open_event import in_both_languages as _text
from questionnaire.models import Condition, MatrixRow, Option, Question, Section
from questionnaire.workflow import answers
from questionnaire.workflow.questionnaire import Questionnaire

Kind = Question.Kind
Operator = Condition.Operator
Fills = Question.Fills
Values = dict[str, list[str]]

KINDS = [kind for kind in Kind if kind != Kind.FILE]
TEXTS = frozenset({Kind.SHORT_TEXT, Kind.LONG_TEXT})
ODD = [
    "",
    " ",
    "\0",
    "\u202e",
    "=1+1",
    "<b>",
    "é" * 30,
    "x" * 400,
    "{{1}}",
    "999999999999",
    "-1",
    "2021-13-45",
    "😀",
]


@dataclass(frozen=True)
class Asked:
    """A question to be: its conditions name earlier ones by number, with the number of a likely value."""

    kind: Question.Kind
    required: bool
    bounds: tuple[int | None, int | None]
    options: int
    opens_text: bool
    rows: int
    match: Question.Match
    conditions: tuple[tuple[int, Operator, int], ...]
    starts_section: bool


@dataclass(frozen=True)
class Edit:
    """What organisers do to a question, by its number, while somebody has every page open."""

    question: int
    what: Literal["move", "retire", "retire option"]


@dataclass(frozen=True)
class Example:
    """A questionnaire to be, by number of question what is typed into it, once or twice, and edits in between."""

    questions: list[Asked]
    typed: list[dict[int, Any]] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)


def _bounds(low: int | None, width: int | None) -> tuple[int | None, int | None]:
    return low, None if width is None else (low or 0) + width


BOUNDS = st.builds(_bounds, st.none() | st.integers(0, 3), st.none() | st.integers(1, 40))
CONDITIONS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Operator), st.integers(0, 3)), max_size=2)
QUESTIONS = st.builds(
    Asked,
    kind=st.sampled_from(KINDS),
    required=st.booleans(),
    bounds=st.just((None, None)) | BOUNDS,
    options=st.integers(1, 3),
    opens_text=st.booleans(),
    rows=st.integers(1, 2),
    match=st.sampled_from(Question.Match),
    conditions=st.just(()) | CONDITIONS.map(tuple),
    starts_section=st.booleans(),
)
# What is typed: a number that chooses among the likely, or something odd.
TYPED = st.integers(0, 6) | st.sampled_from(ODD)
EDITS = st.builds(Edit, question=st.integers(0, 5), what=st.sampled_from(["move", "retire", "retire option"]))
EXAMPLES = st.lists(QUESTIONS, min_size=1, max_size=6).flatmap(
    lambda questions: st.builds(
        Example,
        questions=st.just(questions),
        typed=st.lists(st.fixed_dictionaries(dict.fromkeys(range(len(questions)), TYPED)), min_size=1, max_size=2),
        edits=st.lists(EDITS, max_size=2),
    )
)


def build(example: Example, *, now: dt.datetime) -> Event:
    """Store the questionnaire; return its event, which is open."""
    event = _open_event.make("random", now=now)
    sections: list[Section] = []
    questions: list[Question] = []
    for number, asked in enumerate(example.questions):
        if asked.starts_section or not sections:
            sections.append(
                Section.objects.create(event=event, key=f"s{number}", order=number, **_text("title", f"S{number}"))
            )
        question = Question(
            event=event,
            section=sections[-1],
            key=f"q{number}",
            order=number,
            kind=asked.kind,
            required=asked.required,
            minimum=asked.bounds[0],
            maximum=asked.bounds[1],
            match=asked.match,
            fills=_column(asked, questions),
            **_text("label", f"Question {number}"),
        )
        question.save()
        questions.append(question)
        _add_parts(question, asked, questions[:-1])
    return event


def _column(asked: Asked, earlier: list[Question]) -> str:
    """Return the column that the first question of a kind fills."""
    column = {Kind.EMAIL: Fills.EMAIL, Kind.SHORT_TEXT: Fills.ORGANISATION, Kind.COUNTRY: Fills.COUNTRY}.get(asked.kind)
    is_first = all(question.kind != asked.kind for question in earlier)
    return column.value if column and is_first else ""


def _add_parts(question: Question, asked: Asked, earlier: list[Question]) -> None:
    if asked.kind in answers.CHOICE_KINDS:
        Option.objects.bulk_create(
            Option(
                question=question,
                key=f"o{number}",
                order=number,
                **_text("label", f"Option {number}"),
                opens_text=asked.opens_text and number == 0 and asked.kind != Kind.MATRIX,
            )
            for number in range(asked.options)
        )
    if asked.kind == Kind.MATRIX:
        MatrixRow.objects.bulk_create(
            MatrixRow(question=question, key=f"r{number}", order=number, **_text("label", f"Row {number}"))
            for number in range(asked.rows)
        )
    if earlier:
        Condition.objects.bulk_create(
            Condition(
                question=question,
                depends_on=earlier[other % len(earlier)],
                operator=operator,
                values=_value(earlier[other % len(earlier)], number)
                if operator in {Operator.IS_ONE_OF, Operator.IS_NONE_OF}
                else "",
            )
            for other, operator, number in asked.conditions
        )


def _value(question: Question, number: int) -> str:
    """Return a value that an answer to the question may well have."""
    match question.kind:
        case Kind.YES_NO | Kind.ACKNOWLEDGEMENT:
            return ("yes", "no")[number % 2]
        case Kind.MATRIX:
            return f"r0:o{number % 2}"
        case Kind.COUNTRY:
            return ("FR", "AT")[number % 2]
        case Kind.NUMBER:
            return str(number)
        case _:
            return f"o{number % 3}"


def apply_edit(event: Event, edit: Edit) -> None:
    """Change the questionnaire as organisers can; what a condition looks at stays where it is."""
    question = event.questions.get(key=f"q{edit.question % event.questions.count()}")
    match edit.what:
        case "move":
            section = event.sections.exclude(pk=question.section_id).first()
            if section and not question.conditions.exists() and not is_looked_at(question):
                Question.objects.filter(pk=question.pk).update(section=section)
        case "retire":
            others = event.questions.filter(retired=False).exclude(pk=question.pk)
            if others.exists() and not is_looked_at(question):
                Question.objects.filter(pk=question.pk).update(retired=True)
        case "retire option":
            question.options.filter(key="o0").update(retired=True)
    publishing.touch(event)


def is_looked_at(question: Question) -> bool:
    """Return whether a condition depends on the question."""
    return Condition.objects.filter(depends_on=question).exists()


def typed_values(questionnaire: Questionnaire, choices: dict[int, Any]) -> Values:
    """Return what is typed into every input, marked with its question, so that it can be found again anywhere."""
    values: Values = {}
    for question in questionnaire.questions:
        number = int(question.key[1:])
        for name in answers.input_names(question):
            values[name] = _typed(question, name, number, choices[number])
    return values


def marker(number: int) -> str:
    """Return what stands in each text of a question and nowhere else."""
    return f"mark{number}x"


def _typed(question: Question, name: str, number: int, choice: Any) -> list[str]:
    if isinstance(choice, str):
        return [choice]
    if choice == 0:
        return []
    if name.endswith("-text"):
        return [marker(number)]
    return LIKELY.get(Kind(question.kind), _an_option)(number, choice)


def _an_option(_number: int, choice: int) -> list[str]:
    return [f"o{choice % 3}"]


LIKELY: dict[Question.Kind, Callable[[int, int], list[str]]] = {
    Kind.SHORT_TEXT: lambda number, _choice: [marker(number)],
    Kind.LONG_TEXT: lambda number, _choice: [marker(number)],
    Kind.EMAIL: lambda number, _choice: [f"{marker(number)}@example.org"],
    Kind.PHONE: lambda number, choice: [f"+33 1 23 45 6{number} 8{choice}"],
    Kind.NUMBER: lambda _number, choice: [str(choice)],
    Kind.DATE: lambda number, choice: [f"2021-0{choice}-0{number + 1}"],
    Kind.YES_NO: lambda _number, choice: [("yes", "no")[choice % 2]],
    Kind.MULTIPLE_CHOICE: lambda _number, choice: [f"o{option}" for option in range(3) if choice >> option & 1],
    Kind.COUNTRY: lambda _number, choice: [("FR", "AT")[choice % 2]],
    Kind.ACKNOWLEDGEMENT: lambda _number, _choice: ["yes"],
}
