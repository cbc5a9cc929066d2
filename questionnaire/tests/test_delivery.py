"""One delivery at a time against a real SMTP server: what each way of going wrong means for the letter."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from questionnaire.models import LetterStatus
from questionnaire.workflow.delivery import (
    Envelope,
    FileTransport,
    Outcome,
    Phase,
    Server,
    SmtpTransport,
    transport_factory,
)
from ravisit.testing.smtp_sink import CUT, HANG, Fault, SmtpSink

SENT, RETRY = LetterStatus.SENT, LetterStatus.RETRY
UNCERTAIN, FAILED = LetterStatus.UNCERTAIN, LetterStatus.FAILED


def envelope(number: int = 1, body: bytes = b"Hello\r\n") -> Envelope:
    mime = b"Message-ID: <%d@example.org>\r\nSubject: one\r\n\r\n%s" % (number, body)
    return Envelope("visits@example.org", "zoe@example.org", mime)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def transport(sink: SmtpSink) -> Iterator[SmtpTransport]:
    transport = SmtpTransport(Server("127.0.0.1", sink.port), command_timeout=1, total_timeout=2)
    yield transport
    transport.close()


def deliver(transport: SmtpTransport, number: int = 1) -> tuple[LetterStatus, Phase, int | None]:
    outcome = transport.deliver(envelope(number))
    return outcome.status, outcome.phase, outcome.code


def test_a_letter_arrives_as_it_was_frozen(sink: SmtpSink, transport: SmtpTransport) -> None:
    letter = envelope(body=b".\r\n..\r\n.dots at the start of lines\r\nand no line end at the end")
    outcome = transport.deliver(letter)
    assert outcome == Outcome(SENT, Phase.AFTER_DOT, 250, "2.0.0 taken")
    (received,) = sink.received
    assert received.content == letter.mime + b"\r\n"
    assert (received.sender, received.recipient) == (letter.sender, letter.recipient)


def test_one_connection_carries_many_letters(sink: SmtpSink, transport: SmtpTransport) -> None:
    assert [deliver(transport, number)[0] for number in range(5)] == [SENT] * 5
    assert sink.connections == 1
    assert len(sink.received) == 5


@pytest.mark.parametrize(
    ("step", "action", "expected", "taken"),
    [
        ("connect", CUT, (RETRY, Phase.CONNECT, None), 0),
        ("connect", "421 4.3.2 too busy", (RETRY, Phase.CONNECT, 421), 0),
        ("connect", "554 5.7.1 not from you", (RETRY, Phase.CONNECT, 554), 0),
        ("mail", "451 4.3.0 later", (RETRY, Phase.MAIL, 451), 0),
        ("mail", "550 5.7.1 unknown sender", (FAILED, Phase.MAIL, 550), 0),
        ("rcpt", "421 4.3.2 closing", (RETRY, Phase.RCPT, 421), 0),
        ("rcpt", "451 4.2.0 greylisted", (RETRY, Phase.RCPT, 451), 0),
        ("rcpt", "550 5.1.1 no such person", (FAILED, Phase.RCPT, 550), 0),
        ("rcpt", CUT, (RETRY, Phase.RCPT, None), 0),
        ("rcpt", HANG, (RETRY, Phase.RCPT, None), 0),
        ("data", "421 4.3.2 closing", (RETRY, Phase.DATA, 421), 0),
        ("data", "451 4.3.0 later", (RETRY, Phase.DATA, 451), 0),
        ("data", "550 5.7.1 refused", (FAILED, Phase.DATA, 550), 0),
        ("dot", "421 4.3.2 closing", (RETRY, Phase.AFTER_DOT, 421), 0),
        ("dot", "451 4.3.0 later", (RETRY, Phase.AFTER_DOT, 451), 0),
        ("dot", "550 5.7.1 refused", (FAILED, Phase.AFTER_DOT, 550), 0),
        ("dot", "no code at all", (UNCERTAIN, Phase.AFTER_DOT, -1), 0),
        ("dot", CUT, (UNCERTAIN, Phase.AFTER_DOT, None), 1),
        ("dot", HANG, (UNCERTAIN, Phase.AFTER_DOT, None), 1),
    ],
)
def test_each_fault_is_told_for_what_it_is_and_the_next_letter_goes_out(
    sink: SmtpSink,
    transport: SmtpTransport,
    step: str,
    action: str,
    expected: tuple[LetterStatus, Phase, int | None],
    taken: int,
) -> None:
    sink.faults.append(Fault(step, action))
    assert deliver(transport, 1) == expected
    assert len(sink.received) == taken
    assert deliver(transport, 2) == (SENT, Phase.AFTER_DOT, 250)


def test_a_letter_cut_before_its_dot_was_not_taken(sink: SmtpSink) -> None:
    # More than the buffers of both sides hold, so that the client is still writing when it is cut off.
    transport = SmtpTransport(Server("127.0.0.1", sink.port), command_timeout=5, total_timeout=10)
    sink.faults.append(Fault("data", CUT))
    outcome = transport.deliver(envelope(body=b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 300_000))
    assert (outcome.status, outcome.phase) == (RETRY, Phase.DATA)
    assert sink.received == []


def test_a_bad_quit_after_250_changes_nothing(sink: SmtpSink, transport: SmtpTransport) -> None:
    for action in (CUT, HANG, "500 what?"):
        sink.faults.append(Fault("quit", action))
        assert deliver(transport)[0] == SENT
        transport.close()
    assert len(sink.received) == 3


def test_nobody_listening_is_no_fault_of_the_letter() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        transport = SmtpTransport(Server("127.0.0.1", unused.getsockname()[1]), command_timeout=1, total_timeout=2)
        outcome = transport.deliver(envelope())
    assert (outcome.status, outcome.phase) == (RETRY, Phase.CONNECT)
    assert outcome.server_is_unreachable


def test_a_connection_that_the_server_ended_between_letters_is_opened_again(
    sink: SmtpSink, transport: SmtpTransport
) -> None:
    assert deliver(transport, 1)[0] == SENT
    sink.faults.append(Fault("mail", "421 4.4.2 enough for one connection"))
    assert deliver(transport, 2) == (SENT, Phase.AFTER_DOT, 250)
    sink.faults.append(Fault("mail", CUT))
    assert deliver(transport, 3) == (SENT, Phase.AFTER_DOT, 250)
    assert [count for _, count in sorted(sink.copies.items())] == [1, 1, 1]
    assert sink.connections == 3


def test_a_server_that_cannot_encrypt_gets_no_letter_where_encryption_is_wanted(sink: SmtpSink) -> None:
    transport = SmtpTransport(Server("127.0.0.1", sink.port, starttls=True), command_timeout=1, total_timeout=2)
    assert transport.deliver(envelope()).phase is Phase.HELLO
    assert sink.received == []


def test_a_password_that_the_server_cannot_take_is_no_fault_of_the_letter(sink: SmtpSink) -> None:
    transport = SmtpTransport(
        Server("127.0.0.1", sink.port, user="ravisit", password="wrong"), command_timeout=1, total_timeout=2
    )
    outcome = transport.deliver(envelope())
    assert (outcome.status, outcome.phase) == (RETRY, Phase.HELLO)
    assert "wrong" not in outcome.reply


def test_letters_become_files_named_after_their_message_id(tmp_path: Path) -> None:
    transport = transport_factory(f"filemail:///{tmp_path}/mail%20box")()
    assert isinstance(transport, FileTransport)
    for number in (1, 2, 1):
        assert transport.deliver(envelope(number)).status == SENT
    files = sorted((tmp_path / "mail box").iterdir())
    assert [file.name for file in files] == ["1.eml", "2.eml"]
    assert files[0].read_bytes() == envelope(1).mime


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    outcome = FileTransport(tmp_path / "file").deliver(envelope())
    assert outcome.status == RETRY


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", Server("mail.example.org", 25)),
        ("smtp://127.0.0.1:2525", Server("127.0.0.1", 2525)),
        (
            "smtps://a%40b:p%2Fw@mail.example.org",
            Server("mail.example.org", 465, implicit_tls=True, user="a@b", password="p/w"),
        ),
        ("smtp+tls://mail.example.org", Server("mail.example.org", 587, starttls=True)),
    ],
)
def test_the_address_of_the_mail_server_is_understood(url: str, server: Server) -> None:
    transport = transport_factory(url)()
    assert isinstance(transport, SmtpTransport)
    assert transport.server == server


@pytest.mark.parametrize("url", ["", "smtp://", "imap://mail.example.org", "filemail:///"])
def test_an_address_without_meaning_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        transport_factory(url)
