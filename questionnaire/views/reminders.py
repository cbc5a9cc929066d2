"""Stopping the reminders: a page with a button for people, one POST for mail programs (RFC 8058)."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from questionnaire.views import access
from questionnaire.workflow import links, reminders


# A mail program posts here with neither session nor cookie, so there is no CSRF token that it could send, nor any
# standing of a visitor's that a foreign page could abuse: the signed address alone decides, and can only stop letters.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, signed: str) -> HttpResponse:
    """Offer a button that stops the reminders; stop them on POST alone, since scanners follow links."""
    try:
        application = links.find_by_stop_address(signed)
    except links.LinkNotValid:
        return access.keep_address_private(
            render(request, "questionnaire/stop_failed.html", status=HTTPStatus.NOT_FOUND)
        )
    if request.method == "POST":
        reminders.stop(application, now=timezone.now())
    context = {"event": application.event, "stopped": request.method == "POST"}
    return access.keep_address_private(render(request, "questionnaire/stop.html", context))
