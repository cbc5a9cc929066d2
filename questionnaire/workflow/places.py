"""The places of an event: how many are free. Whoever gives one away holds the event's lock and counts here."""

from events.models import Event
from questionnaire.models import Transition
from questionnaire.states import HOLDS_A_PLACE, State


class NoPlaceLeft(Exception):
    """Every place is held by somebody."""


def free(event: Event) -> int:
    """Return how many places nobody holds: below zero where there are fewer places than people by now."""
    return event.places - held(event)


def held(event: Event) -> int:
    """Return how many people hold a place."""
    return event.applications.filter(state__in=HOLDS_A_PLACE).count()


def on_offer(event: Event) -> int:
    """Return how many places go round by themselves: as many as people were accepted in the release.

    What organisers did not give away then, for guests of their own perhaps, they give by hand.
    """
    accepted = Transition.objects.filter(
        application__event=event, from_state=State.SIGNED_OFF, to_state=State.ACCEPTED
    ).count()
    return min(event.places, accepted)


def require_free(event: Event) -> None:
    """Raise `NoPlaceLeft` unless there is a free place."""
    if free(event) < 1:
        raise NoPlaceLeft
