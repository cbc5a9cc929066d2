"""The page on which a second organiser sees all that was proposed for an event, and signs it in one act."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.admin.rights import person_of
from events.models import Event
from questionnaire.admin.dashboard import SCALE, gauge
from questionnaire.admin.deciding import attempt
from questionnaire.models import Release
from questionnaire.states import Outcome
from questionnaire.workflow import signing
from questionnaire.workflow.signing import Part

LATEST_ID = 2**63 - 1
HISTORY_LISTED = 20

_PARTS = {
    Part.DECISIONS: _("the decisions"),
    Part.UNDECIDED: _("the applications without a decision"),
    Part.SELECTION: _("the selection on the board"),
    Part.BALANCE: _("the quotas, or how they are met"),
    Part.SCORES: _("the scores"),
    Part.BY_HAND: _("the people placed by hand"),
}


class SignForm(forms.Form):
    """What the person had in front of them: the hashes of its parts, and the last record of the history."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=1000)
    latest = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LATEST_ID)


def signature_view(request: HttpRequest, event: Event, context: dict[str, Any]) -> HttpResponseBase:
    """Show what is proposed as a whole; sign it, by POST."""
    if request.method == "POST":
        form = SignForm(request.POST)
        seen, latest = (form.cleaned_data["seen"], form.cleaned_data["latest"]) if form.is_valid() else ("", LATEST_ID)
        try:
            error = attempt(lambda: signing.sign(event, seen=seen, by=person_of(request), at=timezone.now()))
        except signing.NothingToSign:
            error = _t("No decision waits for a second signature.")
        except signing.Changed as change:
            messages.error(request, _t("Something has changed since you looked. Nothing was signed: look at it again."))
            context |= {
                "changed": [_PARTS[part] for part in change.parts],
                "history": signing.history_after(event, latest, most=HISTORY_LISTED),
            }
            return _page(request, event, context)
        if error:
            messages.error(request, error)
        else:
            messages.success(request, _t("Signed: all decisions that were proposed, as you saw them."))
        return HttpResponseRedirect(reverse("admin:questionnaire_selectionrun_signature", args=[event.pk]))
    return _page(request, event, context)


def _page(request: HttpRequest, event: Event, context: dict[str, Any]) -> TemplateResponse:
    context |= {
        "title": _t("All decisions, to be signed: %(event)s") % {"event": event},
        "event": event,
        "standing": signing.standing(event),
        "signatures": event.signatures.select_related("by", "run").defer(
            "packed_statement", "run__packed_inputs", "run__result"
        ),
        "is_released": Release.objects.filter(event=event, released_at__isnull=False).exists(),
    }
    if not context["is_released"]:
        context |= _of_whole(request, signing.look(event))
    return TemplateResponse(request, "admin/questionnaire/selectionrun/signature.html", context)


def _of_whole(request: HttpRequest, whole: signing.Whole) -> dict[str, Any]:
    declined = whole.of(Outcome.DECLINE)
    return {
        "whole": whole,
        "accepted": whole.of(Outcome.ACCEPT),
        "waiting": whole.of(Outcome.WAITING_LIST),
        "declined": declined,
        "declined_list": _list(declined),
        "comparison": signing.compare(whole),
        "gauges": [gauge(standing) for standing in whole.standings],
        "scale": SCALE,
        "own": len(whole.proposed_by(person_of(request))),
        "sign_form": SignForm(initial={"seen": whole.seen, "latest": whole.latest}),
    }


def _list(rows: Iterable[signing.Decided]) -> SafeString:
    """Return people with their scores as items of a list, written at once: it can be tens of thousands."""
    listed = reverse("admin:questionnaire_application_changelist")
    in_words = cache(signing.in_points)
    return format_html_join(
        "\n",
        '<li><a href="{}{}/change/"><bdi>{}</bdi></a> {}</li>',
        (
            (listed, row.application.pk, str(row.application), in_words(row.points) if row.points is not None else "–")
            for row in rows
        ),
    )
