"""What an answer must be, and which questions are asked."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from questionnaire.models import Condition, Question
from questionnaire.tests.factories import ConditionFactory, QuestionFactory
from questionnaire.workflow import answers

Kind = Question.Kind


def question(kind: Question.Kind, **columns: object) -> Question:
    """Return a question that is not stored, for rules that ask no database."""
    return Question(key="q", kind=kind, **columns)


def code_of(asked: Question, **posted: str | list[str]) -> str | None:
    """Return the code of the error that an answer gets."""
    values = {name: value if isinstance(value, list) else [value] for name, value in posted.items()}
    with pytest.raises(ValidationError) as caught:
        answers.check(asked, values)
    return caught.value.code


@pytest.mark.parametrize("line_break", ["\r\nBcc: victim@example.org", "a\nb", "a\rb", "a\x0bb", "a\x1b[31m"])
def test_a_short_text_with_a_line_break_or_control_character_is_refused(line_break: str) -> None:
    assert code_of(question(Kind.SHORT_TEXT), q=f"Anna{line_break}x") == "one_line"


@pytest.mark.parametrize("kind", [Kind.SHORT_TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.NUMBER, Kind.DATE, Kind.COUNTRY])
def test_a_null_character_is_refused_whatever_is_asked(kind: Question.Kind) -> None:
    assert code_of(question(kind), q="a\0b") == "null_characters_not_allowed"


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org,b@example.org",
        "a@example.org b@example.org",
        "a@example.org;b@example.org",
        "a",
        "@b.org",
        "a@localhost",
    ],
)
def test_two_addresses_or_none_are_refused(address: str) -> None:
    assert code_of(question(Kind.EMAIL), q=address) == "invalid"


def test_length_is_counted_after_composing_characters() -> None:
    decomposed = unicodedata.normalize("NFD", "é" * 10)
    answer = answers.check(question(Kind.LONG_TEXT, maximum=10), {"q": [decomposed]})
    assert answer is not None
    assert answer.value == "é" * 10


def test_line_ends_of_a_browser_count_once() -> None:
    answer = answers.check(question(Kind.LONG_TEXT, maximum=3), {"q": ["a\r\nb"]})
    assert answer == answers.CheckedAnswer("a\nb")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60))
def test_any_text_comes_back_as_typed_but_for_composition_and_space_around(text: str) -> None:
    answer = answers.check(question(Kind.SHORT_TEXT), {"q": [text]})
    expected = unicodedata.normalize("NFC", text).strip()
    assert (answer.value if answer else "") == expected


@pytest.mark.parametrize(("length", "code"), [(99, "min_length"), (1501, "max_length")])
def test_a_motivation_outside_its_length_is_refused(length: int, code: str) -> None:
    assert code_of(question(Kind.LONG_TEXT, minimum=100, maximum=1500), q="x" * length) == code


@pytest.mark.parametrize("text", ["1.5", "-1", "١٢", "1e3", "9" * 40, "²"])
def test_only_plain_digits_are_a_number(text: str) -> None:
    assert code_of(question(Kind.NUMBER), q=text) == "invalid"


@pytest.mark.parametrize("text", ["2021-02-30", "7/12/2021", "tomorrow", "0000-00-00"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    assert code_of(question(Kind.DATE), q=text) == "invalid"


@pytest.mark.parametrize("kind", [Kind.SHORT_TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.COUNTRY, Kind.YES_NO])
def test_a_required_question_left_empty_is_refused_and_an_optional_one_is_not(kind: Question.Kind) -> None:
    assert code_of(question(kind, required=True), q="  ") == "required"
    assert answers.check(question(kind), {}) is None


def test_errors_are_in_the_readers_language() -> None:
    with pytest.raises(ValidationError) as caught:
        answers.check(question(Kind.YES_NO, required=True), {})
    with translation.override("fr"):
        assert caught.value.messages == ["Choisissez oui ou non."]


@pytest.mark.django_db
class TestChoices:
    """Options come from the database; prefetched, they are asked for there no more."""

    def test_an_unknown_or_retired_option_is_refused(self) -> None:
        asked = QuestionFactory(key="q", kind=Kind.SINGLE_CHOICE, options=["a", "b"])
        asked.options.filter(key="b").update(retired=True)
        assert code_of(asked, q="z") == "invalid_choice"
        assert code_of(asked, q="b") == "invalid_choice"

    def test_an_open_option_asks_to_say_which(self) -> None:
        asked = QuestionFactory(key="q", kind=Kind.SINGLE_CHOICE, options=["a", "other+"])
        assert code_of(asked, q="other") == "text_required"
        said = answers.check(asked, {"q": ["other"], "q-text": ["A parish"]})
        assert said == answers.CheckedAnswer("other", "A parish")

    def test_what_was_said_beside_an_option_not_chosen_is_dropped(self) -> None:
        asked = QuestionFactory(key="q", kind=Kind.SINGLE_CHOICE, options=["a", "other+"])
        assert answers.check(asked, {"q": ["a"], "q-text": ["A parish"]}) == answers.CheckedAnswer("a", "")

    @pytest.mark.parametrize(("chosen", "code"), [(["a"], "min_choices"), (["a", "b", "c", "d"], "max_choices")])
    def test_too_few_or_too_many_choices_are_refused(self, chosen: list[str], code: str) -> None:
        asked = QuestionFactory(key="q", kind=Kind.MULTIPLE_CHOICE, options=["a", "b", "c", "d"], minimum=2, maximum=3)
        assert code_of(asked, q=chosen) == code

    def test_several_choices_are_stored_in_the_order_of_the_question(self) -> None:
        asked = QuestionFactory(key="q", kind=Kind.MULTIPLE_CHOICE, options=["a", "b", "c"])
        assert answers.check(asked, {"q": ["c", "a"]}) == answers.CheckedAnswer(["a", "c"])

    def test_a_required_matrix_needs_an_answer_in_each_row(self) -> None:
        asked = QuestionFactory(key="q", kind=Kind.MATRIX, options=["none", "speak"], required=True)
        for key in ("en", "fr"):
            asked.rows.create(key=key, label_en=key, label_fr=key)
        assert code_of(asked, **{"q-en": "speak"}) == "required"
        assert answers.check(asked, {"q-en": ["speak"], "q-fr": ["none"]}) == answers.CheckedAnswer(
            {"en": "speak", "fr": "none"}
        )


@pytest.mark.django_db
class TestConditions:
    """Which questions are asked."""

    @pytest.mark.parametrize(
        ("operator", "values", "given_answer", "asked"),
        [
            (Condition.Operator.IS_ONE_OF, "yes", "yes", True),
            (Condition.Operator.IS_ONE_OF, "yes", "no", False),
            (Condition.Operator.IS_ONE_OF, "yes", "", False),
            (Condition.Operator.IS_NONE_OF, "yes", "no", True),
            (Condition.Operator.IS_NONE_OF, "yes", "", True),
            (Condition.Operator.ANSWERED, "", "no", True),
            (Condition.Operator.UNANSWERED, "", "no", False),
        ],
    )
    def test_a_condition_follows_the_other_answer(
        self, operator: Condition.Operator, values: str, given_answer: str, asked: bool
    ) -> None:
        first = QuestionFactory(key="first", kind=Kind.YES_NO)
        second = QuestionFactory(key="second", required=True)
        ConditionFactory(question=second, depends_on=first, operator=operator, values=values)
        checked = answers.check_all([first, second], {"first": [given_answer]})
        assert ("second" in checked.errors) is asked

    def test_a_hidden_question_leaves_no_answer_though_something_was_typed(self) -> None:
        first = QuestionFactory(key="first", kind=Kind.YES_NO)
        second = QuestionFactory(key="second")
        ConditionFactory(question=second, depends_on=first, values="yes")
        checked = answers.check_all([first, second], {"first": ["no"], "second": ["typed before"]})
        assert checked.answers.keys() == {"first"}

    @pytest.mark.parametrize(("match", "asked"), [(Question.Match.ANY, True), (Question.Match.ALL, False)])
    def test_several_conditions_join_by_all_or_any(self, match: Question.Match, asked: bool) -> None:
        first, second = (QuestionFactory(key=key, kind=Kind.YES_NO) for key in ("first", "second"))
        third = QuestionFactory(key="third", match=match)
        for other in (first, second):
            ConditionFactory(question=third, depends_on=other, values="yes")
        given = answers.check_all([first, second], {"first": ["yes"], "second": ["no"]}).answers
        assert answers.is_asked(third, given) is asked
