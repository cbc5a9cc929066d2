"""The agenda as people read it: days, and clock times in one time zone. Pure: no database, no clock."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from events.models import Event, Session


@dataclass(frozen=True)
class Slot:
    """A session with its start and end on the clocks of the reader's time zone."""

    session: Session
    starts: dt.datetime
    ends: dt.datetime

    @property
    def minutes(self) -> int:
        """Return how long the session really lasts, also over a change of the clocks."""
        return int((self.session.ends_at - self.session.starts_at).total_seconds() // 60)


@dataclass(frozen=True)
class Day:
    """The sessions that start on one date, in their order."""

    date: dt.date
    slots: tuple[Slot, ...]


def days(sessions: Iterable[Session], zone: zoneinfo.ZoneInfo) -> list[Day]:
    """Arrange sessions by the date on which they start in `zone`."""
    in_order = sorted(sessions, key=lambda session: (session.starts_at, session.key))
    slots = [Slot(s, s.starts_at.astimezone(zone), s.ends_at.astimezone(zone)) for s in in_order]
    by_date = groupby(slots, key=lambda slot: slot.starts.date())
    return [Day(date, tuple(group)) for date, group in by_date]


def dates(event: Event) -> list[dt.date]:
    """Return the days of the event."""
    count = (event.last_day - event.first_day).days + 1
    return [event.first_day + dt.timedelta(days=number) for number in range(count)]


def opening_hours(event: Event) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return when each day of the event begins and ends, in the event's time zone."""
    return [
        (
            dt.datetime.combine(date, event.daily_start, event.zone),
            dt.datetime.combine(date, event.daily_end, event.zone),
        )
        for date in dates(event)
    ]


def zone_name(moment: dt.datetime) -> str:
    """Return how the clocks of an aware moment are called there and then, such as `CET (UTC+1)`."""
    offset = moment.utcoffset() or dt.timedelta()
    hours, minutes = divmod(int(abs(offset).total_seconds()) // 60, 60)
    utc = f"UTC{'-' if offset < dt.timedelta() else '+'}{hours}" + (f":{minutes:02}" if minutes else "")
    name = moment.tzname() or utc
    return f"{name} ({utc})" if name.isalpha() else utc
