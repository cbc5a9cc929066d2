"""The check page, with every answer, and the one clear submit."""

import datetime as dt
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from events.models import Window
from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.views import access, throttle
from questionnaire.workflow import display, drafts, progress, questionnaire, submission


@never_cache
@require_safe
@access.for_applicants
def review(request: HttpRequest, application: Application) -> HttpResponse:
    """Show every answer before submitting, with what is missing."""
    return _show(request, application, timezone.now())


@never_cache
@require_POST
@access.for_applicants
def submit(request: HttpRequest, application: Application) -> HttpResponse:
    """Submit; whoever has not proved the address sees the same page whatever stood under it before."""
    now = timezone.now()
    if throttle.over_limit(request):
        return throttle.refusal(request)
    # Read here, where it is kept for the next; the transaction below finds it, or what has replaced it since.
    questionnaire.load(application.event)
    try:
        standing = submission.submit(application, now=now)
    except submission.AnswersIncomplete:
        return _show(request, application, now, status=HTTPStatus.BAD_REQUEST)
    except drafts.WindowNotOpen as error:
        too_late = error.window is Window.CLOSED and application.state == State.DRAFT
        return _show(request, application, now, too_late=too_late, status=HTTPStatus.CONFLICT)
    except submission.AlreadyDecided:
        return _show(request, application, now, status=HTTPStatus.CONFLICT)
    if access.is_proved(application) and standing.email_key == application.email_key:
        access.enter(request, standing)
    return redirect("questionnaire:application")


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
        "can_submit": can_change and not checked.errors,
        "can_change": can_change,
        "window": event.window(now),
        "too_late": too_late,
        "submitted_before": application.submitted_revision is not None,
    }
    return render(request, "questionnaire/check.html", context, status=status)


def _page_url(slug: str, number: int) -> str:
    return reverse("questionnaire:page", args=[slug, number])
