"""What a condition may look at, and how it reads in words."""

import pytest
from django.utils import translation

from questionnaire.models import Condition, MatrixRow, Question
from questionnaire.tests.factories import QuestionFactory, SectionFactory
from questionnaire.workflow import conditions

pytestmark = pytest.mark.django_db


def choice(kind: str) -> Question:
    """Return a question with two options and, for a matrix, a row."""
    question: Question = QuestionFactory(kind=kind, options=["a", "b"], label_en="Which?", label_fr="Lequel ?")
    MatrixRow.objects.create(question=question, key="row", label_en="Row", label_fr="Ligne")
    return question


def test_the_order_goes_by_section_first() -> None:
    first = QuestionFactory(section=SectionFactory(order=1), order=9)
    second = QuestionFactory(section=SectionFactory(event=first.event, order=2), order=1)
    assert conditions.comes_before(first, second)
    assert not conditions.comes_before(second, first)
    assert not conditions.comes_before(first, first)


@pytest.mark.parametrize(
    ("kind", "values", "unknown"),
    [
        ("yes_no", "yes maybe", {"maybe"}),
        ("acknowledgement", "yes", set()),
        ("single_choice", "a z", {"z"}),
        ("matrix", "row:a row:z other:a", {"row:z", "other:a"}),
        ("country", "FR AT fr", {"fr"}),
        ("number", "1 2", set()),
    ],
)
def test_values_that_no_answer_can_have(kind: str, values: str, unknown: set[str]) -> None:
    assert conditions.unknown_values(Condition(depends_on=choice(kind), values=values)) == unknown


@pytest.mark.parametrize(
    ("kind", "operator", "values", "words"),
    [
        ("short_text", "answered", "", "“Which?” has an answer"),
        ("short_text", "unanswered", "", "“Which?” has no answer"),
        ("yes_no", "is_one_of", "yes", "the answer to “Which?” is Yes"),
        ("single_choice", "is_one_of", "a b", "the answer to “Which?” is Option a or Option b"),
        ("single_choice", "is_none_of", "a", "the answer to “Which?” is not Option a"),
        ("multiple_choice", "is_one_of", "a", "the answer to “Which?” contains Option a"),
        ("multiple_choice", "is_none_of", "a", "the answer to “Which?” does not contain Option a"),
        ("matrix", "is_one_of", "row:b", "the answer to “Which?” contains Row: Option b"),
        ("country", "is_one_of", "AT", "the answer to “Which?” is Austria"),
        ("single_choice", "is_one_of", "gone", "the answer to “Which?” is gone"),
    ],
)
def test_conditions_in_words(kind: str, operator: str, values: str, words: str) -> None:
    condition = Condition(depends_on=choice(kind), operator=operator, values=values)
    assert conditions.in_words(condition) == words


def test_words_are_in_the_readers_language() -> None:
    condition = Condition(depends_on=choice("single_choice"), operator="is_one_of", values="a")
    with translation.override("fr"):
        words = conditions.in_words(condition)
    assert "Lequel ?" in words
    assert "Choix a" in words
