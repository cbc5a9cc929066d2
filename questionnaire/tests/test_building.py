"""The gate before publication: what a questionnaire must be."""

from typing import Any

import pytest
from django.db.models import RestrictedError
from django.utils import translation

from events.models import Event
from events.tests.factories import EventFactory
from questionnaire.models import Condition, MatrixRow, Option, Question
from questionnaire.study_visit import load
from questionnaire.tests.factories import (
    WHILE_OPEN,
    ConditionFactory,
    QuestionFactory,
    small_questionnaire,
)
from questionnaire.workflow import building, outline
from questionnaire.workflow.building import Problem, WouldBreak

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return a published event with a questionnaire that is whole."""
    return small_questionnaire()


def problems(event: Event) -> list[Problem]:
    """Return what the gate finds."""
    return building.problems(outline.read(event))


def codes(event: Event) -> list[str]:
    """Return what the gate finds, in short."""
    return [problem.code for problem in problems(event)]


def question(event: Event, key: str) -> Question:
    """Return a question of the event."""
    return event.questions.get(key=key)


def add_question(event: Event, **fields: Any) -> Question:
    """Add a question to the last section."""
    added: Question = QuestionFactory(section=event.sections.get(key="work"), **fields)
    return added


def test_a_whole_questionnaire_passes(event: Event) -> None:
    assert problems(event) == []


def test_the_paris_questionnaire_passes() -> None:
    assert problems(load(now=WHILE_OPEN).event) == []


@pytest.mark.parametrize("size", [1, 3, 10])
def test_reading_takes_five_queries_whatever_the_length(
    event: Event, size: int, django_assert_num_queries: Any
) -> None:
    for _ in range(size):
        later = add_question(event, kind="single_choice", options=["a", "b"])
        ConditionFactory(question=later, depends_on=question(event, "earlier"), values="yes")
    with django_assert_num_queries(5):
        assert problems(event) == []


def test_an_empty_questionnaire_lacks_all_that_is_needed() -> None:
    assert codes(EventFactory()) == ["no_email", "no_first_name", "no_family_name", "no_language"]


@pytest.mark.parametrize("key", ["draft", "go", "page", "shown"])
def test_a_key_under_which_the_pages_post_something_themselves_is_refused(event: Event, key: str) -> None:
    add_question(event, key=key)
    assert codes(event) == ["key"]


@pytest.mark.parametrize("key", ["email", "first_name", "family_name", "language"])
def test_a_retired_question_fills_nothing(event: Event, key: str) -> None:
    event.questions.filter(key=key).update(retired=True)
    assert codes(event) == [f"no_{key}"]


@pytest.mark.parametrize("column", ["label_en", "label_fr"])
def test_a_missing_translation_is_found_where_it_is(event: Event, column: str) -> None:
    with translation.override("en"):
        event.questions.filter(key="country").update(**{column: ""})
        [problem] = problems(event)
        assert (problem.row, problem.name) == (question(event, "country"), column)
        language = "English" if column.endswith("en") else "French"
        assert problem.text == f"A text is missing: Question ({language})."


def test_help_may_be_missing_in_both_languages_but_not_in_one(event: Event) -> None:
    assert problems(event) == []
    event.questions.filter(key="country").update(help_fr="Où ?")
    assert [(problem.code, problem.name) for problem in problems(event)] == [("missing_text", "help_en")]


def test_texts_of_sections_options_and_rows_count_too(event: Event) -> None:
    event.sections.filter(key="you").update(title_fr="")
    Option.objects.filter(question__event=event, key="fr").update(label_en="")
    matrix = add_question(event, kind="matrix", options=["a"])
    MatrixRow.objects.create(question=matrix, key="row", label_en="", label_fr="Ligne")
    assert [type(problem.row).__name__ for problem in problems(event)] == ["Section", "Option", "MatrixRow"]


def test_what_is_retired_needs_no_translation(event: Event) -> None:
    choice = add_question(event, kind="single_choice", options=["a", "b"])
    choice.options.filter(key="b").update(label_fr="", retired=True)
    add_question(event, retired=True, label_fr="", kind="matrix")
    assert problems(event) == []


@pytest.mark.parametrize(
    ("fields", "code", "name"),
    [
        ({"kind": "single_choice"}, "options", "options"),
        ({"kind": "multiple_choice"}, "options", "options"),
        ({"kind": "matrix", "options": ["a"]}, "rows", "rows"),
        ({"kind": "short_text", "options": ["a"]}, "options", "options"),
        ({"kind": "multiple_choice", "options": ["a", "b"], "minimum": 3}, "bound", "minimum"),
        ({"kind": "multiple_choice", "options": ["a"], "maximum": 0}, "bound", "maximum"),
        ({"kind": "date", "minimum": 1}, "no_such_bound", "minimum"),
        ({"kind": "yes_no", "maximum": 1}, "no_such_bound", "maximum"),
        ({"kind": "file", "maximum": 21}, "bound", "maximum"),
        ({"kind": "short_text", "minimum": 201}, "bound", "minimum"),
        ({"kind": "long_text", "fills": "organisation"}, "filling", "fills"),
        ({"kind": "short_text", "fills": "organisation", "maximum": 201}, "filling", "maximum"),
        ({"kind": "short_text", "fills": "country"}, "filling", "fills"),
    ],
)
def test_a_question_that_cannot_be_answered_well(event: Event, fields: dict[str, Any], code: str, name: str) -> None:
    event.questions.filter(key="country").update(fills="")
    added = add_question(event, **fields)
    assert [(problem.code, problem.row, problem.name) for problem in problems(event)] == [(code, added, name)]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "number", "minimum": 0, "maximum": 0},
        {"kind": "short_text", "minimum": 201, "maximum": 300},
        {"kind": "file", "maximum": 20},
        {"kind": "multiple_choice", "options": ["a", "b"], "minimum": 2},
        {"kind": "matrix", "options": ["a"], "retired": True},
    ],
)
def test_bounds_that_make_sense(event: Event, fields: dict[str, Any]) -> None:
    add_question(event, **fields)
    assert problems(event) == []


def test_options_that_are_all_retired_are_none(event: Event) -> None:
    choice = add_question(event, kind="single_choice", options=["a"])
    choice.options.update(retired=True)
    assert codes(event) == ["options"]


def test_the_address_is_always_asked_and_required(event: Event) -> None:
    email = question(event, "email")
    ConditionFactory(question=email, depends_on=question(event, "first_name"), operator="answered")
    Question.objects.filter(pk=email.pk).update(required=False)
    assert {(problem.code, problem.name) for problem in problems(event)} == {
        ("filling", "required"),
        ("conditional", "depends_on"),
    }


def test_the_language_of_letters_is_one_of_ours(event: Event) -> None:
    Option.objects.create(question=question(event, "language"), key="de", label_en="German", label_fr="Allemand")
    assert codes(event) == ["filling"]


class TestConditions:
    """What a condition may look at."""

    def add(self, event: Event, on: str, **fields: Any) -> Condition:
        """Make the last question wait for another one."""
        condition: Condition = ConditionFactory(
            question=question(event, "which"), depends_on=question(event, on), **fields
        )
        return condition

    def test_on_an_earlier_question(self, event: Event) -> None:
        self.add(event, "language", values="en")
        self.add(event, "country", values="FR AT")
        self.add(event, "first_name", operator="answered")
        assert problems(event) == []

    def test_on_itself(self, event: Event) -> None:
        self.add(event, "which", operator="answered")
        assert codes(event) == ["self"]

    def test_on_a_later_question(self, event: Event) -> None:
        condition = self.add(event, "earlier", values="yes")
        condition.question.conditions.exclude(pk=condition.pk).delete()
        event.questions.filter(key="earlier").update(order=99)
        [problem] = problems(event)
        assert (problem.code, problem.row) == ("later", condition)
        assert (problem.other, problem.other_name) == (question(event, "earlier"), "order")

    def test_on_a_section_that_moved_behind(self, event: Event) -> None:
        event.questions.filter(key="which").update(section=event.sections.get(key="you"))
        assert codes(event) == ["later"]

    def test_a_circle(self, event: Event) -> None:
        third = add_question(event, key="third")
        ConditionFactory(question=third, depends_on=question(event, "which"), operator="answered")
        ConditionFactory(question=question(event, "earlier"), depends_on=third, operator="answered")
        assert codes(event) == ["circle", "circle", "circle"]

    def test_on_a_retired_question(self, event: Event) -> None:
        event.questions.filter(key="earlier").update(retired=True)
        assert codes(event) == ["retired"]

    def test_of_a_retired_question_nobody_cares(self, event: Event) -> None:
        self.add(event, "which", operator="answered")
        event.questions.filter(key="which").update(retired=True)
        assert problems(event) == []

    def test_on_another_events_question(self, event: Event) -> None:
        ConditionFactory(question=question(event, "which"), operator="answered")
        assert codes(event) == ["foreign"]

    @pytest.mark.parametrize(
        ("on", "values", "expected"),
        [
            ("earlier", "", ["no_values"]),
            ("earlier", "maybe", ["unknown_values"]),
            ("language", "en de", ["unknown_values"]),
            ("country", "FR XX", ["unknown_values"]),
        ],
    )
    def test_on_answers_that_do_not_exist(self, event: Event, on: str, values: str, expected: list[str]) -> None:
        self.add(event, on, values=values)
        assert codes(event) == expected

    @pytest.mark.parametrize(("operator", "expected"), [("is_one_of", ["never"]), ("is_none_of", [])])
    def test_on_an_answer_no_longer_on_offer(self, event: Event, operator: str, expected: list[str]) -> None:
        choice = QuestionFactory(section=event.sections.get(key="you"), kind="single_choice", options=["a", "b"])
        self.add(event, choice.key, operator=operator, values="a")
        choice.options.filter(key="a").update(retired=True)
        assert codes(event) == expected
        Condition.objects.filter(depends_on=choice).update(values="a b")
        assert problems(event) == []


class TestEdits:
    """A published questionnaire stays whole."""

    def retire(self, event: Event, key: str) -> None:
        """Retire a question as an edit."""
        with building.edit(event):
            event.questions.filter(key=key).update(retired=True)

    def test_what_would_break_it_is_undone(self, event: Event) -> None:
        with pytest.raises(WouldBreak) as refused:
            self.retire(event, "earlier")
        assert [problem.code for problem in refused.value.problems] == ["retired"]
        assert not question(event, "earlier").retired

    def test_what_was_wrong_before_stands_in_nobodys_way(self, event: Event) -> None:
        event.questions.filter(key="country").update(label_fr="")
        self.retire(event, "which")
        with pytest.raises(WouldBreak) as refused:
            self.retire(event, "email")
        assert [problem.code for problem in refused.value.problems] == ["no_email"]

    def test_before_publication_anything_goes(self, event: Event) -> None:
        Event.objects.update(published=False)
        self.retire(event, "earlier")
        assert codes(event) == ["retired"]

    def test_each_edit_is_a_new_version_of_the_event(self, event: Event) -> None:
        before = event.version
        self.retire(event, "which")
        event.refresh_from_db()
        assert event.version == before + 1

    def test_somebody_elses_publication_counts(self, event: Event) -> None:
        stale_copy = Event.objects.get(pk=event.pk)
        stale_copy.published = False
        with pytest.raises(WouldBreak):
            self.retire(stale_copy, "earlier")


def test_a_problem_names_its_place(event: Event) -> None:
    event.questions.filter(key="earlier").update(retired=True)
    [problem] = problems(event)
    assert building.place_of(problem) == question(event, "which")
    with translation.override("en"):
        assert building.in_full(problem).startswith("“What about which?”: ")


def test_a_question_that_others_wait_for_is_not_deleted_from_under_them(event: Event) -> None:
    with pytest.raises(RestrictedError):
        question(event, "earlier").delete()
    event.letter_templates.all().delete()
    event.delete()
    assert not Condition.objects.exists()
