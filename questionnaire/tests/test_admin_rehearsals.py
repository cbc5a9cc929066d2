"""The screen of rehearsals: who may order one, what they see of it, and what they take away."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from events.tests.admin_pages import client_of
from questionnaire.models import Rehearsal
from questionnaire.tests.rehearsed import outcome
from questionnaire.tests.team import Team, make_team
from questionnaire.workflow import rehearsing

pytestmark = pytest.mark.django_db

LIST = "/admin/questionnaire/rehearsal/"
LIST_QUERIES = 10


@pytest.fixture
def team() -> Team:
    """Return an event with its team."""
    return make_team()


def order(team: Team, by: str = "organiser", **changes: Any) -> Any:
    """Order a rehearsal on its page."""
    form = {"event": team.event.pk, "applicants": 12, "seed": 3, "faults": ["smtp", "broker"]} | changes
    return client_of(getattr(team, by)).post(f"{LIST}add/", form)


def rehearsal_of(team: Team) -> Rehearsal:
    """Have one that is under way."""
    now = timezone.now()
    rehearsal = rehearsing.order(team.event, applicants=12, seed=1, faults=["smtp"], by=team.organiser, at=now)
    rehearsing.begin(rehearsal, at=now)
    rehearsing.note_progress(rehearsal, "applying", 0.42, at=now)
    return rehearsal


def see(team: Team, rehearsal: Rehearsal, by: str = "organiser", page: str = "change/") -> Any:
    """Open a page of a rehearsal."""
    return client_of(getattr(team, by)).get(f"{LIST}{rehearsal.pk}/{page}")


def test_an_organiser_orders_a_rehearsal_and_comes_to_its_page(team: Team) -> None:
    answer = order(team)
    rehearsal = Rehearsal.objects.get()
    assert answer.headers["Location"] == f"{LIST}{rehearsal.pk}/change/"
    assert (rehearsal.applicants, rehearsal.seed, rehearsal.faults) == (12, 3, ["broker", "smtp"])
    assert rehearsal.ordered_by == team.organiser
    shown = see(team, rehearsal).content.decode()
    assert f"manage.py rehearse {team.event.slug} --order {rehearsal.pk}" in shown


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"applicants": 0}, "greater than or equal to 1"),
        ({"applicants": 30_000}, "less than or equal to 20000"),
        ({"seed": "-1"}, "greater than or equal to 0"),
        ({"faults": ["flood"]}, "flood"),
    ],
)
def test_mistakes_are_shown_and_what_was_typed_stays(team: Team, changes: dict[str, Any], error: str) -> None:
    shown = order(team, **changes).content.decode()
    assert error in shown
    assert not Rehearsal.objects.exists()
    if "seed" not in changes:
        assert 'name="seed" value="3"' in shown


def test_an_event_has_one_at_a_time_and_the_page_leads_to_it(team: Team) -> None:
    rehearsal = rehearsal_of(team)
    shown = order(team).content.decode()
    assert "has not ended yet" in shown
    assert f"{LIST}{rehearsal.pk}/change/" in shown


def test_the_page_moves_by_itself_until_it_is_told_to_keep_still(team: Team) -> None:
    rehearsal = rehearsal_of(team)
    moving = see(team, rehearsal)
    assert moving.headers["Refresh"] == "5"
    assert 'value="42"' in moving.content.decode()
    assert "people apply" in moving.content.decode()
    assert "Refresh" not in see(team, rehearsal, page="change/?still").headers


def test_it_can_be_stopped(team: Team) -> None:
    rehearsal = rehearsal_of(team)
    client = client_of(team.second)
    assert client.get(f"{LIST}{rehearsal.pk}/stop/").status_code == 405
    client.post(f"{LIST}{rehearsal.pk}/stop/")
    rehearsal.refresh_from_db()
    assert (rehearsal.status, rehearsal.complaint) == ("failed", "stopped by second")
    assert "stopped by second" in see(team, rehearsal).content.decode()


def test_the_report_is_read_there_and_taken_away_as_a_file(team: Team) -> None:
    rehearsal = rehearsal_of(team)
    rehearsing.finish(rehearsal, outcome(letters_lost="asa@example.org"), kept=False, at=timezone.now())
    shown = see(team, rehearsal)
    assert "1 promise was broken." in shown.content.decode()
    assert "style=" not in shown.content.decode()
    assert "Refresh" not in shown.headers
    file = see(team, rehearsal, page="report.html")
    assert file.headers["Content-Disposition"].startswith('attachment; filename="rehearsal-')
    assert "asa@example.org" in file.content.decode()
    assert "a promise broken" in client_of(team.organiser).get(LIST).content.decode()


def test_there_is_no_file_before_there_is_a_report(team: Team) -> None:
    assert see(team, rehearsal_of(team), page="report.html").status_code == 404


def test_what_has_ended_can_be_removed_and_nothing_else(team: Team) -> None:
    rehearsal = rehearsal_of(team)
    client = client_of(team.organiser)
    assert client.post(f"{LIST}{rehearsal.pk}/delete/", {"post": "yes"}).status_code == 403
    rehearsing.fail(rehearsal, "", at=timezone.now())
    client.post(f"{LIST}{rehearsal.pk}/delete/", {"post": "yes"})
    assert not Rehearsal.objects.exists()


@pytest.mark.parametrize("by", ["reviewer", "stranger"])
def test_nobody_but_the_organisers_of_the_event_sees_or_orders_one(team: Team, by: str) -> None:
    rehearsal = rehearsal_of(team)
    rehearsing.finish(rehearsal, outcome(), kept=True, at=timezone.now())
    for page in ("change/", "report.html"):
        assert see(team, rehearsal, by=by, page=page).status_code in {403, 404}
    assert client_of(getattr(team, by)).post(f"{LIST}{rehearsal.pk}/stop/").status_code in {403, 404}
    order(team, by=by)
    assert Rehearsal.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_however_long_it_is(
    number: int, team: Team, django_assert_num_queries: Any
) -> None:
    for _turn in range(number):
        rehearsing.finish(rehearsal_of(team), outcome(), kept=True, at=timezone.now())
    client = client_of(team.organiser)
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)


def test_the_list_speaks_in_words_of_faults_and_people(team: Team) -> None:
    User.objects.filter(pk=team.organiser.pk).update(first_name="Anneke", last_name="de Vries")
    rehearsing.order(team.event, applicants=12, seed=1, faults=["smtp"], by=team.organiser, at=timezone.now())
    shown = client_of(team.organiser).get(LIST).content.decode()
    assert '<td class="field-broken_on_purpose">a mail server that refuses and cuts connections</td>' in shown
    assert '<td class="field-who">Anneke de Vries</td>' in shown
