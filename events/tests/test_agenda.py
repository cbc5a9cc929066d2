"""Days and clock times, also where clocks change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from events import agenda
from events.models import Session
from events.tests.factories import EventFactory

PARIS = ZoneInfo("Europe/Paris")


def session(starts: str, ends: str, key: str = "a") -> Session:
    return Session(key=key, starts_at=dt.datetime.fromisoformat(starts), ends_at=dt.datetime.fromisoformat(ends))


def test_sessions_are_grouped_by_the_date_on_the_readers_clock() -> None:
    late = session("2021-12-07T23:30+00:00", "2021-12-08T00:30+00:00")
    assert [day.date for day in agenda.days([late], PARIS)] == [dt.date(2021, 12, 8)]
    assert [day.date for day in agenda.days([late], ZoneInfo("UTC"))] == [dt.date(2021, 12, 7)]


def test_sessions_are_in_order_whatever_order_they_come_in() -> None:
    first = session("2021-12-07T08:00+00:00", "2021-12-07T08:15+00:00", "b")
    parallel = session("2021-12-07T08:00+00:00", "2021-12-07T08:15+00:00", "a")
    second_day = session("2021-12-08T08:00+00:00", "2021-12-08T09:00+00:00", "c")
    days = agenda.days([second_day, first, parallel], PARIS)
    assert [[slot.session.key for slot in day.slots] for day in days] == [["a", "b"], ["c"]]


def test_winter_and_summer_time() -> None:
    [winter] = agenda.days([session("2021-12-07T08:00+00:00", "2021-12-07T09:00+00:00")], PARIS)[0].slots
    [summer] = agenda.days([session("2021-07-07T08:00+00:00", "2021-07-07T09:00+00:00")], PARIS)[0].slots
    assert (winter.starts.hour, summer.starts.hour) == (9, 10)


def test_a_session_over_the_repeated_hour_lasts_as_long_as_it_really_does() -> None:
    [slot] = agenda.days([session("2021-10-31T00:30+00:00", "2021-10-31T01:30+00:00")], PARIS)[0].slots
    assert (slot.starts.strftime("%H:%M"), slot.ends.strftime("%H:%M"), slot.minutes) == ("02:30", "02:30", 60)


def test_opening_hours_of_each_day() -> None:
    hours = agenda.opening_hours(EventFactory.build())
    assert [(starts.isoformat(), ends.isoformat()) for starts, ends in hours] == [
        ("2021-12-07T09:00:00+01:00", "2021-12-07T12:30:00+01:00"),
        ("2021-12-08T09:00:00+01:00", "2021-12-08T12:30:00+01:00"),
    ]


@pytest.mark.parametrize(
    ("zone", "moment", "name"),
    [
        ("Europe/Paris", "2021-12-07T08:00+00:00", "CET (UTC+1)"),
        ("Europe/Paris", "2021-07-07T08:00+00:00", "CEST (UTC+2)"),
        ("UTC", "2021-07-07T08:00+00:00", "UTC (UTC+0)"),
        ("Asia/Kathmandu", "2021-07-07T08:00+00:00", "UTC+5:45"),
        ("America/Sao_Paulo", "2021-07-07T08:00+00:00", "UTC-3"),
    ],
)
def test_zone_name(zone: str, moment: str, name: str) -> None:
    assert agenda.zone_name(dt.datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))) == name
