"""From the selection to proposed decisions."""

import pytest
from django.utils import translation

from events.models import Event
from events.tests.factories import EventFactory
from questionnaire.models import Application, Pin, Release
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, AFTER_RELEASE
from questionnaire.tests.releasing import sign_off
from questionnaire.tests.selecting import applicant, selectable
from questionnaire.tests.team import Team, make_team
from questionnaire.workflow import decision, proposing, runs
from questionnaire.workflow.board import RunView, Show

pytestmark = pytest.mark.django_db
NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva")


@pytest.fixture
def team() -> Team:
    """Return an event with two places for five people, in the order of their scores, and its team."""
    team = make_team(selectable(EventFactory(), places=2))
    for place, name in enumerate(NAMES):
        applicant(team.event, name, (5 - place, 3), minutes=place)
    applicant(team.event, "Unread")
    return team


def propose(team: Team, *, reserves: int = 1, decline_others: bool = True) -> dict[Outcome, int]:
    """Propose what the board shows."""
    run = runs.current(team.event)
    assert run
    return proposing.propose(run, reserves=reserves, decline_others=decline_others, by=team.organiser, at=AFTER_RELEASE)


def reserves(team: Team) -> list[Application]:
    """Return Dan and Eva, who are next when Ada is out."""
    return list(team.event.applications.filter(first_name__in=("Dan", "Eva")).order_by("submitted_at"))


def decisions(event: Event) -> dict[str, str]:
    """Return each outcome by first name."""
    return dict(event.applications.values_list("first_name", "outcome"))


def test_the_selected_are_accepted_the_next_wait_the_rest_are_declined(team: Team) -> None:
    runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    assert propose(team) == {Outcome.ACCEPT: 2, Outcome.WAITING_LIST: 1, Outcome.DECLINE: 2}
    wanted = ["accept", "accept", "waiting_list", "decline", "decline"]
    assert decisions(team.event) == {**dict(zip(NAMES, wanted, strict=True)), "Unread": ""}
    assert team.event.applications.get(first_name="Unread").state == State.SUBMITTED


def test_whoever_was_placed_out_by_hand_does_not_wait_for_a_place(team: Team) -> None:
    ada = team.event.applications.get(first_name="Ada")
    Pin.objects.create(application=ada, side="out", reason="came last year", by=team.organiser, at=AFTER_CLOSE)
    run = runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    assert RunView(run).ids(Show.OTHERS) == [person.public_id for person in (*reserves(team), ada)]
    assert propose(team) == {Outcome.ACCEPT: 2, Outcome.WAITING_LIST: 1, Outcome.DECLINE: 2}
    assert [decisions(team.event)[name] for name in ("Ada", "Dan", "Eva")] == ["decline", "waiting_list", "decline"]


def test_the_rest_may_stay_open(team: Team) -> None:
    runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    propose(team, decline_others=False)
    assert [decisions(team.event)[name] for name in ("Dan", "Eva")] == ["", ""]


def test_a_second_person_signs_off_and_a_changed_decision_needs_both_again(team: Team) -> None:
    runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    propose(team)
    proposed = team.event.applications.filter(state=State.PROPOSED)
    with pytest.raises(decision.SameEyes):
        sign_off(list(proposed), by=team.organiser, at=AFTER_RELEASE)
    sign_off(list(proposed), by=team.second, at=AFTER_RELEASE)
    team.event.places = 3
    team.event.save()
    runs.suggest(team.event, by=team.organiser, at=AFTER_RELEASE)
    assert propose(team) == {Outcome.ACCEPT: 1, Outcome.WAITING_LIST: 1}  # Cleo comes in, Dan waits
    signed = team.event.applications.filter(state=State.SIGNED_OFF)
    assert set(signed.values_list("first_name", flat=True)) == {"Ada", "Ben", "Eva"}


def test_nothing_is_proposed_of_a_selection_that_is_outdated(team: Team) -> None:
    runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    applicant(team.event, "Late", (5, 3))
    with pytest.raises(proposing.Outdated):
        propose(team)
    assert set(decisions(team.event).values()) == {""}


def test_nothing_is_proposed_of_a_selection_that_the_board_no_longer_shows(team: Team) -> None:
    older = runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    runs.suggest(team.event, by=team.organiser, at=AFTER_RELEASE, places=1)
    with pytest.raises(proposing.Outdated):
        proposing.propose(older, reserves=0, decline_others=True, by=team.organiser, at=AFTER_RELEASE)


def test_after_the_release_was_ordered_nothing_changes(team: Team) -> None:
    runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    Release.objects.create(event=team.event, ordered_by=team.second, ordered_at=AFTER_CLOSE)
    with pytest.raises(decision.ReleaseOrdered):
        propose(team)
    assert set(decisions(team.event).values()) == {""}


def test_the_history_names_the_selection(team: Team) -> None:
    run = runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    propose(team)
    [change] = team.event.applications.get(first_name="Ada").transitions.all()
    assert change.by == team.organiser
    words = f"As on the selection board: selection #{run.pk}, hash of the inputs {run.input_sha256[:12]}…"
    assert change.reason_in_words == words
    with translation.override("fr"):
        assert "tableau de sélection" in change.reason_in_words
    change.reason = "knows PAIRS"
    assert change.reason_in_words == "knows PAIRS"
