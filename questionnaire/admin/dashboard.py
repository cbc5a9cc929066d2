"""The dashboard of an event: its figures as pictures, each with its numbers, for the screen and for paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _t

from events.admin.rights import rights_of
from events.models import Event
from questionnaire.admin.application_filters import RECEIVED
from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.workflow import alarms, interpreting
from questionnaire.workflow.balance import Standing
from questionnaire.workflow.interpreting import Need, Plan, Row
from questionnaire.workflow.spreadsheet import Format
from questionnaire.workflow.statistics import Period, Progress, Share, statistics

SCALE = 1000  # units of a picture: whole numbers read the same in every language
COLUMN = 4  # units of width of a column of the curve, of which two stand in a slot
SLOT = 10


@dataclass(frozen=True)
class Bar:
    """A row of a bar chart; `width` is its length in units of `SCALE`."""

    label: str
    number: int
    percent: int
    width: int
    url: str = ""


@dataclass(frozen=True)
class Bars:
    """A bar chart, which is a table: the number stands beside each bar."""

    key: str
    title: str
    heading: str
    bars: list[Bar]


@dataclass(frozen=True)
class Slot:
    """A period of the curve: where its two columns stand, and how high they are."""

    period: Period
    begun_x: int
    submitted_x: int
    begun_y: int
    begun_height: int
    submitted_y: int
    submitted_height: int


@dataclass(frozen=True)
class Curve:
    """The applications over time: columns on a ground of `width` and `SCALE`, the highest standing for `highest`."""

    slots: list[Slot]
    width: int
    highest: int
    begun: int
    submitted: int
    by_weeks: bool


@dataclass(frozen=True)
class Gauge:
    """A quota with its picture: the bars of pool and selected, and where minimum and maximum stand."""

    standing: Standing
    pool: int
    selected: int
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True)
class Part:
    """A piece of a bar: of what kind, where it begins, and how long it is."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True)
class NeedBar:
    """How many need one direction of interpretation, as the pieces of one bar."""

    need: Need
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Needs:
    """A session of the plan with its bars."""

    row: Row
    bars: list[NeedBar]


@dataclass(frozen=True)
class Work:
    """A reviewer's progress with its picture."""

    progress: Progress
    width: int


def urls(model_admin: ModelAdmin[Application]) -> list[URLPattern]:
    """Return where the dashboard of an event stands."""

    def view(request: HttpRequest, event_id: int) -> HttpResponseBase:
        return dashboard_view(model_admin, request, event_id)

    return [
        path(
            "dashboard/<int:event_id>/",
            model_admin.admin_site.admin_view(view),
            name="questionnaire_application_dashboard",
        )
    ]


def dashboard_view(model_admin: ModelAdmin[Application], request: HttpRequest, event_id: int) -> HttpResponseBase:
    """Show the dashboard to an organiser of the event."""
    event = get_object_or_404(Event, pk=event_id, pk__in=rights_of(request).organised)
    now = timezone.now()
    found = statistics(event, now=now)
    interpretation = interpreting.plan(event, found.figures)
    applications = f"{reverse('admin:questionnaire_application_changelist')}?event={event.pk}"
    received = f"{applications}&state={RECEIVED}"
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Dashboard: %(event)s") % {"event": event},
        "event": event,
        "now": now,
        "applications_url": applications,
        "received_url": received,
        "figures": found.figures,
        "alarms": alarms.standings([found.figures], now=now),
        "curve": curve(found.periods),
        "charts": [
            bars("country", _t("By country"), _t("Country"), found.countries, received),
            bars("target_group", _t("By target group"), _t("Target group"), found.target_groups, received),
            bars("language", _t("By language of letters"), _t("Language"), found.languages, received),
            bars("state", _t("By state"), _t("State"), found.states, applications, without_link={State.DRAFT}),
        ],
        "works": [Work(row, _part(row.done, row.assigned)) for row in found.reviewers],
        "gauges": [gauge(standing) for standing in found.quotas],
        "interpretation": interpretation,
        "needs": needs(interpretation) if interpretation else [],
        "formats": list(Format),
        "languages": settings.LANGUAGES,
        "scale": SCALE,
        "column": COLUMN,
    }
    return TemplateResponse(request, "admin/questionnaire/dashboard/dashboard.html", context)


def bars(
    key: str,
    title: str,
    heading: str,
    shares: Sequence[Share],
    list_url: str,
    *,
    without_link: frozenset[str] | set[State] = frozenset(),
) -> Bars:
    """Return shares as bars, each leading to the list filtered by its value; an empty value has no list."""
    highest = max((share.number for share in shares), default=0)
    total = sum(share.number for share in shares)
    return Bars(
        key,
        title,
        heading,
        [
            Bar(
                label=share.label or _t("no answer"),
                number=share.number,
                percent=round(100 * share.number / total) if total else 0,
                width=_part(share.number, highest),
                url=f"{list_url}&{urlencode({key: share.key})}"
                if share.number and share.key and share.key not in without_link
                else "",
            )
            for share in shares
        ],
    )


def curve(periods: Sequence[Period]) -> Curve | None:
    """Return the columns of the picture, or None where there is nothing to show."""
    highest = max((max(period.begun, period.submitted) for period in periods), default=0)
    if not highest:
        return None
    slots = []
    for number, period in enumerate(periods):
        begun, submitted = _part(period.begun, highest), _part(period.submitted, highest)
        x = SLOT * number + (SLOT - 2 * COLUMN) // 2
        slots.append(Slot(period, x, x + COLUMN, SCALE - begun, begun, SCALE - submitted, submitted))
    return Curve(
        slots=slots,
        width=SLOT * len(periods),
        highest=highest,
        begun=sum(period.begun for period in periods),
        submitted=sum(period.submitted for period in periods),
        by_weeks=periods[0].first != periods[0].last,
    )


def gauge(standing: Standing) -> Gauge:
    """Return a quota as a picture on a scale that holds the pool, those selected, and what is wanted."""
    highest = max(standing.pool, standing.selected, standing.minimum, standing.maximum or 0)
    return Gauge(
        standing=standing,
        pool=_part(standing.pool, highest),
        selected=_part(standing.selected, highest),
        minimum=_part(standing.minimum, highest) if standing.minimum else None,
        maximum=None if standing.maximum is None else _part(standing.maximum, highest),
    )


def needs(plan: Plan) -> list[Needs]:
    """Return the sessions of a plan, all bars on one scale."""
    return [Needs(row, [need_bar(need, plan.highest) for need in row.needs]) for row in plan.rows]


def need_bar(need: Need, highest: int) -> NeedBar:
    """Return a need as pieces one after the other: confirmed, accepted, on the waiting list."""
    parts, start = [], 0
    for kind, number in (("done", need.confirmed), ("accepted", need.accepted), ("pool", need.waiting)):
        width = _part(number, highest)
        parts.append(Part(kind, start, width))
        start += width
    return NeedBar(need, tuple(parts))


def _part(number: int, whole: int) -> int:
    """Return a number as a length on a scale that ends at `whole`; what is there at all is seen."""
    return max(1, round(SCALE * number / whole)) if number and whole else 0
