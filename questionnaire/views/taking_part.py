"""What participants have beside their page: materials, calendar feed, feedback, certificate."""

import mimetypes
from http import HTTPStatus

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import calendar
from questionnaire.forms.feedback import FeedbackForm
from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.views import access, files
from questionnaire.workflow import attendance, feed, feedback, links

PAGE = "questionnaire:participation"


def require_participant(application: Application) -> None:
    """Raise `Http404` unless who acts here came by a personal link and takes part."""
    access.require_proved(application)
    if application.state != State.CONFIRMED:
        raise Http404


@never_cache
@require_safe
@access.for_applicants
def material(_request: HttpRequest, application: Application, pk: int) -> HttpResponseBase:
    """Give a file of the materials as a download, once it is visible."""
    require_participant(application)
    visible = application.event.materials.exclude(file="").filter(visible_from__lte=timezone.now())
    found = get_object_or_404(visible, pk=pk)
    content_type = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    try:
        content = found.file.open()
    except FileNotFoundError:
        raise Http404 from None
    return files.as_download(FileResponse(content, as_attachment=True, filename=found.name, content_type=content_type))


@never_cache
@require_POST
@access.for_applicants
def change_feed(request: HttpRequest, application: Application) -> HttpResponse:
    """Make a new address for the calendar feed, or take it away."""
    require_participant(application)
    change = feed.make if request.POST.get("do") == "make" else feed.revoke
    change(application)
    return redirect(f"{reverse(PAGE)}#feed")


@never_cache
@require_safe
def calendar_feed(_request: HttpRequest, signed: str) -> HttpResponse:
    """Give a calendar program the programme as it stands now."""
    try:
        application = feed.find(signed)
    except links.LinkNotValid:
        raise Http404 from None
    event = application.event
    content = calendar.calendar(event, list(event.sessions.all()), timezone.now())
    return access.keep_address_private(HttpResponse(content, calendar.CONTENT_TYPE))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.for_applicants
def give_feedback(request: HttpRequest, application: Application) -> HttpResponse:
    """Ask what somebody thinks of the event; keep it on POST, without the person."""
    require_participant(application)
    now = timezone.now()
    if not feedback.can_give(application, now):
        return redirect(PAGE)
    form = FeedbackForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            feedback.give(application, form.cleaned_data, language=get_language() or "en", now=now)
        except feedback.CannotGive:
            return redirect(PAGE)
        return redirect(PAGE)
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    context = {"event": application.event, "application": application, "form": form}
    return render(request, "questionnaire/feedback.html", context, status=status)


@never_cache
@require_safe
@access.for_applicants
def certificate(request: HttpRequest, application: Application) -> HttpResponse:
    """Show the certificate of attendance, ready to be printed."""
    require_participant(application)
    if not attendance.has_certificate(application, timezone.now()):
        return redirect(PAGE)
    return render(request, "questionnaire/certificate.html", {"event": application.event, "application": application})


@never_cache
@require_safe
def verify_certificate(request: HttpRequest, code: str) -> HttpResponse:
    """Say to whoever has a certificate's code whether it is genuine."""
    found = attendance.find_certificate(code, timezone.now())
    context = {"event": found.event if found else None, "application": found}
    status = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
    return render(request, "questionnaire/certificate_check.html", context, status=status)
