"""Letters that come back: matched by their Message-ID and by nothing else, whatever a report claims."""

import datetime as dt
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from questionnaire import tasks
from questionnaire.models import Letter, LetterStatus, Notice
from questionnaire.tests.factories import AFTER_RELEASE
from questionnaire.tests.imap_server import ImapServer
from questionnaire.tests.test_outbox import Clock, ScriptedTransport, queue, send
from questionnaire.workflow import bounces, mailbox, mime, outbox
from questionnaire.workflow.returned import read_mailbox

REPORT = """From: MAILER-DAEMON@mx.example
To: bounces@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=utf-8

Your letter could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 29 Nov 2021 10:00:00 +0100

Final-Recipient: rfc822; person@example.org
Original-Recipient: rfc822;person@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; {diagnostic}

--B
Content-Type: {returned}

{headers}

--B--
"""
MULTIPART = b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"
GONE = "550 5.1.1 <person@example.org>: no such person"


def report(message_id: str, **changes: str) -> bytes:
    """Return a report on a letter, as mail servers write it."""
    values = {
        "action": "failed",
        "status": "5.1.1",
        "diagnostic": GONE,
        "returned": "message/rfc822",
        "headers": f"From: us@example.org\nMessage-ID: {message_id}\nSubject: letter\n\nText",
    }
    return REPORT.format(**values | changes).replace("\n", "\r\n").encode()


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"])
def test_a_report_names_the_letter_and_the_reply(returned: str) -> None:
    found = bounces.read(report("<a@example.org>", returned=returned))
    assert found == bounces.Bounce("<a@example.org>", GONE, 550)


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "delayed", "status": "4.4.1"},
        {"action": "failed", "status": "4.4.7"},
        {"action": "delivered", "status": "2.0.0"},
        {"action": ""},
        {"headers": "Subject: no id\n\nText"},
        {"headers": "Message-ID: not one\n\nText"},
        {"returned": "text/plain"},
    ],
)
def test_everything_else_is_no_failure(changes: dict[str, str]) -> None:
    assert bounces.read(report("<a@example.org>", **changes)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\x00" * 1000,
        b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"
        + b"--B\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n" * 3000,
        b"Content-Type: message/rfc822\r\n\r\n" * 3000,
        report("<a@example.org>") + b"x" * bounces.LONGEST,
        report("<" + "a" * 5000 + ">"),
    ],
)
def test_hostile_mail_is_read_without_harm(content: bytes) -> None:
    assert bounces.read(content) is None


@given(st.binary(max_size=200), st.integers(0, 900))
def test_a_damaged_report_raises_nothing(damage: bytes, at: int) -> None:
    whole = report("<a@example.org>")
    bounces.read(whole[:at] + damage + whole[at + len(damage) :])


@pytest.mark.django_db
class TestMailbox:
    """What becomes of the letters."""

    @pytest.fixture
    def letters(self) -> list[Letter]:
        """Return two letters that were sent."""
        queue(2)
        send(Clock(), ScriptedTransport())
        return list(Letter.objects.order_by("pk"))

    def test_a_letter_that_came_back_has_failed_and_organisers_are_told(self, letters: list[Letter]) -> None:
        with ImapServer([report(letters[0].message_id)]) as server:
            assert read_mailbox(server.url, at=AFTER_RELEASE) == (1, 1)
            assert server.seen == {1}
            assert read_mailbox(server.url, at=AFTER_RELEASE) == (0, 0)
        failed, other = Letter.objects.order_by("pk")
        assert (failed.status, failed.last_phase, failed.last_code, failed.last_reply) == (
            "failed",
            "bounce",
            550,
            GONE,
        )
        assert other.status == LetterStatus.SENT
        assert Notice.objects.get().event == failed.event

    def test_a_report_read_twice_changes_nothing(self, letters: list[Letter]) -> None:
        twice = report(letters[0].message_id)
        with ImapServer([twice, twice]) as server:
            assert read_mailbox(server.url, at=AFTER_RELEASE) == (2, 1)
            server.seen.clear()  # as if this run had died before its end
            assert read_mailbox(server.url, at=AFTER_RELEASE) == (2, 0)
        assert Notice.objects.count() == 1

    def test_nobody_makes_others_letters_fail(self, letters: list[Letter]) -> None:
        forged = report("<guessed@example.org>", diagnostic=f"550 {letters[0].recipient} {letters[0].message_id}")
        with ImapServer([forged, b"hello", report("<x@example.org>") * 9]) as server:
            assert read_mailbox(server.url, at=AFTER_RELEASE) == (3, 0)
        assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.SENT}

    def test_a_message_of_any_size_is_passed_by(self, letters: list[Letter]) -> None:
        huge = report(letters[0].message_id) + b"x" * bounces.LONGEST
        with ImapServer([huge, report(letters[1].message_id)]) as server:
            assert read_mailbox(server.url, at=AFTER_RELEASE) == (2, 1)
            assert not any("1 (BODY" in command for command in server.commands)

    def test_a_letter_sent_again_after_it_came_back_stays_sent(self, letters: list[Letter]) -> None:
        with ImapServer([report(letters[0].message_id)]) as server:
            read_mailbox(server.url, at=AFTER_RELEASE)
            clock = Clock(AFTER_RELEASE)
            outbox.requeue(Letter.objects.all(), now=clock())
            send(clock, ScriptedTransport())
            read_mailbox(server.url, at=AFTER_RELEASE + dt.timedelta(hours=1))
        assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.SENT}

    def test_the_command_and_the_task_do_the_same(self, letters: list[Letter], settings: Settings) -> None:
        tasks.read_bounces()  # without a mailbox, nothing
        with ImapServer([report(letters[0].message_id), report(letters[1].message_id)]) as server:
            settings.BOUNCE_IMAP_URL = server.url
            tasks.read_bounces()
            output = StringIO()
            call_command("read_bounces", stdout=output)
        assert output.getvalue() == "0 messages, 0 letters failed\n"
        assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.FAILED}

    def test_letters_leave_under_the_address_to_which_they_come_back(self, settings: Settings) -> None:
        settings.BOUNCE_ADDRESS = "bounces@example.org"
        queue(1)
        transport = ScriptedTransport()
        send(Clock(), transport)
        assert transport.delivered[0].sender == "bounces@example.org"
        assert mime.read(transport.delivered[0].mime).headers["From"] != "bounces@example.org"


def test_a_mailbox_that_cannot_be_read_says_why_in_one_line(settings: Settings) -> None:
    with pytest.raises(CommandError, match="Set BOUNCE_IMAP_URL"):
        call_command("read_bounces")
    with ImapServer([]) as server:
        for wrong in (server.url.replace("secret", "wrong"), server.url.replace("Returned", "Elsewhere")):
            with pytest.raises(mailbox.MailboxUnreachable), mailbox.open_mailbox(wrong):
                pass
        settings.BOUNCE_IMAP_URL = server.url.replace("secret", "wrong")
        with pytest.raises(CommandError) as caught:
            call_command("read_bounces")
        assert "wrong" not in str(caught.value)
    with pytest.raises(mailbox.MailboxUnreachable), mailbox.open_mailbox(server.url):
        pass
    with pytest.raises(ImproperlyConfigured, match="BOUNCE_IMAP_URL"), mailbox.open_mailbox("pop3://host/"):
        pass
