"""What Celery wakes. The work itself is in the database, so a lost or repeated wake-up does no harm."""

import datetime as dt

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from questionnaire.rehearsal import background
from questionnaire.workflow import returned
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
    background.start_waiting(at=timezone.now())
    spare = dt.timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT - settings.SMTP_FINAL_REPLY_TIMEOUT)
    work_off(timezone.now, transport_factory(settings.EMAIL_URL), until=timezone.now() + spare)
