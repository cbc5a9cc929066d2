"""What of a questionnaire may still change."""

import pytest

from questionnaire.models import Answer, MatrixRow, Question
from questionnaire.tests.factories import ApplicationFactory, QuestionFactory
from questionnaire.workflow import editing

pytestmark = pytest.mark.django_db


def answered(value: object, **fields: object) -> Question:
    """Return a question with one answer."""
    question: Question = QuestionFactory(**fields)
    for key in value if isinstance(value, dict) else ():
        MatrixRow.objects.create(question=question, key=key, label_en=key, label_fr=key)
    Answer.objects.create(application=ApplicationFactory(event=question.event), question=question, value=value)
    return question


@pytest.mark.parametrize(
    ("kind", "value", "options", "rows"),
    [
        ("single_choice", "a", {"a"}, set()),
        ("multiple_choice", ["a", "b"], {"a", "b"}, set()),
        ("matrix", {"en": "speak", "fr": "follow"}, {"speak", "follow"}, {"en", "fr"}),
    ],
)
def test_what_answers_name_was_chosen(kind: str, value: object, options: set[str], rows: set[str]) -> None:
    question = answered(value, kind=kind)
    assert editing.chosen_options(question) == options
    if rows:
        assert editing.chosen_rows(question) == rows


def test_what_stands_in_a_draft_was_chosen_too() -> None:
    question = QuestionFactory(kind="single_choice", options=["a", "b"])
    ApplicationFactory(event=question.event, draft={question.key: ["b"]})
    assert editing.chosen_options(question) == {"b"}


def test_nobody_chose_anything() -> None:
    assert editing.chosen_options(QuestionFactory()) == frozenset()


def test_a_question_is_answered_from_the_first_draft_on() -> None:
    question = QuestionFactory()
    assert not editing.is_answered(question)
    ApplicationFactory(draft={question.key: ["elsewhere"]})  # another event, the same key
    assert not editing.is_answered(question)
    ApplicationFactory(event=question.event, draft={question.key: [""]})
    assert editing.is_answered(question)
    assert editing.is_answered(answered("x"))
