"""The selection board as organisers use it, and nobody else."""

import json
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.tests.admin_pages import client_of
from events.tests.factories import EventFactory
from questionnaire.models import Pin, SelectionRun
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_CLOSE
from questionnaire.tests.selecting import applicant, crowd, quota, selectable
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import board, runs

pytestmark = pytest.mark.django_db
BOARDS = "/admin/questionnaire/selectionrun/"


@pytest.fixture
def team() -> Team:
    """Return an event with three places, at most two for one country, five people, and its team."""
    team = make_team(selectable(EventFactory()))
    quota(team.event, "country", maximum=2)
    for place, (name, country) in enumerate({"Ada": "FR", "Ben": "FR", "Cleo": "FR", "Dan": "AT", "Eva": "DE"}.items()):
        applicant(team.event, name, (5 - place, 3), country=country, minutes=place, organisation=f"Service {name}")
    return team


def look(team: Team, address: str = "", by: str = "organiser") -> str:
    """Return a page of the board."""
    response = client_of(getattr(team, by)).get(f"{BOARDS}{team.event.pk}/{address}")
    assert response.status_code == 200
    return response.content.decode()


def do(team: Team, deed: str, *, address: str = "", by: str = "organiser", **data: object) -> str:
    """Press a button on the board, and return what comes."""
    run = runs.current(team.event)
    with time_machine.travel(AFTER_CLOSE, tick=False):
        response = client_of(getattr(team, by)).post(
            f"{BOARDS}{team.event.pk}/{address}",
            {"do": deed, "run": run.pk if run else "", **data},
            follow=True,
        )
    assert response.status_code == 200
    return response.content.decode()


def person(team: Team, name: str) -> str:
    """Return the public id of somebody."""
    return team.event.applications.get(first_name=name).public_id


def selected(team: Team) -> set[str]:
    """Return who is selected on the board, by first name."""
    run = runs.current(team.event)
    assert run
    ids = runs.suggestion_of(run).selected
    return set(team.event.applications.filter(public_id__in=ids).values_list("first_name", flat=True))


def test_before_the_first_suggestion_there_is_nothing_but_the_button(team: Team) -> None:
    shown = look(team)
    assert "No selection has been made yet." in shown
    assert "People decide, not this page." in shown
    assert "Propose these decisions" not in shown


def test_a_suggestion_shows_bars_people_and_reasons(team: Team) -> None:
    shown = do(team, "suggest")
    assert selected(team) == {"Ada", "Ben", "Dan"}
    assert shown.count('<svg class="balance"') == 2
    assert "Full: Country: France (2); would be in with 3." in shown
    assert "style=" not in shown.partition('<div id="content-main"')[2]
    assert "Proven: no selection that keeps the quotas has more." in shown


def test_moving_somebody_says_what_it_costs_and_who_leaves(team: Team) -> None:
    do(team, "suggest")
    shown = do(team, "move", person=person(team, "Cleo"), side="in", reason="speaks for the probation service")
    assert selected(team) == {"Ada", "Cleo", "Dan"}
    assert "It costs 1.33 points of the score." in shown
    assert "Out now: Ben." in shown
    assert "speaks for the probation service" in shown
    assert Pin.objects.get().by == team.organiser


def test_a_move_needs_its_reason(team: Team) -> None:
    do(team, "suggest")
    shown = do(team, "move", person=person(team, "Cleo"), side="in", reason=" ")
    assert "Nothing was changed. Give the reason" in shown
    [opened] = shown.split("<details open>")[1:]
    assert "Cleo" in opened.partition("</details>")[0]
    assert 'autofocus aria-invalid="true"' in opened.partition("</details>")[0]
    assert selected(team) == {"Ada", "Ben", "Dan"}


def test_a_move_that_costs_nothing_says_so(team: Team) -> None:
    do(team, "suggest")
    assert "The score stays the same." in do(team, "move", person=person(team, "Ada"), side="in", reason="r")


def test_a_choice_is_lifted_without_a_reason(team: Team) -> None:
    do(team, "suggest")
    do(team, "move", person=person(team, "Ada"), side="out", reason="r")
    assert "The score rises by" in do(team, "move", person=person(team, "Ada"), side="lift")
    assert selected(team) == {"Ada", "Ben", "Dan"}


def test_a_move_that_breaks_a_quota_is_made_and_shown(team: Team) -> None:
    do(team, "suggest")
    for name in ("Ada", "Ben", "Cleo"):
        shown = do(team, "move", person=person(team, name), side="in", reason="r")
    assert "No selection keeps every quota with this choice." in shown
    assert "1 too many" in shown
    assert "bar-broken" in shown
    assert "Put together by hand" in shown


def test_a_page_that_is_no_longer_current_changes_nothing(team: Team) -> None:
    do(team, "suggest")
    older = runs.current(team.event)
    do(team, "suggest", places=2)
    data = {"person": person(team, "Cleo"), "side": "in", "reason": "r", "name": "n", "reserves": 1, "others": "open"}
    client = client_of(team.organiser)
    for deed in ("move", "name", "propose"):
        response = client.post(f"{BOARDS}{team.event.pk}/", {"do": deed, "run": older.pk, **data}, follow=True)
        assert "has changed in the meantime" in response.content.decode()
    assert not Pin.objects.exists()
    assert not team.event.applications.exclude(state=State.SUBMITTED).exists()


