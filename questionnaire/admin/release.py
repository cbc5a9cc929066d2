"""The screen of the release: is everything ready, what will happen at the hour, and what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.admin.rights import OrganisersOnly, organised_event, organised_events, person_of
from events.models import Event
from questionnaire.admin import answers
from questionnaire.admin import preflight as preflight_screen
from questionnaire.admin import sending as sending_screen
from questionnaire.models import DECISION_KINDS, Release
from questionnaire.workflow import alarms, decision, preflight, promise


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
            path("<int:event_id>/progress/", view(sending_screen.fragment_view), name="questionnaire_release_progress"),
            path("<int:event_id>/preflight/", view(self.preflight_view), name="questionnaire_release_preflight"),
            path("<int:event_id>/answers/", view(self.answers_view), name="questionnaire_release_answers"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List the person's events with where their release stands."""
        events = list(organised_events(request))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _t("Release of the decisions"),
            "figures": promise.figures(events, now=timezone.now()),
        }
        return TemplateResponse(request, "admin/questionnaire/release/change_list.html", context)

    def event_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Show where an event's release stands; order it, sign the order or take it back, by POST."""
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
            **preflight_screen.context_of_release(preflight.look(event, now=now)),
            "is_own_order": figures.release is not None and figures.release.ordered_by_id == person_of(request).pk,
            "hour_is_past": event.decisions_at <= now,
            "confirming": "confirm" in request.GET,
            **sending_screen.context(request, event),
            "alarms": alarms.standings([figures], now=now),
        }
        return TemplateResponse(request, "admin/questionnaire/release/event.html", context)

    def preflight_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Show who and what stands in the way."""
        return preflight_screen.view(self, request, event_id)

    def answers_view(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Show whether the promise was kept."""
        return answers.view(self, request, event_id)

    def _act(self, request: HttpRequest, event: Event) -> HttpResponse:
        match request.POST.get("do"):
            case "order":
                _order(request, event)
            case "sign":
                _sign(request, event)
            case "take_back":
                _take_back(request, event)
            case ("hold" | "let_go" | "keep") as deed:
                sending_screen.act(request, event, deed)
            case _:
                raise BadRequest("neither ordered nor signed nor taken back")
        return HttpResponseRedirect(reverse("admin:questionnaire_release_event", args=[event.pk]))


NOT_READY = _("Not ready yet: see what has to be put right first. Nothing was changed.")


def _order(request: HttpRequest, event: Event) -> None:
    try:
        decision.order_release(event, by=person_of(request), at=timezone.now())
    except decision.NotReady:
        messages.error(request, NOT_READY)
    else:
        messages.success(request, _t("The release is ordered. A second person signs it now."))


def _sign(request: HttpRequest, event: Event) -> None:
    try:
        release = decision.sign_release(event, by=person_of(request), at=timezone.now())
    except decision.NotReady:
        messages.error(request, NOT_READY)
    except decision.NotOrdered:
        messages.error(request, _t("There is no order that could be signed."))
    except decision.SamePerson:
        messages.error(request, _t("You ordered the release yourself, so another person signs it."))
    else:
        done = release.released_at is not None
        messages.success(
            request, _t("Released: the letters are on their way.") if done else _t("The release is signed.")
        )


def _take_back(request: HttpRequest, event: Event) -> None:
    if decision.take_back_order(event):
        messages.success(request, _t("The order is taken back: nothing will be released."))
    else:
        messages.error(request, _t("There is no order that could be taken back."))
