"""Nonsense sent to every page of applicants: refused in words, never a 5xx. On PostgreSQL too.

`RAVISIT_EXAMPLES=10000` sends as many requests instead of a few hundred.
"""

import io
import json
import os
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.models import Event
from questionnaire import urls
from questionnaire.models import Application, Question
from questionnaire.states import State
from questionnaire.tests import files
from questionnaire.tests.factories import WHILE_OPEN, ApplicationFactory, QuestionFactory, small_questionnaire, typed
from questionnaire.views import access, throttle
from questionnaire.workflow import links

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

NUMBER = int(os.environ.get("RAVISIT_EXAMPLES", "300"))
NAMES = [str(pattern.name) for pattern in urls.urlpatterns]

INPUTS = [
    *typed(), "which", "why", "cv", "remove-cv", "several", "several-text", "table-a", "draft", "shown", "seen",
    "warned", "go", "keep-first_name", "keep-why", "choice", "answer", "reason", "event", "List-Unsubscribe",
]  # fmt: skip
ODD = [
    "", "\0", "a\0b", "\r\n", "\u202e", "\ufeff", "\ue000first_name\ue001", "é" * 5000, "x" * 100_000, "😀", "1e309",
    "-1", "9" * 40, "yes", "no", "fr", "here-", "saved-", "page-0", "page-99", "{}", "[]",
    "null", "[[[", '{"first_name": 1}', "=cmd|'/C calc'!A0", "{{7*7}}", "%s%n", "../../etc/passwd", "<script>",
    "a@b, c@d", "à@é.fr", "2021-02-30", "AT",
]  # fmt: skip
TEXTS = st.sampled_from(ODD) | st.text(max_size=40) | st.text(st.characters(exclude_categories=("Cs",)), max_size=8)


class PostedFile(io.BytesIO):
    """A file under any name, even one that Django would never give it."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


FILES = st.builds(
    PostedFile,
    name=st.sampled_from(["cv.pdf", "x", "..", "a\0.pdf", "é" * 300, "C:\\x.docx", '".png']),
    content=st.sampled_from([b"", files.PDF, files.DOCX, files.DOCX[:50], files.HTML]) | st.binary(max_size=50),
)
POSTED = st.dictionaries(
    st.sampled_from(INPUTS) | st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
    st.lists(TEXTS, min_size=1, max_size=3),
    max_size=8,
)
STATES = st.sampled_from(State)


@pytest.fixture
def event() -> Event:
    """Return an event that asks for a bit of everything."""
    event = small_questionnaire()
    section = event.sections.get(key="work")
    QuestionFactory(section=section, key="why", kind=Question.Kind.LONG_TEXT, order=7)
    QuestionFactory(section=section, key="cv", kind=Question.Kind.FILE, order=8)
    several = Question.Kind.MULTIPLE_CHOICE
    QuestionFactory(section=section, key="several", kind=several, order=9, maximum=2, options=["a", "b", "other+"])
    table = QuestionFactory(section=section, key="table", kind=Question.Kind.MATRIX, order=10, options=["x", "y"])
    table.rows.create(key="a", label_en="A", label_fr="A")
    return event


def address_of(name: str, event: Event, application: Application, odd: str) -> str:
    """Return an address of the page, with something likely or something odd where it takes an argument."""
    arguments = {
        "begin": [event.slug],
        "page": [event.slug, "2"],
        "autosave": [event.slug, "2"],
        "letter": ["1"],
        "file": [odd.replace("/", "") or "x"],
        "link": [odd.replace("/", "") or "x"],
        "stop-reminders": [links.stop_address(application, "en").rstrip("/").rpartition("/")[2]],
    }
    [pattern] = [pattern for pattern in urls.urlpatterns if pattern.name == name]
    path = str(pattern.pattern)
    for argument in arguments.get(name, []):
        start, _angle, rest = path.partition("<")
        path = f"{start}{argument}{rest.partition('>')[2]}"
    return f"/en/{path}"


def send(
    event: Event, name: str, state: State, proved: bool, posted: dict[str, list[str]], file: Any, odd: str
) -> HttpResponse:
    """Send a request as an applicant in some state."""
    application = ApplicationFactory(
        event=event, state=state, outcome="accept", draft=typed(), email_proved_at=WHILE_OPEN if proved else None
    )
    client = Client(raise_request_exception=False)
    session = client.session
    session[access.SESSION_KEY] = application.public_id
    session.save()
    address = address_of(name, event, application, odd)
    answer = client.post(address, {**posted, **({"cv": file} if file else {})}, HTTP_HOST="127.0.0.1")
    assert client.get(address, HTTP_HOST="127.0.0.1").status_code < 500
    assert client.get("/en/application/", HTTP_HOST="127.0.0.1").status_code < 500
    return answer  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one visitor make more requests a minute than any person does."""
    monkeypatch.setattr(throttle, "REQUESTS_PER_MINUTE", 1_000_000)


@settings(max_examples=NUMBER, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.sampled_from(NAMES), STATES, st.booleans(), POSTED, st.none() | FILES, st.sampled_from(ODD) | st.text())
def test_no_request_brings_it_down(
    event: Event, name: str, state: State, proved: bool, posted: dict[str, list[str]], file: Any, odd: str
) -> None:
    with time_machine.travel(WHILE_OPEN, tick=False), transaction.atomic():
        answer = send(event, name, state, proved, posted, file, odd)
        transaction.set_rollback(True)
    assert answer.status_code < 500, json.dumps([name, state, posted])
