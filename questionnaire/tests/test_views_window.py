"""The questionnaire while applying is not open: read by all, and nothing typed too early or too late is thrown away."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from events.models import Event
from questionnaire.models import Application
from questionnaire.tests.factories import AFTER_CLOSE, BEFORE_OPENING, WHILE_OPEN, small_questionnaire, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages."""
    return small_questionnaire()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Begin while applying is open."""
    with time_machine.travel(WHILE_OPEN, tick=False) as traveller:
        yield traveller


def page_url(event: Event, number: int = 1, language: str = "en") -> str:
    """Return the address of a page of the questionnaire."""
    return f"/{language}/events/{event.slug}/questionnaire/{number}/"


def test_after_the_close_typing_is_kept_on_the_page_and_the_page_says_so(
    client: Client, event: Event, clock: time_machine.Traveller
) -> None:
    clock.move_to(AFTER_CLOSE)
    response = client.post(page_url(event), typed())
    assert response.status_code == 409
    page = response.content.decode()
    assert 'value="Zoé"' in page
    assert "Applying is closed" in page


def test_before_the_opening_nothing_can_be_begun(client: Client, event: Event, clock: time_machine.Traveller) -> None:
    clock.move_to(BEFORE_OPENING)
    assert client.post(page_url(event), typed()).status_code == 409
    assert not Application.objects.exists()


@pytest.mark.parametrize("moment", [BEFORE_OPENING, AFTER_CLOSE])
def test_while_applying_is_not_open_one_reads_section_by_section_and_is_asked_to_save_nothing(
    client: Client, event: Event, clock: time_machine.Traveller, moment: dt.datetime
) -> None:
    clock.move_to(moment)
    page = client.get(page_url(event)).content.decode()
    assert "Next section" in page
    assert "Save and continue later" not in page
    assert "required answers left" not in page
    assert client.post(page_url(event), {"go": "page-2"}).url == page_url(event, 2)
    assert client.post(page_url(event), {"go": "fr"}).url == page_url(event).replace("/en/", "/fr/")
    assert client.post(page_url(event), {"go": "page-2", "first_name": "Zoé"}).status_code == 409
    last = client.get(page_url(event, 2)).content.decode()
    assert "Next section" not in last
    assert f'href="{event.get_absolute_url()}">Back to the event' in last


def test_who_has_a_draft_reads_on_after_the_close_and_finds_the_way_to_the_own_page(
    client: Client, event: Event, clock: time_machine.Traveller
) -> None:
    client.post(page_url(event), typed())
    clock.move_to(AFTER_CLOSE)
    page = client.get(page_url(event)).content.decode()
    assert 'value="Zoé"' in page
    assert "Next section" in page
    assert "Back to your application" in page
    assert "Back to the event" not in page
