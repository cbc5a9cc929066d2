"""The Celery task, as often as a broker may deliver it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings

from questionnaire.models import Letter, LetterKind, LetterStatus
from questionnaire.tasks import do_what_is_due
from questionnaire.tests.factories import DECISION_HOUR, ApplicationFactory, LetterTemplateFactory
from questionnaire.tests.test_outbox_faults import SharedDatabase
from questionnaire.workflow import letters
from ravisit.testing.smtp_sink import SmtpSink


def queue(count: int) -> None:
    """Queue acceptances that have been due for years, to an event whose retention is not over."""
    template = LetterTemplateFactory(kind=LetterKind.ACCEPTANCE, event__last_day=timezone.localdate())
    applications = ApplicationFactory.create_batch(count, event=template.event)
    letters.queue_many(LetterKind.ACCEPTANCE, applications, at=DECISION_HOUR, release_at=DECISION_HOUR)


@pytest.mark.django_db
def test_a_task_that_comes_twice_sends_once(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_URL = f"filemail:///{tmp_path}"
    queue(3)
    for _ in range(2):
        do_what_is_due.apply(throw=True)
    assert len(list(tmp_path.glob("*.eml"))) == 3
    assert set(Letter.objects.values_list("status", "attempts")) == {(LetterStatus.SENT, 1)}


@contextmanager
def celery_workers(count: int, environment: dict[str, str]) -> Iterator[None]:
    """Run Celery workers as processes of their own."""
    command = [sys.executable, "-m", "celery", "-A", "ravisit.celery", "worker", "--concurrency", "2"]
    processes = [
        subprocess.Popen(
            [*command, "--hostname", f"worker{number}@test"],
            cwd=settings.BASE_DIR,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(count)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


@pytest.mark.valkey
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_five_deliveries_to_two_workers_of_a_real_broker_send_each_letter_once(tmp_path: Path) -> None:
    queue(40)
    database = SharedDatabase(tmp_path)
    with SmtpSink(delay=0.01) as sink:
        environment = {"DATABASE_URL": database.url, "EMAIL_URL": sink.url, "SECRET_KEY": settings.SECRET_KEY}
        with celery_workers(2, environment):
            for _ in range(5):
                do_what_is_due.delay()
            assert sink.wait_until(lambda: len(sink.copies) == 40, timeout=60)
    assert database.statuses() == {LetterStatus.SENT: 40}
    assert set(sink.copies.values()) == {1}
