"""The progress of a release on the screen, and the buttons that hold letters and let them go."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from events.admin.rights import organised_event, person_of
from events.models import Event
from questionnaire.forms import posted
from questionnaire.models import Hold
from questionnaire.workflow import holds, sending

EVERY = 4  # seconds between two looks of the page


def context(request: HttpRequest, event: Event) -> dict[str, Any]:
    """Return what the page of a release shows of its letters."""
    found = sending.look(event, now=timezone.now())
    return {
        "event": event,
        "sending": found,
        "every": EVERY,
        "holds": [(hold, _may_end(request, hold)) for hold in found.holds],
        "held_by_person": any(hold.cause == Hold.Cause.PERSON and hold.event_id for hold in found.holds),
    }


def _may_end(request: HttpRequest, hold: Hold) -> bool:
    """Return whether the person may let go: what holds everybody's letters is for operators."""
    return hold.event_id is not None or person_of(request).is_superuser


def fragment_view(request: HttpRequest, event_id: int) -> HttpResponse:
    """Show the part of the page that moves, by itself."""
    event = organised_event(request, event_id)
    response = TemplateResponse(request, "admin/questionnaire/release/progress.html", context(request, event))
    response.headers["Cache-Control"] = "no-store"
    return response


def act(request: HttpRequest, event: Event, deed: str) -> None:
    """Hold the event's letters, let go of a hold, or keep one that would end by itself."""
    now, person = timezone.now(), person_of(request)
    if deed == "hold":
        holds.begin(event, by=person, at=now, reason=posted.text(request, "reason")[:500])
        messages.success(request, _t("Held: no letter of this event leaves until somebody lets them go."))
        return
    hold = _hold(request, event)
    if not _may_end(request, hold):
        raise PermissionDenied
    done = holds.let_go(hold, by=person, at=now) if deed == "let_go" else holds.keep(hold, by=person)
    if not done:
        messages.warning(request, _t("Somebody else has let these letters go already."))
    elif deed == "let_go":
        messages.success(request, _t("Let go: the letters leave within a minute."))
    else:
        messages.success(request, _t("Held: the letters stay until somebody lets them go."))


def _hold(request: HttpRequest, event: Event) -> Hold:
    """Return the hold that a button names; it may have ended meanwhile."""
    number = posted.number(request.POST.get("hold", ""))
    if number is None:
        raise BadRequest("not an id")
    return get_object_or_404(Hold.objects.filter(Q(event=event) | Q(event=None)), pk=number)


def outbox_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show operators what holds everybody's letters; hold them all, or confirm after a restore, by POST."""
    person = person_of(request)
    if not person.is_superuser:
        raise PermissionDenied
    if request.method == "POST":
        _act_on_all(request)
        return HttpResponseRedirect(reverse("admin:questionnaire_letter_holds"))
    over_all = list(Hold.objects.standing().filter(event=None).select_related("made_by"))
    view = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Hold all letters"),
        "over_all": over_all,
        "restored": any(hold.cause == Hold.Cause.RESTORED for hold in over_all),
        "of_events": Hold.objects.standing().exclude(event=None).select_related("event", "made_by"),
        "past": Hold.objects.exclude(ended_at=None).select_related("event", "made_by", "ended_by")[:20],
        "now": timezone.localtime(),
    }
    return TemplateResponse(request, "admin/questionnaire/letter/holds.html", view)


def _act_on_all(request: HttpRequest) -> None:
    now, person = timezone.now(), person_of(request)
    deed = request.POST.get("do")
    if deed == "hold":
        holds.begin(None, by=person, at=now, reason=posted.text(request, "reason")[:500])
        messages.success(request, _t("Held: no letter leaves until an operator lets them go."))
        return
    if deed not in {"let_go", "write_off"}:
        raise BadRequest("neither held nor let go")
    if deed == "write_off":
        before = _moment(request.POST.get("before", ""))
        if before is None:
            messages.error(request, _t("Enter the moment as in 2021-11-29T10:00. Nothing was changed."))
            return
        number = holds.write_off(before=before)
        messages.success(
            request,
            ngettext("%(number)d letter cancelled.", "%(number)d letters cancelled.", number) % {"number": number},
        )
    for hold in Hold.objects.standing().filter(event=None):
        holds.let_go(hold, by=person, at=now)
    messages.success(request, _t("Let go: the letters leave within a minute."))


def _moment(text: str) -> Any:
    """Return a moment typed on the clocks of the site, or None."""
    try:
        naive = parse_datetime(text)
    except ValueError:
        return None
    return timezone.make_aware(naive) if naive is not None and timezone.is_naive(naive) else naive
