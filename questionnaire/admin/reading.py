"""A frozen letter as it may be shown: its HTML cleaned once more, the personal link masked."""

from __future__ import annotations

from dataclasses import dataclass

import nh3
from django.utils.safestring import SafeString, mark_safe

from events import markup
from questionnaire.workflow import mime

MASK = "••••••"


@dataclass(frozen=True)
class Reading:
    """What a letter says, for the screen."""

    subject: str
    text: str
    html: SafeString
    headers: dict[str, str]
    attachments: tuple[str, ...]


def read(letter: mime.Reading) -> Reading:
    """Return a letter for the screen. No token is in it, and the marker that stands for one is masked."""
    clean = nh3.clean(
        letter.html.replace(mime.LINK_MARKER, MASK), tags=markup.ALLOWED_TAGS | {"bdi"}, attributes={"a": {"href"}}
    )
    return Reading(
        subject=letter.subject,
        text=letter.text.replace(mime.LINK_MARKER, MASK),
        html=mark_safe(clean),  # nh3 has just made it so
        headers=letter.headers,
        attachments=tuple(attachment.filename for attachment in letter.attachments),
    )
