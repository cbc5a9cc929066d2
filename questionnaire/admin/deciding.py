"""Organisers' part of an application's page: propose a decision, sign it off, see the history and the letters."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from questionnaire.admin.application_page import Page
from questionnaire.models import Application
from questionnaire.states import ALLOWED_MOVES, Outcome, State
from questionnaire.workflow import decision
from questionnaire.workflow.transitions import MoveNotAllowed

NAMES_IN_A_MESSAGE = 20


class ReasonForm(forms.Form):
    """Why, in a line."""

    reason = forms.CharField(label=_("Reason (optional)"), required=False, max_length=500)


class DecisionForm(ReasonForm):
    """A decision to propose."""

    outcome = forms.ChoiceField(label=_("Decision"), choices=Outcome.choices, widget=forms.RadioSelect)
    field_order = ["outcome", "reason"]


def context(page: Page) -> dict[str, Any]:
    """Return what an organiser sees of the decision."""
    if not page.organises:
        return {}
    application = page.application
    moves = ALLOWED_MOVES[State(application.state)]
    return {
        "decision_form": DecisionForm(initial={"outcome": application.outcome}) if State.PROPOSED in moves else None,
        "can_sign_off": State.SIGNED_OFF in moves,
        "seen": decision.fingerprint([application]),
        "history": application.transitions.select_related("by"),
        "letters": application.letters.order_by("-created_at", "-pk").defer("mime"),
    }


def propose(page: Page) -> HttpResponse:
    """Propose a decision."""
    page.require(page.organises)
    form = DecisionForm(page.request.POST)
    if not form.is_valid():
        return page.render(decision_form=form, errors=form.errors)
    outcome = Outcome(form.cleaned_data["outcome"])
    reason = form.cleaned_data["reason"]
    error = attempt(
        lambda: decision.propose([page.application], outcome, by=page.person, at=timezone.now(), reason=reason)
    )
    if error:
        return page.back(messages.ERROR, error)
    return page.back(messages.SUCCESS, _t("Proposed: %(outcome)s.") % {"outcome": outcome.label})


def sign_off(page: Page) -> HttpResponse:
    """Sign a proposed decision off."""
    page.require(page.organises)
    seen = page.request.POST.get("seen", "")
    error = attempt(lambda: decision.sign_off([page.application], by=page.person, at=timezone.now(), seen=seen))
    if error:
        return page.back(messages.ERROR, error)
    return page.back(messages.SUCCESS, _t("Signed off."))


def attempt(step: Callable[[], object]) -> str:
    """Take a step of the workflow; return why it was refused, for people, or an empty text."""
    try:
        step()
    except decision.SameEyes as error:
        return _t(
            "You proposed these decisions yourself, so another person signs them off: %(names)s. Nothing was changed."
        ) % {"names": names(error.applications)}
    except MoveNotAllowed as error:
        return _t("This step is not open to these applications any more: %(names)s. Nothing was changed.") % {
            "names": names(error.applications, with_state=True)
        }
    except decision.Changed:
        return _t("Something has changed since you looked. Nothing was signed: look at it again.")
    except decision.ReleaseOrdered:
        return _t("The release has been ordered: take the order back before changing a decision. Nothing was changed.")
    return ""


def names(applications: Collection[Application], *, with_state: bool = False) -> str:
    """Return the names of applicants as a list in words, cut where it gets long."""
    rows = list(applications)
    shown = [f"{row} ({row.get_state_display()})" if with_state else str(row) for row in rows[:NAMES_IN_A_MESSAGE]]
    if rest := len(rows) - len(shown):
        shown.append(ngettext("%(number)d more", "%(number)d more", rest) % {"number": rest})
    return str(get_text_list(shown, _t("and")))
