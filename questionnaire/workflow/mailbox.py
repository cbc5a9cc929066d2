"""The mailbox to which undelivered letters come back, read over IMAP. Nothing here knows the database."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TIMEOUT = 30
"""Seconds that a server may take for an answer."""

AT_ONCE = 200
"""Messages that one look reads; the others wait for the next."""

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxUnreachable(Exception):
    """The mailbox cannot be read; says what went wrong, without the password."""


class Mailbox:
    """An open folder of which each unseen message is read once."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self.connection = connection

    def unseen(self, longest: int) -> Iterator[tuple[bytes, bytes]]:
        """Yield each unseen message by its UID; of one with more bytes than `longest`, nothing."""
        _status, found = self.connection.uid("SEARCH", "UNSEEN")
        for uid in (found[0] or b"").split()[:AT_ONCE]:
            yield uid, self._content(uid) if self._size(uid) <= longest else b""

    def mark_seen(self, uid: bytes) -> None:
        """Have a message not come again."""
        self.connection.uid("STORE", uid.decode(), "+FLAGS.SILENT", r"(\Seen)")

    def _size(self, uid: bytes) -> int:
        _status, answer = self.connection.uid("FETCH", uid.decode(), "(RFC822.SIZE)")
        found = _SIZE.search(answer[0]) if answer and isinstance(answer[0], bytes) else None
        return int(found[1]) if found else 0

    def _content(self, uid: bytes) -> bytes:
        _status, answer = self.connection.uid("FETCH", uid.decode(), "(BODY.PEEK[])")
        parts = [part[1] for part in answer if isinstance(part, tuple)]
        return bytes(parts[0]) if parts else b""


@contextmanager
def open_mailbox(url: str) -> Iterator[Mailbox]:
    """Open the folder that a `BOUNCE_IMAP_URL` names: `imaps://user:password@host[:port]/folder`, or `imap://…`.

    Raises `MailboxUnreachable`, or `ImproperlyConfigured` for another address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username:
        raise ImproperlyConfigured("BOUNCE_IMAP_URL: imaps://user:password@host/folder.")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    try:
        connection = _connect(parts.scheme, parts.hostname, parts.port)
        try:
            connection.login(unquote(parts.username), unquote(parts.password or ""))
            status, _number = connection.select(f'"{folder}"')
            if status != "OK":
                raise MailboxUnreachable(f"no folder {folder}")
            yield Mailbox(connection)
        finally:
            connection.logout()
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxUnreachable(type(error).__name__) from error


def _connect(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    if scheme == "imap":
        return imaplib.IMAP4(host, port or 143, timeout=TIMEOUT)
    context = ssl.create_default_context()
    return imaplib.IMAP4_SSL(host, port or 993, ssl_context=context, timeout=TIMEOUT)
