"""Decisions on several applications at once: first a page that says what would come of it, then the step itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from events.admin.rights import person_of, rights_of
from events.models import Event
from questionnaire.admin.deciding import ReasonForm, attempt
from questionnaire.forms import posted
from questionnaire.models import Application
from questionnaire.states import DECIDED_IN_SECRET, HOLDS_A_PLACE, Outcome, State
from questionnaire.workflow import decision

NAMES_ON_THE_PAGE = 200


@dataclass(frozen=True)
class Count:
    """How many people are accepted, against the places that there are."""

    accepted: int
    places: int

    @property
    def too_many(self) -> int:
        """Return how many places are missing."""
        return max(0, self.accepted - self.places)


def count_after(event: Event, ids: frozenset[int], outcome: Outcome) -> Count:
    """Return the count as it will be once `outcome` is proposed for the applications with `ids`."""
    accepted = Q(state__in=HOLDS_A_PLACE) | Q(state__in=DECIDED_IN_SECRET, outcome=Outcome.ACCEPT)
    others = set(event.applications.filter(accepted).values_list("pk", flat=True)) - ids
    return Count(len(others) + (len(ids) if outcome == Outcome.ACCEPT else 0), event.places)


def confirm(
    model_admin: ModelAdmin[Application],
    request: HttpRequest,
    queryset: QuerySet[Application],
    outcome: Outcome | None,
    form: ReasonForm | None = None,
) -> HttpResponse:
    """Show whom a decision would concern; `outcome` None asks for the signature under what is proposed."""
    applications = list(queryset.select_related("event").order_by("family_name", "first_name", "pk"))
    if not applications:
        messages.warning(request, _t("No application was chosen."))
        return to_list(request.GET)
    event = applications[0].event
    ids = frozenset(application.pk for application in applications)
    own = [] if outcome else list(decision.proposed_by(person_of(request), among=applications))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _title(outcome),
        "event": event,
        "outcome": outcome,
        "applications": applications[:NAMES_ON_THE_PAGE],
        "more": max(0, len(applications) - NAMES_ON_THE_PAGE),
        "number": len(applications),
        "ids": ",".join(map(str, sorted(ids))),
        "seen": decision.fingerprint(applications),
        "count": count_after(event, ids, outcome) if outcome else None,
        "not_proposed": sum(row.state != State.PROPOSED for row in applications) if outcome is None else 0,
        "own_proposals": own,
        "form": form or ReasonForm(),
        "back": request.POST.get("back", request.GET.urlencode()),
    }
    return TemplateResponse(request, "admin/questionnaire/application/confirm.html", context)


def _title(outcome: Outcome | None) -> str:
    match outcome:
        case Outcome.ACCEPT:
            return _t("Propose to accept?")
        case Outcome.WAITING_LIST:
            return _t("Propose the waiting list?")
        case Outcome.DECLINE:
            return _t("Propose to decline?")
        case _:
            return _t("Sign these decisions off?")


def carry_out(model_admin: ModelAdmin[Application], request: HttpRequest) -> HttpResponse:
    """Take the confirmed step for exactly the applications that were listed: all of them or none."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    queryset = confirmed(model_admin, request)
    outcome = _outcome(request.POST.get("outcome", ""))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return confirm(model_admin, request, queryset, outcome, form)
    applications = list(queryset)
    step = partial(decision.sign_off, applications, seen=request.POST.get("seen", ""))
    if outcome:
        step = partial(decision.propose, applications, outcome, reason=form.cleaned_data["reason"])
    error = attempt(partial(step, by=person_of(request), at=timezone.now()))
    if error:
        messages.error(request, error)
    else:
        messages.success(request, _done(outcome, len(applications)))
    return to_list(QueryDict(request.POST.get("back", "")))


def confirmed(model_admin: ModelAdmin[Application], request: HttpRequest) -> QuerySet[Application]:
    """Return the applications named in the form. Raises `Http404` unless the person organises the event of each."""
    ids = posted.numbers(request.POST.get("ids", "").split(","))
    rows = model_admin.get_queryset(request).filter(pk__in=ids, event__in=rights_of(request).organised)
    if rows.count() != len(ids):
        raise Http404("applications of others")
    return rows


def _outcome(value: str) -> Outcome | None:
    if not value:
        return None
    try:
        return Outcome(value)
    except ValueError:
        raise BadRequest("no such decision") from None


def _done(outcome: Outcome | None, number: int) -> str:
    if outcome is None:
        return ngettext("%(number)d decision signed off.", "%(number)d decisions signed off.", number) % {
            "number": number
        }
    return ngettext(
        "%(outcome)s: proposed for %(number)d application.",
        "%(outcome)s: proposed for %(number)d applications.",
        number,
    ) % {"outcome": str(outcome.label).capitalize(), "number": number}


def to_list(parameters: Any) -> HttpResponseRedirect:
    """Lead back to the list as it was filtered."""
    query = urlencode(list(parameters.lists()), doseq=True)
    return HttpResponseRedirect(f"{reverse('admin:questionnaire_application_changelist')}?{query}")
