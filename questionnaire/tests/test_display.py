"""Answers as people read them."""

from typing import Any

import pytest
from django.utils import translation

from events.models import Event
from questionnaire.models import Question
from questionnaire.tests.factories import QuestionFactory, small_questionnaire, typed
from questionnaire.workflow import display, questionnaire

pytestmark = pytest.mark.django_db

Kind = Question.Kind


def question(kind: Question.Kind, **columns: Any) -> Question:
    """Return a question with options and rows where its kind has them."""
    asked = QuestionFactory(key="q", kind=kind, **columns)
    if kind == Kind.MATRIX:
        asked.rows.create(key="r", label_en="Row", label_fr="Ligne")
    return Question.objects.prefetch_related("options", "rows").get(pk=asked.pk)


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages."""
    return small_questionnaire()


@pytest.mark.parametrize(
    ("kind", "value", "text", "shown"),
    [
        (Kind.LONG_TEXT, "a\nb", "", ("a", "b")),
        (Kind.NUMBER, 7, "", ("7",)),
        (Kind.YES_NO, False, "", ("No",)),
        (Kind.ACKNOWLEDGEMENT, True, "", ("Yes",)),
        (Kind.SINGLE_CHOICE, "a", "", ("Option a",)),
        (Kind.SINGLE_CHOICE, "b", "mine", ("Option b: mine",)),
        (Kind.MULTIPLE_CHOICE, ["a", "b"], "mine", ("Option a", "Option b: mine")),
        (Kind.MATRIX, {"r": "a"}, "", ("Row: Option a",)),
        (Kind.COUNTRY, "AT", "", ("Austria",)),
        (Kind.FILE, "0123", "cv.pdf", ("cv.pdf",)),
        (Kind.DATE, "2021-12-07", "", ("7 December 2021",)),
    ],
)
def test_each_kind_of_answer_has_its_words(kind: Question.Kind, value: Any, text: str, shown: tuple[str, ...]) -> None:
    options = ["a", "b+"] if kind in {Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.MATRIX} else []
    assert display.lines(question(kind, options=options), value, text) == shown


def test_words_are_those_of_the_reader() -> None:
    with translation.override("fr"):
        assert display.lines(question(Kind.COUNTRY), "AT") == ("Autriche",)


@pytest.mark.parametrize(
    ("kind", "name", "values", "shown"),
    [
        (Kind.SINGLE_CHOICE, "q", ["a"], ("Option a",)),
        (Kind.SINGLE_CHOICE, "q", ["no such option"], ("no such option",)),
        (Kind.SINGLE_CHOICE, "q-text", ["mine"], ("mine",)),
        (Kind.MATRIX, "q-r", ["a"], ("Option a",)),
        (Kind.YES_NO, "q", ["yes"], ("Yes",)),
        (Kind.COUNTRY, "q", ["XX"], ("XX",)),
        (Kind.NUMBER, "q", ["many"], ("many",)),
        (Kind.DATE, "q", ["2021-12-07"], ("7 December 2021",)),
        (Kind.DATE, "q", ["soon"], ("soon",)),
        (Kind.FILE, "q", ["0123", "cv.pdf"], ("cv.pdf",)),
        (Kind.SHORT_TEXT, "q", [""], ()),
    ],
)
def test_what_was_typed_is_shown_right_or_wrong(
    kind: Question.Kind, name: str, values: list[str], shown: tuple[str, ...]
) -> None:
    assert display.typed_lines(question(kind, options=["a", "b+"]), name, values) == shown


def test_a_draft_is_shown_whole_with_what_is_not_asked_and_what_is_wrong(event: Event) -> None:
    groups = display.typed_groups(questionnaire.load(event), typed(email="nobody", which="Vienna"))
    rows = {row.key: row.lines for group in groups for row in group.rows}
    assert rows["email"] == ("nobody",)
    assert rows["which"] == ("Vienna",)


def test_answers_come_with_their_errors_and_without_what_is_not_asked(event: Event) -> None:
    asked = questionnaire.load(event)
    checked = asked.check(typed(country=""))
    rows = {row.key: row for group in display.groups(asked, checked.answers, checked.errors) for row in group.rows}
    assert "which" not in rows
    assert rows["country"].errors == ("Choose a country.",)


def test_only_long_texts_are_warned_about() -> None:
    names_somebody = "We follow inmate Karim Benali."
    assert display.warnings(question(Kind.LONG_TEXT), names_somebody) == [
        "This seems to name a person who is or was in custody. “inmate Karim Benali”"
    ]
    assert display.warnings(QuestionFactory(kind=Kind.SHORT_TEXT), names_somebody) == []
