"""The pictures of a report: shapes in whole units, drawn by the template as SVG, each with its numbers in a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

HEIGHT = 240
WIDTH = 960
PAGES = 12


@dataclass(frozen=True)
class Rect:
    """A bar or a column; `series` is 1 or 2."""

    x: int
    y: int
    width: int
    height: int
    series: int


@dataclass(frozen=True)
class Chart:
    """A picture: bars, or lines as the points of a polyline; `ends` stand below its two corners, `highest` on top.

    `rows` are its numbers, under `columns`.
    """

    key: str
    title: str
    caption: str
    legend: tuple[str, ...]
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    highest: str
    ends: tuple[str, str]
    rects: tuple[Rect, ...] = ()
    paths: tuple[tuple[int, str], ...] = ()
    width: int = WIDTH
    height: int = HEIGHT


def draw(figures: Mapping[str, Any]) -> list[Chart]:
    """Return the pictures that there are figures for."""
    zone = ZoneInfo(figures["zone"])
    drawn = []
    if figures["by_day"]:
        drawn.append(_days(figures["by_day"]))
    if figures["decisions"]:
        drawn.append(_decisions(figures["decisions"]))
    if figures["places"]:
        drawn.append(_places(figures["places"], figures["event"]["places"], zone))
    if figures["pages"]:
        drawn.append(_pages(figures["pages"]))
    return drawn


def _days(days: Sequence[tuple[str, int, int]]) -> Chart:
    """Draw how many applications were submitted, and letters arrived, each day."""
    names = [date_format(dt.date.fromisoformat(day), "SHORT_DATE_FORMAT") for day, _submitted, _letters in days]
    highest = max(max(submitted, letters) for _day, submitted, letters in days)
    slot = WIDTH / len(days)
    rects = tuple(
        _column(round(position * slot + series * slot * 0.4), round(slot * 0.4), number, highest, series + 1)
        for position, (_day, *numbers) in enumerate(days)
        for series, number in enumerate(numbers)
        if number
    )
    return Chart(
        key="days",
        title=gettext("Day by day"),
        caption=gettext("Applications submitted, and letters that arrived, on each day of the virtual calendar."),
        legend=(gettext("Applications"), gettext("Letters")),
        columns=(gettext("Day"), gettext("Applications"), gettext("Letters")),
        rows=[(name, str(row[1]), str(row[2])) for name, row in zip(names, days, strict=True)],
        highest=str(highest),
        ends=(names[0], names[-1]),
        rects=rects,
    )


def _column(x: int, width: int, number: int, highest: int, series: int) -> Rect:
    height = max(1, round(HEIGHT * number / highest))
    return Rect(x, HEIGHT - height, max(1, width), height, series)


def _decisions(minutes: Sequence[float]) -> Chart:
    """Draw how many decisions had arrived by which minute after the hour."""
    last = max(1.0, minutes[-1])
    points = [(0.0, 0)] + [(minute, number) for number, minute in enumerate(minutes, 1)]
    shares = [(percent, minutes[min(len(minutes) - 1, len(minutes) * percent // 100)]) for percent in (50, 90, 99)]
    rows = [(f"{percent} %", number_format(minute, 1)) for percent, minute in shares]
    return Chart(
        key="decisions",
        title=gettext("The decisions on their way"),
        caption=gettext("How many decisions had arrived, by minutes after the decision hour."),
        legend=(gettext("Decisions"),),
        columns=(gettext("Arrived"), gettext("Minutes after the hour")),
        rows=[*rows, ("100 %", number_format(minutes[-1], 1))],
        highest=str(len(minutes)),
        ends=("0", number_format(last, 0)),
        paths=((1, _steps(points, last, len(minutes))),),
    )


def _places(steps: Sequence[tuple[str, int, int]], places: int, zone: ZoneInfo) -> Chart:
    """Draw how many places were held, and confirmed, from the release on."""
    moments = [dt.datetime.fromisoformat(moment) for moment, _held, _confirmed in steps]
    span = max(1.0, (moments[-1] - moments[0]).total_seconds())
    seconds = [(moment - moments[0]).total_seconds() for moment in moments]
    highest = max(places, *(held for _moment, held, _confirmed in steps))
    paths = tuple(
        (series, _steps([(at, int(row[series])) for at, row in zip(seconds, steps, strict=True)], span, highest))
        for series in (1, 2)
    )
    names = [date_format(moment.astimezone(zone), "SHORT_DATETIME_FORMAT") for moment in moments]
    return Chart(
        key="places",
        title=gettext("Places held"),
        caption=gettext("People who held a place, and those who had confirmed it; there were %(places)d places.")
        % {"places": places},
        legend=(gettext("Held"), gettext("Confirmed")),
        columns=(gettext("When"), gettext("Held"), gettext("Confirmed")),
        rows=[(name, str(row[1]), str(row[2])) for name, row in zip(names, steps, strict=True)],
        highest=str(highest),
        ends=(names[0], names[-1]),
        paths=paths,
    )


def _steps(points: Sequence[tuple[float, int]], right: float, highest: int) -> str:
    """Return the points of a line that stays where it is until the next point."""
    corners: list[str] = []
    level = points[0][1]
    for at, number in points:
        x = round(WIDTH * at / right)
        corners += [f"{x},{_level(level, highest)}", f"{x},{_level(number, highest)}"]
        level = number
    return " ".join(corners)


def _level(number: int, highest: int) -> int:
    return round(HEIGHT - HEIGHT * number / max(1, highest))


def _pages(pages: Sequence[Mapping[str, Any]]) -> Chart:
    """Draw how long the slowest pages took."""
    shown = pages[:PAGES]
    slowest = max(page["p95"] for page in shown) or 1
    row = HEIGHT // PAGES
    rects = tuple(
        Rect(0, position * row + 2, max(1, round(WIDTH * page["p95"] / slowest)), row - 4, 1)
        for position, page in enumerate(shown)
    )
    return Chart(
        key="pages",
        title=gettext("How long pages took"),
        caption=gettext("The pages that took longest, slowest first: milliseconds within which 95 of 100 were there."),
        legend=(gettext("95 of 100"),),
        columns=(gettext("Page"), gettext("Requests"), gettext("Half"), gettext("95 of 100"), gettext("Slowest")),
        rows=[(page["page"], *(str(page[name]) for name in ("number", "median", "p95", "slowest"))) for page in pages],
        highest="",
        ends=("0", f"{slowest} ms"),
        rects=rects,
        height=row * len(shown),
    )
