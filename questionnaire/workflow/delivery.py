"""Hand one letter to a mail server, or to a folder, and say exactly how far it got.

Nothing here knows the database. A connection stays open over a run; one recipient per mail.
"""

import logging
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import DNS_NAME

from questionnaire.models import LetterStatus

logger = logging.getLogger(__name__)

COMMAND_TIMEOUT = 30
"""Seconds that a server may take for anything but the reply after the final dot."""

LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)


class Phase(StrEnum):
    """How far a delivery came. Only after the dot can the server have taken the letter."""

    PREPARE = "prepare"  # nothing was asked of a server yet
    CONNECT = "connect"
    HELLO = "hello"  # EHLO, STARTTLS, AUTH
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    AFTER_DOT = "after_dot"


class Envelope(NamedTuple):
    """What goes over the wire; both addresses in ASCII."""

    sender: str
    recipient: str
    mime: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery: sent, retry, uncertain or failed, and what the server said last."""

    status: LetterStatus
    phase: Phase
    code: int | None = None
    reply: str = ""

    @property
    def server_is_unreachable(self) -> bool:
        """Return whether no letter could have been handed over, whoever it is for."""
        return self.phase in {Phase.CONNECT, Phase.HELLO}


class Transport(Protocol):
    """A way to deliver letters one after the other; not shared between threads."""

    def deliver(self, envelope: Envelope) -> Outcome:
        """Deliver one letter; whatever goes wrong on the way is an outcome, not an exception."""

    def close(self) -> None:
        """End the run; never raises."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as named by `EMAIL_URL`."""

    host: str
    port: int
    implicit_tls: bool = False
    starttls: bool = False
    user: str = ""
    password: str = ""


class FileTransport:
    """Write each letter to a folder; a letter sent again replaces its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, envelope: Envelope) -> Outcome:
        """Write the letter to a file that is named after its Message-ID."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"{_file_stem(envelope.mime)}.eml"
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(envelope.mime)
            unfinished.replace(path)
        except OSError as error:
            return Outcome(LetterStatus.RETRY, Phase.DATA, reply=_describe(error))
        return Outcome(LetterStatus.SENT, Phase.AFTER_DOT, reply=path.name)

    def close(self) -> None:
        """Do nothing: each file was closed when it was written."""


