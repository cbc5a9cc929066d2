"""The check page, with every answer, and the one clear submit."""

import datetime as dt
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from events.models import Window
from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.views import access, new_link, throttle
from questionnaire.workflow import display, drafts, progress, questionnaire, submission


@never_cache
@require_safe
@access.for_applicants
def review(request: HttpRequest, application: Application) -> HttpResponse:
    """Show every answer before submitting, with what is missing."""
    return _show(request, application, timezone.now())


@never_cache
@require_POST
def submit(request: HttpRequest) -> HttpResponseBase:
    """Submit; whoever has not proved the address sees the same page whatever stood under it before."""
    if throttle.over_limit(request):
        return throttle.refusal(request)
    now = timezone.now()
    public_id = access.public_id(request)
    try:
        standing = submission.submit(public_id, now=now)
    except Application.DoesNotExist:
        return new_link.lead_there(request)
    except (submission.AnswersIncomplete, submission.AlreadyDecided, drafts.WindowNotOpen) as error:
        return _refuse(request, error, now)
    if standing.public_id != public_id:
        _go_over(request, standing)
    return redirect("questionnaire:application")


@access.for_applicants
def _refuse(request: HttpRequest, application: Application, error: Exception, now: dt.datetime) -> HttpResponse:
    """Show the check page again, with what stands in the way."""
    status = HTTPStatus.BAD_REQUEST if isinstance(error, submission.AnswersIncomplete) else HTTPStatus.CONFLICT
    is_closed = isinstance(error, drafts.WindowNotOpen) and error.window is Window.CLOSED
    return _show(request, application, now, too_late=is_closed and application.state == State.DRAFT, status=status)


def _go_over(request: HttpRequest, standing: Application) -> None:
    """Let the browser act for the application that stands already, if it has proved the address of that one."""
    given = access.current(request)
    if given is not None and access.is_proved(given) and standing.email_key == given.email_key:
        access.enter(request, standing)


def _show(
    request: HttpRequest,
    application: Application,
    now: dt.datetime,
    *,
    too_late: bool = False,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    event = application.event
    asked = questionnaire.load(event)
    typed = application.draft.values
    checked = asked.check(typed)
    groups = display.groups(asked, checked.answers, checked.errors)
    can_change = submission.can_change(application, now)
    # Of a draft too: under an address that had applied before, it was handed in and looks like any other.
    stands = application.state != State.WITHDRAWN and application.submitted_revision == application.draft.revision
    context = {
        "event": event,
        "application": application,
        "groups": groups,
        "progress": progress.of(asked, typed, checked),
        "problems": [
            {"text": row.label, "url": f"{_page_url(event.slug, group.number)}?check#question-{row.key}"}
            for group in groups
            for row in group.rows
            if row.errors
        ],
        "can_submit": can_change and not checked.errors and not stands,
        "stands": stands,
        "can_change": can_change,
        "window": event.window(now),
        "too_late": too_late,
        "submitted_before": application.submitted_revision is not None,
    }
    return render(request, "questionnaire/check.html", context, status=status)


def _page_url(slug: str, number: int) -> str:
    return reverse("questionnaire:page", args=[slug, number])
