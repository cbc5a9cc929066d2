"""The participant's page: the answer to an offered place, then the programme and the way into the meeting."""

import datetime as dt
from collections.abc import Callable, Mapping
from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from questionnaire.forms.page import PageForm, Remarks
from questionnaire.models import Application, Replacement
from questionnaire.states import State
from questionnaire.views import access
from questionnaire.views.own import REASON_LIMIT, reason_given
from questionnaire.workflow import (
    answers,
    attendance,
    feed,
    feedback,
    introducing,
    places,
    programme,
    replacing,
    submission,
)
from questionnaire.workflow import participation as answering
from questionnaire.workflow.transitions import MoveNotAllowed

COULD_ANSWER = frozenset({State.ACCEPTED, State.TURNED_DOWN, State.LAPSED})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.for_applicants
def page(request: HttpRequest, application: Application) -> HttpResponse:
    """Show the place and all that belongs to it; confirm or turn down on POST."""
    access.require_proved(application)
    now = timezone.now()
    problem = ""
    errors: Mapping[str, list[ValidationError]] = {}
    if request.method == "POST":
        try:
            problem = _answer(request, application, now)
        except submission.AnswersIncomplete as incomplete:
            errors = incomplete.errors
        if not problem and not errors:
            return redirect("questionnaire:participation")
    can_answer = answering.can_answer(application, now)
    context = {
        "event": application.event,
        "application": application,
        "can_answer": can_answer,
        "was_too_late": application.state in COULD_ANSWER and now >= application.answers_until,
        "can_withdraw": submission.can_withdraw(application) and not can_answer,
        "problem": problem,
        "reason": request.POST.get("reason", ""),
        "reason_limit": REASON_LIMIT,
        "form": _introduction(request, application, errors) if can_answer else None,
        "can_send_colleague": replacing.can_ask(application, now),
        "request_to_send": replacing.open_request(application),
        "colleague_comes": application.replacements.filter(status=Replacement.Status.ARRANGED).exists(),
    }
    if application.state == State.CONFIRMED:
        context |= _for_participants(request, application, now)
    status = HTTPStatus.CONFLICT if problem else HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return render(request, "questionnaire/participation.html", context, status=status)


def _introduction(
    request: HttpRequest, application: Application, errors: Mapping[str, list[ValidationError]]
) -> PageForm | None:
    """Return what somebody who comes in a colleague's place says first; None for everybody else."""
    if not introducing.is_needed(application):
        return None
    asked = introducing.page(application.event)
    posted = dict(request.POST.lists())
    typed = asked.posted(posted) if request.method == "POST" else introducing.known(application, asked)
    return PageForm(asked, typed, asked=answers.check_all(asked.questions, typed).asked, remarks=Remarks(errors))


def _for_participants(request: HttpRequest, application: Application, now: dt.datetime) -> dict[str, object]:
    """Return what somebody sees who has confirmed."""
    event = application.event
    zone = programme.zone_of(request.GET.get("zone", ""), application.country, event)
    days = programme.days(event, event.sessions.all(), zone, application.language)
    return {
        "can_join": event.can_join(now),
        "materials": event.materials.filter(visible_from__lte=now),
        "feed": feed.address(application),
        "can_give_feedback": feedback.can_give(application, now),
        "has_certificate": attendance.has_certificate(application, now),
        "is_over": now >= event.ends_at,
        "days": days,
        "has_own_times": any(slot.own_starts for day in days for slot in day.slots),
        "own_zone": zone.key,
        "zones": programme.zone_choices(get_language() or "en", zone.key, event.time_zone),
    }


def _answer(request: HttpRequest, application: Application, now: dt.datetime) -> str:
    """Give the applicant's answer; return why it cannot be taken, or nothing. Raises `submission.AnswersIncomplete`."""
    acts: dict[str, Callable[[], None]] = {
        "confirm": lambda: introducing.confirm(application, dict(request.POST.lists()), now=now),
        "turn_down": lambda: answering.turn_down(application, reason=reason_given(request), now=now),
    }
    act = acts.get(request.POST.get("answer", ""))
    if act is None:
        return str(_("Choose whether you confirm your place or turn it down."))
    try:
        act()
    except answering.TooLate:
        return str(_("The deadline for your answer has passed."))
    except places.NoPlaceLeft:
        return str(_("Your place has been given to someone on the waiting list, and no other is free."))
    except MoveNotAllowed:
        return str(_("There is no place to confirm for this application."))
    return ""


@never_cache
@require_safe
@access.for_applicants
def join(_request: HttpRequest, application: Application) -> HttpResponse:
    """Lead into the meeting: whoever takes part, from this browser alone, while it is open. Looked at each time."""
    access.require_proved(application)
    if application.state != State.CONFIRMED:
        raise Http404
    if not application.event.can_join(timezone.now()):
        return redirect("questionnaire:participation")
    response = HttpResponseRedirect(application.event.joining_link)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
