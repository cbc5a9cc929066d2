"""What Celery wakes. The work itself is in the database, so a lost or repeated wake-up does no harm."""

import datetime as dt
from typing import Any

from celery import shared_task
from celery.signals import before_task_publish
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from questionnaire.models import Heartbeat
from questionnaire.rehearsal import background
from questionnaire.signals import FROM_BEAT
from questionnaire.workflow import heartbeat, returned
from questionnaire.workflow.delivery import transport_factory
from questionnaire.workflow.due import do_what_is_due as work_off


@shared_task
def read_bounces() -> None:
    """Note which letters came back, where there is a mailbox for them."""
    if settings.BOUNCE_IMAP_URL:
        returned.read_mailbox(settings.BOUNCE_IMAP_URL, at=timezone.now())


@shared_task
def do_what_is_due() -> None:
    """Release and send what is due; stop early enough to be done before the task's time limit."""
    now = timezone.now()
    background.start_waiting(at=now)
    spare = dt.timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT - settings.SMTP_FINAL_REPLY_TIMEOUT)
    with heartbeat.pulse(Heartbeat.Source.WORKER, at=now, url=settings.HEARTBEAT_URL) as pulse:
        tally = work_off(timezone.now, transport_factory(settings.EMAIL_URL), until=now + spare)
        pulse.went_well = tally.server_reached


@before_task_publish.connect
def note_beat(headers: dict[str, Any] | None = None, **_signal: Any) -> None:
    """Note a sign of life of the beat, in its own process, with each wake-up that it sends."""
    if headers is not None and headers.items() >= FROM_BEAT.items():
        close_old_connections()  # nothing else does in that process, and the database may have been away
        heartbeat.give_sign(Heartbeat.Source.BEAT, at=timezone.now())
