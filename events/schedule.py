"""An event's agenda as JSON in the schedule format of frab and pretalx, which conference apps read.

The format is the one of https://c3voc.de/schedule/schema.json: a conference has days, a day has rooms,
a room has events. An event here has one room, its venue.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from events import agenda
from events.models import Event, Session

TIMESLOT_MINUTES = 5


def schedule(event: Event, sessions: Sequence[Session]) -> dict[str, Any]:
    """Return the schedule of an event in the active language, ready for JSON."""
    address = settings.BASE_URL + event.get_absolute_url()
    days = agenda.days(sessions, event.zone)
    return {
        "$schema": "https://c3voc.de/schedule/schema.json",
        "generator": {"name": "ravisit"},
        "schedule": {
            "version": str(event.version),
            "url": address,
            "base_url": address,
            "conference": {
                "acronym": event.slug,
                "title": event.title,
                "start": event.first_day.isoformat(),
                "end": event.last_day.isoformat(),
                "daysCount": len(agenda.dates(event)),
                "timeslot_duration": _duration(TIMESLOT_MINUTES),
                "time_zone_name": event.time_zone,
                "url": address,
                "rooms": [{"name": event.venue, "slug": "venue", "guid": _guid(event, "room")}],
                "tracks": [],
                "days": [_day(event, index, day) for index, day in enumerate(days, start=1)],
            },
        },
    }


def _day(event: Event, index: int, day: agenda.Day) -> dict[str, Any]:
    return {
        "index": index,
        "date": day.date.isoformat(),
        "day_start": day.slots[0].starts.isoformat(),
        "day_end": max(slot.ends for slot in day.slots).isoformat(),
        "rooms": {event.venue: [_talk(event, slot) for slot in day.slots]},
    }


def _talk(event: Event, slot: agenda.Slot) -> dict[str, Any]:
    session = slot.session
    persons = [{"id": session.pk, "public_name": session.speakers}] if session.speakers else []
    return {
        "guid": _guid(event, session.key),
        "code": session.key,
        "id": session.pk,
        "date": slot.starts.isoformat(),
        "start": f"{slot.starts:%H:%M}",
        "duration": _duration(slot.minutes),
        "room": event.venue,
        "slug": f"{event.slug}-{session.key}",
        "url": f"{settings.BASE_URL}{reverse('events:agenda', args=[event.slug])}#{session.key}",
        "title": session.title,
        "subtitle": "",
        "track": None,
        "type": session.get_kind_display(),
        "language": session.floor_language or get_language(),
        "abstract": session.description,
        "description": "",
        "do_not_record": True,
        "persons": persons,
        "links": [],
        "attachments": [],
    }


def _guid(event: Event, key: str) -> str:
    """Name a thing of the event for ever, whatever its title or its row becomes."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.BASE_URL}/events/{event.slug}/{key}"))


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours:02}:{rest:02}"
