"""The calendar file, read back by the icalendar library."""

import datetime as dt

import icalendar
import pytest
from django.utils import translation

from events.calendar import calendar
from events.models import Event
from events.tests.factories import EventFactory, SessionFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2021, 11, 5, 12, tzinfo=dt.UTC)


def entries(event: Event, now: dt.datetime = NOW) -> list[icalendar.Event]:
    parsed = icalendar.Calendar.from_ical(calendar(event, list(event.sessions.all()), now))
    return [entry for entry in parsed.walk("VEVENT") if isinstance(entry, icalendar.Event)]


def test_each_session_is_an_entry_at_its_hour_in_paris() -> None:
    session = SessionFactory(description_en="A <b>round table</b>; with “quotes”, commas, and Łódź 🎓")
    [entry] = entries(session.event)
    assert entry["dtstart"].dt.isoformat() == "2021-12-07T09:00:00+01:00"
    assert entry["dtend"].dt - entry["dtstart"].dt == dt.timedelta(minutes=30)
    assert str(entry["dtstart"].params["TZID"]) == "Europe/Paris"
    assert entry["summary"] == "Preparing a release"
    assert entry["location"] == "Digital meeting"
    assert "A <b>round table</b>; with “quotes”, commas, and Łódź 🎓" in entry["description"]
    assert "Floor language: French" in entry["description"]
    assert "Interpretation: French into English" in entry["description"]


def test_it_carries_the_rules_of_its_time_zone() -> None:
    parsed = icalendar.Calendar.from_ical(calendar(SessionFactory().event, [], NOW))
    [zone] = parsed.walk("VTIMEZONE")
    assert zone["tzid"] == "Europe/Paris"


def test_it_speaks_the_active_language() -> None:
    session = SessionFactory()
    with translation.override("fr"):
        [entry] = entries(session.event)
    assert entry["summary"] == "Préparer une sortie"
    assert entry["url"].endswith(f"/fr/events/{session.event.slug}/")


def test_without_sessions_each_day_is_an_entry() -> None:
    found = entries(EventFactory())
    assert [entry["dtstart"].dt.isoformat() for entry in found] == [
        "2021-12-07T09:00:00+01:00",
        "2021-12-08T09:00:00+01:00",
    ]


def test_an_entry_keeps_its_uid_and_grows_its_sequence_when_the_event_changes() -> None:
    session = SessionFactory()
    [before] = entries(session.event)
    Event.objects.update(version=7)
    session.title_en = "Another title"
    session.save()
    [after] = entries(Event.objects.get(), NOW + dt.timedelta(days=1))
    assert after["uid"] == before["uid"]
    assert after["sequence"] == 7 > before["sequence"]
    assert after["summary"] == "Another title"


def test_two_sessions_and_two_events_never_share_a_uid() -> None:
    event = EventFactory()
    SessionFactory(event=event, key="opening")
    SessionFactory(event=event, key="closing")
    other = SessionFactory(key="opening").event
    uids = [entry["uid"] for entry in entries(event) + entries(other)]
    assert len(set(uids)) == 3


@pytest.mark.parametrize(("provisional", "status"), [(True, "TENTATIVE"), (False, "CONFIRMED")])
def test_a_provisional_programme_is_tentative(provisional: bool, status: str) -> None:
    [entry] = entries(SessionFactory(event__programme_is_provisional=provisional).event)
    assert entry["status"] == status


def test_line_breaks_in_a_title_start_no_property() -> None:
    event = SessionFactory(title_en="Title\r\nATTENDEE:mailto:someone@example.org").event
    [entry] = entries(event)
    assert "attendee" not in entry
