"""What a reviewer must not see is in nothing that they get: no page, list, order, filter, search, file or JSON.

Every hidden field holds a canary that is looked for in every answer; and every hidden value is then changed, which
must change no answer by a single byte.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client

from events.models import Event, Membership
from events.tests.admin_pages import client_of
from events.tests.factories import MembershipFactory
from questionnaire.models import Answer, Application, Note, Question, Review, Tag
from questionnaire.states import Outcome, State
from questionnaire.tests import files
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    WHILE_OPEN,
    ApplicationFactory,
    AssignmentFactory,
    CriterionFactory,
    QuestionFactory,
    ReviewFactory,
    SectionFactory,
)
from questionnaire.tests.team import APPLICATIONS, Team, make_team
from questionnaire.workflow import assignment, decision, history, uploads

pytestmark = pytest.mark.django_db

CANARY = "canary"
CHANGING = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
QUERIES = [
    "",
    *(f"o={sign}{column}" for column in range(1, 12) for sign in ("", "-")),
    *(f"q={words}" for words in ("canary", "secret", "9.99", "Family", "accept", "Visible", "other")),
    *(f"mine={value}" for value in ("todo", "done", "conflict")),
    *(
        f"{name}={value}"
        for name, value in (("country", "CY"), ("language", "fr"), ("target_group", "canary"), ("tag", "1"))
    ),
    *("state=proposed", "outcome=accept", "outcome__exact=accept", "review_count__gt=1", "email__startswith=c"),
    *("family_name__startswith=c", "assignments__shared=1", "reviews__note__contains=c", "_to_field=email", "e=1"),
]


@pytest.fixture(params=[False, True], ids=["named", "anonymous"])
def team(request: Any) -> Iterator[Team]:
    """Return an event, once with names and once without, on the evening after its close."""
    with time_machine.travel(AFTER_CLOSE, tick=False):
        team = make_team()
        CriterionFactory(event=team.event, key="worth")
        Event.objects.filter(pk=team.event.pk).update(anonymous_review=request.param)
        yield team


@pytest.fixture
def application(team: Team) -> Application:
    """Return what the reviewer may open, opened, between two that others have, all of them full of canaries."""
    others = [populate(team, ApplicationFactory(event=team.event), f"{CANARY}{place}") for place in range(2)]
    own = ApplicationFactory(event=team.event, organisation="Visible service", country="AT")
    rows = [others[0], own, others[1]]
    for place, row in enumerate(rows):
        Application.objects.filter(pk=row.pk).update(submitted_at=WHILE_OPEN.replace(minute=place))
    AssignmentFactory(application=own, reviewer=team.reviewer)
    ReviewFactory(application=own, reviewer=team.reviewer)
    for row in others:
        Application.objects.filter(pk=row.pk).update(
            organisation=f"{CANARY} service", country="CY", first_name=CANARY, family_name=CANARY
        )
        AssignmentFactory(application=row)
    return hide(team, own)


def populate(team: Team, application: Application, canary: str) -> Application:
    """Fill what a reviewer never sees: the address, organisers' questions, the decision, others' reviews."""
    section = team.event.sections.first() or SectionFactory(event=team.event)
    hidden = QuestionFactory(section=section, label_en=f"{canary}?", visibility=Question.Visibility.ORGANISERS)
    Answer.objects.create(application=application, question=hidden, value=canary)
    review = ReviewFactory(application=application, note=canary, no_conflict_because=canary, mean_score="9.99")
    review.scores.create(criterion=team.event.criteria.get(), value=5)
    decision.propose([application], Outcome.ACCEPT, by=team.second, at=AFTER_CLOSE, reason=canary)
    Note.objects.create(application=application, text=canary, by=team.organiser, at=AFTER_CLOSE)
    Tag.objects.get_or_create(event=team.event, name=canary)[0].applications.add(application)
    history.record(team.event, canary, by=team.organiser)
    Application.objects.filter(pk=application.pk).update(
        email=f"{canary}@example.org", email_key=f"{canary}@example.org", mean_score="9.99", review_count=7
    )
    return application


def hide(team: Team, application: Application) -> Application:
    """Give the reviewer's application its canaries; where the review is anonymous, in whatever says who it is too."""
    populate(team, application, CANARY)
    application.refresh_from_db()
    if not application.event.anonymous_review:
        return application
    Application.objects.filter(pk=application.pk).update(first_name=CANARY, family_name=CANARY)
    section = team.event.sections.first()
    for columns in (
        {"fills": "first_name"},
        {"fills": "family_name"},
        {"fills": "email", "kind": "email"},
        {"kind": "email"},
        {"kind": "phone"},
        {"visibility": Question.Visibility.NAMED},
    ):
        question = QuestionFactory(section=section, label_en=f"{CANARY}?", **columns)
        Answer.objects.create(application=application, question=question, value=f"{CANARY}@example.org")
    question = QuestionFactory(section=section, kind="file", key="cv")
    upload = uploads.keep(application, question, files.upload(f"{CANARY}.pdf"), now=WHILE_OPEN)
    Answer.objects.create(application=application, question=question, value=upload.public_id, text=upload.name)
    application.refresh_from_db()
    return application


