"""No page in French says anything in English: not its text, not its labels, titles and placeholders."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

import pytest
import time_machine
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import translation

from events.models import Event
from events.tests.admin_pages import client_of
from events.tests.factories import (
    ContactFactory,
    GuidingQuestionFactory,
    ReferenceFactory,
    SessionFactory,
    TargetGroupFactory,
)
from questionnaire import urls
from questionnaire.models import Application, LetterKind
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    AFTER_RELEASE,
    WHILE_OPEN,
    ApplicationFactory,
    CriterionFactory,
    small_questionnaire,
    typed,
)
from questionnaire.tests.team import Team, make_team
from questionnaire.views import access
from questionnaire.workflow import letters
from ravisit.testing.routes import fill_in, parameters, routes

pytestmark = pytest.mark.django_db

# Words that an English sentence can hardly do without, and that French does not have.
ENGLISH = re.compile(
    r"\b(the|of|and|to|is|are|was|you|your|our|with|this|that|not|from|by|be|will|has|have|been|it|its|for)\b",
    re.IGNORECASE,
)
IN_FRENCH = '<html lang="fr"'
ADDRESS = re.compile(r"https?://\S+")
READ_ALOUD = ("alt", "aria-description", "aria-label", "content", "placeholder", "title")
NOT_SENTENCES = frozenset({"code", "pre", "script", "style"})
TYPED_BY_PEOPLE = frozenset({"bdi", "textarea"})
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "use", "wbr"})
OTHERS_SCREENS = frozenset({"axes"})  # apps that name their rows in English whatever the language is


class Texts(HTMLParser):
    """All that a page says in its own language, seen or read aloud; `data-` attributes are words for scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, bool]] = [("", True)]  # each open element: does what it holds count?
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go into an element, and take what its attributes say."""
        attributes = {name: value or "" for name, value in attrs}
        counts = self.open[-1][1] and attributes.get("lang", "fr") == "fr"
        if counts:
            self.found += [
                value
                for name, value in attributes.items()
                if name in READ_ALOUD
                or name.startswith("data-")
                or (name == "value" and attributes.get("type") == "submit")
            ]
        if tag not in VOID:
            self.open.append((tag, counts and tag not in NOT_SENTENCES | TYPED_BY_PEOPLE))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, with those inside that need no end."""
        while len(self.open) > 1 and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Take a text."""
        if self.open[-1][1]:
            self.found.append(data.strip())


def is_english(text: str) -> bool:
    """Return whether a text of several words looks English, addresses of pages left aside."""
    return " " in text and ENGLISH.search(ADDRESS.sub("", text)) is not None


def english_on(pages: Iterable[str]) -> set[str]:
    """Return the texts of some pages in French that look English."""
    pages = list(pages)
    assert all(IN_FRENCH in page for page in pages)
    return {text for page in pages for text in Texts(page).found if is_english(text)}


def page(client: Client, address: str) -> str:
    """Return the page behind an address, whatever its status."""
    return client.get(address).content.decode()


def readable(client: Client, addresses: Iterable[str]) -> Iterator[str]:
    """Yield the pages among the addresses that the client may read."""
    for address in addresses:
        response = client.get(address)
        if response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
            yield response.content.decode()


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    """Make addresses French ones."""
    with translation.override("fr"):
        yield


@pytest.fixture
def event() -> Event:
    """Return an event with all that a page can show."""
    event = small_questionnaire()
    for factory in (
        ContactFactory,
        CriterionFactory,
        GuidingQuestionFactory,
        ReferenceFactory,
        SessionFactory,
        TargetGroupFactory,
    ):
        factory(event=event)
    return event


def test_the_detector_detects() -> None:
    """English in a text or a label is found; a name, a quotation and French are not."""
    source = (
        '<p title="The title">Le texte<br>Keep it <bdi>of them</bdi><i lang="en">of the</i></p><input type="text">Fin'
    )
    assert set(filter(is_english, Texts(source).found)) == {"The title", "Keep it"}


@pytest.mark.parametrize("moment", [WHILE_OPEN, AFTER_CLOSE, AFTER_RELEASE])
def test_public_pages(event: Event, moment: dt.datetime) -> None:
    """What everyone can read, and what a mistyped address leads to."""
    addresses = [reverse(f"events:{name}") for name in ("index", "privacy", "accessibility")]
    addresses += [reverse(f"events:{name}", args=[event.slug]) for name in ("event", "agenda")]
    with time_machine.travel(moment, tick=False):
        pages = [
            page(Client(), address) for address in (*addresses, "/fr/nothing/", reverse("questionnaire:request-link"))
        ]
    assert english_on(pages) == set()


def test_the_questionnaire(event: Event) -> None:
    """Each page as it is, with everything wrong, and with an answer that is missing."""
    with time_machine.travel(WHILE_OPEN, tick=False):
        client = Client()
        for number in (1, 2):
            address = reverse("questionnaire:page", args=[event.slug, number])
            refused = client.post(address, {"email": "nobody", "earlier": "yes"}).content.decode()
            assert english_on([page(client, address), refused]) == set()
            client.post(address, {name: values[0] for name, values in typed().items()})
        assert english_on([page(client, reverse("questionnaire:review"))]) == set()


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("moment", [WHILE_OPEN, AFTER_RELEASE])
def test_the_applicants_own_pages(event: Event, state: State, moment: dt.datetime) -> None:
    """Every page that needs nothing but the applicant, wherever the application stands."""
    outcome = "" if state in {State.DRAFT, State.SUBMITTED} else Outcome.ACCEPT
    application = ApplicationFactory(event=event, state=state, outcome=outcome, language="fr", draft=typed())
    Application.objects.update(email_proved_at=WHILE_OPEN)
    letter = letters.queue(LetterKind.RECEIPT, application, at=WHILE_OPEN)
    names = [pattern.name for pattern in urls.urlpatterns if not pattern.pattern.converters]
    addresses = [reverse(f"questionnaire:{name}") for name in names]
    with time_machine.travel(moment, tick=False):
        client = Client()
        session = client.session
        session[access.SESSION_KEY] = application.public_id
        session.save()
        pages = list(readable(client, [*addresses, reverse("questionnaire:letter", args=[letter.pk])]))
    assert len(pages) >= 6
    assert english_on(pages) == set()


@pytest.mark.parametrize("person", ["operator", "reviewer"])
def test_the_admin(event: Event, person: str) -> None:
    """Each screen that a person may see: the list, an empty form, a row, its history and its deletion."""
    team = make_team(event)
    application = ApplicationFactory(event=event, language="fr")
    letters.queue(LetterKind.RECEIPT, application, at=WHILE_OPEN)
    client = client_of(getattr(team, person))
    client.cookies["django_language"] = "fr"
    with time_machine.travel(AFTER_CLOSE, tick=False):
        pages = [page for page in readable(client, ["/admin/", *screens(team)]) if IN_FRENCH in page]
    assert len(pages) >= 3
    assert english_on(pages) == set()


def screens(team: Team) -> Iterator[str]:
    """Yield the address of each screen of the admin that may be there."""
    for model in admin.site._registry:
        if model._meta.app_label not in OTHERS_SCREENS:
            yield from screens_of(model)
    for route in routes("admin/"):
        if parameters(route) == {"event_id"}:
            yield fill_in(route, {"event_id": str(team.event.pk)}) + "?language=fr"
    yield reverse("admin:password_change")


def screens_of(model: type[Model]) -> Iterator[str]:
    """Yield the addresses of a model's screens, whether or not there is one behind each."""
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    yield from (base, f"{base}add/")
    row = model._default_manager.first()
    if row is not None:
        yield from (f"{base}{row.pk}/{screen}/" for screen in ("change", "history", "delete"))
