"""Correct a decision after its letter has left: only with a reason, by two people, and told by a letter that says so.

The first decision letter stays as it was sent; nobody gets two of them, whatever is decided in between.
"""

import datetime as dt

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import translation

from questionnaire.models import (
    DECISION_KINDS,
    OPEN_STATUSES,
    Application,
    Correction,
    Letter,
    LetterKind,
    LetterStatus,
)
from questionnaire.states import ALLOWED_MOVES, RELEASES_TO, Outcome, State
from questionnaire.workflow import letters, places, promotion, transitions

CAN_BE_CORRECTED = frozenset(RELEASES_TO.values())
"""States in which the decision of the release still stands, with nobody's answer to it."""


class NotCorrectable(Exception):
    """There is no decision that was told and still stands, or it would not change."""


class StillOnItsWay(Exception):
    """The letter that tells the decision has not left yet, or may have to be sent again: wait for it."""


class SamePerson(Exception):
    """Whoever proposed the correction cannot sign it too."""


@transaction.atomic
def propose(application: Application, outcome: Outcome, *, reason: str, by: User, at: dt.datetime) -> Correction:
    """Propose another decision than the one that was told; it takes the place of a proposal that nobody signed.

    Raises `NotCorrectable`, `StillOnItsWay`, or `ValueError` without a reason.
    """
    if not reason.strip():
        raise ValueError("a correction takes a reason")
    transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    _require_correctable(current, outcome)
    Correction.objects.filter(application=current, signed_at=None).delete()
    return Correction.objects.create(
        application=current,
        former=_told(current),
        outcome=outcome,
        reason=reason.strip(),
        proposed_by=by,
        proposed_at=at,
    )


@transaction.atomic
def sign(correction: Correction, *, by: User, at: dt.datetime) -> Letter:
    """Sign a correction as a second person: the decision changes and the letter leaves, in one transaction.

    Raises `SamePerson`, `NotCorrectable`, `StillOnItsWay`, `places.NoPlaceLeft` or `letters.NoText`.
    """
    event = transitions.lock_event(correction.application.event_id)
    [current] = transitions.lock([correction.application_id])
    waiting = Correction.objects.select_for_update().filter(pk=correction.pk, signed_at=None).first()
    if waiting is None:
        raise NotCorrectable
    if waiting.proposed_by_id == by.pk:
        raise SamePerson
    outcome = Outcome(waiting.outcome)
    _require_correctable(current, outcome)
    columns: dict[str, object] = {}
    if outcome is Outcome.ACCEPT:
        places.require_free(event)
        columns = {"answer_by": max(event.answer_by, promotion.deadline(event, at)), "answer_reminded_at": None}
    target = RELEASES_TO[outcome]
    [moved] = transitions.move([current], target, at=at, by=by, outcome=outcome, reason=waiting.reason, columns=columns)
    with translation.override(moved.language):
        values = {
            "former_decision": str(RELEASES_TO[Outcome(waiting.former)].label),
            "decision": str(target.label),
        }
    letter = letters.queue(LetterKind.CORRECTION, moved, at=at, values=values)
    waiting.signed_by, waiting.signed_at, waiting.letter = by, at, letter
    waiting.save(update_fields=["signed_by", "signed_at", "letter"])
    return letter


def withdraw(correction: Correction) -> bool:
    """Take a proposal back that nobody signed; return whether it was still there."""
    deleted, _by_model = Correction.objects.filter(pk=correction.pk, signed_at=None).delete()
    return deleted > 0


def outcomes(application: Application) -> list[Outcome]:
    """Return the decisions to which the one that was told could be corrected."""
    if application.state not in CAN_BE_CORRECTED or application.submitted_revision is None:
        return []  # whoever comes in a colleague's place was told no decision
    moves = ALLOWED_MOVES[State(application.state)]
    return [outcome for outcome, state in RELEASES_TO.items() if state in moves and state != application.state]


def _told(application: Application) -> Outcome:
    """Return the decision that holds now, as it was told."""
    return next(outcome for outcome, state in RELEASES_TO.items() if state == application.state)


def _require_correctable(application: Application, outcome: Outcome) -> None:
    if outcome not in outcomes(application):
        raise NotCorrectable
    told = application.letters.filter(kind__in=[*DECISION_KINDS, LetterKind.PROMOTION, LetterKind.CORRECTION])
    if told.filter(status__in=OPEN_STATUSES).exists():
        raise StillOnItsWay
    if not told.exclude(status=LetterStatus.CANCELLED).exists():
        raise NotCorrectable
