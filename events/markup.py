"""Markdown written by organisers, as clean HTML whose `[^n]` point to the numbered notes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element, SubElement

import markdown
import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown.extensions.toc import TocExtension
from markdown.inlinepatterns import InlineProcessor

ALLOWED_TAGS = {"a", "blockquote", "br", "code", "em", "h3", "h4", "hr", "li", "ol", "p", "strong", "sup", "ul"}
ALLOWED_ATTRIBUTES = {"a": {"href", "id", "role"}, "ol": {"start"}}
ALLOWED_SCHEMES = {"http", "https", "mailto", "tel"}
NOTE_PATTERN = r"\[\^(\d{1,3})\]"
NOTE_LINK_ID = re.compile(r"note-\d{1,3}-[a-z]+-\d+")


@dataclass(frozen=True)
class NoteLink:
    """A place in a text that points to a note: the note's number and the HTML id of the place."""

    number: int
    id: str


@dataclass(frozen=True)
class Prose:
    """A rendered text, with the places in it that point to notes, in reading order."""

    html: SafeString
    note_links: tuple[NoteLink, ...] = ()


@lru_cache(maxsize=512)
def render(source: str, place: str, notes: frozenset[int] = frozenset()) -> Prose:
    """Render Markdown; `place` (small letters) tells the texts of one page apart in their HTML ids.

    Raw HTML is shown as it was typed; `[^n]` becomes a link where the note `n` exists.
    """
    note_links = NoteLinks(place, notes)
    parser = markdown.Markdown(extensions=[TocExtension(baselevel=3), "sane_lists"], output_format="html")
    parser.preprocessors.deregister("html_block")
    parser.inlinePatterns.deregister("html")
    parser.inlinePatterns.register(note_links, "note_link", 175)  # before links, which begin with [ too
    return Prose(_clean(parser.convert(source)), tuple(note_links.found))


class NoteLinks(InlineProcessor):
    """Turns `[^n]` into a link to note `n`, and remembers where."""

    def __init__(self, place: str, notes: frozenset[int]) -> None:
        super().__init__(NOTE_PATTERN)
        self.place = place
        self.notes = notes
        self.found: list[NoteLink] = []

    def handleMatch(  # noqa: N802 - the name is Markdown's
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int] | tuple[None, None, None]:
        """Return the link that replaces a match, or nothing where there is no such note."""
        number = int(m[1])
        if number not in self.notes:
            return None, None, None
        link = NoteLink(number, f"note-{number}-{self.place}-{len(self.found) + 1}")
        self.found.append(link)
        raised = Element("sup")
        anchor = SubElement(raised, "a", {"href": f"#note-{number}", "id": link.id, "role": "doc-noteref"})
        anchor.text = f"[{number}]"
        return raised, m.start(), m.end()


def _clean(html: str) -> SafeString:
    cleaned = nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes=ALLOWED_SCHEMES,
        link_rel="noopener noreferrer",
    )
    return mark_safe(cleaned)  # nh3 has just made it so


def _keep_attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "id":
        return value if NOTE_LINK_ID.fullmatch(value) else None
    if name == "role":
        return value if value == "doc-noteref" else None
    return value
