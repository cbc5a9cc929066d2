"""What organisers fill in on the selection board."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from questionnaire.models import Pin

LIFT = "lift"


class SuggestForm(forms.Form):
    """How the selection is to be solved."""

    use_required_attribute = False

    places = forms.IntegerField(
        label=_("Places to fill"),
        required=False,
        min_value=0,
        max_value=100_000,
        help_text=_("Empty: all places of the event, or as many as there are candidates for."),
    )
    everyone = forms.BooleanField(
        label=_("Everyone needs a finished review"),
        required=False,
        help_text=_("Otherwise applications without one are left out."),
    )


class MoveForm(forms.Form):
    """Where somebody is to be, and why; lifting a choice needs no reason."""

    person = forms.CharField(max_length=22)
    side = forms.ChoiceField(choices=[*Pin.Side.choices, (LIFT, LIFT)])
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse a choice without its reason."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("side") in Pin.Side.values and not cleaned.get("reason"):
            self.add_error("reason", _("Give the reason: it is kept with the choice."))
        return cleaned


class NameForm(forms.Form):
    """The name of a scenario."""

    use_required_attribute = False

    name = forms.CharField(label=_("Name of the scenario"), max_length=80)


class ProposeForm(forms.Form):
    """What becomes of those who are not selected."""

    use_required_attribute = False

    reserves = forms.IntegerField(
        label=_("On the waiting list: the next … of those not selected"), min_value=0, max_value=100_000, initial=20
    )
    others = forms.ChoiceField(
        label=_("Everyone after them"),
        choices=[("decline", _("decline")), ("open", _("leave undecided"))],
        widget=forms.RadioSelect,
        initial="decline",
    )
