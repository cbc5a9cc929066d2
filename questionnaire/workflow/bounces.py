"""Letters that came back: read what a mail server reports (RFC 3464), and note which letter failed for good.

A report is believed only for the letter whose Message-ID stands in the headers that it returns: an ID is random, so
nobody but its recipient knows it. What is delayed, malformed or about anything else changes nothing.
"""

import datetime as dt
import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from django.db import transaction

from questionnaire.models import Letter, LetterStatus
from questionnaire.workflow import mime, notices

LONGEST = 1024 * 1024
"""Bytes of a report that are read; longer ones are no reports of ours."""

DEEPEST = 20
"""Parts within parts that are followed."""

MAY_BOUNCE = (LetterStatus.SENT, LetterStatus.UNCERTAIN)

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,198}>")
_CODE = re.compile(r"\b([45]\d\d)\b")


@dataclass(frozen=True)
class Bounce:
    """A letter that cannot be delivered, and what the last server said."""

    message_id: str
    diagnostic: str
    code: int | None


def read(report: bytes) -> Bounce | None:
    """Return what a report says of a letter that failed for good; None for everything else, however malformed."""
    if len(report) > LONGEST:
        return None
    try:
        parts = list(_parts(email.message_from_bytes(report)))
    except (RecursionError, LookupError, ValueError):  # what the standard library says to malformed mail
        return None
    failures = list(filter(None, map(_failure, parts)))
    returned = list(filter(None, map(_message_id, parts)))
    return Bounce(returned[0], *failures[0]) if failures and returned else None


@transaction.atomic
def record(bounce: Bounce, *, at: dt.datetime) -> bool:
    """Note that a letter failed and have organisers told; return whether it was news."""
    letter = Letter.objects.select_for_update(of=("self",), no_key=True).filter(message_id=bounce.message_id).first()
    if letter is None or letter.status not in MAY_BOUNCE:
        return False
    Letter.objects.filter(pk=letter.pk).update(
        status=LetterStatus.FAILED,
        due_at=None,
        claim_token=None,
        last_phase="bounce",
        last_code=bounce.code,
        last_reply=bounce.diagnostic,
    )
    notices.note_failure(letter, at=at)
    return True


def _parts(message: Message, depth: int = 0) -> Iterator[Message]:
    """Yield the parts of a message, those inside of attached messages too."""
    yield message
    payload = message.get_payload()
    if isinstance(payload, list) and depth < DEEPEST:
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)


def _failure(part: Message) -> tuple[str, int | None] | None:
    """Return what a part of a delivery status says of a recipient, if that is a failure for good."""
    action = _field(part, "Action").lower()
    status = _field(part, "Status")
    if action != "failed" or not status.startswith("5"):
        return None
    diagnostic = _field(part, "Diagnostic-Code").partition(";")[2].strip() or f"status {status}"
    code = _CODE.search(diagnostic)
    return diagnostic[:500], int(code[1]) if code else None


def _message_id(part: Message) -> str:
    """Return the Message-ID in the headers that a report returns, whole or alone."""
    if part.get_content_type() not in {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"}:
        return ""
    payload = part.get_payload()
    returned = payload[0] if isinstance(payload, list) and payload else email.message_from_string(str(payload))
    found = _MESSAGE_ID.fullmatch(_field(returned, "Message-ID")) if isinstance(returned, Message) else None
    return found[0] if found else ""


def _field(message: Message, name: str) -> str:
    return mime.header_text(str(message.get(name, "")))
