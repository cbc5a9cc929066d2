"""How severe the reviewers of an event are, where they disagree, and what that changes: for organisers alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _t

from events.admin.rights import organised_event
from events.models import Event
from events.team import name_of
from questionnaire.admin.application_page import Page
from questionnaire.models import Application, Calibration, Severity
from questionnaire.workflow import calibrating, calibration, ranks, rules

HALF = 500  # units of a picture from its middle to its edge
WITHIN = 2  # standard errors, which hold about 95 of 100
DISAGREEMENTS_LISTED = 50
MOVED_LISTED = 5  # each way


@dataclass(frozen=True)
class Row:
    """A reviewer with the picture of their severity: a dot, and the range in which it lies with 95 % confidence.

    The severity is clear where that range leaves out 0, which is that of the others on the whole.
    """

    name: str
    severity: Severity
    is_clear: bool
    rests_on_few: bool
    dot: int
    left: int | None
    width: int | None


@dataclass(frozen=True)
class Compared:
    """An application with both means and the place of each."""

    application: Application
    raw_rank: int | None
    adjusted_rank: int | None
    disagree: bool


def urls(model_admin: ModelAdmin[Application]) -> list[URLPattern]:
    """Return where the calibration of an event stands."""

    def view(request: HttpRequest, event_id: int) -> HttpResponseBase:
        return calibration_view(model_admin, request, event_id)

    return [
        path(
            "calibration/<int:event_id>/",
            model_admin.admin_site.admin_view(view),
            name="questionnaire_application_calibration",
        )
    ]


def calibration_view(model_admin: ModelAdmin[Application], request: HttpRequest, event_id: int) -> HttpResponseBase:
    """Show the severities as last computed; compute them anew by POST."""
    event = organised_event(request, event_id)
    if request.method == "POST":
        calibrating.refresh(event, at=timezone.now())
        messages.success(request, _t("Computed anew."))
        return HttpResponseRedirect(request.path)
    rows = list(Severity.objects.filter(event=event).select_related("reviewer"))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Calibration: %(event)s") % {"event": event},
        "event": event,
        "state": Calibration.objects.filter(event=event).first(),
        "is_current": calibrating.is_current(event),
        "rows": drawn(rows),
        "circles": len({row.circle for row in rows}),
        "half": HALF,
        "few": calibration.FEW,
        "disagree_from": calibrating.DISAGREE_FROM,
        "disagreements": compared(event, _disagreements(event)[:DISAGREEMENTS_LISTED]),
        "disagreements_in_all": _disagreements(event).count(),
        "most_moved": most_moved(event),
        "rules": rules.of(event),
    }
    return TemplateResponse(request, "admin/questionnaire/calibration/calibration.html", context)


def drawn(rows: Iterable[Severity]) -> list[Row]:
    """Return reviewers with pictures on one scale, the widest range reaching its edge."""
    rows = list(rows)
    reach = [abs(row.severity) + WITHIN * (row.uncertainty or Decimal(0)) for row in rows]
    most = max([*reach, Decimal(1)])

    def units(points: Decimal) -> int:
        return round(HALF * points / most)

    found = []
    for row in rows:
        margin = None if row.uncertainty is None else WITHIN * row.uncertainty
        found.append(
            Row(
                name=name_of(row.reviewer),
                severity=row,
                is_clear=abs(row.severity) > (margin or 0),
                rests_on_few=row.shared < calibration.FEW,
                dot=HALF + units(row.severity),
                left=None if margin is None else HALF + units(row.severity - margin),
                width=None if margin is None else max(1, units(2 * margin)),
            )
        )
    return found


def _disagreements(event: Event) -> QuerySet[Application]:
    return (
        Application.objects.received()
        .filter(event=event, spread__gte=calibrating.DISAGREE_FROM)
        .order_by("-spread", "submitted_at")
    )


def most_moved(event: Event) -> list[Compared]:
    """Return the applications that the adjustment moves by most: the raised ones first, then the lowered ones."""
    moved = (
        Application.objects.received()
        .filter(event=event, adjusted_score__isnull=False)
        .annotate(change=F("adjusted_score") - F("mean_score"))
    )
    raised = moved.filter(change__gt=0).order_by("-change", "pk")[:MOVED_LISTED]
    lowered = moved.filter(change__lt=0).order_by("change", "pk")[:MOVED_LISTED]
    return compared(event, [*raised, *lowered])


def compared(event: Event, applications: Iterable[Application]) -> list[Compared]:
    """Return applications with their places, as many queries however many they are."""
    places = ranks.ranks(event)
    return [
        Compared(
            application=row,
            raw_rank=None if row.mean_score is None else places.raw.get(row.mean_score),
            adjusted_rank=None if row.adjusted_score is None else places.adjusted.get(row.adjusted_score),
            disagree=calibrating.disagree(row.spread),
        )
        for row in applications
    ]


def panel(page: Page) -> dict[str, Any]:
    """Return what an organiser sees of an application's means, and of each review without its reviewer's severity."""
    if not page.organises:
        return {}
    [means] = compared(page.application.event, [page.application])
    return {
        "means": means,
        "severities": calibrating.severities_behind(page.application),
        "calibration_is_current": calibrating.is_current(page.application.event),
    }
