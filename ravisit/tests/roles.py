"""Everybody who could knock at a door, and every door: for the matrix of roles and screens."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import translation

from events.models import Material, Membership
from events.tests.admin_pages import client_of
from events.tests.factories import MembershipFactory, SessionFactory
from questionnaire.models import (
    AccessToken,
    Answer,
    Application,
    Letter,
    LetterKind,
    LetterTemplate,
    Question,
    Quota,
    Rehearsal,
    Section,
    Target,
)
from questionnaire.tests import files
from questionnaire.tests.factories import (
    WHILE_OPEN,
    ApplicationFactory,
    AssignmentFactory,
    CriterionFactory,
    QuestionFactory,
    ReviewFactory,
    small_questionnaire,
    typed,
)
from questionnaire.tests.team import Team, make_team
from questionnaire.views import access
from questionnaire.workflow import letters, links, runs, uploads
from ravisit.testing.routes import fill_in

MATRIX = Path(__file__).with_name("role_matrix.txt")
ROLES = (
    "anonymous",
    "owner",  # the applicant
    "applicant",  # another applicant
    "assigned",  # reviews the application
    "reviewer",  # reviews others of the event
    "elsewhere",  # reviews for another event
    "organiser",
    "other",  # organises another event
    "operator",  # a superuser
    "unverified",  # an organiser without the second factor that is required
)


@dataclass(frozen=True)
class Scene:
    """An event with something behind every door."""

    team: Team
    application: Application
    values: dict[str, str]
    objects: dict[str, int]

    def address(self, route: str) -> str:
        """Return the address of a route for what is in the scene."""
        model = "/".join(route.split("/")[1:3])
        values = {**self.values, "object_id": str(self.objects.get(model, 0)), "id": str(self.team.reviewer.pk)}
        if model in {"questionnaire/lettertemplate", "auth/user"} or route.endswith("letters/<int:pk>/"):
            values["pk"] = str(self.objects["questionnaire/letter" if "application" in route else model])
        if route.endswith("materials/<int:pk>/"):
            values["pk"] = str(self.objects["events/material"])
        return fill_in(route, values)


def set_scene() -> Scene:
    """Return an open event with a team, an applicant who has submitted, and a row behind every screen."""
    team = make_team(small_questionnaire())
    criterion = CriterionFactory(event=team.event)
    question = QuestionFactory(section=team.event.sections.get(key="work"), kind=Question.Kind.FILE)
    application = ApplicationFactory(event=team.event, draft=typed(), email_proved_at=WHILE_OPEN)
    upload = uploads.keep(application, question, files.upload(), now=WHILE_OPEN)
    Answer.objects.create(application=application, question=question, value=upload.public_id, text=upload.name)
    AssignmentFactory(application=application, reviewer=team.reviewer)
    ReviewFactory(application=application, reviewer=team.reviewer)
    quota = Quota.objects.create(event=team.event, question=question, maximum=1)
    letters.queue(LetterKind.RECEIPT, application, at=WHILE_OPEN)
    [access_token] = AccessToken.objects.bulk_create(links.new_tokens([application], at=WHILE_OPEN))
    with translation.override("en"):
        signed = links.stop_address(application, "en").rstrip("/").rpartition("/")[2]
    target = Target.objects.create(event=team.event, question=question, values="x", percent=10)
    rehearsal = Rehearsal.objects.create(event=team.event, ordered_by=team.organiser, ordered_at=WHILE_OPEN)
    run = runs.suggest(team.event, by=team.organiser, at=WHILE_OPEN)
    session = SessionFactory(event=team.event)
    objects: dict[str, Any] = {
        "auth/user": team.reviewer,
        "events/event": team.event,
        "events/session": session,
        "events/material": Material.objects.create(
            event=team.event, title="Handout", url="https://example.org", visible_from=WHILE_OPEN
        ),
        "questionnaire/application": application,
        "questionnaire/criterion": criterion,
        "questionnaire/letter": Letter.objects.latest("pk"),
        "questionnaire/lettertemplate": LetterTemplate.objects.filter(event=team.event).first(),
        "questionnaire/question": question,
        "questionnaire/quota": quota,
        "questionnaire/rehearsal": rehearsal,
        "questionnaire/target": target,
        "questionnaire/section": Section.objects.filter(event=team.event).first(),
    }
    values = {
        "slug": team.event.slug,
        "event_id": str(team.event.pk),
        "application_id": str(application.pk),
        "number": "1",
        "run_id": str(run.pk),
        "part": "result",
        "public_id": upload.public_id,
        "upload": upload.public_id,
        "code": "unknown",
        "token": links.reveal(access_token),
        "signed": signed,
        "app_label": "questionnaire",
        "url": "nowhere",
    }
    return Scene(team, application, values, {name: row.pk for name, row in objects.items()})


def browser_of(role: str, scene: Scene) -> Client:
    """Return the browser of somebody in a role."""
    team = scene.team
    reviewing = Membership.Role.REVIEWER
    staff: dict[str, Callable[[], User]] = {
        "assigned": lambda: team.reviewer,
        "reviewer": lambda: MembershipFactory(event=team.event, role=reviewing).user,
        "elsewhere": lambda: MembershipFactory(role=reviewing).user,
        "organiser": lambda: team.organiser,
        "other": lambda: team.stranger,
        "operator": lambda: team.operator,
        "unverified": lambda: team.organiser,
    }
    if role in staff:
        return client_of(staff[role]())
    client = Client()
    if role != "anonymous":
        event = small_questionnaire()
        stranger = ApplicationFactory(event=event, draft=typed(), email_proved_at=WHILE_OPEN)
        application = scene.application if role == "owner" else stranger
        session = client.session
        session[access.SESSION_KEY] = application.public_id
        session.save()
    return client


def answer_to(client: Client, method: str, address: str) -> str:
    """Return what somebody gets: the status, or `in` where they are led to the login. Nothing is changed by it."""
    cache.clear()  # nobody is turned away for asking too often
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = client.generic(method, address)
        leads_to = response.headers.get("Location", "")
        for _portion in response if response.streaming else ():
            pass
        transaction.set_rollback(True)
    client.cookies = cookies
    return "in" if leads_to.startswith("/admin/login/") else str(response.status_code)


def read_matrix() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return what each role is to get, by method and route; `-` is the root."""
    lines = (line.split() for line in MATRIX.read_text(encoding="utf-8").splitlines())
    return {(line[0], line[1]): tuple(line[2:]) for line in lines if line and line[0] in {"GET", "POST"}}
