"""What organisers do on the selection board, each by POST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t

from events.admin.rights import person_of
from events.models import Event
from questionnaire.admin.deciding import attempt
from questionnaire.admin.selection_forms import LIFT, MoveForm, NameForm, ProposeForm, SuggestForm
from questionnaire.models import Pin, SelectionRun
from questionnaire.states import Outcome
from questionnaire.workflow import board, proposing, runs, selection
from questionnaire.workflow.reasons import Conflict, Words


@dataclass
class Deed:
    """What came of it: messages, and what the board has to show at once where something was refused."""

    messages: list[tuple[int, str]] = field(default_factory=list)
    conflict: Conflict | None = None
    forms: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def refused(cls, text: str) -> Deed:
        """Return a deed that changed nothing."""
        return cls([(messages.ERROR, text)])

    @classmethod
    def done(cls, text: str) -> Deed:
        """Return a deed that succeeded."""
        return cls([(messages.SUCCESS, text)])


def suggest(request: HttpRequest, event: Event) -> Deed:
    """Solve with what there is now."""
    form = SuggestForm(request.POST)
    if not form.is_valid():
        return Deed(forms={"suggest_form": form})
    try:
        runs.suggest(event, by=person_of(request), at=timezone.now(), **form.cleaned_data)
    except selection.SelectionError as error:
        return _refused(event, error, {"suggest_form": form})
    return Deed.done(_t("Here is the best selection that keeps every quota and every choice made by hand."))


def _refused(event: Event, error: selection.SelectionError, forms: Mapping[str, Any]) -> Deed:
    words = board.words_for(event, error)
    if isinstance(error, selection.Infeasible):
        text = _t("No selection keeps every quota: see why, and what would help.")
        return Deed([(messages.ERROR, text)], words.diagnosis(error.diagnosis), forms)
    return Deed.refused(words.error(error))


def move(request: HttpRequest, event: Event) -> Deed:
    """Place somebody in or out, or leave them to the suggestion again."""
    form = MoveForm(request.POST)
    if _shown_run(request, event) is None:
        return _board_changed()
    if not form.is_valid():
        refused = [str(message) for errors in form.errors.values() for message in errors]
        return Deed([(messages.ERROR, " ".join([_t("Nothing was changed."), *refused]))], forms={"refused": form})
    application = event.applications.to_be_decided().filter(public_id=form.cleaned_data["person"]).first()
    if application is None:
        raise Http404
    asked = form.cleaned_data["side"]
    side = None if asked == LIFT else Pin.Side(asked)
    try:
        moved = runs.move(
            application, side, reason=form.cleaned_data["reason"], by=person_of(request), at=timezone.now()
        )
    except runs.NothingToChange:
        return Deed.refused(_t("This person is no candidate: there is no finished review, or no selection yet."))
    except selection.SelectionError as error:
        return _refused(event, error, {})
    return _moved(event, str(application), moved)


def _moved(event: Event, name: str, moved: runs.Move) -> Deed:
    """Say what it cost and who else moved; where quotas broke, which cannot hold with the choice."""
    if moved.obstacle is not None:
        warning = _t("%(name)s: moved, nobody else with them. No selection keeps every quota with this choice.")
        deed = _refused(event, moved.obstacle, {})
        return Deed([(messages.WARNING, warning % {"name": name}), *deed.messages], deed.conflict)
    words = Words.of(event, runs.points_of(moved.run), {*moved.entering, *moved.leaving})
    parts = [_t("%(name)s: done.") % {"name": name}, _cost(words, moved.cost)]
    if moved.entering:
        parts.append(_t("In now: %(names)s.") % {"names": words.people(moved.entering)})
    if moved.leaving:
        parts.append(_t("Out now: %(names)s.") % {"names": words.people(moved.leaving)})
    return Deed.done(" ".join(parts))


def _cost(words: Words, cost: Fraction) -> str:
    if not cost:
        return _t("The score stays the same.")
    if cost < 0:
        return _t("The score rises by %(points)s points.") % {"points": words.score(-cost)}
    return _t("It costs %(points)s points of the score.") % {"points": words.score(cost)}


def name(request: HttpRequest, event: Event) -> Deed:
    """Keep the board as a scenario."""
    form = NameForm(request.POST)
    run = _shown_run(request, event)
    if run is None:
        return _board_changed()
    if not form.is_valid():
        return Deed(forms={"name_form": form})
    runs.name(run, form.cleaned_data["name"])
    return Deed.done(_t("Kept as the scenario “%(name)s”.") % {"name": run.name})


def propose(request: HttpRequest, event: Event) -> Deed:
    """Turn the selection into proposed decisions."""
    form = ProposeForm(request.POST)
    run = _shown_run(request, event)
    if run is None:
        return _board_changed()
    if not form.is_valid():
        return Deed(forms={"propose_form": form})
    proposed: dict[Outcome, int] = {}

    def step() -> None:
        proposed.update(
            proposing.propose(
                run,
                reserves=form.cleaned_data["reserves"],
                decline_others=form.cleaned_data["others"] == "decline",
                by=person_of(request),
                at=timezone.now(),
            )
        )

    try:
        error = attempt(step)
    except proposing.Outdated:
        error = _t("Something has changed since this selection was made: suggest again first. Nothing was proposed.")
    if error:
        return Deed.refused(error)
    return Deed.done(
        _t(
            "Newly proposed: accept %(accept)d, waiting list %(waiting)d, decline %(decline)d. "
            "Another organiser now signs them off."
        )
        % {
            "accept": proposed.get(Outcome.ACCEPT, 0),
            "waiting": proposed.get(Outcome.WAITING_LIST, 0),
            "decline": proposed.get(Outcome.DECLINE, 0),
        }
    )


def _shown_run(request: HttpRequest, event: Event) -> SelectionRun | None:
    """Return the run of the board, or None where the person has an older one in front of them."""
    run = runs.current(event)
    return run if run is not None and str(run.pk) == request.POST.get("run") else None


def _board_changed() -> Deed:
    return Deed.refused(_t("The board has changed in the meantime. Look at it again; nothing was done."))


HANDLERS: dict[str, Callable[[HttpRequest, Event], Deed]] = {
    "suggest": suggest,
    "move": move,
    "name": name,
    "propose": propose,
}