def test_an_impossible_balance_shows_the_conflict_and_ways_out(team: Team) -> None:
    quota(team.event, "country", values="AT", minimum=2)
    shown = do(team, "suggest")
    assert "The quotas cannot all be kept" in shown
    assert "Country: Austria: at least 1 instead of 2" in shown
    assert not SelectionRun.objects.exists()


def test_everyone_can_be_asked_for(team: Team) -> None:
    applicant(team.event, "Unread")
    assert "1 application is left out" in do(team, "suggest")
    assert "1 application has no finished review: Unread." in do(team, "suggest", everyone="on")


@pytest.mark.parametrize("places", ["-1", "many", "9" * 40])
def test_a_senseless_number_of_places_is_refused(team: Team, places: str) -> None:
    assert "errorlist" in do(team, "suggest", places=places)
    assert not SelectionRun.objects.exists()


def test_scenarios_are_named_compared_and_restored(team: Team) -> None:
    do(team, "suggest")
    do(team, "name", name="Score alone")
    first = runs.current(team.event)
    do(team, "move", person=person(team, "Cleo"), side="in", reason="r")
    second = runs.current(team.event)
    shown = look(team, f"compare/?a={first.pk}&b={second.pk}")
    assert "Only in the first, “Score alone”" in shown
    assert (
        shown.index("Only in the first, “Score alone”") < shown.index("<bdi>Ben</bdi>") < shown.index("<bdi>Cleo</bdi>")
    )
    assert "Restored" in do(team, "restore", address=f"runs/{first.pk}/")
    assert selected(team) == {"Ada", "Ben", "Dan"}
    assert not Pin.objects.filter(lifted_at=None).exists()


def test_a_scenario_is_taken_off_the_list_and_the_selection_is_kept(team: Team) -> None:
    do(team, "suggest")
    assert "Score alone" in do(team, "name", name="Score alone")
    run = runs.current(team.event)
    shown = do(team, "forget", address=f"runs/{run.pk}/")
    assert "No longer a scenario." in shown
    assert "Score alone" not in shown
    assert runs.current(team.event) == run


def test_of_two_selections_the_board_offers_the_one_that_it_does_not_show_for_the_comparison(team: Team) -> None:
    do(team, "suggest")
    assert 'name="a"' not in look(team)
    do(team, "name", name="Score alone")
    first = runs.current(team.event)
    do(team, "move", person=person(team, "Cleo"), side="in", reason="r")
    shown = do(team, "name", name="With Cleo")
    second = runs.current(team.event)
    one, _with, other = shown.partition('name="a"')[2].partition('name="b"')
    assert re.findall(r'value="(\d+)"', one) == [str(first.pk)]
    assert re.findall(r'value="(\d+)"', other)[0] == str(second.pk)


def test_a_run_is_checked_and_shows_what_it_is_made_of(team: Team) -> None:
    do(team, "suggest")
    run = runs.current(team.event)
    assert run.input_sha256 in look(team, f"runs/{run.pk}/")
    assert "solving again gave the same answer" in do(team, "check", address=f"runs/{run.pk}/")
    SelectionRun.objects.update(result=run.result.replace(person(team, "Ada"), person(team, "Eva")))
    assert "It does not hold." in do(team, "check", address=f"runs/{run.pk}/")


def test_inputs_and_answer_are_given_byte_for_byte(team: Team) -> None:
    do(team, "suggest")
    run = runs.current(team.event)
    client = client_of(team.organiser)
    for part, kept in {"inputs": run.inputs, "result": run.result}.items():
        response = client.get(f"{BOARDS}{team.event.pk}/runs/{run.pk}/{part}.json")
        assert response.content.decode() == kept
        assert "no-store" in response["Cache-Control"]
    assert client.get(f"{BOARDS}{team.event.pk}/runs/{run.pk}/secrets.json").status_code == 404
    assert "Ada" not in json.dumps(json.loads(run.inputs))


def test_the_selection_becomes_proposals(team: Team) -> None:
    do(team, "suggest")
    shown = do(team, "propose", reserves=1, others="decline")
    assert "accept 3, waiting list 1, decline 1" in shown
    assert set(team.event.applications.values_list("state", flat=True)) == {State.PROPOSED}


def test_nothing_is_proposed_once_something_has_changed(team: Team) -> None:
    do(team, "suggest")
    applicant(team.event, "Late", (5, 3))
    assert "suggest again." in look(team)
    assert "suggest again first" in do(team, "propose", reserves=1, others="decline")
    assert set(team.event.applications.values_list("state", flat=True)) == {State.SUBMITTED}


def test_the_list_is_narrowed_and_paged(team: Team) -> None:
    crowd(team.event, 30, country="IT")
    do(team, "suggest")
    assert "Page 1 of 2" in look(team)
    assert "Page 2 of 2" in look(team, "?p=99")
    found = look(team, "?show=out&q=service+cleo")
    assert "<bdi>Cleo</bdi>" in found
    assert "<bdi>Eva</bdi>" not in found
    assert "Nobody." in look(team, "?q=nobody")


