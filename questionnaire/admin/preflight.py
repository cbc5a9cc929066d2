"""The preflight on the screen: who stands before the release, where it is put right, and what is let by."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.admin.rights import organised_event, person_of
from events.models import Event
from questionnaire.forms import posted
from questionnaire.models import Release
from questionnaire.workflow import preflight
from questionnaire.workflow.preflight import Check, Finding, Lack, Person, Preflight

PER_PAGE = 50
EXCEPTED = "excepted"
CHOSEN, EVERYONE = "chosen", "everyone"


class ExceptionForm(forms.Form):
    """For whom a finding is let by, and why."""

    whom = forms.ChoiceField(
        label=_("For whom"),
        choices=[(CHOSEN, _("those chosen above")), (EVERYONE, _("all of whom it was found, on every page"))],
        widget=forms.RadioSelect,
        initial=CHOSEN,
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


def url(event: Event, shown: str = "") -> str:
    """Return the address of an event's preflight, of one finding where `shown` names it."""
    address = reverse("admin:questionnaire_release_preflight", args=[event.pk])
    return f"{address}?{urlencode({'show': shown})}" if shown else address


def view(model_admin: ModelAdmin[Release], request: HttpRequest, event_id: int) -> HttpResponse:
    """List everyone for whom something is missing; let something by, or insist on it again, by POST."""
    event = organised_event(request, event_id)
    shown = request.GET.get("show", "")
    form = ExceptionForm()
    if request.method == "POST":
        form = ExceptionForm(request.POST)
        if response := _act(request, event, shown, form):
            return response
    found = preflight.look(event, now=timezone.now())
    page = Paginator(_people(found, shown), PER_PAGE).get_page(request.GET.get("p"))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Preflight: %(event)s") % {"event": event},
        "event": event,
        "shown": shown,
        "code": _code(shown),
        "of_event": [(finding.text, _where(event, finding)) for finding in found.of_event],
        "of_people": [finding for finding in found.findings if finding.code in preflight.OF_PEOPLE],
        "number_excepted": len(found.excepted),
        "replies_go_to": _replies_go_to(found),
        "rows": [(person, [(lack, _put_right(person, lack)) for lack in person.lacks]) for person in page],
        "page": page,
        "may_let_by": _code(shown) in preflight.MAY_BE_EXCEPTED and bool(page.object_list),
        "form": form,
    }
    return TemplateResponse(request, "admin/questionnaire/release/preflight.html", context)


def _people(found: Preflight, shown: str) -> list[Person]:
    return found.excepted if shown == EXCEPTED else found.lacking(_code(shown))


def _code(shown: str) -> Check | None:
    """Return the finding that the page is narrowed to."""
    return Check(shown) if shown in set(Check) else None


def _where(event: Event, finding: Finding) -> str:
    """Return the page on which a finding about the event is put right."""
    match finding.code:
        case Check.NO_TEMPLATE:
            return f"{reverse('admin:questionnaire_lettertemplate_changelist')}?event={event.pk}"
        case Check.TOO_MANY:
            return f"{reverse('admin:questionnaire_application_changelist')}?event={event.pk}&outcome=accept"
        case _:
            return reverse("admin:events_event_change", args=[event.pk])


def _put_right(person: Person, lack: Lack) -> str:
    """Return the page on which what a person lacks is put right."""
    if lack.code is Check.NO_LETTER and lack.template is not None:
        return reverse("admin:questionnaire_lettertemplate_change", args=[lack.template])
    if lack.code in {Check.BAD_ADDRESS, Check.UNPROVED}:
        return reverse("admin:questionnaire_letter_address", args=[person.pk])
    return reverse("admin:questionnaire_application_change", args=[person.pk])


def _act(request: HttpRequest, event: Event, shown: str, form: ExceptionForm) -> HttpResponse | None:
    """Do what was asked; None where the form has errors to show."""
    if exceptions := request.POST.getlist("insist"):
        number = preflight.insist(posted.numbers(exceptions), event=event)
        messages.success(
            request,
            ngettext("%(number)d exception taken back.", "%(number)d exceptions taken back.", number)
            % {"number": number},
        )
        return HttpResponseRedirect(url(event, EXCEPTED))
    code = _code(shown)
    if code not in preflight.MAY_BE_EXCEPTED:
        raise BadRequest("cannot be let by")
    chosen = posted.numbers(request.POST.getlist("person"))
    if form.is_valid() and form.cleaned_data["whom"] == CHOSEN and not chosen:
        form.add_error("whom", _("Nobody is chosen."))
    if form.errors:
        return None
    number = preflight.let_by(
        event,
        code,
        chosen if form.cleaned_data["whom"] == CHOSEN else None,
        reason=form.cleaned_data["reason"],
        by=person_of(request),
        at=timezone.now(),
    )
    messages.success(
        request,
        ngettext("Let by for %(number)d person.", "Let by for %(number)d people.", number) % {"number": number},
    )
    return HttpResponseRedirect(url(event))


def context_of_release(found: Preflight) -> dict[str, Any]:
    """Return what the page of the release says of the preflight."""
    return {
        "findings": found.findings,
        "firm": found.firm,
        "number_excepted": len(found.excepted),
        "replies_go_to": _replies_go_to(found),
    }


def _replies_go_to(found: Preflight) -> str:
    """Return the sender where replies go there for want of a contact with an address; else nothing."""
    return "" if found.reply_to else settings.DEFAULT_FROM_EMAIL
