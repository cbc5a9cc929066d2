"""The states of an application and the moves between them that are allowed. Nothing else is.

draft → submitted ⇄ proposed → signed off → accepted / waiting list / declined
accepted → confirmed ⇄ turned down | lapsed;  waiting list → accepted;  any open state → withdrawn

Between accepted, waiting list and declined a correction leads, by two people and with a letter (`workflow.correction`).
Organisers alone offer a place again: to somebody whose letter never came, who turned it down, or whose time ran out.
A draft is accepted at once for somebody who comes in a colleague's place (`workflow.replacing`); nobody else is.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where an application stands."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    PROPOSED = "proposed", _("decision proposed")
    SIGNED_OFF = "signed_off", _("decision signed off")
    ACCEPTED = "accepted", _("accepted")
    WAITING_LIST = "waiting_list", _("on the waiting list")
    DECLINED = "declined", _("declined")
    CONFIRMED = "confirmed", _("confirmed")
    TURNED_DOWN = "turned_down", _("turned down by the applicant")
    LAPSED = "lapsed", _("lapsed without an answer")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Outcome(models.TextChoices):
    """What organisers propose for an application; what it becomes is `RELEASES_TO`."""

    ACCEPT = "accept", _("accept")
    WAITING_LIST = "waiting_list", _("waiting list")
    DECLINE = "decline", _("decline")


RELEASES_TO = {
    Outcome.ACCEPT: State.ACCEPTED,
    Outcome.WAITING_LIST: State.WAITING_LIST,
    Outcome.DECLINE: State.DECLINED,
}

ALLOWED_MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.ACCEPTED}),
    State.SUBMITTED: frozenset({State.PROPOSED, State.WITHDRAWN}),
    State.PROPOSED: frozenset({State.PROPOSED, State.SUBMITTED, State.SIGNED_OFF, State.WITHDRAWN}),
    State.SIGNED_OFF: frozenset({State.PROPOSED, State.SUBMITTED, *RELEASES_TO.values(), State.WITHDRAWN}),
    State.ACCEPTED: frozenset(
        {*RELEASES_TO.values(), State.CONFIRMED, State.TURNED_DOWN, State.LAPSED, State.WITHDRAWN}
    ),
    State.WAITING_LIST: frozenset({State.ACCEPTED, State.DECLINED, State.WITHDRAWN}),
    State.DECLINED: frozenset({State.ACCEPTED, State.WAITING_LIST}),
    State.CONFIRMED: frozenset({State.TURNED_DOWN, State.WITHDRAWN}),
    State.TURNED_DOWN: frozenset({State.CONFIRMED, State.ACCEPTED}),
    State.LAPSED: frozenset({State.ACCEPTED}),
    State.WITHDRAWN: frozenset({State.SUBMITTED}),
}

# Applied, and nothing released yet: to the applicant these are one and the same.
UNDER_REVIEW = frozenset({State.SUBMITTED, State.PROPOSED, State.SIGNED_OFF})
DECIDED_IN_SECRET = frozenset({State.PROPOSED, State.SIGNED_OFF})
RELEASED = frozenset(State) - UNDER_REVIEW - {State.DRAFT, State.WITHDRAWN}
HOLDS_A_PLACE = frozenset({State.ACCEPTED, State.CONFIRMED})
# To whom organisers may offer a place by hand once the decisions are out.
CAN_BE_OFFERED = frozenset({State.WAITING_LIST, State.ACCEPTED, State.TURNED_DOWN, State.LAPSED})
CAN_WITHDRAW = frozenset(state for state, targets in ALLOWED_MOVES.items() if State.WITHDRAWN in targets)


def sources(target: State) -> frozenset[State]:
    """Return the states from which a move to `target` is allowed."""
    return frozenset(state for state, targets in ALLOWED_MOVES.items() if target in targets)
