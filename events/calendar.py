"""An event's agenda as an iCalendar file (RFC 5545)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events import agenda
from events.models import Event, Interpretation, Session

CONTENT_TYPE = "text/calendar; charset=utf-8"
CONTENT_TYPE_OF_MAIL = f"{CONTENT_TYPE}; method=PUBLISH"
"""Mail programs want the method of the file in its type too (RFC 6047)."""


def calendar(event: Event, sessions: Sequence[Session], now: dt.datetime) -> bytes:
    """Return the calendar of an event in the active language: its sessions, or its days while it has none.

    Times carry the event's time zone; each entry keeps its UID over changes, and `SEQUENCE` grows with
    the event's version, so that a calendar that has the entry updates it.
    """
    entries = _sessions(event, sessions) if sessions else _days(event)
    file = icalendar.Calendar()
    file.add("prodid", "-//ravisit//agenda//EN")
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    file.add("x-wr-calname", event.title)
    file.add("x-wr-timezone", event.time_zone)
    for entry in entries:
        entry.add("dtstamp", now.astimezone(dt.UTC))
        entry.add("sequence", event.version)
        entry.add("status", "TENTATIVE" if event.programme_is_provisional else "CONFIRMED")
        entry.add("location", event.venue)
        entry.add("url", settings.BASE_URL + event.get_absolute_url())
        file.add_component(entry)
    year = dt.timedelta(days=366)
    file.add_missing_timezones(event.first_day - year, event.last_day + year)
    return bytes(file.to_ical())


def file_name(event: Event) -> str:
    """Return the name under which the calendar is saved."""
    return f"{event.slug}-{get_language()}.ics"


def _sessions(event: Event, sessions: Iterable[Session]) -> Iterable[icalendar.Event]:
    for day in agenda.days(sessions, event.zone):
        for slot in day.slots:
            session = slot.session
            yield _entry(event, session.key, slot.starts, slot.ends, session.title, _description(session))


def _days(event: Event) -> Iterable[icalendar.Event]:
    for starts, ends in agenda.opening_hours(event):
        yield _entry(event, f"{starts:%Y%m%d}", starts, ends, event.title, event.summary)


def _entry(
    event: Event, key: str, starts: dt.datetime, ends: dt.datetime, summary: str, description: str
) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", f"{key}.{event.slug}@{urlsplit(settings.BASE_URL).hostname}")
    entry.add("dtstart", starts)
    entry.add("dtend", ends)
    entry.add("summary", summary)
    if description:
        entry.add("description", description)
    return entry


def _description(session: Session) -> str:
    lines = [session.speakers, session.description]
    if session.floor_language:
        lines.append(_("Floor language: %(language)s") % {"language": session.get_floor_language_display()})
    if session.interpretation != Interpretation.NONE:
        lines.append(_("Interpretation: %(languages)s") % {"languages": session.get_interpretation_display()})
    return "\n".join(line for line in lines if line)
