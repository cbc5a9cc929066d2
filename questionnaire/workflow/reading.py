"""A frozen letter as it may be shown: its HTML cleaned once more, without the personal link that it was sent with."""

from __future__ import annotations

import re
from dataclasses import dataclass

import nh3
from django.utils.safestring import SafeString, mark_safe

from events import markup
from questionnaire.workflow import mime

MASK = "••••••"
_PERSONAL_LINK = re.compile(rf"https?://[^\s\"<>]*{mime.LINK_MARKER}/")


@dataclass(frozen=True)
class Reading:
    """What a letter says, for the screen."""

    subject: str
    text: str
    html: SafeString
    headers: dict[str, str]
    attachments: tuple[str, ...]
    is_masked: bool


def read(letter: mime.Reading, *, own_page: str = "") -> Reading:
    """Return a letter for the screen. No token is in it; the marker that stands for one is masked.

    To its reader the personal link leads to `own_page`, where they are already.
    """

    def shown(text: str) -> str:
        return _PERSONAL_LINK.sub(own_page, text) if own_page else text.replace(mime.LINK_MARKER, MASK)

    clean = nh3.clean(shown(letter.html), tags=markup.ALLOWED_TAGS | {"bdi"}, attributes={"a": {"href"}})
    return Reading(
        subject=letter.subject,
        text=shown(letter.text),
        html=mark_safe(clean),  # nh3 has just made it so
        headers=letter.headers,
        attachments=tuple(attachment.filename for attachment in letter.attachments),
        is_masked=mime.LINK_MARKER in letter.text and not own_page,
    )
