"""Deciding, one by one and several at once: by two people, and nothing half done."""

from collections.abc import Iterable
from typing import Any

import pytest

from events.tests.admin_pages import client_of
from questionnaire.models import Application, Release
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory, AssignmentFactory
from questionnaire.tests.team import APPLICATIONS, PAYLOAD, Team, make_team
from questionnaire.workflow import decision

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


@pytest.fixture
def applications(team: Team) -> list[Application]:
    """Return three applications."""
    return [ApplicationFactory(event=team.event, family_name=name) for name in ("Ada", "Bob", "Cyd")]


def states(applications: Iterable[Application]) -> list[tuple[str, str]]:
    """Return state and outcome as they stand in the database."""
    rows = Application.objects.filter(pk__in=[application.pk for application in applications]).order_by("pk")
    return list(rows.values_list("state", "outcome"))


def choose(team: Team, action: str, applications: Iterable[Application], **data: object) -> Any:
    """Choose applications in the list, and what to do with them."""
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in applications], **data}
    return client_of(team.organiser).post(f"{APPLICATIONS}?event={team.event.pk}", chosen)


def confirm(
    team: Team, applications: Iterable[Application], outcome: str, *, by: str = "organiser", **data: str
) -> Any:
    """Confirm what the page before asked, of decisions as they are now, or as they were `seen`."""
    ids = [application.pk for application in applications]
    seen = decision.fingerprint(Application.objects.filter(pk__in=ids))
    named = ",".join(map(str, ids))
    form = {"ids": named, "seen": seen, "outcome": outcome, "back": f"event={team.event.pk}", **data}
    return client_of(getattr(team, by)).post(f"{APPLICATIONS}decide/", form, follow=True)


def propose_one(team: Team, application: Application, by: str = "organiser", **data: str) -> Any:
    """Propose a decision on the page of an application."""
    url = f"{APPLICATIONS}{application.pk}/change/"
    return client_of(getattr(team, by)).post(url, {"do": "propose", **data}, follow=True)


def test_propose_one(team: Team, applications: list[Application]) -> None:
    response = propose_one(team, applications[0], outcome="accept", reason="fits well")
    assert "Proposed: accept." in response.content.decode()
    assert states(applications)[0] == (State.PROPOSED, Outcome.ACCEPT)
    move = applications[0].transitions.get()
    assert (move.by, move.reason) == (team.organiser, "fits well")


@pytest.mark.parametrize("outcome", ["", "nonsense", "accepted"])
def test_an_unknown_decision_is_refused(team: Team, applications: list[Application], outcome: str) -> None:
    response = propose_one(team, applications[0], outcome=outcome)
    assert response.status_code == 200
    assert states(applications)[0] == (State.SUBMITTED, "")


def test_reviewers_do_not_decide(team: Team, applications: list[Application]) -> None:
    AssignmentFactory(application=applications[0], reviewer=team.reviewer)
    assert propose_one(team, applications[0], by="reviewer", outcome="accept").status_code == 403
    assert confirm(team, applications, "accept", by="reviewer").status_code == 404
    assert states(applications)[0] == (State.SUBMITTED, "")


def test_one_person_proposes_and_another_signs(team: Team, applications: list[Application]) -> None:
    [application, *_others] = applications
    propose_one(team, application, outcome="decline")
    url = f"{APPLICATIONS}{application.pk}/change/"
    sign = {"do": "sign_off", "seen": client_of(team.second).get(url).context["seen"]}
    refused = client_of(team.organiser).post(url, sign, follow=True).content.decode()
    assert "You proposed these decisions yourself" in refused
    assert str(application) in refused
    assert states([application]) == [(State.PROPOSED, Outcome.DECLINE)]
    assert "Signed off." in client_of(team.second).post(url, sign, follow=True).content.decode()
    assert states([application]) == [(State.SIGNED_OFF, Outcome.DECLINE)]


def test_nobody_signs_another_decision_than_the_page_showed(team: Team, applications: list[Application]) -> None:
    decision.propose(applications, Outcome.ACCEPT, by=team.organiser, at=AFTER_CLOSE)
    url = f"{APPLICATIONS}{applications[0].pk}/change/"
    one = {"do": "sign_off", "seen": client_of(team.second).get(url).context["seen"]}
    several = choose(team, "sign_off", applications).context["seen"]
    decision.propose(applications[:1], Outcome.DECLINE, by=team.organiser, at=AFTER_CLOSE)
    refusal = "Something has changed since you looked. Nothing was signed"
    for seen in (one, {"do": "sign_off"}):
        assert refusal in client_of(team.second).post(url, seen, follow=True).content.decode()
    assert refusal in confirm(team, applications, "", by="second", seen=several).content.decode()
    assert {state for state, _outcome in states(applications)} == {State.PROPOSED}


def test_what_is_released_stays(team: Team) -> None:
    application = ApplicationFactory(event=team.event, state=State.ACCEPTED, outcome=Outcome.ACCEPT)
    response = propose_one(team, application, outcome="decline")
    assert "not open to these applications any more" in response.content.decode()
    assert states([application]) == [(State.ACCEPTED, Outcome.ACCEPT)]


def test_nothing_changes_once_the_release_is_ordered(team: Team, applications: list[Application]) -> None:
    Release.objects.create(event=team.event, ordered_by=team.organiser, ordered_at=AFTER_CLOSE)
    response = confirm(team, applications, "accept")
    assert "take the order back before changing a decision" in response.content.decode()
    assert set(states(applications)) == {(State.SUBMITTED, "")}


