"""A browser without scripts: pages, forms, cookies and redirects over real HTTP, from the standard library."""

from __future__ import annotations

import datetime as dt
import http.client
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

from questionnaire.rehearsal import html_forms
from questionnaire.rehearsal.html_forms import Form

TIMEOUT = 60.0  # seconds
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303})


@dataclass(frozen=True)
class Visit:
    """One request and its answer, for the record: how long it took, in seconds from the first to the last byte."""

    method: str
    path: str
    status: int
    seconds: float


@dataclass(frozen=True)
class Page:
    """What the browser shows after redirects; `path` is where it arrived."""

    path: str
    status: int
    html: str

    @cached_property
    def content(self) -> html_forms.PageReader:
        """Return the forms and links of the page."""
        return html_forms.read(self.html)

    def moment(self, name: str) -> dt.datetime | None:
        """Return the moment that the page writes out under a name, to the minute as it stands there."""
        found = re.search(rf'<time id="{name}" datetime="([^"]+)"', self.html)
        return dt.datetime.fromisoformat(found[1]) if found else None

    def form(self, *names: str, to: str = "") -> Form | None:
        """Return the first form to post that has all these controls or buttons, and whose address ends in `to`."""
        for form in self.content.forms:
            there = {control.name for control in form.inputs} | {name for name, _value in form.buttons}
            if form.action.endswith(to) and there.issuperset({"csrfmiddlewaretoken", *names}):
                return form
        return None


class Browser:
    """One person's browser. `address` stands for its network address; `note` is told of each request.

    Raises `OSError` or `http.client.HTTPException` where the site cannot be reached.
    """

    def __init__(self, site: str, address: str, language: str, note: Callable[[Visit], None]) -> None:
        self.site = site
        self.address = address
        self.language = language
        self.note = note
        self.cookies: dict[str, str] = {}
        server = urlsplit(site)
        self._server = (server.hostname or "", server.port or 80)

    def get(self, url: str) -> Page:
        """Open an address of the site, absolute or not."""
        return self._arrive("GET", url)

    def head(self, url: str) -> Page:
        """Look at an address as a scanner of mails does."""
        return self._arrive("HEAD", url)

    def press(self, page: Page, form: Form, button: tuple[str, str] | None = None) -> Page:
        """Post a form of a page, by a button where it has a name."""
        kind, body = form.encode(button)
        return self._arrive("POST", urljoin(page.path, form.action), body, kind)

    def forget(self) -> None:
        """Go on as on another device: without cookies."""
        self.cookies.clear()

    def _arrive(self, method: str, url: str, body: bytes | None = None, kind: str = "") -> Page:
        """Ask, and follow redirects on the site to the page where they end."""
        path = _path_of(urljoin(f"{self.site}/", url))
        for _turn in range(MOST_REDIRECTS):
            status, headers, html = self._ask(method, path, body, kind)
            if status not in REDIRECTS:
                break
            method, body = "HEAD" if method == "HEAD" else "GET", None
            path = _path_of(urljoin(f"{self.site}{path}", headers["Location"]))
        return Page(path, status, html)

    def _ask(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, http.client.HTTPMessage, str]:
        headers = {
            "Accept-Language": self.language,
            "X-Forwarded-For": self.address,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Referer": self.site,
        }
        if body is not None:
            headers["Content-Type"] = kind
        started = time.perf_counter()
        connection = http.client.HTTPConnection(*self._server, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            html = answer.read().decode()
        finally:
            connection.close()
        self.note(Visit(method, path, answer.status, time.perf_counter() - started))
        self._keep_cookies(answer.headers.get_all("Set-Cookie") or [])
        return answer.status, answer.headers, html

    def _keep_cookies(self, headers: list[str]) -> None:
        for header in headers:
            for name, morsel in SimpleCookie(header).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