class SmtpTransport:
    """Deliver over one SMTP connection, opened at the first letter and again whenever it was cut.

    `total_timeout` bounds one delivery, from the first command to the reply after the dot, in seconds.
    """

    def __init__(self, server: Server, *, command_timeout: float, total_timeout: float) -> None:
        self.server = server
        self.command_timeout = command_timeout
        self.total_timeout = total_timeout
        self._client: smtplib.SMTP | None = None
        self._phase = Phase.CONNECT
        self._deadline = 0.0

    def deliver(self, envelope: Envelope) -> Outcome:
        """Deliver one letter and report how far it got."""
        self._deadline = monotonic() + self.total_timeout
        reused = self._client is not None
        outcome = self._attempt(envelope)
        if reused and self._client is None and outcome.phase is Phase.MAIL:
            # Servers end a connection that was idle or has carried enough letters: no fault of this one.
            outcome = self._attempt(envelope)
        return outcome

    def close(self) -> None:
        """Say goodbye; every letter has its reply already, so nothing depends on how that is taken."""
        if self._client is None:
            return
        try:
            _socket(self._client).settimeout(self.command_timeout)
            self._client.quit()
        except (OSError, smtplib.SMTPException) as error:
            logger.info("QUIT was not answered well: %s", type(error).__name__)
        self._drop()

    def _attempt(self, envelope: Envelope) -> Outcome:
        self._phase = Phase.CONNECT
        try:
            client = self._client or self._connect()
            code, reply = self._converse(client, envelope)
        except smtplib.SMTPResponseException as error:
            code, reply = error.smtp_code, _as_bytes(error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome(_judge(self._phase, None), self._phase, reply=_describe(error))
        outcome = Outcome(_judge(self._phase, code), self._phase, code, reply.decode("utf-8", "replace"))
        if outcome.status != LetterStatus.SENT:
            self._reset(code)
        return outcome

    def _connect(self) -> smtplib.SMTP:
        """Open a connection that is ready for MAIL. Raise `smtplib.SMTPResponseException` if refused."""
        server = self.server
        client = self._new_client()
        # Kept at once, so that whatever goes wrong from here on closes it.
        self._client = client
        self._expect(220, client.connect(server.host, server.port))
        # The final dot is a packet of its own and must not wait for the others to be acknowledged.
        _socket(client).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._enter(Phase.HELLO, client)
        client.ehlo_or_helo_if_needed()
        if server.starttls:
            self._expect(220, client.starttls(context=ssl.create_default_context()))
            client.ehlo_or_helo_if_needed()
        if server.user:
            client.login(server.user, server.password)
        return client

    def _new_client(self) -> smtplib.SMTP:
        timeout = min(self.command_timeout, self._remaining())
        if self.server.implicit_tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(timeout=timeout, local_hostname=str(DNS_NAME), context=context)
        return smtplib.SMTP(timeout=timeout, local_hostname=str(DNS_NAME))

    def _converse(self, client: smtplib.SMTP, envelope: Envelope) -> tuple[int, bytes]:
        """Send one letter over an open connection; return the reply that ended it, good or bad."""
        commands = (
            (Phase.MAIL, f"MAIL FROM:<{envelope.sender}>", 250),
            (Phase.RCPT, f"RCPT TO:<{envelope.recipient}>", 250),
            (Phase.DATA, "DATA", 354),
        )
        for phase, command, expected in commands:
            self._enter(phase, client)
            code, reply = client.docmd(command)
            # 251: the server forwards the letter, which is as good as 250.
            if code not in {expected, 251}:
                return code, reply
        client.send(LINE_START_DOT.sub(b"..", envelope.mime))
        # The dot goes on its own: an error before this line is sure to have kept the letter from being taken.
        self._phase = Phase.AFTER_DOT
        _socket(client).settimeout(self._remaining())
        client.send(b".\r\n" if envelope.mime.endswith(b"\r\n") else b"\r\n.\r\n")
        return client.getreply()

    def _enter(self, phase: Phase, client: smtplib.SMTP) -> None:
        self._phase = phase
        _socket(client).settimeout(min(self.command_timeout, self._remaining()))

    def _remaining(self) -> float:
        remaining = self._deadline - monotonic()
        if remaining <= 0:
            raise TimeoutError("The time for one delivery is over.")
        return remaining

    @staticmethod
    def _expect(expected: int, answer: tuple[int, bytes]) -> None:
        if answer[0] != expected:
            raise smtplib.SMTPResponseException(*answer)

    def _reset(self, code: int) -> None:
        """Make the connection ready for the next letter after a refusal, or give it up."""
        if self._client is None or code == 421 or self._phase in {Phase.CONNECT, Phase.HELLO}:
            self._drop()
            return
        try:
            self._expect(250, self._client.docmd("RSET"))
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _judge(phase: Phase, code: int | None) -> LetterStatus:
    """Return what the last reply, or its absence, means for the letter."""
    family = (code or 0) // 100
    if family == 2 and phase is Phase.AFTER_DOT:
        return LetterStatus.SENT
    if family == 4:
        return LetterStatus.RETRY
    # A refusal before MAIL (a wrong password, say) is meant for us, not for the letter.
    if family == 5 and phase not in {Phase.CONNECT, Phase.HELLO}:
        return LetterStatus.FAILED
    return LetterStatus.UNCERTAIN if phase is Phase.AFTER_DOT else LetterStatus.RETRY


def transport_factory(url: str) -> Callable[[], Transport]:
    """Return a maker of transports for an `EMAIL_URL`, one for each connection that is wanted.

    `smtp://[user:password@]host[:port]`, `smtps://…` (TLS from the start), `smtp+tls://…` (STARTTLS, which
    must succeed) or `filemail:///folder`. Raise `ImproperlyConfigured` for anything else.
    """
    parts = urlsplit(url)
    if parts.scheme == "filemail" and parts.path.strip("/"):
        folder = Path("/") / unquote(parts.path).lstrip("/")
        return lambda: FileTransport(folder)
    default_ports = {"smtp": 25, "smtps": 465, "smtp+tls": 587}
    if parts.scheme not in default_ports or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL: smtp://host, smtps://host, smtp+tls://host or filemail:///folder.")
    server = Server(
        host=parts.hostname,
        port=parts.port or default_ports[parts.scheme],
        implicit_tls=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp+tls",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
    return lambda: SmtpTransport(
        server, command_timeout=COMMAND_TIMEOUT, total_timeout=settings.SMTP_FINAL_REPLY_TIMEOUT
    )


def _socket(client: smtplib.SMTP) -> socket.socket:
    """Return the client's socket. Raise `SMTPServerDisconnected` where it has closed it."""
    if client.sock is None:
        raise smtplib.SMTPServerDisconnected("The connection was closed.")
    return client.sock


def _file_stem(mime: bytes) -> str:
    """Return the local part of the Message-ID, as far as it can stand in a file name."""
    found = re.search(rb"^Message-ID: <([A-Za-z0-9._-]+)@", mime, re.MULTILINE)
    return found[1].decode("ascii").lstrip(".") if found else "letter"


def _as_bytes(reply: bytes | str) -> bytes:
    return reply.encode() if isinstance(reply, str) else reply


def _describe(error: Exception) -> str:
    """Name what happened to the connection, without what was sent over it."""
    return f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}"
