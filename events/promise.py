"""The promise of an event, "everyone who applied has our answer by …", on the calendar of the event's time zone."""

import datetime as dt

from events.models import Event

SATURDAY = 5  # by `date.weekday`


def days_left(event: Event, now: dt.datetime) -> int:
    """Return the days from today to the promised day; below zero once it is over."""
    return (event.promised_by - now.astimezone(event.zone).date()).days


def last_working_day(day: dt.date) -> dt.date:
    """Return a day itself, or the Friday before where it lies in a weekend. Public holidays are not known here."""
    return day - dt.timedelta(days=max(0, day.weekday() - SATURDAY + 1))


def next_midnight(event: Event, now: dt.datetime) -> dt.datetime:
    """Return when the next day begins, in UTC."""
    tomorrow = now.astimezone(event.zone).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), event.zone).astimezone(dt.UTC)
