"""The applicant's own pages: where the application stands, its letters, the answer to an acceptance."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from questionnaire.forms import posted
from questionnaire.models import Application
from questionnaire.states import UNDER_REVIEW, State
from questionnaire.views import access, new_link
from questionnaire.workflow import drafts, mime, reading, retention, submission
from questionnaire.workflow import participation as answering

REASON_LIMIT = 500


@dataclass(frozen=True)
class Milestone:
    """A point of the applicant's story. `state`: done, current or todo; `day` is in the event's zone.

    `until` is the last moment for what is to be done.
    """

    title: str | Promise
    state: str
    when: dt.datetime | None = None
    day: dt.date | None = None
    until: dt.datetime | None = None


def timeline(application: Application) -> list[Milestone]:
    """Return the story of an application as far as its applicant may know it."""
    submitted = application.submitted_at is not None
    waiting = application.state in UNDER_REVIEW
    decided = submitted and not waiting and application.state != State.WITHDRAWN
    milestones = [
        Milestone(_("Begun"), "done" if submitted else "current", application.created_at),
        Milestone(_("Received"), "done" if submitted else "todo", application.submitted_at),
    ]
    if application.state == State.WITHDRAWN:
        return [*milestones, Milestone(_("Withdrawn"), "current")]
    if decided:
        return [*milestones, Milestone(_("Reviewed"), "done"), _answer(application), *_place(application)]
    return [
        *milestones,
        Milestone(_("Being reviewed"), "current" if waiting else "todo"),
        Milestone(_("Answer"), "todo", day=application.event.promised_by),
    ]


def _answer(application: Application) -> Milestone:
    """Return what the organisers have decided."""
    match application.state:
        case State.WAITING_LIST:
            return Milestone(_("Answer: you are on the waiting list"), "current")
        case State.DECLINED:
            return Milestone(_("Answer: we cannot offer you a place"), "done")
        case _:
            return Milestone(_("Answer: a place for you"), "done")


def _place(application: Application) -> list[Milestone]:
    """Return what became of the place, where one was offered."""
    match application.state:
        case State.ACCEPTED:
            return [Milestone(_("Your confirmation"), "current", until=application.answers_until)]
        case State.CONFIRMED:
            return [Milestone(_("Place confirmed"), "done")]
        case State.TURNED_DOWN:
            return [Milestone(_("Place turned down"), "current")]
        case State.LAPSED:
            return [Milestone(_("Place lapsed"), "current")]
        case _:
            return []


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show where the application stands.

    Who submitted without having opened a mailed link sees only that a letter is on its way: the same
    page whether or not the address had applied before.
    """
    application = access.current(request)
    if application is None:
        return redirect("questionnaire:request-link")
    now = timezone.now()
    proved = access.is_proved(application)
    context = {
        "event": application.event,
        "application": application,
        "window": application.event.window(now),
        "can_change": submission.can_change(application, now),
    }
    if not proved and application.submitted_revision is not None:
        return render(request, "questionnaire/sent.html", context)
    changed_since = application.submitted_revision not in {None, application.draft.revision}
    context |= {
        "timeline": timeline(application),
        "letters": retention.readable_letters(application, now) if proved else [],
        "has_offer": proved and application.draft.offered is not None,
        "changed_since": changed_since,
        "has_unsent_changes": changed_since and application.state in UNDER_REVIEW,
        "can_withdraw": proved and submission.can_withdraw(application),
        "can_answer": answering.can_answer(application, now),
        "takes_part": application.state == State.CONFIRMED,
        "can_see_data": access.may_see_content(application),
    }
    return render(request, "questionnaire/own.html", context)


@never_cache
@require_POST
@access.for_applicants
def offer(request: HttpRequest, application: Application) -> HttpResponse:
    """Take over, or drop, what was filled in elsewhere under the same address."""
    access.require_proved(application)
    take = request.POST.get("choice") == "take"
    drafts.settle_offer(application, take=take, now=timezone.now())
    return redirect("questionnaire:review" if take else "questionnaire:application")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.for_applicants
def withdraw(request: HttpRequest, application: Application) -> HttpResponse:
    """Ask whether to withdraw; withdraw on POST."""
    access.require_proved(application)
    if request.method == "POST" and submission.can_withdraw(application):
        submission.withdraw(application, now=timezone.now(), reason=reason_given(request))
        return redirect("questionnaire:application")
    context = {
        "event": application.event,
        "application": application,
        "can_withdraw": submission.can_withdraw(application),
    }
    return render(request, "questionnaire/withdraw.html", context)


def reason_given(request: HttpRequest) -> str:
    """Return the reason that somebody may have typed."""
    return posted.text(request, new_link.REASON)[:REASON_LIMIT]


@never_cache
@require_safe
@access.for_applicants
def letter(request: HttpRequest, application: Application, pk: int) -> HttpResponse:
    """Show a letter on the applicant's own page, as it was written; its personal link leads to that page."""
    access.require_proved(application)
    found = get_object_or_404(retention.readable_letters(application, timezone.now()), pk=pk)
    own_page = reverse("questionnaire:application")
    context = {
        "event": application.event,
        "application": application,
        "letter": found,
        "content": reading.read(mime.read(bytes(found.mime)), own_page=request.build_absolute_uri(own_page)),
    }
    return render(request, "questionnaire/letter.html", context)


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Close the applicant's pages on this device: other people may use it."""
    application = access.current(request)
    access.leave(request)
    if application is None:
        return redirect("events:index")
    return redirect("events:event", application.event.slug)
