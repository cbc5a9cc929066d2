"""The questionnaire in memory: read once for each version of the event, and never out of date."""

import pytest
from pytest_django import DjangoAssertNumQueries

from events import publishing
from events.models import Event
from questionnaire.tests.factories import QuestionFactory, small_questionnaire
from questionnaire.workflow import questionnaire

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages."""
    return small_questionnaire()


def test_it_is_read_in_five_queries_and_then_kept(
    event: Event, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):
        first = questionnaire.load(event)
    with django_assert_num_queries(0):
        assert questionnaire.load(Event(pk=event.pk, version=event.version)).pages is first.pages


def test_a_new_version_of_the_event_is_read_anew_and_takes_the_place_of_the_old(event: Event) -> None:
    questionnaire.load(event)
    QuestionFactory(section=event.sections.get(key="work"), key="new")
    publishing.touch(event)
    event.refresh_from_db()
    assert "new" in {question.key for question in questionnaire.load(event).questions}


def test_a_page_knows_its_inputs(event: Event) -> None:
    section = event.sections.get(key="work")
    QuestionFactory(section=section, key="cv", kind="file", order=8)
    QuestionFactory(section=section, key="role", kind="single_choice", order=9, options=["a", "other+"])
    page = questionnaire.load(event).pages[1]
    assert list(page.question_of) == ["country", "earlier", "which", "cv", "role", "role-text"]
    assert "cv" not in page.typed_names
    assert [question.key for question in page.files] == ["cv"]
    assert page.posted({"country": ["FR"], "first_name": ["Zoé"], "cv": ["x", "y"]})["country"] == ["FR"]
    assert page.is_untouched({"first_name": ["Zoé"], "country": [""]})
