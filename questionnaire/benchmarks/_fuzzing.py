"""Requests that make no sense, to every page of applicants and of the team: refused in words, never a 5xx."""

import io
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from hypothesis import strategies as st

from questionnaire.benchmarks._forms import Form, FormReader
from questionnaire.benchmarks._fuzz_world import World
from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.workflow.answers import PAGES_OWN, input_names

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ODD = [
    "", "\0", "a\0b", "\r\n", "\u202e", "\ufeff", "\ue000first_name\ue001", "é" * 5000, "x" * 100_000, "😀", "1e309",
    "-1", "9" * 40, "yes", "no", "on", "fr", "here-", "saved-", "page-0", "page-99", "0:work", ":", "{}", "[]",
    "null", "[[[", '{"first_name": 1}', "=cmd|'/C calc'!A0", "{{7*7}}", "{first_name", "%s%n", "../../etc/passwd",
    "<script>", "a@b, c@d", "à@é.fr", "2021-02-30", "0001-01-01", "9999-12-31", "25:61", "AT", "a:b", "1 2 3", "None",
]  # fmt: skip
ALONE = ["question-1-up", "section-1-down", "move", "event", "q", "o", "p", "all", "e", "_popup", "_to_field", "next"]
FURTHER = ["List-Unsubscribe", "answer", "choice", "event", "reason", "remove-any_file"]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TEXTS = st.sampled_from(ODD) | st.text(max_size=40) | WORDS
VALUES = st.lists(TEXTS, min_size=1, max_size=3)

Values = dict[str, list[str]]

_handler = ClientHandler(enforce_csrf_checks=False)  # one for all: it puts the middleware together once
_numbers = count()


class PostedFile(io.BytesIO):
    """A file under any name, even one that Django would never give it."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


FILES = st.builds(
    PostedFile,
    name=st.sampled_from(["cv.pdf", "x", "..", "a\0.pdf", "é" * 300, "C:\\x.docx", '".png']),
    content=st.sampled_from([b"", PDF, PDF[:5], b"PK\3\4", b"<!doctype html>"]) | st.binary(max_size=50),
)


@dataclass(frozen=True)
class Change:
    """What is changed in a form as it stands: inputs by number, further ones by name, and the button pressed."""

    inputs: dict[int, list[str]]
    further: Values
    button: int


CHANGES = st.builds(
    Change,
    inputs=st.dictionaries(st.integers(0, 500), VALUES, max_size=6),
    further=st.dictionaries(st.sampled_from(ALONE) | WORDS, VALUES, max_size=3),
    button=st.integers(0, 9),
)


@dataclass
class Fuzzer:
    """Sends requests to a world that stays as it is; remembers the forms that it found, and those it sent."""

    world: World
    forms: dict[tuple[str, str], list[Form]] = field(default_factory=dict)
    sent: set[tuple[str, str]] = field(default_factory=set)

    def client(self, session: str) -> Client:
        """Return a browser with a session, at an address of the network of its own."""
        number = next(_numbers)
        client = Client(REMOTE_ADDR=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
        client.handler = _handler
        client.cookies[settings.SESSION_COOKIE_NAME] = session
        return client

    def names(self) -> list[str]:
        """Return the names of all that applicants' pages post."""
        questions = [name for question in self.world.asked.questions for name in input_names(question)]
        return [*questions, *sorted(PAGES_OWN), *FURTHER, f"keep-{questions[0]}"]

    def as_applicant(self, page: str, state: State, proved: bool, posted: Values, file: Any, odd: str) -> None:
        """Send a form to a page as somebody whose application is in some state, then look at it."""
        address = self.world.applicants_pages(odd)[page]
        data = {**posted, **({"any_file": file} if file else {})}
        with transaction.atomic():
            if not proved:
                Application.objects.filter(pk=self.world.applicants[state].pk).update(email_proved_at=None)
            client = self.client(self.world.sessions[state.value])
            self._ask(client, "post", address, data)
            self._ask(client, "get", address, {})
            self._ask(client, "get", "/en/application/", {})
            transaction.set_rollback(True)
        self.sent.add((page, "post"))

    def as_team(self, address: str, person: str, number: int, change: Change) -> None:
        """Send a form of a page of the admin, changed; where there is none, something to the page itself."""
        with transaction.atomic():
            client = self.client(self.world.sessions[person])
            found = self._forms_of(client, address, person) or [Form(address, "post"), Form(address, "get")]
            form = found[number % len(found)]
            data = {**form.values, **change.further}
            for place, values in change.inputs.items():
                if form.names:
                    data[form.names[place % len(form.names)]] = values
            if form.buttons:
                name, value = form.buttons[change.button % len(form.buttons)]
                data[name] = [value]
            self._ask(client, form.method, form.action, data)
            transaction.set_rollback(True)
        self.sent.add((form.action, form.method))

    def _forms_of(self, client: Client, address: str, person: str) -> list[Form]:
        key = (address, person)
        if key not in self.forms:
            html = self._ask(client, "get", address, {})
            self.forms[key] = FormReader(address, html).forms
        return self.forms[key]

    def _ask(self, client: Client, method: str, address: str, data: dict[str, Any]) -> str:
        """Send one request; return the page. Raises `AssertionError` for a 5xx."""
        if method == "post":
            answer = client.post(address, data)
        else:
            path, _mark, query = address.partition("?")
            answer = client.get(f"{path}?{urlencode(data, doseq=True)}" if data else address, QUERY_STRING=query)
        if answer.status_code >= 500:
            raise AssertionError(f"{method} {address} answers {answer.status_code}")
        if answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
            return ""
        return answer.content.decode()
