"""What each process of a rehearsal does first: it takes the virtual clock for the time."""

from questionnaire.rehearsal.clock import VirtualClock, install
from ravisit.rehearsal import place


def take_the_clock() -> VirtualClock:
    """Have this process live by the clock of the rehearsal that it belongs to."""
    clock = VirtualClock(place.clock())
    install(clock)
    return clock
