"""The screen of rehearsals: order one, watch it, stop it, read and take away its report."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.admin.filters import ByEvent
from events.admin.rights import OrganisersOnly, organised_events, person_of
from events.models import Event
from events.team import name_of
from questionnaire.models import MOST_APPLICANTS, Fault, Rehearsal
from questionnaire.rehearsal import report
from questionnaire.workflow import rehearsing

REFRESH = 5  # seconds
STILL = "still"  # in the address: the page stays as it is


class OrderForm(forms.Form):
    """What to rehearse, and what is to go wrong."""

    event = forms.ModelChoiceField(Event.objects.none(), label=_("Event"), empty_label=None)
    applicants = forms.IntegerField(
        label=_("How many apply"),
        min_value=1,
        max_value=MOST_APPLICANTS,
        initial=300,
        help_text=_("300 take some four minutes on two cores; with fewer than twice the places, places shrink along."),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=2**31 - 1,
        initial=1,
        help_text=_("The same number gives the same people with the same habits, another one gives others."),
    )
    faults = forms.MultipleChoiceField(
        label=_("Break on purpose"),
        choices=Fault.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("In the rehearsal’s own processes alone; the site goes on undisturbed."),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        events = organised_events(request)
        self.fields["event"].queryset = events  # type: ignore[attr-defined]


@admin.register(Rehearsal)
class RehearsalAdmin(OrganisersOnly, admin.ModelAdmin[Rehearsal]):
    """The rehearsals of each event, for its organisers."""

    list_display = ["event", "when", "who", "applicants", "seed", "broken_on_purpose", "status"]
    list_filter = [ByEvent, "status"]
    list_select_related = ["event", "ordered_by"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rehearsal]:
        """Leave the outcomes, which are long, where they are until they are read."""
        return super().get_queryset(request).defer("outcome")

    @admin.display(description=_("broken on purpose"))
    def broken_on_purpose(self, rehearsal: Rehearsal) -> str:
        """Name the faults."""
        return ", ".join(str(Fault(fault).label) for fault in rehearsal.faults) or "–"

    @admin.display(description=_("when"), ordering="ordered_at")
    def when(self, rehearsal: Rehearsal) -> dt.datetime:
        """Return when it was ordered."""
        return rehearsal.ordered_at

    @admin.display(description=_("who"), ordering="ordered_by")
    def who(self, rehearsal: Rehearsal) -> str:
        """Return who ordered it."""
        return name_of(rehearsal.ordered_by) if rehearsal.ordered_by else "–"

    def get_urls(self) -> list[URLPattern]:
        """Have a list, a page to order one, and for each its page, a way to stop it, and its report as a file."""
        view = self.admin_site.admin_view
        name = "questionnaire_rehearsal_{}".format
        return [
            path("", view(self.changelist_view), name=name("changelist")),
            path("add/", view(self.add_view), name=name("add")),
            path("<path:object_id>/change/", view(self.change_view), name=name("change")),
            path("<path:object_id>/delete/", view(self.delete_view), name=name("delete")),
            path("<path:object_id>/stop/", view(self.stop_view), name=name("stop")),
            path("<path:object_id>/report.html", view(self.report_view), name=name("report")),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Order a rehearsal."""
        initial = {"event": request.GET.get("event")}
        form = OrderForm(request, request.POST if request.method == "POST" else None, initial=initial)
        if form.is_valid():
            try:
                rehearsal = rehearsing.order(**form.cleaned_data, by=person_of(request), at=timezone.now())
            except rehearsing.AlreadyUnderWay as error:
                form.add_error("event", _t("A rehearsal of this event has not ended yet: wait for it, or stop it."))
                under_way: Rehearsal | None = error.rehearsal
            else:
                messages.success(request, _t("The rehearsal is ordered."))
                return self._to(rehearsal)
        else:
            under_way = None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _t("Order a rehearsal"),
            "form": form,
            "under_way": under_way,
        }
        return TemplateResponse(request, "admin/questionnaire/rehearsal/order.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show how far it is, the page coming again by itself; or what it found."""
        rehearsing.give_up_silent(at=timezone.now())
        rehearsal = self._mine(request, object_id)
        moves = rehearsal.is_open and STILL not in request.GET
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _t("Rehearsal: %(event)s") % {"event": rehearsal.event},
            "rehearsal": rehearsal,
            "act": report.act_in_words(rehearsal.act),
            "report": report.Report(rehearsal.outcome) if rehearsal.outcome else None,
            "faults": [Fault(fault).label for fault in rehearsal.faults],
            "moves": moves,
            "refresh": REFRESH,
        }
        headers = {"Refresh": str(REFRESH)} if moves else {}
        return TemplateResponse(request, "admin/questionnaire/rehearsal/page.html", context, headers=headers)

    def stop_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Stop a rehearsal; its processes notice within seconds."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        rehearsal = self._mine(request, object_id)
        complaint = _t("stopped by %(person)s") % {"person": person_of(request)}
        rehearsing.fail(rehearsal, complaint, at=timezone.now())
        messages.success(request, _t("The rehearsal is stopped."))
        return self._to(rehearsal)

    def report_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the report as one file, to keep or to send on."""
        rehearsal = self._mine(request, object_id)
        if rehearsal.outcome is None or rehearsal.finished_at is None:
            raise Http404("no report yet")
        language = get_language() or "en"
        text = report.html(report.Report(rehearsal.outcome), language, made_at=rehearsal.finished_at)
        name = f"rehearsal-{rehearsal.event.slug}-{rehearsal.finished_at:%Y-%m-%d}.html"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(text, headers=headers)

    def _mine(self, request: HttpRequest, object_id: str) -> Rehearsal:
        """Return a rehearsal of the person's events. Raises `Http404` for any other."""
        rehearsal = self.get_object(request, unquote(object_id))
        if rehearsal is None:
            raise Http404("no rehearsal of this person's events")
        return rehearsal

    def _to(self, rehearsal: Rehearsal) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:questionnaire_rehearsal_change", args=[rehearsal.pk]))

    def has_delete_permission(self, request: HttpRequest, obj: Rehearsal | None = None) -> bool:
        """Allow to remove one that has ended."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_open)
