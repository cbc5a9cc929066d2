"""The forms of a page, read as a browser reads them: where they go, and what they would send as they stand."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

BUTTONS = frozenset({"submit", "image"})
NOT_SENT = frozenset({"file", "reset", "button"})
TICKED = frozenset({"checkbox", "radio"})


@dataclass
class Form:
    """A form: its address and method, the values of its inputs by name, and its buttons with theirs."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Return the names of the inputs."""
        return sorted(self.values)


class FormReader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self._area: tuple[str, list[str]] | None = None
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or what stands in one."""
        found: dict[str, Any] = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.address, found.get("action", ""))
            self.forms.append(Form(action, found.get("method", "get").lower()))
        elif self.forms and tag == "option" and self._select and "selected" in found:
            self.forms[-1].values[self._select].append(found.get("value", ""))
        elif self.forms and found.get("name"):
            self._note(tag, found["name"], found)

    def _note(self, tag: str, name: str, found: dict[str, Any]) -> None:
        form, kind = self.forms[-1], found.get("type", "text")
        match tag:
            case "button":
                form.buttons.append((name, found.get("value", "")))
            case "input" if kind in BUTTONS:
                form.buttons.append((name, found.get("value", "")))
            case "input" if kind not in NOT_SENT:
                is_sent = kind not in TICKED or "checked" in found
                form.values.setdefault(name, []).extend([found.get("value", "on")] if is_sent else [])
            case "select":
                self._select = name
                form.values.setdefault(name, [])
            case "textarea":
                self._area = (name, [])

    def handle_data(self, data: str) -> None:
        """Note what stands in a text area."""
        if self._area:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        """Note that an input has ended."""
        if tag == "textarea" and self._area and self.forms:
            name, texts = self._area
            self.forms[-1].values.setdefault(name, []).append("".join(texts).removeprefix("\n"))
            self._area = None
        if tag == "select":
            self._select = ""
