"""The promised day on the event's calendar, in every zone and at every change of the clocks."""

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events import promise
from events.models import Event
from events.tests.factories import EventFactory

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2037, 12, 30))
ZONES = st.sampled_from(
    [
        "Europe/Paris",
        "America/New_York",
        "Australia/Lord_Howe",  # half an hour
        "America/Sao_Paulo",  # midnight was missing in spring, and in autumn 23.00 came twice
        "America/Havana",  # midnight comes twice in autumn
        "Africa/Cairo",
        "Asia/Beirut",
        "Pacific/Apia",  # 30 December 2011 was left out
        "Asia/Kathmandu",
        "UTC",
    ]
)
MICROSECOND = dt.timedelta(microseconds=1)


@given(day=DAYS, zone=ZONES)
@example(day=dt.date(2021, 11, 29), zone="Europe/Paris")
@example(day=dt.date(2018, 11, 3), zone="America/Sao_Paulo")  # the next day begins at 01.00
@example(day=dt.date(2018, 2, 17), zone="America/Sao_Paulo")  # 23.00 comes twice
@example(day=dt.date(2021, 11, 6), zone="America/Havana")  # the next day's midnight comes twice
@example(day=dt.date(2011, 12, 29), zone="Pacific/Apia")
def test_the_promise_holds_for_the_whole_of_its_day_and_not_a_moment_longer(day: dt.date, zone: str) -> None:
    event = EventFactory.build(promised_by=day, time_zone=zone)
    end = event.promise_ends_at
    assert (end - MICROSECOND).astimezone(event.zone).date() <= day < end.astimezone(event.zone).date()
    assert end.utcoffset() == dt.timedelta()


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (dt.date(2021, 11, 29), dt.datetime(2021, 11, 29, 23, tzinfo=dt.UTC)),  # winter: 23:59:59 is 22:59:59Z
        (dt.date(2021, 7, 14), dt.datetime(2021, 7, 14, 22, tzinfo=dt.UTC)),  # summer
        (dt.date(2021, 3, 28), dt.datetime(2021, 3, 28, 22, tzinfo=dt.UTC)),  # a day of 23 hours
        (dt.date(2021, 10, 31), dt.datetime(2021, 10, 31, 23, tzinfo=dt.UTC)),  # a day of 25 hours
    ],
)
def test_the_promise_ends_at_midnight_in_paris_in_winter_and_in_summer(day: dt.date, end: dt.datetime) -> None:
    assert EventFactory.build(promised_by=day).promise_ends_at == end


@given(day=DAYS, zone=ZONES, seconds=st.integers(631152000, 2145600000))
def test_days_left_change_exactly_at_the_next_midnight(day: dt.date, zone: str, seconds: int) -> None:
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    event = EventFactory.build(promised_by=day, time_zone=zone)
    midnight = promise.next_midnight(event, moment)
    left = promise.days_left(event, moment)
    assert midnight > moment
    assert promise.days_left(event, midnight - MICROSECOND) == left
    assert promise.days_left(event, midnight) < left


@given(day=DAYS, zone=ZONES, hour=st.integers(0, 23))
def test_an_hour_that_is_there_once_is_kept_and_a_missing_one_moves_on_by_as_much_as_is_missing(
    day: dt.date, zone: str, hour: int
) -> None:
    event = EventFactory.build(first_day=day, last_day=day, daily_start=dt.time(hour), time_zone=zone)
    meant = dt.datetime.combine(day, dt.time(hour), dt.UTC)
    shown = event.begins_at.astimezone(event.zone)
    moved_by = shown.replace(tzinfo=dt.UTC) - meant
    # The first of two equal hours; one that the clocks leave out is taken as they would have shown it before.
    before = event.begins_at - dt.timedelta(seconds=1)
    assert moved_by == dt.timedelta() or moved_by == shown.utcoffset() - _offset(event, meant)
    assert before.astimezone(event.zone).replace(tzinfo=dt.UTC) < meant or shown.fold == 0


def _offset(event: Event, meant: dt.datetime) -> dt.timedelta:
    """Return how far the clocks are ahead of UTC before a change at the local time `meant`, or at all times."""
    offset = meant.replace(tzinfo=event.zone).utcoffset()
    assert offset is not None
    return offset


@given(day=DAYS)
def test_the_last_working_day_is_at_most_two_days_before(day: dt.date) -> None:
    working = promise.last_working_day(day)
    assert working.weekday() < promise.SATURDAY
    assert dt.timedelta() <= day - working <= dt.timedelta(days=2)
    assert (working == day) is (day.weekday() < promise.SATURDAY)
