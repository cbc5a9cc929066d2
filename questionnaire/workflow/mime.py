"""Turn a letter into the bytes that are frozen, and read those bytes back.

The layout is written out here instead of by `email.message`: it takes a tenth of the time, which counts
when 5 000 decisions are frozen in one transaction, and it lets the personal link stand alone on its line.
"""

import base64
import hashlib
import html as html_escaping
import re
import unicodedata
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import NamedTuple, cast

from questionnaire.workflow.addresses import ascii_address

LINK_MARKER = "the-personal-link-stands-only-in-the-letter"
"""Stands in the frozen bytes where the token of a personal link goes when the letter is sent.

As long as a token (43 characters, all of them safe in a URL), so that putting the token in moves nothing.
"""

_PLAIN_HEADER = re.compile(r"[A-Za-z0-9 '_-]{0,60}")
"""What may stand in a header, a display name too, without quotes, folding or encoding."""

_SEPARATORS = re.compile(r"[ \t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")

_TO = re.compile(rb"^To: .*(?:\r\n[ \t].*)*(?=\r\n)", re.MULTILINE)
_OWN_ID = re.compile(rb"^Message-ID: .*(?=\r\n)", re.MULTILINE)

_STYLE = (
    "max-width: 40em; margin: 0 auto; padding: 1em; font: 16px/1.5 Arial, sans-serif; color: #262b38; "
    "overflow-wrap: anywhere; word-break: break-word"
)
"""Stands in the element itself, since many mail programs drop a style sheet; a long link breaks on a phone by it."""

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body style="{style}">
{body}
</body>
</html>
"""
_BODY = re.compile(r"<body[^>]*>\n(.*)\n</body>\n</html>\n\Z", re.DOTALL)


class Mailbox(NamedTuple):
    """An address and the name to show with it, which may be empty."""

    address: str
    name: str = ""

    @classmethod
    @lru_cache(maxsize=8)  # each letter asks for the sender of all
    def parse(cls, text: str) -> "Mailbox":
        """Read `Name <address>` or a bare address, as in `DEFAULT_FROM_EMAIL`."""
        name, address = parseaddr(text)
        return cls(address, name)


class Attachment(NamedTuple):
    """A file that travels with a letter, such as an invitation in iCalendar."""

    filename: str
    content_type: str
    data: bytes


class Reading(NamedTuple):
    """What a frozen letter says; `html` is the content of the page's body alone."""

    subject: str
    text: str
    html: str
    headers: dict[str, str]
    attachments: tuple[Attachment, ...]


