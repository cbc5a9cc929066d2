"""Personal links: looking changes nothing, a button opens; a link that does not work leads to a new one."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from questionnaire.models import Application
from questionnaire.states import HOLDS_A_PLACE
from questionnaire.views import access, bots, new_link, throttle
from questionnaire.workflow import links, submission


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Offer a button that opens the application; use the link up on POST alone, since scanners follow links."""
    now = timezone.now()
    try:
        if request.method != "POST":
            application = links.find(token, at=now).application
            return access.keep_address_private(render(request, "questionnaire/link.html", {"event": application.event}))
        application = submission.standing_for(links.redeem(token, at=now), now=now)
    except links.LinkNotValid:
        return access.keep_address_private(new_link.show(request, status=HTTPStatus.NOT_FOUND, link_failed=True))
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
        return new_link.show(request)
    if throttle.over_limit(request):
        return throttle.refusal(request)
    now = timezone.now()
    form = new_link.RequestLinkForm(request.POST)
    doubt = bots.doubt(request, now)
    if not form.is_valid() or doubt:
        return new_link.show(request, form, doubt=doubt, status=HTTPStatus.BAD_REQUEST)
    event, address = form.cleaned_data["event"], form.cleaned_data["email"]
    submission.request_link(event, address, language=get_language() or "en", now=now)
    return render(request, "questionnaire/link_requested.html", {"event": event, "address": address})
