"""What each process of a rehearsal does first: it takes the virtual clock for the time."""

from django.conf import settings

from questionnaire.rehearsal.clock import VirtualClock, install

CLOCK = "clock"
BEATS = "beats"


def take_the_clock() -> VirtualClock:
    """Have this process live by the clock of the rehearsal that it belongs to."""
    clock = VirtualClock(settings.REHEARSAL_FOLDER / CLOCK)
    install(clock)
    return clock
