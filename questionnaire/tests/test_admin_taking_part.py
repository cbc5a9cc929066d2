"""The screens of attendance and feedback."""

from collections.abc import Iterator

import pytest
import time_machine

from events.tests.admin_pages import client_of
from events.tests.factories import EventFactory
from questionnaire.models import Application, Feedback
from questionnaire.states import State
from questionnaire.tests.factories import ApplicationFactory
from questionnaire.tests.team import PAYLOAD, Team, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return the team of an event with two participants."""
    team = make_team()
    for name in ("Ada", "Bea"):
        ApplicationFactory(event=team.event, state=State.CONFIRMED, first_name=name)
    return team


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Start when the event ends."""
    with time_machine.travel(EventFactory.build().ends_at, tick=False) as traveller:
        yield traveller


def url_of(team: Team, screen: str) -> str:
    """Return where a screen stands."""
    return f"/admin/questionnaire/promotion/{team.event.pk}/{screen}/"


def test_attendance_is_noted_for_all_at_once_and_can_be_changed(team: Team) -> None:
    client = client_of(team.organiser)
    url = url_of(team, "attendance")
    assert client.get(url).content.decode().count(" checked") == 2
    ada, bea = team.event.applications.order_by("first_name")
    client.post(url, {"present": [ada.public_id]})
    assert list(team.event.applications.order_by("first_name").values_list("attended", flat=True)) == [True, False]
    shown = client.get(url).content.decode()
    assert shown.count(" checked") == 1
    client.post(url, {"present": [ada.public_id, bea.public_id]})
    assert team.event.applications.filter(attended=True).count() == 2


def test_before_the_event_nothing_can_be_noted(team: Team, clock: time_machine.Traveller) -> None:
    clock.move_to(team.event.answer_by)
    client = client_of(team.organiser)
    assert "from the beginning of the event" in client.get(url_of(team, "attendance")).content.decode()
    client.post(url_of(team, "attendance"), {"present": []})
    assert not Application.objects.exclude(attended=None).exists()


def say(team: Team, number: int, text: str = "PAIRS") -> None:
    """Let people say what they think."""
    for mark in range(number):
        Feedback.objects.create(event=team.event, language="en", programme=mark + 3, liked=text)


def test_feedback_is_shown_from_three_answers_on_and_can_be_taken_out(team: Team) -> None:
    client = client_of(team.organiser)
    url = url_of(team, "feedback")
    say(team, 2)
    assert "PAIRS" not in client.get(url).content.decode()
    assert "PAIRS" not in b"".join(client.get(f"{url}?format=csv")).decode()
    say(team, 1)
    assert "PAIRS" in client.get(url).content.decode()
    assert b"".join(client.get(f"{url}?format=csv")).decode().count("PAIRS") == 3
    assert b"".join(client.get(f"{url}?format=xlsx")).startswith(b"PK")
    assert client.get(f"{url}?format=exe").status_code == 400


def test_what_was_said_is_never_markup_and_never_a_formula(team: Team) -> None:
    client = client_of(team.organiser)
    say(team, 3, f"=HYPERLINK(1){PAYLOAD}")
    assert PAYLOAD not in client.get(url_of(team, "feedback")).content.decode()
    assert ",=HYPERLINK" not in b"".join(client.get(url_of(team, "feedback") + "?format=csv")).decode()


@pytest.mark.parametrize("screen", ["attendance", "feedback"])
@pytest.mark.parametrize("by", ["stranger", "reviewer"])
def test_nobody_else_sees_or_does_anything(team: Team, screen: str, by: str) -> None:
    client = client_of(getattr(team, by))
    assert client.get(url_of(team, screen)).status_code in {403, 404}
    assert client.post(url_of(team, screen), {"present": []}).status_code in {403, 404}
    assert not Application.objects.exclude(attended=None).exists()