def test_a_senseless_search_finds_nobody(team: Team) -> None:
    do(team, "suggest")
    for text in ("+x" * 5000, "%F0%9F%98%80", "%25_%27"):
        assert "Nobody." in look(team, f"?q={text}&show=odd&p=-1")
    assert "Nobody." in look(team, "?who=nobody")


def test_of_a_large_run_each_person_leads_to_their_reason(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "SOLVED_IN_A_LIST", 4)
    do(team, "suggest")
    link = f"?who={person(team, 'Cleo')}"
    assert f'href="{link}"' in look(team)
    assert "would be in with 3." not in look(team)
    alone = look(team, link)
    assert "Full: Country: France (2); would be in with 3." in alone
    assert "<bdi>Ada</bdi>" not in alone


def test_the_page_for_the_meeting_has_everyone_selected_and_no_forms(team: Team) -> None:
    do(team, "suggest")
    shown = look(team, "?print")
    content = shown.partition('<div id="content-main"')[2]
    assert "<form" not in content
    for name in ("Ada", "Ben", "Dan", "Cleo", "Eva"):
        assert f"<bdi>{name}</bdi>" in content


def test_what_strangers_wrote_stays_text(team: Team) -> None:
    team.event.applications.filter(first_name="Ada").update(first_name=PAYLOAD, organisation=PAYLOAD)
    do(team, "suggest")
    do(team, "move", person=person(team, "Ben"), side="out", reason=PAYLOAD)
    shown = look(team)
    assert PAYLOAD not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize("who", ["reviewer", "stranger"])
def test_nobody_else_sees_or_does_anything(team: Team, who: str) -> None:
    do(team, "suggest")
    run = runs.current(team.event)
    client = client_of(getattr(team, who))
    home = f"{BOARDS}{team.event.pk}/"
    pages = [
        home,
        f"{home}?print",
        f"{home}compare/?a={run.pk}&b={run.pk}",
        f"{home}runs/{run.pk}/",
        f"{home}runs/{run.pk}/inputs.json",
        f"{home}runs/{run.pk}/result.json",
    ]
    assert [client.get(page).status_code for page in pages] == [404] * len(pages)
    data = {"run": run.pk, "person": person(team, "Eva"), "side": "in", "reason": "r", "name": "n", "reserves": 0}
    for deed in ("suggest", "move", "name", "propose"):
        assert client.post(home, {"do": deed, "others": "decline", **data}).status_code == 404
    for deed in ("check", "restore"):
        assert client.post(f"{home}runs/{run.pk}/", {"do": deed}).status_code == 404
    assert team.event.title not in client.get(BOARDS).content.decode()
    assert SelectionRun.objects.count() == 1
    assert not Pin.objects.exists()


def test_somebody_who_is_not_logged_in_is_asked_to(team: Team) -> None:
    response = Client().get(f"{BOARDS}{team.event.pk}/")
    assert response.status_code == 302
    assert "/login/" in response["Location"]


def test_the_organiser_of_another_event_reaches_neither_its_runs_nor_its_people(team: Team) -> None:
    do(team, "suggest")
    run = runs.current(team.event)
    other = team.stranger.memberships.get().event
    selectable(other)
    crowd(other, 2)
    client = client_of(team.stranger)
    home = f"{BOARDS}{other.pk}/"
    client.post(home, {"do": "suggest"})
    mine = runs.current(other)
    assert client.get(f"{home}runs/{run.pk}/").status_code == 404
    assert client.get(f"{home}compare/?a={mine.pk}&b={run.pk}").status_code == 404
    data = {"do": "move", "run": mine.pk, "person": person(team, "Ada"), "side": "in", "reason": "r"}
    assert client.post(home, data).status_code == 404
    assert not Pin.objects.exists()


def test_what_is_not_a_deed_or_a_run_is_refused(team: Team) -> None:
    do(team, "suggest")
    run = runs.current(team.event)
    client = client_of(team.organiser)
    home = f"{BOARDS}{team.event.pk}/"
    assert client.post(home, {"do": "decide"}).status_code == 400
    assert client.post(f"{home}runs/{run.pk}/", {"do": "x"}).status_code == 400
    assert client.post(f"{home}runs/{run.pk}/inputs.json").status_code == 405
    for number in ("", "x", "9" * 40, "²"):
        assert client.get(f"{home}compare/", {"a": number, "b": run.pk}).status_code == 404
    assert client.get(f"{BOARDS}{'9' * 18}/").status_code == 404


def test_the_board_costs_the_same_number_of_queries_for_any_number_of_people(team: Team) -> None:
    counts = set()
    client = client_of(team.organiser)
    for number in (1, 3, 96):  # the last makes a hundred
        crowd(team.event, number, country="IT")
        runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{BOARDS}{team.event.pk}/").status_code == 200
        counts.add(len(queries))
    assert len(counts) == 1, counts
