"""The programme as one participant follows it: on the clocks where they are, and on which channel they listen."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from babel.core import get_global
from django.conf import settings

from events import agenda
from events.countries import EU_COUNTRIES, OTHER_EUROPEAN_COUNTRIES, country_names, without_accents
from events.models import Event, Interpretation, Session

_INTERPRETED_INTO = {
    Interpretation.EN_FR: frozenset({"fr"}),
    Interpretation.FR_EN: frozenset({"en"}),
    Interpretation.BOTH: frozenset({"en", "fr"}),
}


@dataclass(frozen=True)
class Slot:
    """A session on the clocks of the event; `own_starts` and `own_ends` where the participant's show another time.

    `channel` is the language to choose for listening: empty for the floor itself.
    """

    session: Session
    starts: dt.datetime
    ends: dt.datetime
    own_starts: dt.datetime | None
    own_ends: dt.datetime | None
    channel: str

    @property
    def channel_name(self) -> str:
        """Return the language of the channel in the active language."""
        return str(dict(settings.LANGUAGES).get(self.channel, ""))


@dataclass(frozen=True)
class Day:
    """The sessions of a day of the event."""

    date: dt.date
    slots: tuple[Slot, ...]


def days(event: Event, sessions: Iterable[Session], zone: zoneinfo.ZoneInfo, language: str) -> list[Day]:
    """Return the programme for somebody who is in `zone` and listens in `language`."""
    return [
        Day(day.date, tuple(_slot(slot, zone, language) for slot in day.slots))
        for day in agenda.days(sessions, event.zone)
    ]


def _slot(slot: agenda.Slot, zone: zoneinfo.ZoneInfo, language: str) -> Slot:
    own_starts, own_ends = slot.starts.astimezone(zone), slot.ends.astimezone(zone)
    same = own_starts.utcoffset() == slot.starts.utcoffset() and own_ends.utcoffset() == slot.ends.utcoffset()
    return Slot(
        session=slot.session,
        starts=slot.starts,
        ends=slot.ends,
        own_starts=None if same else own_starts,
        own_ends=None if same else own_ends,
        channel=channel(slot.session, language),
    )


def channel(session: Session, language: str) -> str:
    """Return the language of the channel on which somebody understands a session best; empty for the floor."""
    if session.floor_language == language:
        return ""
    into = _INTERPRETED_INTO.get(Interpretation(session.interpretation), frozenset())
    return language if language in into else ""


def zone_of(name: str, country: str, event: Event) -> zoneinfo.ZoneInfo:
    """Return the time zone by its name; else that of a country which has only one; else that of the event."""
    zones = zones_of_country(country)
    for candidate in (name, zones[0] if len(zones) == 1 else ""):
        if candidate in zoneinfo.available_timezones():
            return zoneinfo.ZoneInfo(candidate)
    return event.zone


def zones_of_country(country: str) -> list[str]:
    """Return the names of the time zones of a country."""
    return list(get_global("territory_zones").get(country, ()))


@lru_cache(maxsize=64)
def zone_choices(language: str, *others: str) -> list[tuple[str, str]]:
    """Return the time zones of Europe, and `others`, with what people call them, in the order of the language."""
    countries = sorted(EU_COUNTRIES | OTHER_EUROPEAN_COUNTRIES)
    names = {zone for country in countries for zone in zones_of_country(country)} | set(others)
    choices = [(name, _zone_label(name, language)) for name in names]
    return sorted(choices, key=lambda choice: without_accents(choice[1]))


def _zone_label(name: str, language: str) -> str:
    """Return the country of a time zone, with the city where the country has several."""
    country = get_global("zone_territories").get(name, "")
    city = Locale.parse(language).time_zones.get(name, {}).get("city") or name.rpartition("/")[2].replace("_", " ")
    country_label = country_names(language).get(country, "")
    several = len(zones_of_country(country)) > 1
    return f"{country_label} ({city})" if country_label and several else country_label or city
