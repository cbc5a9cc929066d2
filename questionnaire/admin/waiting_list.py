"""The screen of the waiting list: who is next and why, hold and go on, offer a place by hand, take one back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from events.admin.rights import OrganisersOnly, organised_event, organised_events, person_of
from events.models import Event
from questionnaire.admin import taking_part
from questionnaire.forms import posted
from questionnaire.models import Application, Promotion
from questionnaire.workflow import letters, participation, places, promotion, waiting_list
from questionnaire.workflow.transitions import MoveNotAllowed

REFUSALS = (places.NoPlaceLeft, promotion.TooLate, participation.TooEarly, letters.NoText, MoveNotAllowed)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody to whom a place can be offered, with where they stand."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name and the state."""
        return f"{obj} – {obj.get_state_display()}"


class OfferForm(forms.Form):
    """Whom to offer a place by hand, and why."""

    person = PersonField(Application.objects.none(), label=_("Person"), empty_label=_("Choose…"))
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.TextInput(attrs={"class": "vTextField"}))

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = waiting_list.can_be_offered(event)  # type: ignore[attr-defined]


@admin.register(Promotion)
class PromotionAdmin(OrganisersOnly, admin.ModelAdmin[Promotion]):
    """Each event's waiting list, for its organisers."""

    event_path = "application__event_id"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: places are offered on the page of the event."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Promotion | None = None) -> bool:
        """Refuse: what was offered stays on record."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Have a list of events, and a page for each."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="questionnaire_promotion_changelist"),
            path("<int:event_id>/", view(self.event_view), name="questionnaire_promotion_event"),
            *taking_part.urls(self),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List the person's events."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _t("Participation"),
            "events": organised_events(request),
        }
        return TemplateResponse(request, "admin/questionnaire/promotion/change_list.html", context)

    def event_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Show how the places stand; act on POST."""
        event = organised_event(request, event_id)
        form = OfferForm(event)
        if request.method == "POST":
            form = OfferForm(event, request.POST) if request.POST.get("do") == "offer" else form
            if not form.is_bound or form.is_valid():
                self._act(request, event, form)
                return HttpResponseRedirect(reverse("admin:questionnaire_promotion_event", args=[event.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _t("Waiting list: %(event)s") % {"event": event},
            "list": waiting_list.overview(event, timezone.now()),
            "form": form,
        }
        return TemplateResponse(request, "admin/questionnaire/promotion/event.html", context)

    def _act(self, request: HttpRequest, event: Event, form: OfferForm) -> None:
        try:
            match request.POST.get("do"):
                case "hold" | "go_on" as deed:
                    self._hold(request, event, held=deed == "hold")
                case "offer":
                    _offer(request, form)
                case "take_back":
                    _take_back(request, event)
                case _:
                    raise BadRequest("no such act")
        except REFUSALS as error:
            messages.error(request, _refused(error))

    def _hold(self, request: HttpRequest, event: Event, *, held: bool) -> None:
        promotion.set_held(event, held)
        with override(None):  # as Django keeps labels: each reader's language comes when the history is read
            label = str(Event._meta.get_field("promotions_held").verbose_name)
        message = [{"changed": {"fields": [label]}}]
        LogEntry.objects.log_actions(person_of(request).pk, [event], CHANGE, message, single_object=True)
        messages.success(
            request,
            _t("Held: nobody is offered a place by itself.")
            if held
            else _t("The waiting list goes on: free places are offered within a minute."),
        )


def _offer(request: HttpRequest, form: OfferForm) -> None:
    person: Application = form.cleaned_data["person"]
    promotion.offer(person, reason=form.cleaned_data["reason"], by=person_of(request), at=timezone.now())
    messages.success(request, _t("A place is offered to %(name)s; the letter is on its way.") % {"name": person})


def _take_back(request: HttpRequest, event: Event) -> None:
    public_id = posted.text(request, "person")
    person = get_object_or_404(event.applications, public_id=public_id)
    participation.take_back(person, reason=_t("No answer"), by=person_of(request), at=timezone.now())
    messages.success(request, _t("The place of %(name)s is free again.") % {"name": person})


def _refused(error: Exception) -> str:
    match error:
        case places.NoPlaceLeft():
            return _t("Every place is held by somebody. Nothing was changed.")
        case promotion.TooLate():
            return _t("The event is over. Nothing was changed.")
        case participation.TooEarly():
            return _t("This person can still answer. Nothing was changed.")
        case letters.NoText():
            return _t("A letter has no text: %(letter)s. Nothing was changed.") % {"letter": error}
        case _:
            return _t("This step is not open to this person any more. Nothing was changed.")
