"""What arrived by mail: every copy of every letter, read as a mail program reads it, under the virtual time."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy

LINK = re.compile(r"https?://[^\s<>\"]+/application/link/[\w-]+/")
STOP = re.compile(r"https?://[^\s<>\"]+/application/reminders/[\w:.-]+/")


@dataclass(frozen=True)
class Mail:
    """One copy of a letter; `digest` tells whether two copies have the same bytes."""

    at: dt.datetime
    message_id: str
    recipient: str
    subject: str
    language: str
    digest: str
    link: str
    stop_link: str


class Mailroom:
    """All mailboxes of a rehearsal; used from several threads."""

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self.now = now
        self.copies: list[Mail] = []
        self._boxes: dict[str, list[Mail]] = defaultdict(list)
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def take(self, recipient: str, content: bytes) -> None:
        """Take in a letter."""
        mail = _read(self.now(), recipient, content)
        with self._lock:
            self.copies.append(mail)
            if mail.message_id not in self._known:
                self._known.add(mail.message_id)
                self._boxes[recipient.casefold()].append(mail)

    def inbox(self, address: str) -> list[Mail]:
        """Return the letters to an address, oldest first, each once."""
        with self._lock:
            return list(self._boxes[address.casefold()])


def _read(at: dt.datetime, recipient: str, content: bytes) -> Mail:
    message = message_from_bytes(content, policy=policy.default)
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body is not None else ""
    link, stop = LINK.search(text), STOP.search(text)
    return Mail(
        at=at,
        message_id=str(message["Message-ID"] or ""),
        recipient=recipient,
        subject=str(message["Subject"] or ""),
        language=str(message["Content-Language"] or ""),
        digest=hashlib.sha256(content).hexdigest(),
        link=link[0] if link else "",
        stop_link=stop[0] if stop else "",
    )
