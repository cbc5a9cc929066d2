"""From a selection to proposed decisions, which a second person then signs off as any others."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import transaction

from questionnaire.models import Application, SelectionRun, because
from questionnaire.states import DECIDED_IN_SECRET, Outcome
from questionnaire.workflow import decision, runs, transitions
from questionnaire.workflow.board import RunView


class Outdated(Exception):
    """The run is not what the board shows any more, or what it was made of has changed."""


def outcomes(view: RunView, *, reserves: int, decline_others: bool) -> dict[str, Outcome]:
    """Return what the selection means for each candidate, by public id.

    The first `reserves` of those who wait for a place go on the waiting list; the others are declined, or stay open.
    Whoever was placed out by hand is one of these others.
    """
    waiting = view.reserves()
    meaning = dict.fromkeys(view.suggestion.selected, Outcome.ACCEPT)
    meaning |= dict.fromkeys(waiting[:reserves], Outcome.WAITING_LIST)
    if decline_others:
        meaning |= dict.fromkeys([*waiting[reserves:], *view.problem.pinned_out], Outcome.DECLINE)
    return meaning


@transaction.atomic
def propose(run: SelectionRun, *, reserves: int, decline_others: bool, by: User, at: dt.datetime) -> dict[Outcome, int]:
    """Propose what the run says, all of it or nothing; return how many decisions are new, by outcome.

    A decision that says the same already is left alone, its signature too. Raises `Outdated`,
    `decision.ReleaseOrdered` or `transitions.MoveNotAllowed`.
    """
    event = transitions.lock_event(run.event_id)
    if runs.current(event) != run or runs.is_outdated(run):
        raise Outdated
    meaning = outcomes(RunView(run), reserves=reserves, decline_others=decline_others)
    changed = _changed(run, meaning)
    reason = because.of_run(run.pk, run.input_sha256)
    for outcome in Outcome:
        mine = [application for application in changed if meaning[application.public_id] == outcome]
        if mine:
            decision.propose(mine, outcome, by=by, at=at, reason=reason)
    return dict(Counter(meaning[application.public_id] for application in changed))


def _changed(run: SelectionRun, meaning: Mapping[str, Outcome]) -> list[Application]:
    rows = run.event.applications.to_be_decided().only("pk", "public_id", "state", "outcome", "event_id")
    return [
        row
        for row in rows
        if row.public_id in meaning and not (row.state in DECIDED_IN_SECRET and row.outcome == meaning[row.public_id])
    ]
