"""The forms of a page, as a browser without scripts sees and posts them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

Values = Mapping[str, Sequence[str]]
NOT_TYPED = frozenset({"submit", "button", "image", "reset"})
CHOSEN = frozenset({"checkbox", "radio"})


@dataclass
class Input:
    """One control of a form. `chosen` says whether a box, a radio button or an option is ticked."""

    name: str
    kind: str
    value: str = ""
    chosen: bool = False


@dataclass
class Form:
    """A form with its controls in order; a page's first button is the one that Enter presses."""

    action: str
    multipart: bool = False
    key: str = ""
    inputs: list[Input] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the controls that a person can fill in."""
        return frozenset(control.name for control in self.inputs if control.kind != "hidden")

    @property
    def file_names(self) -> list[str]:
        """Return the names of the controls that take a file."""
        return [control.name for control in self.inputs if control.kind == "file"]

    def fill(self, typed: Values) -> dict[str, list[str]]:
        """Type what this form has a place for; return that, by name."""
        mine = {name: list(values) for name, values in typed.items() if name in self.names}
        for control in self.inputs:
            if control.name not in mine or control.kind == "file":
                continue
            values = mine[control.name]
            if control.kind in CHOSEN or control.kind == "option":
                control.chosen = control.value in values
            else:
                control.value = values[-1] if values else ""
        return mine

    def posted(self, button: tuple[str, str] | None = None) -> list[tuple[str, str]]:
        """Return what is posted when a button is pressed, or by its name and value; without one, that of Enter."""
        selected = {control.name for control in self.inputs if control.kind == "option" and control.chosen}
        pairs = []
        for control in self.inputs:
            if control.kind == "option" and control.name not in selected:
                selected.add(control.name)  # a list in which nothing is chosen shows, and posts, its first line
            elif control.kind == "file" or (control.kind in CHOSEN | {"option"} and not control.chosen):
                continue
            pairs.append((control.name, control.value.replace("\n", "\r\n")))
        return [*pairs, button] if button and button[0] else pairs

    def encode(self, button: tuple[str, str] | None = None) -> tuple[str, bytes]:
        """Return the content type and the body of the request."""
        pairs = self.posted(button)
        if not self.multipart:
            return "application/x-www-form-urlencoded", urlencode(pairs).encode()
        boundary = secrets.token_hex(16)
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value.encode() for name, value in pairs
        ]
        for name in self.file_names:
            file_name, content = self.files.get(name, ("", b""))
            head = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
            parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content)
        body = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
        return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


class PageReader(HTMLParser):
    """Reads the forms and the addresses of links out of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._elsewhere: list[tuple[str, tuple[str, str]]] = []
        self._area: Input | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in the start of an element."""
        given = {name: value or "" for name, value in attrs}
        reader = getattr(self, f"_start_{tag}", None)
        if reader is not None:
            reader(given)

    def handle_endtag(self, tag: str) -> None:
        """Take in the end of an element."""
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            self._area.value = self._area.value.removeprefix("\n")  # as browsers do
            self._area = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        """Take in what stands in a text area."""
        if self._area is not None:
            self._area.value += data

    def close(self) -> None:
        """Give the buttons that stand outside of their form to it."""
        super().close()
        for key, button in self._elsewhere:
            for form in self.forms:
                if form.key == key:
                    form.buttons.append(button)

    def _start_form(self, given: dict[str, str]) -> None:
        multipart = given.get("enctype") == "multipart/form-data"
        self._form = Form(given.get("action", ""), multipart=multipart, key=given.get("id", ""))
        self.forms.append(self._form)

    def _start_a(self, given: dict[str, str]) -> None:
        self.links.append(given.get("href", ""))

    def _start_input(self, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text"), given.get("name", "")
        if self._form is None or not name or "disabled" in given or kind in NOT_TYPED:
            return
        if given.get("tabindex") == "-1":  # out of people's reach
            kind = "hidden"
        value = given.get("value", "on" if kind in CHOSEN else "")
        self._form.inputs.append(Input(name, kind, value, "checked" in given))

    def _start_textarea(self, given: dict[str, str]) -> None:
        if self._form is not None and given.get("name"):
            self._area = Input(given["name"], "textarea")
            self._form.inputs.append(self._area)

    def _start_select(self, given: dict[str, str]) -> None:
        self._select = given.get("name", "")

    def _start_option(self, given: dict[str, str]) -> None:
        if self._form is not None and self._select:
            self._form.inputs.append(Input(self._select, "option", given.get("value", ""), "selected" in given))

    def _start_button(self, given: dict[str, str]) -> None:
        button = (given.get("name", ""), given.get("value", ""))
        if "form" in given:
            self._elsewhere.append((given["form"], button))
        elif self._form is not None:
            self._form.buttons.append(button)


def read(html: str) -> PageReader:
    """Read a page."""
    reader = PageReader()
    reader.feed(html)
    reader.close()
    return reader
