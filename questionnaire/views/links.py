"""Personal links: looking changes nothing, a button opens; a link that does not work leads to a new one."""

from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from events.models import Event
from questionnaire.models import Application
from questionnaire.states import HOLDS_A_PLACE
from questionnaire.views import access, throttle
from questionnaire.workflow import links, submission
from questionnaire.workflow.addresses import validate_address


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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Offer a button that opens the application; use the link up on POST alone, since scanners follow links."""
    now = timezone.now()
    try:
        if request.method != "POST":
            application = links.find(token, at=now).application
            return access.keep_address_private(render(request, "questionnaire/link.html", {"event": application.event}))
        application = links.redeem(token, at=now)
    except links.LinkNotValid:
        context = {"form": RequestLinkForm(), "link_failed": True}
        return access.keep_address_private(
            render(request, "questionnaire/request_link.html", context, status=HTTPStatus.NOT_FOUND)
        )
    access.enter(request, application)
    return access.keep_address_private(redirect(_landing(application)))


def _landing(application: Application) -> str:
    """Return where someone with a link wants to go: who holds a place to its page, others to the overview."""
    return "questionnaire:participation" if application.state in HOLDS_A_PLACE else "questionnaire:application"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def request_link(request: HttpRequest) -> HttpResponse:
    """Send a new personal link; the answer is the same whether or not the address has applied."""
    if request.method != "POST":
        return render(request, "questionnaire/request_link.html", {"form": RequestLinkForm()})
    if throttle.over_limit(request):
        return throttle.refusal(request)
    form = RequestLinkForm(request.POST)
    if not form.is_valid():
        return render(request, "questionnaire/request_link.html", {"form": form}, status=HTTPStatus.BAD_REQUEST)
    event, address = form.cleaned_data["event"], form.cleaned_data["email"]
    submission.request_link(event, address, language=get_language() or "en", now=timezone.now())
    return render(request, "questionnaire/link_requested.html", {"event": event, "address": address})
