"""The screen of the waiting list: what organisers see and do there, and nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from events.tests.admin_pages import client_of
from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE
from questionnaire.tests.selecting import quota
from questionnaire.tests.taking_part import accepted, released_event, states, waiting
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import participation, promotion

pytestmark = pytest.mark.django_db

GOOD, POOR = (5, 3), (1, 0)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Start at noon of the promised day."""
    with time_machine.travel(AFTER_RELEASE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def team() -> Team:
    """Return the team of an event with two places, given to two people from France."""
    event = released_event(places=2)
    for name in ("Ada", "Bea"):
        accepted(event, name, GOOD, country="FR")
    return make_team(event)


def url_of(event: Event) -> str:
    """Return where the screen stands."""
    return f"/admin/questionnaire/promotion/{event.pk}/"


def page(team: Team) -> str:
    """Return the screen as an organiser sees it."""
    return client_of(team.organiser).get(url_of(team.event)).content.decode()


def do(team: Team, by: str = "organiser", **posted: str) -> Any:
    """Press a button on the screen."""
    return client_of(getattr(team, by)).post(url_of(team.event), posted, follow=True)


def free_a_place(team: Team) -> None:
    """Let Ada turn her place down."""
    participation.turn_down(team.event.applications.get(first_name="Ada"), reason="", now=AFTER_RELEASE)


def test_who_would_be_next_stands_there_with_the_reason(team: Team) -> None:
    quota(team.event, "country", values="FR", minimum=2)
    waiting(team.event, "Dot", GOOD, country="DE")
    waiting(team.event, "Eve", POOR, country="FR")
    free_a_place(team)
    shown = page(team)
    assert "Within a minute a place is offered to:" in shown
    assert "Number 2 by score: those before could not come because of Country: France: at least 2." in shown


def test_what_waits_stands_there_with_the_smallest_change_that_would_do(team: Team) -> None:
    quota(team.event, "country", values="FR", minimum=2)
    waiting(team.event, "Dot", GOOD, country="DE")
    free_a_place(team)
    shown = page(team)
    assert "Nobody on the waiting list could take a free place" in shown
    assert "Country: France: at least 1 instead of 2" in shown


def test_with_too_little_time_it_says_so(team: Team, clock: time_machine.Traveller) -> None:
    waiting(team.event, "Dot", GOOD)
    free_a_place(team)
    clock.move_to(team.event.begins_at)
    assert "The event begins so soon" in page(team)


def test_each_promotion_is_listed_with_its_reason(team: Team) -> None:
    waiting(team.event, "Dot", GOOD)
    free_a_place(team)
    promotion.promote_due(at=AFTER_RELEASE)
    shown = page(team)
    assert "First by score of those who waited." in shown
    assert "by itself" in shown


def test_holding_stops_promotions_and_is_recorded(team: Team) -> None:
    waiting(team.event, "Dot", GOOD)
    free_a_place(team)
    do(team, do="hold")
    assert promotion.promote_due(at=AFTER_RELEASE) == 0
    [recorded] = LogEntry.objects.all()
    assert (recorded.user, "promotions_held" in recorded.change_message) == (team.organiser, False)
    assert "If you let the list go on" in page(team)
    do(team, do="go_on")
    assert promotion.promote_due(at=AFTER_RELEASE) == 1


def test_a_place_is_offered_by_hand_with_a_reason(team: Team) -> None:
    dot = waiting(team.event, "Dot", POOR)
    free_a_place(team)
    assert "Dot" in do(team, do="offer", person=str(dot.pk), reason="").content.decode()
    assert states(team.event)["Dot"] == State.WAITING_LIST
    assert "is offered to Dot" in do(team, do="offer", person=str(dot.pk), reason="Speaks French").content.decode()
    assert states(team.event)["Dot"] == State.ACCEPTED
    assert "Speaks French" in page(team)


def test_more_people_than_places_are_refused_in_words(team: Team) -> None:
    dot = waiting(team.event, "Dot", POOR)
    shown = do(team, do="offer", person=str(dot.pk), reason="Why not").content.decode()
    assert "Every place is held by somebody." in shown


def test_a_place_whose_letter_never_left_is_taken_back_after_the_deadline(
    team: Team, clock: time_machine.Traveller
) -> None:
    Event.objects.filter(pk=team.event.pk).update(places=3)
    cem = accepted(team.event, "Cem", told=False)
    assert "has not left" in page(team)
    assert "can still answer" in do(team, do="take_back", person=cem.public_id).content.decode()
    clock.move_to(team.event.answer_by)
    do(team, do="take_back", person=cem.public_id)
    assert states(team.event)["Cem"] == State.LAPSED


@pytest.mark.parametrize("by", ["stranger", "reviewer"])
@pytest.mark.parametrize("deed", ["hold", "offer", "take_back"])
def test_nobody_else_sees_or_does_anything(team: Team, by: str, deed: str) -> None:
    dot = waiting(team.event, "Dot", GOOD)
    assert client_of(getattr(team, by)).get(url_of(team.event)).status_code in {403, 404}
    assert do(team, by=by, do=deed, person=str(dot.pk), reason="x").status_code in {403, 404}
    assert not Event.objects.filter(promotions_held=True).exists()
    assert states(team.event)["Dot"] == State.WAITING_LIST


def test_nobody_of_another_event_can_be_offered_a_place_here(team: Team) -> None:
    other = waiting(released_event(), "Zed", GOOD)
    free_a_place(team)
    do(team, do="offer", person=str(other.pk), reason="x")
    assert do(team, do="take_back", person=other.public_id).status_code == 404
    other.refresh_from_db()
    assert other.state == State.WAITING_LIST


@pytest.mark.parametrize("deed", ["", "promote", "\0"])
def test_an_act_that_is_none_is_a_bad_request(team: Team, deed: str) -> None:
    assert do(team, do=deed).status_code == 400


def test_a_name_is_never_markup(team: Team) -> None:
    waiting(team.event, PAYLOAD, GOOD)
    free_a_place(team)
    promotion.promote_due(at=AFTER_RELEASE)
    assert PAYLOAD not in page(team)


def test_the_queries_do_not_grow_with_the_people(team: Team) -> None:
    client = client_of(team.organiser)
    numbers = []
    for names in (("Dot",), ("Eve", "Fay")):
        for name in names:
            waiting(team.event, name, GOOD)
            accepted(team.event, f"{name}2")
        Application.objects.filter(first_name__in=["Ada"]).update(state=State.TURNED_DOWN)
        Event.objects.filter(pk=team.event.pk).update(places=10)
        with CaptureQueriesContext(connection) as queries:
            client.get(url_of(team.event))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
