"""The Celery application: it only wakes the work that the database already holds."""

import math
import os
from time import monotonic

from celery import Celery
from celery.signals import beat_embedded_init, beat_init
from kombu.transport import TRANSPORT_ALIASES

from questionnaire.signals import FROM_BEAT

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ravisit.settings")

DO_WHAT_IS_DUE = "questionnaire.tasks.do_what_is_due"
READ_BOUNCES = "questionnaire.tasks.read_bounces"
BEAT = 60.0  # seconds
PAUSE = 1.0  # seconds between two wake-ups that a process orders for its letters
RESPITE = 10.0  # seconds in which it does not try a broker again that failed, since people wait meanwhile

TRANSPORT_ALIASES["filesystem"] = "ravisit.file_broker:Transport"

app = Celery("ravisit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "do-what-is-due": {"task": DO_WHAT_IS_DUE, "schedule": BEAT, "options": {"headers": FROM_BEAT}},
    "read-bounces": {"task": READ_BOUNCES, "schedule": 5 * BEAT, "options": {"expires": 5 * BEAT}},
}


class Waker:
    """Has a worker look for the letters of this process: at once, but not for each of the many of one moment.

    The first letter wakes a worker, those of the next second together wake it when that is over: so whoever submits in
    the last minute costs next to nothing.
    """

    def __init__(self) -> None:
        self._latest = -math.inf  # when the wake-up that was ordered last takes place

    def wake(self) -> None:
        """Have a worker look for what is due by now. Raises what the broker does; the beat looks in its place."""
        now = monotonic()
        if self._latest > now:
            return  # that one is still to come, and finds this too
        at = max(now, self._latest + PAUSE)
        self._latest = now + RESPITE
        app.send_task(DO_WHAT_IS_DUE, countdown=at - now, expires=at - now + BEAT, retry=False)
        self._latest = at


_waker = Waker()


def wake_worker(**_signal: object) -> None:
    """Have a worker look for what is due; without a broker the next beat does."""
    _waker.wake()


@beat_init.connect
@beat_embedded_init.connect
def begin_at_once(**_signal: object) -> None:
    """Have a worker catch up as soon as the beat starts, rather than a minute later."""
    app.send_task(DO_WHAT_IS_DUE, expires=BEAT, retry=False, headers=FROM_BEAT)
