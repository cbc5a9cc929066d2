"""The Paris visit with its team and somebody in every state, for requests that make no sense."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from random import Random

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, reverse
from django.urls.resolvers import RoutePattern

from events.models import Event, Membership
from questionnaire import demo, study_visit, urls
from questionnaire.benchmarks._open_event import in_both_languages as _text
from questionnaire.models import Application, MatrixRow, Option, Question, Section, SelectionRun, Transition
from questionnaire.states import DECIDED_IN_SECRET, State
from questionnaire.views import access
from questionnaire.workflow import answers, drafts, links, questionnaire, runs
from questionnaire.workflow.questionnaire import Questionnaire

Kind = Question.Kind


@dataclass(frozen=True)
class World:
    """What there is to send requests to, and by whom: sessions by state of an applicant, and by name of a user."""

    event: Event
    asked: Questionnaire
    run: SelectionRun
    applicants: dict[State, Application]
    sessions: dict[str, str]

    def applicants_pages(self, odd: str) -> dict[str, str]:
        """Return the addresses of applicants' pages by name, with something odd where an id stands."""
        stop = links.stop_address(self.applicants[State.DRAFT], "en").rstrip("/").rpartition("/")[2]
        id_given = odd.replace("/", "") or "x"
        arguments: dict[str, list[object]] = {
            "begin": [self.event.slug],
            "letter": [1],
            "material": [1],
            "feed": [id_given],
            "verify-certificate": [id_given],
            "file": [id_given],
            "link": [id_given],
            "stop-reminders": [stop],
        }
        found = {}
        for pattern in urls.urlpatterns:
            name = str(pattern.name)
            if name not in {"page", "autosave"}:
                found[name] = reverse(f"questionnaire:{name}", args=arguments.get(name))
        for number in range(1, len(self.asked.pages) + 1):
            for name in ("page", "autosave"):
                found[f"{name} {number}"] = reverse(f"questionnaire:{name}", args=[self.event.slug, number])
        return found

    def teams_pages(self) -> list[str]:
        """Return the address of every page of the admin. Raises `LookupError` for one that takes what is unknown."""
        return sorted({self._address(name, pattern) for name, pattern in _named(admin.site.get_urls())})

    def _address(self, name: str, pattern: URLPattern) -> str:
        known: dict[str, object] = {
            "event_id": self.event.pk,
            "run_id": self.run.pk,
            "application_id": self.applicants[State.ACCEPTED].pk,
            "upload": "x",
            "part": "x",
            "content_type_id": 1,
        }
        given = {
            key: known[key] if key in known else self._row(name).pk if key in {"object_id", "pk", "id"} else None
            for key in pattern.pattern.converters
        }
        if None in given.values():
            raise LookupError(f"{name} takes {given}: say here what that can be")
        return reverse(f"admin:{name}", kwargs=given)

    def _row(self, name: str) -> "Event | Application | User":
        """Return a row for a page of the admin whose name begins with those of app and model."""
        app, _dash, rest = name.partition("_")
        model = apps.get_model(app, rest.partition("_")[0]) if app in apps.app_configs else Event
        row: Event | Application | User = model._default_manager.first() or self.event
        return row


def _named(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _named(pattern.url_patterns)
        elif pattern.name and isinstance(pattern.pattern, RoutePattern):
            yield pattern.name, pattern


def make(now: dt.datetime) -> World:
    """Make the world, in which applying is open."""
    event = study_visit.load(now=now, opens_now=True).event
    _ask_a_bit_of_everything(event)
    asked = questionnaire.load(event)
    organiser, *_reviewers = team = _team(event)
    people = [row for row, _is_new in demo.make_applicants(event, count=len(State) - 1, seed=1, now=now)]
    list(demo.make_reviews(event, people, seed=1, at=now))
    event.quotas.update(minimum=0)  # few have applied
    run = runs.suggest(event, by=organiser, at=now)
    people.append(_begin(asked, now))
    applicants = dict(zip(reversed(State), people, strict=True))
    for state, application in applicants.items():
        if state != State.DRAFT:
            Application.objects.filter(pk=application.pk).update(state=state, outcome="accept", email_proved_at=now)
        if state in DECIDED_IN_SECRET:
            Transition.objects.create(
                application=application, from_state=State.SUBMITTED, to_state=State.PROPOSED, at=now, by=organiser
            )
    sessions = {user.username: _session(_login(user)) for user in team}
    for state, application in applicants.items():
        sessions[state.value] = _session({access.SESSION_KEY: application.public_id})
    return World(event, asked, run, applicants, sessions)


def _begin(asked: Questionnaire, now: dt.datetime) -> Application:
    """Let somebody fill in the first page, and no more."""
    application = drafts.start(asked.event, language="fr", now=now)
    typed = demo.typed_answers(asked, demo.invent_person(2, 1), Random(1))
    drafts.save_page(application, asked.pages[0], drafts.Input(typed), now=now)
    return application


def _team(event: Event) -> list[User]:
    """Return an organiser, a reviewer and the operator."""
    organiser = User.objects.create_user("organiser", is_staff=True)
    reviewer = User.objects.create_user("reviewer", is_staff=True)
    Membership.objects.create(event=event, user=organiser, role=Membership.Role.ORGANISER)
    Membership.objects.create(event=event, user=reviewer, role=Membership.Role.REVIEWER)
    return [organiser, reviewer, User.objects.create_superuser("operator")]


def _ask_a_bit_of_everything(event: Event) -> None:
    """Add a section with a question of every kind, none of them required."""
    section = Section.objects.create(event=event, key="odds", order=99, **_text("title", "Odds"))
    for order, kind in enumerate(Kind):
        question = Question.objects.create(
            event=event, section=section, key=f"any_{kind.value}", order=order, kind=kind, **_text("label", kind.value)
        )
        if kind in answers.CHOICE_KINDS:
            Option.objects.create(question=question, key="a", **_text("label", "A"))
            Option.objects.create(question=question, key="b", opens_text=kind != Kind.MATRIX, **_text("label", "B"))
        if kind == Kind.MATRIX:
            MatrixRow.objects.create(question=question, key="row", **_text("label", "Row"))


def _login(user: User) -> dict[str, str]:
    return {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }


def _session(values: dict[str, str]) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(values)
    session.save()
    return str(session.session_key)
