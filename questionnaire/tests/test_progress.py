"""What is left to do."""

import pytest

from events.models import Event
from questionnaire.tests.factories import (
    ConditionFactory,
    QuestionFactory,
    SectionFactory,
    small_questionnaire,
    typed,
)
from questionnaire.workflow import progress, questionnaire

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages."""
    return small_questionnaire()


def progress_of(event: Event, values: dict[str, list[str]], current: int = 0) -> progress.Progress:
    """Return the progress of somebody who typed this."""
    asked = questionnaire.load(event)
    return progress.of(asked, values, asked.check(values), current=current)


def test_at_the_start_everything_required_is_left(event: Event) -> None:
    start = progress_of(event, {}, current=1)
    assert (start.complete, start.sections, start.missing, start.wrong) == (0, 2, 5, 0)
    assert [step.state for step in start.steps] == ["current", "todo"]


def test_what_is_wrong_is_told_from_what_is_missing(event: Event) -> None:
    midway = progress_of(event, typed(email="nobody", country=""), current=2)
    assert (midway.complete, midway.missing, midway.wrong) == (0, 1, 1)
    assert [step.state for step in midway.steps] == ["problem", "current"]


def test_a_question_that_is_not_asked_leaves_nothing_to_do(event: Event) -> None:
    assert progress_of(event, typed()).complete == 2
    asked = progress_of(event, typed(earlier="yes"))
    assert (asked.complete, asked.missing) == (1, 1)
    assert [step.state for step in asked.steps] == ["done", "problem"]


def test_a_section_that_asks_nothing_is_no_step(event: Event) -> None:
    last = SectionFactory(event=event, order=9)
    question = QuestionFactory(section=last, required=True)
    ConditionFactory(question=question, depends_on=event.questions.get(key="earlier"), values="yes")
    assert progress_of(event, typed(), current=2).sections == 2
    asked = progress_of(event, typed(earlier="yes", which="Vienna"), current=3)
    assert (asked.sections, asked.position, asked.before, asked.missing) == (3, 3, 2, 1)


def test_the_first_page_on_which_something_is_left(event: Event) -> None:
    asked = questionnaire.load(event)
    for values, number in (({}, 1), (typed(country=""), 2), (typed(), None)):
        assert progress.first_unfinished(asked, asked.check(values)) == number
