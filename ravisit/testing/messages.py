"""What the code asks to have translated, found by Babel and Django's own template reader: no gettext needed."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

Message = str | tuple[str, str]
"""A text, or a singular with its plural."""

FOLDERS = ("ravisit", "events", "questionnaire", "templates")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
CONTEXT = "\x04"


def messages() -> dict[Message, list[str]]:
    """Return every text that is to be translated, with the files that hold it."""
    found: dict[Message, list[str]] = {}
    for path in _sources():
        for message in _messages_in(path):
            found.setdefault(message, []).append(str(path.relative_to(settings.BASE_DIR)))
    return found


def _sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and not {"tests", "migrations"} & set(path.parts):
                yield path


def _messages_in(path: Path) -> Iterator[Message]:
    code = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django writes calls among fillers; without indentation they read as Python.
        code = "\n".join(line.strip() for line in templatize(code, origin=str(path)).splitlines())
    for _line, message, _comments, context in extract("python", BytesIO(code.encode()), KEYWORDS):
        if isinstance(message, tuple):
            texts = tuple(str(text) for text in message if text)
            yield (texts[0], texts[1])
        elif message:
            yield f"{context}{CONTEXT}{message}" if context else message


def placeholders(text: str) -> set[str]:
    """Return the names that stand for values in a text."""
    return set(re.findall(r"%\(\w+\)[sd]|\{\w*\}|%[sd]", text))