def answers(team: Team, application: Application) -> dict[str, bytes]:
    """Return all that the reviewer can get, by where: status, headers and body."""
    client = client_of(team.reviewer)
    found = {f"{APPLICATIONS}?{query}": client.get(f"{APPLICATIONS}?{query}") for query in QUERIES}
    for row in Application.objects.order_by("pk"):
        page = f"{APPLICATIONS}{row.pk}/change/"
        found[page] = client.get(page, follow=True)
        found[f"{page} POST"] = client.post(page, {"do": "propose", "outcome": "accept"})
        for upload in row.uploads.all():
            found[f"file of {row.pk}"] = client.get(f"{APPLICATIONS}{row.pk}/files/{upload.public_id}/")
    event = team.event.pk
    for address in ("/admin/", "/admin/questionnaire/", f"{APPLICATIONS}next/{event}/", "/admin/events/"):
        found[address] = client.get(address)
    for address in (
        f"/admin/events/event/{event}/history/",
        f"{APPLICATIONS}dashboard/{event}/",
        f"{APPLICATIONS}assignment/{event}/",
        f"{APPLICATIONS}calibration/{event}/",
        f"{APPLICATIONS}tag/",
        "/admin/questionnaire/letter/",
        "/admin/autocomplete/?app_label=questionnaire&model_name=answer&field_name=application&term=canary",
    ):
        found[address] = client.get(address, follow=True)
    found["export"] = client.post(f"{APPLICATIONS}export/{event}/", {"language": "en", "format": "csv"})
    found["action"] = client.post(APPLICATIONS, {"action": "export_csv", "_selected_action": [application.pk]})
    found["autosave"] = client.post(f"{APPLICATIONS}{application.pk}/autosave/", {"worth": "", "note": ""})
    return {where: in_bytes(response) for where, response in found.items()}


def in_bytes(response: Any) -> bytes:
    """Return an answer as it travels, without what differs each time."""
    body = b"".join(response) if response.streaming else response.content
    chain = repr(getattr(response, "redirect_chain", [])).encode()
    headers = repr(sorted((name, value) for name, value in response.items() if name != "Content-Length")).encode()
    return b"\n".join([str(response.status_code).encode(), chain, headers, CHANGING.sub(b"", body)])


def test_no_canary_is_in_any_answer(team: Team, application: Application) -> None:
    shown = answers(team, application)
    assert b"Visible service" in shown[APPLICATIONS + "?"]
    assert b"Visible service" in shown[f"{APPLICATIONS}{application.pk}/change/"]
    for where, answer in shown.items():
        for canary in ("canary", "9.99", "decision proposed", ">accept<"):
            # A search repeats what was searched for; what it finds is the affair of the next test.
            assert canary in where or canary.encode() not in answer, where


def test_no_hidden_value_changes_an_answer(team: Team, application: Application) -> None:
    """Not even the order of a list, what a filter keeps, what a search finds, or how many there are."""
    before = answers(team, application)
    change_whatever_is_hidden(team, application)
    after = answers(team, application)
    assert before.keys() == after.keys()
    assert [where for where in before if before[where] != after[where]] == []


def change_whatever_is_hidden(team: Team, application: Application) -> None:
    """Give each hidden field another value, of the reviewer's application and of those of others."""
    Answer.objects.filter(value=CANARY).update(value="another secret")
    Review.objects.exclude(reviewer=team.reviewer).update(note="another", mean_score="1.11", conflict=False)
    Application.objects.update(
        email="other@example.org",
        email_key="",
        state=State.SUBMITTED,
        outcome="",
        mean_score="1.11",
        review_count=1,
        target_group="canary",
        language="fr",
    )
    Application.objects.exclude(pk=application.pk).update(
        country="AT", organisation="Visible other", family_name="Aaa", submitted_at=AFTER_CLOSE
    )
    if application.event.anonymous_review:
        Application.objects.update(first_name="Other", family_name="Aaa")
        Answer.objects.filter(question__kind="email").update(value="other@example.org")
    LogEntry.objects.all().delete()
    Note.objects.all().delete()
    Tag.objects.all().delete()


def test_before_the_declaration_there_is_what_it_needs(team: Team, application: Application) -> None:
    Review.objects.filter(reviewer=team.reviewer).delete()
    shown = client_of(team.reviewer).get(f"{APPLICATIONS}{application.pk}/change/").content.decode()
    assert "Visible service" in shown
    assert "Austria" in shown
    application.event.refresh_from_db()
    assert (application.full_name in shown) is not application.event.anonymous_review
    assert "Submitted" not in shown


def test_a_code_stands_for_the_name_everywhere(team: Team, application: Application) -> None:
    if not application.event.anonymous_review:
        pytest.skip("the review is not anonymous")
    client: Client = client_of(team.reviewer)
    page = client.get(f"{APPLICATIONS}{application.pk}/change/").content.decode()
    found = re.search(r"Application ([0-9A-Z]{4}-[0-9A-Z]{4})", page)
    assert found
    assert found[1] in client.get(APPLICATIONS).content.decode()
    assert application.full_name in client_of(team.organiser).get(APPLICATIONS).content.decode()


def test_who_steps_back_no_longer_opens_it(team: Team, application: Application) -> None:
    MembershipFactory(event=team.event, role=Membership.Role.REVIEWER)
    assignment.hand_on(application, team.reviewer, at=AFTER_CLOSE)
    assert client_of(team.reviewer).get(f"{APPLICATIONS}{application.pk}/change/").status_code == 302
