"""The screen of colleagues who are to come instead: two organisers agree, or one refuses with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.admin.rights import organised_event, person_of
from events.models import Event
from questionnaire.admin.application_page import Page
from questionnaire.forms import posted
from questionnaire.models import Promotion, Replacement
from questionnaire.workflow import letters, replacing

REFUSALS = (replacing.NotOpen, replacing.SamePerson, replacing.CannotStandIn, letters.NoText)


class AnswerForm(forms.Form):
    """Why one organiser agrees, or refuses."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.TextInput(attrs={"class": "vTextField"}))


def context(page: Page) -> dict[str, Any]:
    """Return what an organiser sees on an application's page of a place that was passed on."""
    if not page.organises:
        return {}
    of_both = Q(colleague=page.application) | Q(application=page.application, status=Replacement.Status.ARRANGED)
    rows = list(Replacement.objects.filter(of_both).select_related("application", "colleague"))
    return {
        "place_came_from": [row.application for row in rows if row.colleague_id == page.application.pk],
        "place_went_to": [row.colleague for row in rows if row.application_id == page.application.pk],
    }


def screen(model_admin: ModelAdmin[Promotion], request: HttpRequest, event_id: int) -> HttpResponse:
    """Show the requests of an event; agree, sign or refuse on POST."""
    event = organised_event(request, event_id)
    form, concerned = None, 0
    if request.method == "POST":
        chosen = get_object_or_404(requests_of(event), pk=posted.number(request.POST.get("request", "")))
        form, concerned = AnswerForm(request.POST), chosen.pk
        if request.POST.get("do") == "sign" or form.is_valid():
            _act(request, chosen, form.cleaned_data.get("reason", "") if form.is_valid() else "")
            return HttpResponseRedirect(reverse("admin:questionnaire_promotion_replacements", args=[event.pk]))
    rows = list(requests_of(event))
    waiting = [row for row in rows if row.status in Replacement.OPEN]
    own = replacing.own_applications(waiting)
    short = replacing.shortfalls(event, waiting, own)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Colleagues who are to come instead: %(event)s") % {"event": event},
        "event": event,
        "waiting": [
            {
                "request": row,
                "own": own.get(row.pk),
                "short": short[row.pk],
                "is_second": row.status == Replacement.Status.AGREED,
                "is_own_agreement": row.agreed_by_id == person_of(request).pk,
                "form": form if row.pk == concerned else AnswerForm(auto_id=f"id_%s_{row.pk}"),
            }
            for row in waiting
        ],
        "settled": [row for row in rows if row.status not in Replacement.OPEN],
    }
    return TemplateResponse(request, "admin/questionnaire/promotion/replacements.html", context)


def requests_of(event: Event) -> QuerySet[Replacement]:
    """Return the requests of an event, with the people in them."""
    rows = Replacement.objects.filter(application__event=event)
    return rows.select_related("application", "colleague", "agreed_by", "decided_by")


def _act(request: HttpRequest, chosen: Replacement, reason: str) -> None:
    """Do what the button says; where it is refused, say why."""
    by, at = person_of(request), timezone.now()
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "agree": (
            lambda: replacing.agree(chosen, reason=reason, by=by, at=at),
            _t("You have agreed. As soon as a second organiser agrees too, the place is passed on."),
        ),
        "sign": (
            lambda: replacing.sign(chosen, by=by, at=at),
            _t("The place is passed on, and the letters to both are on their way."),
        ),
        "refuse": (
            lambda: replacing.refuse(chosen, reason=reason, by=by, at=at),
            _t("The request is refused, and the letter is on its way."),
        ),
    }
    if (deed := acts.get(request.POST.get("do", ""))) is None:
        raise BadRequest("no such act")
    act, done = deed
    try:
        act()
    except REFUSALS as error:
        messages.error(request, _refused(error))
    else:
        messages.success(request, done)


def _refused(error: Exception) -> str:
    match error:
        case replacing.SamePerson():
            return _t("You agreed to this yourself, so another organiser signs it.")
        case replacing.CannotStandIn():
            return _t("This colleague has an application already: %(state)s. It cannot take the place.") % {
                "state": error.application.get_state_display()
            }
        case letters.NoText():
            return _t("A letter has no text: %(letter)s. Nothing was changed.") % {"letter": error}
        case _:
            return _t("This request is no longer open. Nothing was changed.")