def compose(
    *,
    subject: str,
    text: str,
    html: str,
    sender: Mailbox,
    recipient: Mailbox,
    message_id: str,
    date: datetime,
    language: str,
    reply_to: Mailbox | None = None,
    list_unsubscribe: str = "",
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """Return the letter as bytes with CRLF line ends, the same for the same arguments.

    `html` is a clean fragment; it is set into a page with no remote content. `date` is aware.
    Raise `ValueError` for an address that cannot be written in ASCII.
    """
    subject = header_text(subject)
    headers = [
        f"From: {_mailbox(sender)}",
        f"To: {_mailbox(recipient)}",
        f"Subject: {_header_value(subject)}",
        f"Date: {format_datetime(date)}",
        f"Message-ID: {header_text(message_id)}",
        "Auto-Submitted: auto-generated",
        f"Content-Language: {header_text(language)}",
        "MIME-Version: 1.0",
    ]
    if reply_to is not None:
        headers.append(f"Reply-To: {_mailbox(reply_to)}")
    if list_unsubscribe:
        # RFC 8058: the mail program's own button then sends a POST, which no link scanner does.
        headers.append(f"List-Unsubscribe: <{header_text(list_unsubscribe)}>")
        headers.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    page = _PAGE.format(language=language, title=html_escaping.escape(subject), style=_STYLE, body=_unix_lines(html))
    boundary = _boundary(message_id)
    body = _multipart("alternative", f"{boundary}_a", [_text_part("plain", text), _text_part("html", page)])
    if attachments:
        body = _multipart("mixed", f"{boundary}_m", [body, *map(_attachment_part, attachments)])
    return b"\r\n".join([*(line.encode("ascii") for line in headers), body])


def readdressed(frozen: bytes, recipient: Mailbox, message_id: str) -> bytes:
    """Return a letter to another recipient, with a Message-ID of its own; all else stays to the byte.

    Raise `ValueError` for an address that cannot be written in ASCII.
    """
    head, separator, body = frozen.partition(b"\r\n\r\n")
    to, own_id = f"To: {_mailbox(recipient)}".encode("ascii"), f"Message-ID: {header_text(message_id)}".encode("ascii")
    head = _TO.sub(lambda _found: to, head, count=1)
    return _OWN_ID.sub(lambda _found: own_id, head, count=1) + separator + body


def read(mime: bytes) -> Reading:
    """Read back what `compose` wrote."""
    message = message_from_bytes(mime, policy=policy.default)
    page = _content(message, "html")
    fragment = _BODY.search(page)
    return Reading(
        subject=str(message["Subject"] or ""),
        text=_content(message, "plain"),
        html=fragment[1] if fragment else page,
        headers={name: str(value) for name, value in message.items()},
        attachments=tuple(_attachments(message)),
    )


def header_text(text: str) -> str:
    """Return the text on one line, without control, bidirectional and zero-width characters."""
    # Every separator becomes a space before the rest is dropped, so that no two words grow together.
    one_line = _SEPARATORS.sub(" ", text)
    if one_line.isprintable():
        return one_line.strip()
    return "".join(char for char in one_line if unicodedata.category(char) not in {"Cc", "Cf", "Cs"}).strip()


def _mailbox(mailbox: Mailbox) -> str:
    address = ascii_address(mailbox.address)
    name = header_text(mailbox.name)
    return f"{_header_value(name)}\r\n <{address}>" if name else address


def _header_value(text: str) -> str:
    """Return the text as it is where that is safe and short, else as encoded words (RFC 2047)."""
    if _PLAIN_HEADER.fullmatch(text):
        return text
    words = (base64.b64encode(part).decode("ascii") for part in _header_parts(text))
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _header_parts(text: str) -> Iterator[bytes]:
    """Cut the text between characters into what fits an encoded word beside any header's name."""
    part = b""
    for char in text:
        encoded = char.encode()
        if len(part) + len(encoded) > 39:
            yield part
            part = b""
        part += encoded
    yield part


def _boundary(message_id: str) -> str:
    """Return a boundary that is the same at each call; `=_` occurs in no encoded body."""
    return "=_" + hashlib.sha256(message_id.encode()).hexdigest()[:32]


def _multipart(subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    delimiter = f"\r\n--{boundary}".encode("ascii")
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n'.encode("ascii")
    return head + b"".join(delimiter + b"\r\n" + part for part in parts) + delimiter + b"--\r\n"


def _text_part(subtype: str, text: str) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode("ascii") + quoted_printable(text)


def quoted_printable(text: str) -> bytes:
    """Encode the text in lines of at most 76 characters, each link marker alone on its own line."""
    *before, last = (part.encode() for part in _unix_lines(text).split(LINK_MARKER))
    marker = LINK_MARKER.encode() + b"=\n"
    encoded = b"".join(_soft_ended(part) + marker for part in before) + b2a_qp(last, istext=True)
    return encoded.replace(b"\n", b"\r\n")


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _soft_ended(part: bytes) -> bytes:
    """Encode a part so that it ends in a soft line break."""
    # One character more, taken off again, makes the encoder keep room for the "=" on the last line.
    encoded = b2a_qp(part + b"x", istext=True)[:-1]
    return encoded if encoded.endswith(b"=\n") else encoded + b"=\n"


@lru_cache(maxsize=8)
def _attachment_part(attachment: Attachment) -> bytes:
    # Kept, since the same calendar goes with each of many letters.
    filename = header_text(attachment.filename).replace('"', "").replace("\\", "")
    head = (
        f"Content-Type: {header_text(attachment.content_type)}\r\n"
        f'Content-Disposition: attachment; filename="{filename}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + base64.encodebytes(attachment.data).replace(b"\n", b"\r\n")


def _content(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    content = part.get_content() if part is not None else ""
    return str(content).replace("\r\n", "\n")


def _attachments(message: EmailMessage) -> list[Attachment]:
    return [
        Attachment(part.get_filename(""), part["Content-Type"], cast("bytes", part.get_payload(decode=True)))
        for part in message.iter_attachments()
    ]
