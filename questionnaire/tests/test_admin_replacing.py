"""The screen of colleagues who are to come instead: two organisers of the event, and nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from events.tests.admin_pages import client_of
from events.tests.factories import MembershipFactory
from questionnaire.models import Letter, Replacement
from questionnaire.tests.factories import AFTER_RELEASE
from questionnaire.tests.selecting import quota
from questionnaire.tests.taking_part import accepted, released_event, states, waiting
from questionnaire.tests.team import APPLICATIONS, PAYLOAD, Team, make_team
from questionnaire.workflow import due, notices, replacing
from questionnaire.workflow.replacing import Colleague

pytestmark = pytest.mark.django_db

GOOD = (5, 3)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(AFTER_RELEASE, tick=False):
        yield


@pytest.fixture
def team() -> Team:
    """Return the team of an event on which Ada asks that Léa may come."""
    event = released_event(places=4)
    for name in ("Ada", "Bea", "Cid", "Eve"):
        accepted(event, name, GOOD, country="FR")
    waiting(event, "Dot", GOOD, country="DE", email="dot@example.org", email_key="dot@example.org")
    team = make_team(event)
    ask(team, "Ada", "lea@example.org")
    return team


def ask(team: Team, name: str, email: str) -> Replacement:
    """Let somebody ask that a colleague may come."""
    colleague = Colleague(PAYLOAD, "Østergård", email, "fr", PAYLOAD)
    return replacing.ask(team.event.applications.get(first_name=name), colleague, reason=PAYLOAD, now=AFTER_RELEASE)


def address(event: Event) -> str:
    """Return where the screen of an event stands."""
    return f"/admin/questionnaire/promotion/{event.pk}/replacements/"


def page(team: Team, by: str = "organiser") -> str:
    """Return the screen."""
    return client_of(getattr(team, by)).get(address(team.event)).content.decode()


def do(team: Team, deed: str, by: str = "organiser", **posted: str) -> Any:
    """Press a button for the first request."""
    values = {"do": deed, "request": str(Replacement.objects.order_by("pk")[0].pk), **posted}
    return client_of(getattr(team, by)).post(address(team.event), values, follow=True)


def test_two_organisers_pass_a_place_on(team: Team) -> None:
    assert "You have agreed" in do(team, "agree", reason="Same team").content.decode()
    assert "You agreed to this yourself" in page(team)
    assert "You agreed to this yourself" in do(team, "sign").content.decode()
    assert states(team.event)["Ada"] == "accepted"
    assert "The place is passed on" in do(team, "sign", by="second").content.decode()
    assert states(team.event)["Ada"] == "turned_down"
    assert "Nothing was changed" in do(team, "sign", by="second").content.decode()


def test_both_applications_name_each_other_to_organisers(team: Team) -> None:
    do(team, "agree", reason="Same team")
    do(team, "sign", by="second")
    request = Replacement.objects.get()
    client = client_of(team.organiser)
    for application, said in (
        (request.application, "Passed the place on to"),
        (request.colleague, "Comes in the place of"),
    ):
        shown = client.get(f"{APPLICATIONS}{application.pk}/change/").content.decode()
        assert said in shown
        assert "<script>alert" not in shown


def test_a_refusal_takes_a_reason(team: Team) -> None:
    answer = do(team, "refuse", reason=" ")
    assert "This field is required" in answer.content.decode()
    assert Replacement.objects.get().status == "asked"
    assert "is refused" in do(team, "refuse", reason="Too late").content.decode()
    assert Replacement.objects.get().status == "refused"
    assert "Too late" in page(team)


def test_limits_and_the_colleagues_own_application_stand_there(team: Team) -> None:
    quota(team.event, "country", values="FR", minimum=4)
    assert "would no longer hold" not in page(team)
    ask(team, "Bea", "dot@example.org")
    shown = page(team)
    assert "would no longer hold" in shown
    assert "Country: France" in shown
    assert "on the waiting list" in shown


def test_a_colleague_who_has_a_place_cannot_take_another(team: Team) -> None:
    Replacement.objects.update(email=team.event.applications.get(first_name="Bea").email)
    do(team, "agree", reason="x")
    assert "has an application already: accepted" in do(team, "sign", by="second").content.decode()


def test_what_people_typed_is_never_markup(team: Team) -> None:
    assert "<script>alert" not in page(team)


def test_organisers_are_told_where_to_look(team: Team) -> None:
    team.organiser.email = "olga@example.org"
    team.organiser.save()
    assert notices.tell_due(at=AFTER_RELEASE) == 1
    assert Letter.objects.latest("pk").kind == "replacement_requested"
    assert replacing.settle_due in {step.do for step in due.STEPS}


@pytest.mark.parametrize("deed", ["agree", "sign", "refuse"])
@pytest.mark.parametrize("by", ["reviewer", "stranger"])
def test_nobody_else_sees_or_does_anything(team: Team, by: str, deed: str) -> None:
    assert client_of(getattr(team, by)).get(address(team.event)).status_code == 404
    assert do(team, deed, by=by, reason="x").status_code == 404
    assert Replacement.objects.get().status == "asked"


def test_a_request_of_another_event_cannot_be_settled_here(team: Team) -> None:
    other = MembershipFactory(event=released_event())
    posted = {"do": "refuse", "reason": "x", "request": str(Replacement.objects.get().pk)}
    assert client_of(other.user).post(address(other.event), posted).status_code == 404
    for number in ("9" * 40, "x", "²"):
        assert do(team, "agree", reason="x", request=number).status_code == 404
    assert do(team, "dance", reason="x").status_code == 400


def test_the_queries_do_not_grow_with_the_requests(team: Team) -> None:
    client = client_of(team.organiser)
    client.get(address(team.event))
    with CaptureQueriesContext(connection) as one:
        client.get(address(team.event))
    ask(team, "Bea", "dot@example.org")
    ask(team, "Cid", "cid.colleague@example.org")
    with CaptureQueriesContext(connection) as three:
        client.get(address(team.event))
    assert len(one) == len(three)
