"""The command that does the work of the Celery worker."""

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from questionnaire.models import Letter, LetterKind, LetterStatus
from questionnaire.tests.factories import DECISION_HOUR, ApplicationFactory, LetterTemplateFactory
from questionnaire.workflow import letters
from ravisit.ports import free_port
from ravisit.testing.smtp_sink import Fault, SmtpSink

pytestmark = pytest.mark.django_db

BEFORE = "2021-11-29T09:59:59+01:00"
PARIS_HOUR = "2021-11-29 10:00:00"  # no offset: Europe/Paris


@pytest.fixture
def mailbox(settings: Settings, tmp_path: Path) -> Path:
    """Return the folder to which letters go."""
    settings.EMAIL_URL = f"filemail:///{tmp_path}/mail"
    return tmp_path / "mail"


@pytest.fixture(autouse=True)
def _two_letters() -> None:
    template = LetterTemplateFactory(kind=LetterKind.ACCEPTANCE)
    applications = ApplicationFactory.create_batch(2, event=template.event)
    letters.queue_many(LetterKind.ACCEPTANCE, applications, at=DECISION_HOUR, release_at=DECISION_HOUR)


def send(*arguments: str) -> str:
    """Run the command; return what it printed."""
    output = StringIO()
    call_command("send_due_letters", *arguments, stdout=output)
    return output.getvalue().strip()


def test_letters_leave_at_their_hour_on_the_clock_given(mailbox: Path) -> None:
    assert send("--at", BEFORE) == "nothing is due"
    assert not mailbox.exists()
    assert send("--at", PARIS_HOUR) == "2 sent"
    assert len(list(mailbox.glob("*.eml"))) == 2
    assert send() == "nothing is due"


def test_the_time_recorded_is_that_of_the_clock_given(mailbox: Path) -> None:
    send("--at", PARIS_HOUR)
    for letter in Letter.objects.all():
        assert letter.sent_at is not None
        assert dt.timedelta() <= letter.sent_at - DECISION_HOUR < dt.timedelta(minutes=1)


def test_what_became_of_the_letters_is_printed(settings: Settings) -> None:
    with SmtpSink() as sink:
        sink.faults.append(Fault("rcpt", "550 5.1.1 no such person"))
        settings.EMAIL_URL = sink.url
        assert send("--at", PARIS_HOUR) == "1 sent, 1 failed"


def test_a_server_that_cannot_be_reached_is_an_error(settings: Settings) -> None:
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}"
    with pytest.raises(CommandError, match="cannot be reached"):
        send("--at", PARIS_HOUR)
    assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.RETRY}


@pytest.mark.parametrize("text", ["tomorrow", "2021-11-31T10:00:00Z", "10:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="is not a time"):
        send("--at", text)
