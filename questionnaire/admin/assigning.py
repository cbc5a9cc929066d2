"""Who reviews what, as organisers see and change it: for the whole event, and on an application's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext, pgettext

from events.admin.rights import organised_event, person_of
from events.countries import country_name
from events.models import Event
from events.team import name_of
from questionnaire.admin.application_page import Page
from questionnaire.forms import posted
from questionnaire.models import Application, Assignment, Review
from questionnaire.workflow import assignment
from questionnaire.workflow.assignment import Load, Plan, Shortage
from questionnaire.workflow.eligibility import Bar
from questionnaire.workflow.statistics import Progress, reviewers

MOST_SHORTAGES = 100  # named on the page


@dataclass(frozen=True)
class Row:
    """A reviewer on the page: what they have, what they would have, how far they are."""

    load: Load
    progress: Progress

    @property
    def workplace(self) -> str:
        """Return where the reviewer works, as far as it is known."""
        person = self.load.reviewer.person
        return ", ".join(part for part in (person.organisation, country_name(person.country)) if part)


def urls(model_admin: ModelAdmin[Application]) -> list[URLPattern]:
    """Return where the applications to an event are shared out."""

    def view(request: HttpRequest, event_id: int) -> HttpResponse:
        return plan_view(model_admin, request, event_id)

    return [
        path(
            "assignment/<int:event_id>/",
            model_admin.admin_site.admin_view(view),
            name="questionnaire_application_assignment",
        )
    ]


def plan_view(model_admin: ModelAdmin[Application], request: HttpRequest, event_id: int) -> HttpResponse:
    """Show an organiser who has how much and what sharing out would do, or do it."""
    event = organised_event(request, event_id)
    if request.method == "POST":
        return _carry_out(request, event)
    again = "again" in request.GET
    plan = assignment.plan(event, again=again)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Reviewers: %(event)s") % {"event": event},
        "list_url": f"{reverse('admin:questionnaire_application_changelist')}?event={event.pk}",
        "team_url": f"{reverse('admin:events_event_change', args=[event.pk])}#memberships-group",
        "event": event,
        "plan": plan,
        "again": again,
        "is_shared_out": any(load.before for load in plan.loads),
        "rows": _rows(event, plan),
        "shortages": [(shortage, reasons(shortage)) for shortage in plan.shortages[:MOST_SHORTAGES]],
        "more_shortages": max(0, len(plan.shortages) - MOST_SHORTAGES),
    }
    return TemplateResponse(request, "admin/questionnaire/application/assignment.html", context)


def _rows(event: Event, plan: Plan) -> list[Row]:
    progress = {row.id: row for row in reviewers(event)}
    return [Row(load, progress[load.reviewer.id]) for load in plan.loads if load.reviewer.id in progress]


def reasons(shortage: Shortage) -> list[str]:
    """Return why nobody else may review an application, in words."""
    return in_words(shortage.bars) or [_t("The team has no further reviewer.")]


def in_words(bars: Any) -> list[str]:
    """Return who may not review an application, a line for each reason."""
    return [
        _t("%(reason)s: %(names)s") % {"reason": str(bar.value).capitalize(), "names": ", ".join(names)}
        for bar, names in bars.items()
    ]


def _carry_out(request: HttpRequest, event: Event) -> HttpResponse:
    again = request.POST.get("again") == "1"
    here = reverse("admin:questionnaire_application_assignment", args=[event.pk])
    try:
        plan = assignment.carry_out(
            event,
            fingerprint=request.POST.get("fingerprint", ""),
            again=again,
            by=person_of(request),
            at=timezone.now(),
        )
    except assignment.PlanChanged:
        messages.warning(request, _t("Something has changed meanwhile, so nothing was done. Look at the new plan."))
        return HttpResponseRedirect(f"{here}?again" if again else here)
    number = len(plan.given)
    text = ngettext("%(number)d review assigned.", "%(number)d reviews assigned.", number) % {"number": number}
    messages.success(request, text)
    return HttpResponseRedirect(here)


# On the page of an application


@dataclass(frozen=True)
class Assigned:
    """A reviewer of an application, and how far the review is."""

    assignment: Assignment
    name: str
    status: str
    can_be_taken_away: bool


def context(page: Page) -> dict[str, Any]:
    """Return for organisers who reviews the application, and who could."""
    if not page.organises:
        return {}
    free, bars = assignment.candidates(page.application)
    return {"assigned": _assigned(page.application), "candidates": free, "barred": in_words(bars)}


def _assigned(application: Application) -> list[Assigned]:
    reviews = {review.reviewer_id: review for review in application.reviews.all()}
    rows = Assignment.objects.standing().filter(application=application).select_related("reviewer")
    found = []
    for row in rows.order_by("reviewer__last_name", "reviewer__first_name", "reviewer__username"):
        review = reviews.get(row.reviewer_id)
        is_done = review is not None and review.mean_score is not None
        found.append(Assigned(row, name_of(row.reviewer), _status(review), not is_done))
    return found


def _status(review: Review | None) -> str:
    if review is None:
        return _t("not opened yet")
    return _t("begun") if review.mean_score is None else pgettext("one review", "done")


def assign(page: Page) -> HttpResponse:
    """Give the application to the chosen reviewer."""
    page.require(page.organises)
    reviewer = _chosen(page)
    try:
        assignment.give(page.application, reviewer, by=page.person, at=timezone.now())
    except assignment.NotEligible as error:
        reason = error.bar.value if isinstance(error.bar, Bar) else _t("not in the team")
        return page.back(messages.ERROR, _t("Not assigned: %(reason)s.") % {"reason": reason})
    return page.back(messages.SUCCESS, _t("Assigned."))


def take_away(page: Page) -> HttpResponse:
    """Take the application from the chosen reviewer."""
    page.require(page.organises)
    try:
        assignment.take_away(page.application, _chosen(page), by=page.person, at=timezone.now())
    except assignment.ReviewFinished:
        return page.back(messages.ERROR, _t("The review is finished, so it stays."))
    return page.back(messages.SUCCESS, _t("Taken away. It does not go to this person again by itself."))


def _chosen(page: Page) -> User:
    number = posted.number(page.request.POST.get("reviewer", ""))
    user = User.objects.filter(pk=number).first() if number is not None else None
    if user is None:
        raise BadRequest("no such person")
    return user
