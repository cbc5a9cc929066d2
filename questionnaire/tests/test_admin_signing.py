"""The page on which a second organiser signs all decisions at once."""

import re

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.tests.admin_pages import client_of
from events.tests.factories import EventFactory
from questionnaire.models import Signature
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, AFTER_RELEASE, released
from questionnaire.tests.selecting import applicant, crowd, quota, selectable
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import decision, proposing, runs, transitions

pytestmark = pytest.mark.django_db
FIELD = re.compile(r'<input type="hidden" name="(seen|latest)" value="([^"]*)"')


@pytest.fixture
def team() -> Team:
    """Return two places and four people, all of them proposed by the organiser, one placed by hand."""
    team = make_team(selectable(EventFactory(), places=2))
    quota(team.event, "country", maximum=2)
    for place, name in enumerate(("Ada", "Ben", "Cleo", "Dan")):
        applicant(team.event, name, (5 - place, 3), minutes=place, organisation=f"Service {name}")
    runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    dan = team.event.applications.get(first_name="Dan")
    run = runs.move(dan, "in", reason="speaks for probation", by=team.organiser, at=AFTER_CLOSE).run
    proposing.propose(run, reserves=1, decline_others=True, by=team.organiser, at=AFTER_CLOSE)
    return team


def address(team: Team) -> str:
    """Return where the decisions are signed."""
    return f"/admin/questionnaire/selectionrun/{team.event.pk}/signature/"


def look(team: Team, by: str = "second") -> str:
    """Return the page as somebody sees it."""
    response = client_of(getattr(team, by)).get(address(team))
    assert response.status_code == 200
    return response.content.decode()


def sign(team: Team, shown: str, by: str = "second") -> str:
    """Press the button of a page that was shown, and return what comes."""
    with time_machine.travel(AFTER_CLOSE, tick=False):
        response = client_of(getattr(team, by)).post(address(team), dict(FIELD.findall(shown)), follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_the_second_person_sees_the_whole_and_signs_it(team: Team) -> None:
    shown = look(team)
    run = runs.current(team.event)
    assert run is not None
    for text in (
        run.input_sha256,
        "speaks for probation",
        "Those accepted have 2.67 points less than those whom it would suggest.",
        "Waiting list, in its order (1)",
        "Sign all 4 decisions",
    ):
        assert text in shown, text
    User.objects.filter(pk=team.second.pk).update(first_name="Grace", last_name="Hopper")
    after = sign(team, shown)
    assert "Signed: all decisions that were proposed, as you saw them." in after
    assert "Signed as a whole by Grace Hopper on 22 November 2021" in after
    assert "Nothing has changed since." in after
    assert Signature.objects.get().sha256 in after
    assert set(team.event.applications.values_list("state", flat=True)) == {State.SIGNED_OFF}


def test_whoever_proposed_has_no_button_and_a_forged_request_signs_nothing(team: Team) -> None:
    shown = look(team, by="organiser")
    assert "You proposed 4 of these decisions yourself" in shown
    assert "4 proposed by you" in shown
    assert "Decisions of others" not in shown
    assert "<form" not in shown.partition('<div id="content-main"')[2]
    assert "another person signs them off" in sign(team, look(team), by="organiser")
    assert not Signature.objects.exists()


def test_what_changed_since_the_look_is_shown_with_who_and_why_and_nothing_is_signed(team: Team) -> None:
    shown = look(team)
    cleo = team.event.applications.get(first_name="Cleo")
    decision.propose([cleo], Outcome.DECLINE, by=team.organiser, at=AFTER_CLOSE, reason="no longer in service")
    changed = sign(team, shown)
    part = changed.partition("What has changed since you looked")[2].partition("</section>")[0]
    assert "The decisions" in part
    assert "<bdi>Cleo</bdi>" in part
    assert "olga" in part
    assert "no longer in service" in part
    assert not Signature.objects.exists()
    assert "Signed: all decisions" in sign(team, changed)


@pytest.mark.parametrize("data", [{}, {"seen": "x" * 2000, "latest": "9" * 40}, {"seen": "\x00", "latest": "-1"}])
def test_a_senseless_request_signs_nothing(team: Team, data: dict[str, str]) -> None:
    response = client_of(team.second).post(address(team), data)
    assert "Something has changed since you looked." in response.content.decode()
    assert not Signature.objects.exists()


def test_the_board_and_the_page_name_what_has_changed_since_the_signature(team: Team) -> None:
    sign(team, look(team))
    ada = team.event.applications.get(first_name="Ada")
    decision.propose([ada], Outcome.DECLINE, by=team.organiser, at=AFTER_CLOSE)
    board = client_of(team.second).get(f"/admin/questionnaire/selectionrun/{team.event.pk}/").content.decode()
    for shown in (board, look(team)):
        assert "Since then 1 decision has changed, and needs both people again:" in shown
        assert "<bdi>Ada</bdi></a> (decision proposed)" in shown
    assert "Sign 1 decision" in look(team)


def test_a_second_click_says_that_nothing_waits(team: Team) -> None:
    sign(team, look(team))
    shown = look(team)
    assert "Every decision has its second signature." in shown
    client = client_of(team.second)
    seen = client.get(address(team)).context["sign_form"].initial
    assert "No decision waits" in client.post(address(team), seen, follow=True).content.decode()


def test_before_anything_is_proposed_and_after_the_release_there_is_nothing_to_sign(team: Team) -> None:
    sign(team, look(team))
    ada = team.event.applications.get(first_name="Ada")
    transitions.move([ada], State.SUBMITTED, at=AFTER_CLOSE)
    team.event.applications.exclude(pk=ada.pk).delete()
    assert "Nothing is proposed yet." in look(team)
    released(team.event, AFTER_RELEASE)
    shown = look(team)
    assert "The decisions are released: there is nothing more to sign." in shown
    assert "Signatures under the whole" in shown


def test_what_strangers_wrote_stays_text(team: Team) -> None:
    team.event.applications.filter(first_name="Ada").update(first_name=PAYLOAD, organisation=PAYLOAD)
    shown = look(team)
    assert PAYLOAD not in shown
    assert "&lt;script&gt;" in shown


def test_the_page_costs_the_same_number_of_queries_for_any_number_of_people(team: Team) -> None:
    client = client_of(team.second)
    counts = set()
    for number in (1, 3):
        crowd(team.event, number, country="IT")
        run = runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
        proposing.propose(run, reserves=1, decline_others=True, by=team.organiser, at=AFTER_CLOSE)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(team)).status_code == 200
        counts.add(len(queries))
    assert len(counts) == 1, counts
