"""The page on which organisers choose how the selection of their event is computed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.admin.rights import person_of
from events.models import Event
from questionnaire.models import Scores, SelectionRules, Ties
from questionnaire.workflow import rules
from questionnaire.workflow.reasons import Words


class RulesForm(forms.Form):
    """The rules; how ties are decided can change only while nobody has reviewed."""

    use_required_attribute = False

    scores = forms.ChoiceField(
        label=_("The selection computes with"),
        choices=Scores.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Raw means keep every fraction; adjusted means are rounded to hundredths of a point. From there on all is "
            "computed in whole numbers, and every selection records which it had."
        ),
    )
    ties = forms.ChoiceField(
        label=_("Equal scores are decided"),
        choices=[(Ties.SUBMITTED, _("by the time of submission")), (Ties.LOTTERY, _("by lot"))],
        widget=forms.RadioSelect,
        help_text=_(
            "By lot: a secret seed is drawn now, and its hash (SHA-256) stands on the public page at once. The seed "
            "itself is published with the release, so that anybody can check the order. Once somebody has begun to "
            "review, this can no longer change."
        ),
    )
    tolerance = forms.DecimalField(
        label=_("What the wished shares may cost, in points of all scores together"),
        min_value=Decimal(0),
        max_digits=6,
        decimal_places=2,
        help_text=_("0: the score comes first, and wished shares decide between selections of equal score alone."),
    )

    def __init__(self, chosen: SelectionRules, data: Any = None, *, ties_are_fixed: bool) -> None:
        initial = {"scores": chosen.scores, "ties": chosen.ties, "tolerance": chosen.tolerance}
        super().__init__(data, initial=initial)
        self.fields["ties"].disabled = ties_are_fixed

    def choice(self) -> rules.Choice:
        """Return what was chosen."""
        chosen = self.cleaned_data
        return rules.Choice(Scores(chosen["scores"]), Ties(chosen["ties"]), chosen["tolerance"])


def rules_view(request: HttpRequest, event: Event, context: dict[str, Any]) -> HttpResponseBase:
    """Show the rules of an event, or set them."""
    fixed = rules.ties_are_fixed(event)
    chosen = rules.of(event)
    form = RulesForm(chosen, request.POST or None, ties_are_fixed=fixed)
    if request.method == "POST" and form.is_valid() and _set(request, event, form):
        return HttpResponseRedirect(reverse("admin:questionnaire_selectionrun_board", args=[event.pk]))
    words = Words.of(event, Fraction(1))
    context |= {
        "title": _t("Rules of the selection: %(event)s") % {"event": event},
        "event": event,
        "form": form,
        "ties_are_fixed": fixed,
        "targets": [
            (target, words.group(target.question.key, target.values))
            for target in event.targets.select_related("question")
        ],
    }
    return TemplateResponse(request, "admin/questionnaire/selectionrun/rules.html", context)


def _set(request: HttpRequest, event: Event, form: RulesForm) -> bool:
    try:
        rules.change(event, form.choice(), by=person_of(request), at=timezone.now())
    except rules.TiesAreFixed:
        form.add_error("ties", _t("Somebody has begun to review in the meantime: this can no longer change."))
        return False
    messages.success(request, _t("The rules are kept. A selection that was made before keeps its own: suggest again."))
    return True
