"""Letters that failed: the reply of the mail server for each, and how to put the address right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.admin.rights import organised_event, person_of, rights_of
from questionnaire.models import Application, Letter, LetterStatus
from questionnaire.workflow import addresses, outbox, readdressing

PER_PAGE = 50


class AddressForm(forms.Form):
    """The address as it should be."""

    address = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        validators=[addresses.validate_address],
        widget=forms.EmailInput(attrs={"class": "vURLField", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("How you know (optional)"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


def list_view(model_admin: ModelAdmin[Letter], request: HttpRequest, event_id: int) -> HttpResponse:
    """List an event's letters that failed; send all of them again by POST."""
    event = organised_event(request, event_id)
    failed = Letter.objects.filter(event=event, status=LetterStatus.FAILED)
    if request.method == "POST":
        number = outbox.requeue(failed, now=timezone.now())
        message = ngettext(
            "%(number)d letter is on its way once more.", "%(number)d letters are on their way once more.", number
        )
        messages.success(request, message % {"number": number})
        return HttpResponseRedirect(request.path)
    rows = failed.select_related("application").defer("mime").order_by("recipient", "pk")
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Letters that failed: %(event)s") % {"event": event},
        "event": event,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("p")),
    }
    return TemplateResponse(request, "admin/questionnaire/letter/failed.html", context)


def address_view(model_admin: ModelAdmin[Letter], request: HttpRequest, application_id: int) -> HttpResponse:
    """Change the address of an applicant; what did not arrive leaves again."""
    own = Application.objects.filter(event__in=rights_of(request).organised, erased_at=None)
    application = get_object_or_404(own.select_related("event"), pk=application_id)
    if application.submitted_at is None:
        raise Http404
    form = AddressForm(request.POST or None, initial={"address": application.email})
    if request.method == "POST" and form.is_valid() and (letters := _correct(request, application, form)) is not None:
        number = len(letters)
        message = ngettext(
            "The address is changed; %(number)d letter leaves to it.",
            "The address is changed; %(number)d letters leave to it.",
            number,
        )
        messages.success(request, message % {"number": number})
        return HttpResponseRedirect(reverse("admin:questionnaire_letter_failed", args=[application.event_id]))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Correct the address: %(name)s") % {"name": application},
        "application": application,
        "letters": application.letters.filter(status__in=readdressing.NOT_ARRIVED, recipient=application.email),
        "changes": application.address_changes.select_related("by"),
        "form": form,
    }
    return TemplateResponse(request, "admin/questionnaire/letter/address.html", context)


def _correct(request: HttpRequest, application: Application, form: Any) -> list[Letter] | None:
    """Change the address; None where the form has an error to show."""
    try:
        return readdressing.correct(
            application,
            form.cleaned_data["address"],
            by=person_of(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
    except readdressing.AddressTaken as taken:
        url = reverse("admin:questionnaire_application_change", args=[taken.application.pk])
        form.add_error(
            "address",
            format_html(
                '{} <a href="{}"><bdi>{}</bdi></a>.',
                _t("There is another application under this address:"),
                url,
                taken.application,
            ),
        )
    except ValueError:
        form.add_error("address", _t("This is the address as it stands. To try it once more, send the letter again."))
    return None
