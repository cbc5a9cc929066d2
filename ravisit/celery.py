"""The Celery application: it only wakes the work that the database already holds."""

import os

from celery import Celery
from celery.signals import beat_embedded_init, beat_init
from kombu.transport import TRANSPORT_ALIASES

from questionnaire.signals import FROM_BEAT

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ravisit.settings")

DO_WHAT_IS_DUE = "questionnaire.tasks.do_what_is_due"
READ_BOUNCES = "questionnaire.tasks.read_bounces"
BEAT = 60.0  # seconds

TRANSPORT_ALIASES["filesystem"] = "ravisit.file_broker:Transport"

app = Celery("ravisit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "do-what-is-due": {"task": DO_WHAT_IS_DUE, "schedule": BEAT, "options": {"headers": FROM_BEAT}},
    "read-bounces": {"task": READ_BOUNCES, "schedule": 5 * BEAT, "options": {"expires": 5 * BEAT}},
}


def wake_worker(**_signal: object) -> None:
    """Have a worker look at once for what is due; without a broker the next beat does."""
    app.send_task(DO_WHAT_IS_DUE, expires=BEAT, retry=False)


@beat_init.connect
@beat_embedded_init.connect
def begin_at_once(**_signal: object) -> None:
    """Have a worker catch up as soon as the beat starts, rather than a minute later."""
    app.send_task(DO_WHAT_IS_DUE, expires=BEAT, retry=False, headers=FROM_BEAT)