@pytest.mark.parametrize("action", ["propose_accept", "propose_waiting_list", "propose_decline", "sign_off"])
def test_choosing_changes_nothing_before_the_confirmation(
    team: Team, applications: list[Application], action: str
) -> None:
    response = choose(team, action, applications)
    assert response.status_code == 200
    for application in applications:
        assert str(application) in response.content.decode()
    assert set(states(applications)) == {(State.SUBMITTED, "")}


def test_the_confirmation_counts_against_the_places(team: Team, applications: list[Application]) -> None:
    team.event.places = 3
    team.event.save()
    ApplicationFactory(event=team.event, state=State.PROPOSED, outcome=Outcome.ACCEPT)
    ApplicationFactory(event=team.event, state=State.PROPOSED, outcome=Outcome.DECLINE)
    decision.propose(applications[:1], Outcome.ACCEPT, by=team.organiser, at=AFTER_CLOSE)  # counts once
    shown = choose(team, "propose_accept", applications[:2]).content.decode()
    assert "3 accepted of 3 places after this." in shown
    shown = choose(team, "propose_accept", applications).content.decode()
    assert "4 accepted of 3 places after this." in shown
    assert "1 too many" in shown
    shown = choose(team, "propose_decline", applications).content.decode()
    assert "1 accepted of 3 places after this." in shown


def test_propose_several(team: Team, applications: list[Application]) -> None:
    response = confirm(team, applications, "waiting_list", reason="few places")
    assert "Waiting list: proposed for 3 applications." in response.content.decode()
    assert response.redirect_chain == [(f"{APPLICATIONS}?event={team.event.pk}", 302)]
    assert set(states(applications)) == {(State.PROPOSED, Outcome.WAITING_LIST)}
    assert {row.transitions.get().reason for row in applications} == {"few places"}


def test_all_or_nothing(team: Team, applications: list[Application]) -> None:
    late = ApplicationFactory(event=team.event, state=State.CONFIRMED, outcome=Outcome.ACCEPT, family_name="Late")
    shown = confirm(team, [*applications, late], "accept").content.decode()
    assert "Late (confirmed)" in shown
    assert "Nothing was changed." in shown
    assert set(states(applications)) == {(State.SUBMITTED, "")}


def test_own_proposals_cannot_be_signed_off_in_bulk(team: Team, applications: list[Application]) -> None:
    decision.propose(applications[:1], Outcome.ACCEPT, by=team.organiser, at=AFTER_CLOSE)
    decision.propose(applications[1:], Outcome.ACCEPT, by=team.second, at=AFTER_CLOSE)
    page = choose(team, "sign_off", applications).content.decode()
    assert "You proposed these yourself" in page
    assert "Yes, sign off" not in page  # it would only be refused
    shown = confirm(team, applications, "").content.decode()
    assert "You proposed these decisions yourself" in shown
    assert str(applications[0]) in shown
    assert {state for state, _outcome in states(applications)} == {State.PROPOSED}
    assert "2 decisions signed off." in confirm(team, applications[1:], "").content.decode()


def test_every_application_of_the_list_can_be_chosen(team: Team) -> None:
    many = ApplicationFactory.create_batch(60, event=team.event)
    shown = choose(team, "propose_decline", many[:1], select_across="1")
    assert shown.context["number"] == 60


@pytest.mark.parametrize("ids", ["", "x", "1,x", "-1", "9" * 40, "1,,2", "²"])
def test_bad_ids(team: Team, applications: list[Application], ids: str) -> None:
    response = client_of(team.organiser).post(f"{APPLICATIONS}decide/", {"ids": ids, "outcome": "accept"})
    assert response.status_code == 400


@pytest.mark.parametrize("outcome", ["nonsense", "accepted"])
def test_a_bad_outcome(team: Team, applications: list[Application], outcome: str) -> None:
    assert confirm(team, applications, outcome).status_code == 400


def test_others_applications_cannot_be_smuggled_in(team: Team, applications: list[Application]) -> None:
    foreign = ApplicationFactory()
    assert confirm(team, [*applications, foreign], "accept").status_code == 404
    assert confirm(team, applications, "accept", by="stranger").status_code == 404
    assert set(states([*applications, foreign])) == {(State.SUBMITTED, "")}


def test_the_way_back_stays_on_the_list(team: Team, applications: list[Application]) -> None:
    response = confirm(team, applications, "accept", back="//evil.example/?next=//evil")
    assert response.redirect_chain[0][0].startswith(f"{APPLICATIONS}?")


def test_deciding_takes_a_post(team: Team) -> None:
    assert client_of(team.organiser).get(f"{APPLICATIONS}decide/").status_code == 405


def test_a_reason_that_is_too_long_is_asked_for_again(team: Team, applications: list[Application]) -> None:
    response = confirm(team, applications, "accept", reason="x" * 501)
    assert "500 characters" in response.content.decode()
    assert set(states(applications)) == {(State.SUBMITTED, "")}


def test_names_in_messages_are_inert(team: Team) -> None:
    nasty = ApplicationFactory(event=team.event, family_name=PAYLOAD, state=State.DECLINED)
    shown = confirm(team, [nasty], "accept").content.decode()
    assert "<script>alert" not in shown
    assert "<script>alert" not in choose(team, "propose_accept", [nasty]).content.decode()
