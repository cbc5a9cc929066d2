"""The screen on which organisers tell people of a changed programme: write, read, then send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.admin.rights import organised_event
from events.models import Event
from questionnaire.models import Promotion
from questionnaire.workflow import announcing, letters
from questionnaire.workflow.announcing import Audience
from questionnaire.workflow.reading import read


class ChangesForm(forms.Form):
    """What has changed, in every language, and who is to know; `since` is when the letter was prepared."""

    audience = forms.MultipleChoiceField(
        label=_("To whom"),
        choices=Audience.choices,
        initial=[Audience.CONFIRMED, Audience.UNANSWERED],
        widget=forms.CheckboxSelectMultiple,
    )
    since = forms.DateTimeField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            attrs = {"rows": 4, "lang": code, "class": "vLargeTextField"}
            self.fields[f"changes_{code}"] = forms.CharField(
                label=_("What has changed (%(language)s)") % {"language": name},
                max_length=2000,
                widget=forms.Textarea(attrs=attrs),
            )

    @property
    def changes(self) -> dict[str, str]:
        """Return what was written, by language, with the line ends of letters."""
        return {code: self.cleaned_data[f"changes_{code}"].replace("\r\n", "\n") for code, _name in settings.LANGUAGES}


def screen(model_admin: ModelAdmin[Promotion], request: HttpRequest, event_id: int) -> HttpResponse:
    """Ask what has changed; show the letter before it is sent."""
    event = organised_event(request, event_id)
    form = ChangesForm(request.POST or None, initial={"since": timezone.now().isoformat()})
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Programme changed: %(event)s") % {"event": event},
        "event": event,
        "form": form,
    }
    if form.is_bound and form.is_valid():
        try:
            if request.POST.get("do") == "send":
                return _send(request, event, form)
            context |= _preview(event, form)
        except letters.NoText as error:
            messages.error(request, _t("A letter has no text: %(letter)s. Nothing was sent.") % {"letter": error})
    return TemplateResponse(request, "admin/questionnaire/promotion/programme.html", context)


def _preview(event: Event, form: ChangesForm) -> dict[str, Any]:
    """Return the letter in each language, and to how many people it goes."""
    now = timezone.now()
    audience, since = form.cleaned_data["audience"], form.cleaned_data["since"]
    return {
        "number": announcing.recipients(event, audience, since=since).count(),
        "readings": [
            (code, name, read(announcing.preview(event, form.changes, language=code, at=now)))
            for code, name in settings.LANGUAGES
        ],
    }


def _send(request: HttpRequest, event: Event, form: ChangesForm) -> HttpResponse:
    audience, since = form.cleaned_data["audience"], form.cleaned_data["since"]
    number = announcing.announce(event, audience, form.changes, since=since, at=timezone.now())
    messages.success(request, _t("Letters on their way: %(number)d.") % {"number": number})
    return HttpResponseRedirect(reverse("admin:questionnaire_promotion_changelist"))
