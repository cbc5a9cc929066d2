"""The way to a new personal link: the same page for whoever comes with an old one, with none, or without a session."""

from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from questionnaire.models import Feedback
from questionnaire.views import bots
from questionnaire.workflow.addresses import validate_address

REASON = "reason"
FREE_TEXTS = (REASON, *Feedback.TEXTS)
"""What people type in their own words outside of the questionnaire, by the names of the inputs."""


class RequestLinkForm(forms.Form):
    """Where to send a new personal link."""

    use_required_attribute = False

    event = forms.ModelChoiceField(
        Event.objects.published(), to_field_name="slug", empty_label=None, label=_("Event you applied to")
    )
    email = forms.CharField(
        label=_("The e-mail address that you gave"),
        max_length=254,
        validators=[validate_address],
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter one e-mail address, such as name@example.org."),
        },
    )


def show(
    request: HttpRequest,
    form: RequestLinkForm | None = None,
    *,
    doubt: bots.Doubt | None = None,
    status: int = HTTPStatus.OK,
    **context: object,
) -> HttpResponse:
    """Show the page on which one asks for a new link."""
    context |= {"form": form or RequestLinkForm(), **bots.context(request, timezone.now(), doubt)}
    return render(request, "questionnaire/request_link.html", context, status=status)


def lead_there(request: HttpRequest) -> HttpResponse:
    """Answer a browser that may act for nobody (any more): the same whoever has applied, and no word is lost."""
    if request.method != "POST":
        return redirect("questionnaire:request-link")
    texts = [text for name in FREE_TEXTS if (text := request.POST.get(name, "").strip())]
    return show(request, status=HTTPStatus.FORBIDDEN, not_entered=True, texts=texts)
