"""HTML that is rendered once, with marks in place of what differs from visitor to visitor.

So the memory of the process holds nothing personal, and a page costs little more than putting texts together.
"""

import re
from collections.abc import Callable, Mapping

from django.utils.html import conditional_escape

MAX_RENDERED = 1024
RENDERED: dict[tuple[object, ...], str] = {}
"""What this process rendered, by everything that it depends on."""

# Characters for private use, which no keyboard has. Should a text hold them, it is put in last and not looked at again.
_MARK = re.compile("\ue000([a-z0-9_-]+)\ue001")


def mark(name: str) -> str:
    """Return what stands for a text; no template changes it."""
    return f"\ue000{name}\ue001"


def fill(html: str, texts: Mapping[str, str]) -> str:
    """Return the HTML with each mark replaced by its text, escaped unless it is HTML itself."""
    return _MARK.sub(lambda found: conditional_escape(texts[found[1]]), html)


def once(key: tuple[object, ...], render: Callable[[], str]) -> str:
    """Return what was rendered under a key, rendering it now if it never was."""
    html = RENDERED.get(key)
    if html is None:
        html = render()
        if len(RENDERED) >= MAX_RENDERED:
            RENDERED.clear()
        RENDERED[key] = html
    return html
