"""The screen of the release: is everything ready, what will happen at the hour, and what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from events.admin.rights import OrganisersOnly, organised_event, person_of, rights_of
from events.models import Event
from questionnaire.models import DECISION_KINDS, Release
from questionnaire.workflow import decision, letters, promise


@admin.register(Release)
class ReleaseAdmin(OrganisersOnly, admin.ModelAdmin[Release]):
    """The release of each event's decisions, ordered by an organiser, carried out at the event's hour."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a release is ordered on its event's page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        """Refuse: an order is taken back on its event's page."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Have a list of events, and a page for each."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="questionnaire_release_changelist"),
            path("<int:event_id>/", view(self.event_view), name="questionnaire_release_event"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List the person's events with where their release stands."""
        events = list(Event.objects.filter(pk__in=rights_of(request).organised))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _t("Release of the decisions"),
            "figures": promise.figures(events, now=timezone.now()),
        }
        return TemplateResponse(request, "admin/questionnaire/release/change_list.html", context)

    def event_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Show where an event's release stands; order it, or take the order back, by POST."""
        event = organised_event(request, event_id)
        if request.method == "POST":
            return self._act(request, event)
        now = timezone.now()
        [figures] = promise.figures([event], now=now, kinds=DECISION_KINDS)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _t("Release: %(event)s") % {"event": event},
            "event": event,
            "figures": figures,
            "release": figures.release,
            "findings": decision.preflight(event, now=now),
            "hour_is_past": event.decisions_at <= now,
            "confirming": "confirm" in request.GET,
        }
        return TemplateResponse(request, "admin/questionnaire/release/event.html", context)

    def _act(self, request: HttpRequest, event: Event) -> HttpResponse:
        match request.POST.get("do"):
            case "order":
                _order(request, event)
            case "take_back":
                _take_back(request, event)
            case _:
                raise BadRequest("neither ordered nor taken back")
        return HttpResponseRedirect(reverse("admin:questionnaire_release_event", args=[event.pk]))


def _order(request: HttpRequest, event: Event) -> None:
    try:
        release = decision.order_release(event, by=person_of(request), at=timezone.now())
    except decision.NotReady:
        messages.error(request, _t("Not ready yet: see what has to be put right first. Nothing was ordered."))
    except letters.NoText as error:
        messages.error(request, _t("A letter has no text: %(letter)s. Nothing was ordered.") % {"letter": error})
    else:
        done = release.released_at is not None
        messages.success(
            request, _t("Released: the letters are on their way.") if done else _t("The release is ordered.")
        )


def _take_back(request: HttpRequest, event: Event) -> None:
    if decision.take_back_order(event):
        messages.success(request, _t("The order is taken back: nothing will be released."))
    else:
        messages.error(request, _t("There is no order that could be taken back."))
