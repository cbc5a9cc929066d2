"""The screen "Was the promise kept?": when each answer was handed over, as a picture, a table and a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _t

from events.admin.rights import organised_event, person_of
from events.models import Event
from questionnaire.models import Release
from questionnaire.workflow import answered, export, spreadsheet
from questionnaire.workflow.answered import Interval, Report
from questionnaire.workflow.spreadsheet import Format

HEIGHT = 1000  # units of the picture
SLOT = 10  # units of width of an interval, its gap included
COLUMN = 8


@dataclass(frozen=True)
class Bar:
    """An interval as a column of the picture."""

    interval: Interval
    x: int
    y: int
    height: int


def view(model_admin: ModelAdmin[Release], request: HttpRequest, event_id: int) -> HttpResponseBase:
    """Show the report to an organiser of the event; give it as a file by POST, since that is put on record."""
    event = organised_event(request, event_id)
    found = answered.report(event)
    if request.method == "POST":
        return _file(request, event, found)
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Was the promise kept? %(event)s") % {"event": event},
        "event": event,
        "now": timezone.now(),
        "report": found,
        "bars": bars(found.intervals),
        "highest": max((interval.number for interval in found.intervals), default=0),
        "height": HEIGHT,
        "width": SLOT * len(found.intervals),
        "column": COLUMN,
    }
    return TemplateResponse(request, "admin/questionnaire/release/answers.html", context)


def bars(intervals: list[Interval]) -> list[Bar]:
    """Return the columns of the picture; what is there at all is seen."""
    highest = max((interval.number for interval in intervals), default=0)
    heights = [max(10, HEIGHT * row.number // highest) if row.number else 0 for row in intervals]
    return [
        Bar(interval, SLOT * number + (SLOT - COLUMN) // 2, HEIGHT - height, height)
        for number, (interval, height) in enumerate(zip(intervals, heights, strict=True))
    ]


def _file(request: HttpRequest, event: Event, found: Report) -> StreamingHttpResponse:
    """Put on record that the table is taken out, and give it."""
    export.record(event, by=person_of(request), file_format=Format.CSV, number=len(found.lines))
    name = f"{event.slug}-answers.csv"
    return StreamingHttpResponse(
        spreadsheet.csv_portions(answered.header(), [answered.rows(found)]),
        content_type=Format.CSV.content_type,
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )
