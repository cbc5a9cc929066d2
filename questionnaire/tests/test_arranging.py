"""The order of sections and questions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.models import Event
from questionnaire.models import Question
from questionnaire.tests.factories import QuestionFactory, SectionFactory, small_questionnaire
from questionnaire.workflow import arranging, building, outline
from questionnaire.workflow.arranging import Numbers, Order, by_numbers, question_moved, section_moved

ORDER: Order = [(1, [11, 12, 13]), (2, []), (3, [31])]


def test_without_numbers_nothing_moves() -> None:
    assert by_numbers(Numbers({}, {}))(ORDER) == ORDER


@pytest.mark.parametrize(
    ("questions", "first_section"),
    [
        ({13: (1, 1)}, [13, 11, 12]),
        ({11: (1, 3)}, [12, 13, 11]),
        ({13: (1, 2)}, [11, 13, 12]),
        ({11: (1, 2)}, [12, 11, 13]),
        ({11: (1, 2), 12: (1, 1)}, [12, 11, 13]),
        ({11: (1, 99), 12: (1, 99)}, [13, 11, 12]),
        ({13: (1, 0)}, [13, 11, 12]),
    ],
)
def test_a_question_takes_the_place_of_its_number(
    questions: dict[int, tuple[int, int]], first_section: list[int]
) -> None:
    assert by_numbers(Numbers({}, questions))(ORDER)[0] == (1, first_section)


def test_a_question_goes_to_another_section() -> None:
    assert by_numbers(Numbers({}, {12: (3, 1)}))(ORDER) == [(1, [11, 13]), (2, []), (3, [12, 31])]
    assert by_numbers(Numbers({}, {12: (99, 1)}))(ORDER) == [(1, [12, 11, 13]), (2, []), (3, [31])]


def test_sections_go_by_number() -> None:
    assert [section for section, _questions in by_numbers(Numbers({3: 1}, {}))(ORDER)] == [3, 1, 2]
    assert [section for section, _questions in by_numbers(Numbers({1: 3}, {}))(ORDER)] == [2, 3, 1]


def test_one_step_up_or_down() -> None:
    assert question_moved(12, -1)(ORDER)[0] == (1, [12, 11, 13])
    assert question_moved(12, 1)(ORDER)[0] == (1, [11, 13, 12])
    assert section_moved(3, -1)(ORDER) == [ORDER[0], ORDER[2], ORDER[1]]


def test_beyond_its_section_a_question_goes_to_the_next() -> None:
    assert question_moved(13, 1)(ORDER) == [(1, [11, 12]), (2, [13]), (3, [31])]
    assert question_moved(31, -1)(ORDER) == [(1, [11, 12, 13]), (2, [31]), (3, [])]


@pytest.mark.parametrize("plan", [question_moved(11, -1), question_moved(31, 1), question_moved(99, 1)])
def test_at_the_ends_nothing_moves(plan: Any) -> None:
    assert plan(ORDER) == ORDER
    assert section_moved(1, -1)(ORDER) == section_moved(3, 1)(ORDER) == section_moved(9, 1)(ORDER) == ORDER


@given(
    st.dictionaries(st.integers(1, 4), st.integers(0, 9)),
    st.dictionaries(
        st.sampled_from([11, 12, 13, 31, 99]), st.tuples(st.integers(0, 4), st.integers(0, 10**18)), max_size=5
    ),
)
def test_whatever_is_typed_nothing_is_lost(sections: dict[int, int], questions: dict[int, tuple[int, int]]) -> None:
    order = by_numbers(Numbers(sections, questions))(ORDER)
    assert sorted(section for section, _questions in order) == [1, 2, 3]
    assert sorted(question for _section, questions in order for question in questions) == [11, 12, 13, 31]


@pytest.mark.django_db
class TestStored:
    """The order in the database."""

    @pytest.fixture
    def event(self) -> Event:
        """Return a published event."""
        return small_questionnaire()

    def keys(self, event: Event) -> list[str]:
        """Return the keys of the questions in order."""
        return [question.key for question in outline.read(event).questions]

    def test_a_move_is_stored_and_numbers_are_level(self, event: Event) -> None:
        arranging.arrange(event, question_moved(event.questions.get(key="family_name").pk, -1))
        assert self.keys(event)[:3] == ["family_name", "first_name", "email"]
        assert list(event.questions.filter(section__key="you").order_by("order").values_list("order", flat=True)) == [
            1, 2, 3, 4,
        ]  # fmt: skip

    def test_what_would_come_before_its_condition_is_refused(self, event: Event) -> None:
        before = self.keys(event)
        with pytest.raises(building.WouldBreak):
            arranging.arrange(event, question_moved(event.questions.get(key="which").pk, -1))
        with pytest.raises(building.WouldBreak):
            which = event.questions.get(key="which").pk
            arranging.arrange(event, by_numbers(Numbers({}, {which: (event.sections.get(key="you").pk, 1)})))
        assert self.keys(event) == before

    def test_another_events_rows_stay(self, event: Event) -> None:
        foreign = QuestionFactory(order=7)
        arranging.arrange(event, question_moved(foreign.pk, -1))
        arranging.arrange(event, by_numbers(Numbers({foreign.section_id: 1}, {foreign.pk: (1, 1)})))
        foreign.refresh_from_db()
        assert foreign.order == 7

    @pytest.mark.parametrize("size", [1, 3, 30])
    def test_the_queries_do_not_grow(self, event: Event, size: int, django_assert_num_queries: Any) -> None:
        section = SectionFactory(event=event, order=9)
        first, *_others = [QuestionFactory(section=section) for _ in range(size + 1)]
        arranging.arrange(event, lambda order: order)
        with django_assert_num_queries(5 * 3 + 5):
            arranging.arrange(event, by_numbers(Numbers({}, {first.pk: (section.pk, 99)})))

    def test_a_new_question_finds_its_place_free(self, event: Event) -> None:
        section = event.sections.get(key="work")
        arranging.make_room(section, 1)
        QuestionFactory(section=section, key="between", order=1)
        assert self.keys(event)[-4:] == ["country", "between", "earlier", "which"]
        arranging.make_room(section, 99)
        assert not Question.objects.filter(order__gt=99).exists()
