"""Organisers' part of an application's page after the release: correct a decision that was told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from questionnaire.admin.application_page import Page
from questionnaire.forms import posted
from questionnaire.models import Correction
from questionnaire.states import RELEASES_TO, Outcome
from questionnaire.workflow import correction, letters, places


class CorrectionForm(forms.Form):
    """The decision as it should have been, and why."""

    outcome = forms.ChoiceField(label=_("The right decision"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.TextInput(attrs={"class": "vTextField"}))

    def __init__(self, outcomes: list[Outcome], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["outcome"]
        field.choices = [(outcome.value, RELEASES_TO[outcome].label) for outcome in outcomes]


def context(page: Page) -> dict[str, Any]:
    """Return what an organiser sees of corrections; nothing before the release."""
    outcomes = correction.outcomes(page.application) if page.organises else []
    corrections = page.application.corrections.select_related("proposed_by", "signed_by") if page.organises else []
    rows = list(corrections)
    if not outcomes and not rows:
        return {}
    waiting = next((row for row in rows if row.signed_at is None), None)
    return {
        "corrections": [row for row in rows if row.signed_at is not None],
        "correction": waiting,
        "correction_form": CorrectionForm(outcomes) if outcomes and waiting is None else None,
        "is_own_correction": waiting is not None and waiting.proposed_by_id == page.person.pk,
    }


def propose(page: Page) -> HttpResponse:
    """Propose another decision than the one that was told."""
    page.require(page.organises)
    form = CorrectionForm(correction.outcomes(page.application), page.request.POST)
    if not form.is_valid():
        return page.render(correction_form=form, errors=form.errors)
    outcome, reason = Outcome(form.cleaned_data["outcome"]), form.cleaned_data["reason"]
    return _attempt(
        page,
        lambda: correction.propose(page.application, outcome, reason=reason, by=page.person, at=timezone.now()),
        _t("The correction is proposed. A second person signs it; then the letter leaves."),
    )


def sign(page: Page) -> HttpResponse:
    """Sign the correction: the decision changes and the letter leaves."""
    page.require(page.organises)
    return _attempt(
        page,
        lambda: correction.sign(_seen(page), by=page.person, at=timezone.now()),
        _t("The decision is corrected and the letter is on its way."),
    )


def withdraw(page: Page) -> HttpResponse:
    """Take the proposal back."""
    page.require(page.organises)
    return _attempt(page, lambda: correction.withdraw(_seen(page)), _t("The correction is taken back."))


def _seen(page: Page) -> Correction:
    """Return the proposal that the page showed: nobody signs another that took its place. Raises `DoesNotExist`."""
    seen = posted.number(page.request.POST.get("correction", "")) or 0
    return page.application.corrections.get(signed_at=None, pk=seen)


def _attempt(page: Page, step: Callable[[], object], done: str) -> HttpResponse:
    """Take a step; say why where it is refused."""
    try:
        step()
    except Correction.DoesNotExist:
        error = _t("Something has changed since you looked. Nothing was signed: look at it again.")
    except correction.NotCorrectable:
        error = _t("This decision cannot be corrected any more. Nothing was changed.")
    except correction.StillOnItsWay:
        error = _t("The letter that tells the decision is still on its way: wait until it has left or failed.")
    except correction.SamePerson:
        error = _t("You proposed the correction yourself, so another person signs it.")
    except places.NoPlaceLeft:
        error = _t("There is no free place. Nothing was changed.")
    except letters.NoText as missing:
        error = _t("A letter has no text: %(letter)s. Nothing was changed.") % {"letter": missing}
    else:
        return page.back(messages.SUCCESS, done)
    return page.back(messages.ERROR, error)
