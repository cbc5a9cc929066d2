"""The questionnaire of the Paris visit: looking at a section, and submitting, each against its bare twin, in turn."""

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from statistics import median
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from questionnaire import study_visit
from questionnaire.benchmarks import _bare_form, _posting
from questionnaire.benchmarks import _web as web
from questionnaire.benchmarks._throwaway import throwaway_database
from questionnaire.demo import invent_person, typed_answers
from questionnaire.models import Application
from questionnaire.views import access
from questionnaire.workflow import drafts, questionnaire
from questionnaire.workflow.questionnaire import Questionnaire

ROUNDS = 5
SECONDS = 1.0
SUBMITS = 200  # a round
SECTION_TARGET = 0.06
SUBMIT_TARGET = 0.4
CSRF = secrets.token_hex(16)

Values = dict[str, list[str]]


@dataclass(frozen=True)
class Visitor:
    """A browser in the middle of the questionnaire."""

    application: Application
    session: str
    number: int

    @property
    def headers(self) -> dict[str, str]:
        """Return what the browser sends along; each comes from an address of its own."""
        cookies = {settings.SESSION_COOKIE_NAME: self.session, settings.CSRF_COOKIE_NAME: CSRF}
        return {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-Forwarded-For": f"10.0.{self.number // 250}.{self.number % 250 + 1}",
        }


@dataclass
class Rates:
    """Requests a second, of a page and of its twin, round by round."""

    name: str
    target: float
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def report(self, write: Callable[[str], None]) -> None:
        """Write the ratio of the medians."""
        ours, bare = median(self.ours), median(self.bare)
        verdict = "met" if ours / bare >= self.target else "MISSED"
        write(f"{self.name}: {ours / bare:.3f} of its twin (target ≥ {self.target}, {verdict})")
        write(f"  {ours:.0f} and {bare:.0f} a second")


def run(write: Callable[[str], None]) -> None:
    """Measure, and write each ratio with its target."""
    with ExitStack() as stack:
        stack.enter_context(throwaway_database())
        asked = questionnaire.load(study_visit.load(now=timezone.now(), opens_now=True).event)
        values = typed_answers(asked, invent_person(1, 1), Random(1))
        visitors = [make_visitor(asked, values, number) for number in range(ROUNDS * SUBMITS + 1)]
        with connection.schema_editor() as editor:
            editor.create_model(_bare_form.BareRow)
        connection.close()
        environment = {"DATABASE_URL": database_url(), "DEBUG": "off", "TRUSTED_PROXIES": "1"}
        environment["SECRET_KEY"] = settings.SECRET_KEY
        fields = {_bare_form.FIELDS: " ".join(values)}
        site = stack.enter_context(web.gunicorn(web.SITE, environment))
        ready = stack.enter_context(web.gunicorn("questionnaire.benchmarks._bare:application"))
        form = stack.enter_context(
            web.gunicorn("questionnaire.benchmarks._bare_form:application", environment | fields)
        )
        write(f"Database: {connection.vendor}; {ROUNDS} rounds in turn, medians")
        for rates in (*sections(site, ready, asked, visitors[-1]), submits(site, form, values, visitors[:-1])):
            rates.report(write)


def make_visitor(asked: Questionnaire, values: Values, number: int) -> Visitor:
    """Let somebody fill everything in."""
    now = timezone.now()
    application = drafts.start(asked.event, language="en", now=now)
    person = {**values, "email": [f"person{number}@example.org"]}
    for page in asked.pages:
        drafts.save_page(application, page, drafts.Input(person), now=now)
    session = SessionStore()
    session[access.SESSION_KEY] = application.public_id
    session.save()
    return Visitor(application, str(session.session_key), number)


def database_url() -> str:
    """Return the address of the database that the benchmark uses."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return str(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl())


def sections(site: str, bare: str, asked: Questionnaire, visitor: Visitor) -> list[Rates]:
    """Look at each section, filled in, as somebody with a draft does."""
    with translation.override("en"):
        paths = [reverse("questionnaire:page", args=[asked.event.slug, n]) for n in range(1, len(asked.pages) + 1)]
    sizes = [len(web.get(site + path, visitor.headers).body) for path in paths]
    rates = [Rates(f"section {number}, GET", SECTION_TARGET) for number in range(1, len(paths) + 1)]
    for _round in range(ROUNDS):
        for path, size, measured in zip(paths, sizes, rates, strict=True):
            measured.ours.append(web.load(site + path, SECONDS, visitor.headers).rate)
            measured.bare.append(web.load(f"{bare}/{size}/", SECONDS).rate)
    return rates


def submits(site: str, bare: str, values: Values, visitors: list[Visitor]) -> Rates:
    """Submit, each time for another person."""
    rates = Rates("submitting the last section", SUBMIT_TARGET)
    cookies = visitors[0].headers
    bare_request = _posting.post("/submit/", {**values, "csrfmiddlewaretoken": CSRF}, cookies)
    for number in range(ROUNDS):
        batch = visitors[number * SUBMITS : (number + 1) * SUBMITS]
        requests = [
            _posting.post("/en/application/submit/", {"csrfmiddlewaretoken": CSRF}, visitor.headers)
            for visitor in batch
        ]
        rates.ours.append(_posting.rate(site, requests, 302))
        rates.bare.append(_posting.rate(bare, [bare_request] * SUBMITS, 302))
    return rates
