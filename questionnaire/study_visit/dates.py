"""The dates of the data files: wall-clock times in the event's zone, moved by whole days where wanted."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from questionnaire.study_visit.rows import ContentError

DAYS = ("first_day", "last_day", "promised_by")
MOMENTS = ("opens_at", "closes_at", "decisions_at", "answer_by")
WEEK = dt.timedelta(weeks=1)
DAY = dt.timedelta(days=1)

Value = TypeVar("Value")


def weeks_until_open(opens_at: dt.datetime, *, today: dt.date) -> dt.timedelta:
    """Return the whole weeks by which the opening must move to fall one to seven days before `today`.

    Weeks, so that every date keeps its day of the week; `opens_at` and `today` are local.
    """
    return (today - DAY - opens_at.date()) // WEEK * WEEK


def moment(local: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return a wall-clock time in a zone as a moment in UTC."""
    return local.replace(tzinfo=zone).astimezone(dt.UTC)


def event_dates(block: Mapping[str, Any], where: str, zone: ZoneInfo, shift: dt.timedelta) -> dict[str, Any]:
    """Return the event's days and moments, moved by `shift`; the hours on the clock stay the same."""
    days = {name: typed(block, name, dt.date, where) + shift for name in DAYS}
    moments = {name: moment(local_time(block, name, where) + shift, zone) for name in MOMENTS}
    return days | moments


def titles(block: Mapping[str, Any], first: dt.date, last: dt.date, zone: ZoneInfo) -> dict[str, str]:
    """Return the event's title in each language, with `{days}` and `{zone}` (CET, CEST) filled in."""
    noon = dt.datetime.combine(first, dt.time(12), zone)
    filled = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            title = typed(block, f"title_{language}", str, "event.toml")
            filled[f"title_{language}"] = title.replace("{days}", span(first, last)).replace("{zone}", f"{noon:%Z}")
    return filled


def span(first: dt.date, last: dt.date) -> str:
    """Return days as the Newsroom writes them in titles, in the active language: "07-08 December 2021"."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{date_format(first, 'd')}-{date_format(last, 'd F Y')}"
    return f"{date_format(first, 'd F Y')} – {date_format(last, 'd F Y')}"


def local_time(block: Mapping[str, Any], name: str, where: str) -> dt.datetime:
    """Return a date with a wall-clock time; raise `ContentError` where an offset from UTC was written."""
    value = typed(block, name, dt.datetime, where)
    if value.tzinfo is not None:
        raise ContentError(f"{where}: {name} is a time in the event's zone, write it without an offset")
    return value


def typed(block: Mapping[str, Any], name: str, kind: type[Value], where: str) -> Value:
    """Return an entry of a data file; raise `ContentError` where it is missing or of another type."""
    value = block.get(name)
    if type(value) is not kind:
        raise ContentError(f"{where}: {name} must be a {kind.__name__}, not {value!r}")
    return value
