"""After the release: an accepted applicant confirms the place or turns it down, until the deadline."""

import datetime as dt

from django.db import transaction

from questionnaire.models import Application, LetterKind
from questionnaire.states import ALLOWED_MOVES, HOLDS_A_PLACE, State
from questionnaire.workflow import letters, transitions


class TooLate(Exception):
    """The deadline for an answer has passed."""


class NoPlaceLeft(Exception):
    """Somebody else holds the last place by now."""


@transaction.atomic
def confirm(application: Application, *, now: dt.datetime) -> None:
    """Confirm the place. Confirming twice is confirming once.

    Who turned the place down before gets it back only while one is free; the event is locked, counted,
    then written. Raises `TooLate`, `NoPlaceLeft` or `transitions.MoveNotAllowed`.
    """
    event = transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if current.state == State.CONFIRMED:
        return
    if now >= event.answer_by:
        raise TooLate
    if (
        current.state not in HOLDS_A_PLACE
        and event.applications.filter(state__in=HOLDS_A_PLACE).count() >= event.places
    ):
        raise NoPlaceLeft
    [current] = transitions.move([current], State.CONFIRMED, at=now)
    letters.queue(LetterKind.CONFIRMATION_RECEIPT, current, at=now)


@transaction.atomic
def turn_down(application: Application, *, reason: str, now: dt.datetime) -> None:
    """Turn the place down, with an optional reason. Raises `TooLate` or `transitions.MoveNotAllowed`."""
    event = transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if current.state == State.TURNED_DOWN:
        return
    if now >= event.answer_by:
        raise TooLate
    [current] = transitions.move([current], State.TURNED_DOWN, at=now, reason=reason)
    letters.queue(LetterKind.TURNED_DOWN_RECEIPT, current, at=now)


def can_answer(application: Application, now: dt.datetime) -> bool:
    """Return whether the applicant can confirm or turn down now."""
    answers = {State.CONFIRMED, State.TURNED_DOWN}
    return now < application.event.answer_by and bool(answers & ALLOWED_MOVES[State(application.state)])
