"""The JSON schedule, by what conference apps require of it."""

import json
import uuid
from typing import Any

import pytest

from events.models import Event
from events.schedule import schedule
from events.tests.factories import EventFactory, SessionFactory

pytestmark = pytest.mark.django_db


def conference(event: Event) -> dict[str, Any]:
    content = json.loads(json.dumps(schedule(event, list(event.sessions.all()))))
    found: dict[str, Any] = content["schedule"]["conference"]
    return found


def test_conference() -> None:
    event = EventFactory(slug="paris")
    found = conference(event)
    assert found["acronym"] == "paris"
    assert (found["start"], found["end"], found["daysCount"]) == ("2021-12-07", "2021-12-08", 2)
    assert found["time_zone_name"] == "Europe/Paris"
    assert found["days"] == []


def test_session() -> None:
    event = SessionFactory(key="release").event
    [day] = conference(event)["days"]
    assert (day["index"], day["date"]) == (1, "2021-12-07")
    assert (day["day_start"], day["day_end"]) == ("2021-12-07T09:00:00+01:00", "2021-12-07T09:30:00+01:00")
    [talk] = day["rooms"]["Digital meeting"]
    assert (talk["date"], talk["start"], talk["duration"]) == ("2021-12-07T09:00:00+01:00", "09:00", "00:30")
    assert (talk["language"], talk["room"]) == ("fr", "Digital meeting")
    assert talk["url"].endswith(f"/en/events/{event.slug}/agenda/#release")
    assert [person["public_name"] for person in talk["persons"]] == ["A probation officer"]


def test_a_session_keeps_its_guid_when_its_row_is_made_again() -> None:
    event = SessionFactory(key="release").event
    before = guids(event)
    event.sessions.all().delete()
    SessionFactory(event=event, key="release", title_en="Renamed")
    assert guids(event) == before
    assert all(uuid.UUID(guid) for guid in before)


def guids(event: Event) -> list[str]:
    days = conference(event)["days"]
    return [talk["guid"] for day in days for talks in day["rooms"].values() for talk in talks]
