"""The programme on a participant's own clocks and channel."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from events.models import Event, Interpretation
from events.tests.factories import EventFactory, SessionFactory
from questionnaire.workflow import programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event in Paris with one session in French, interpreted into English."""
    event = EventFactory()
    SessionFactory(
        event=event,
        starts_at=dt.datetime(2021, 12, 7, 8, tzinfo=dt.UTC),
        ends_at=dt.datetime(2021, 12, 7, 9, tzinfo=dt.UTC),
        floor_language="fr",
        interpretation=Interpretation.FR_EN,
    )
    return event


@pytest.mark.parametrize(("zone", "own"), [("Europe/Vienna", None), ("Europe/Athens", 10), ("Europe/Lisbon", 8)])
def test_own_times_stand_where_the_clocks_differ(event: Event, zone: str, own: int | None) -> None:
    [day] = programme.days(event, event.sessions.all(), ZoneInfo(zone), "en")
    [slot] = day.slots
    assert slot.starts.hour == 9
    assert (slot.own_starts.hour if slot.own_starts else None) == own


@pytest.mark.parametrize(
    ("floor", "interpretation", "language", "channel"),
    [
        ("fr", "fr_en", "en", "en"),
        ("fr", "fr_en", "fr", ""),
        ("en", "en_fr", "fr", "fr"),
        ("en", "both", "fr", "fr"),
        ("en", "none", "fr", ""),
        ("", "both", "en", "en"),
    ],
)
def test_the_channel_is_the_one_on_which_the_person_understands(
    event: Event, floor: str, interpretation: str, language: str, channel: str
) -> None:
    session = SessionFactory.build(event=event, floor_language=floor, interpretation=interpretation)
    assert programme.channel(session, language) == channel


@pytest.mark.parametrize(
    ("name", "country", "zone"),
    [
        ("", "GR", "Europe/Athens"),
        ("", "PT", "Europe/Paris"),  # three zones: nobody knows which
        ("", "", "Europe/Paris"),
        ("Atlantic/Azores", "PT", "Atlantic/Azores"),
        ("../etc/passwd", "FR", "Europe/Paris"),
        ("\0", "XX", "Europe/Paris"),
    ],
)
def test_the_zone_is_the_chosen_one_else_that_of_the_country(event: Event, name: str, country: str, zone: str) -> None:
    assert programme.zone_of(name, country, event).key == zone


@pytest.mark.parametrize(("language", "label"), [("en", "Portugal (Azores)"), ("fr", "Portugal (Açores)")])
def test_zones_have_names_that_people_know(language: str, label: str) -> None:
    choices = dict(programme.zone_choices(language, "America/Toronto"))
    assert choices["Atlantic/Azores"] == label
    assert "Toronto" in choices["America/Toronto"]
    assert choices["Europe/Paris"] == "France"
