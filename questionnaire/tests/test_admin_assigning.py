"""Sharing applications out on the page, by organisers of the event alone."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse

from events.models import Membership
from events.tests.admin_pages import client_of, form_of
from events.tests.factories import MembershipFactory
from questionnaire.models import Application, Assignment
from questionnaire.tests.factories import ApplicationFactory, AssignmentFactory, ReviewFactory
from questionnaire.tests.team import APPLICATIONS, PAYLOAD, Team, make_team
from questionnaire.workflow import assignment

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event and its team, with a second reviewer."""
    team = make_team()
    MembershipFactory(event=team.event, role=Membership.Role.REVIEWER, user__last_name="Second")
    return team


def url_of(team: Team) -> str:
    """Return where the event's applications are shared out."""
    return f"{APPLICATIONS}assignment/{team.event.pk}/"


def shown(team: Team, query: str = "") -> str:
    """Return the page as the organiser sees it, without line breaks and indents."""
    response = client_of(team.organiser).get(url_of(team) + query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def share_out(team: Team, **data: str) -> str:
    """Press the button under the plan that the page shows; return what comes then."""
    fingerprint = assignment.plan(team.event).fingerprint
    posted = {"fingerprint": fingerprint, **data}
    return client_of(team.organiser).post(url_of(team), posted, follow=True).content.decode()


def on_page(team: Team, application: Application, by: User | None = None, **data: object) -> HttpResponse:
    """Post to the page of an application."""
    client = client_of(by or team.organiser)
    return client.post(f"{APPLICATIONS}{application.pk}/change/", data, follow=True)  # type: ignore[return-value]


@pytest.mark.parametrize("person", ["reviewer", "stranger"])
def test_nobody_else_comes_near(team: Team, person: str) -> None:
    application = ApplicationFactory(event=team.event)
    client = client_of(getattr(team, person))
    assert client.get(url_of(team)).status_code == 404
    assert client.post(url_of(team), {"fingerprint": assignment.plan(team.event).fingerprint}).status_code == 404
    for deed in ("assign", "take_away"):
        page = f"{APPLICATIONS}{application.pk}/change/"
        assert client.post(page, {"do": deed, "reviewer": team.reviewer.pk}).status_code in {302, 403}
    assert not Assignment.objects.exists()


def test_the_plan_is_shown_and_then_carried_out(team: Team) -> None:
    ApplicationFactory.create_batch(3, event=team.event)
    page = shown(team)
    for text in ("6 reviews will be assigned.", "(+3)", "Read by every reviewer", "Share out now"):
        assert text in page
    assert "Share out again" not in page
    assert not Assignment.objects.exists()
    assert "6 reviews assigned." in share_out(team)
    assert Assignment.objects.count() == 6
    assert "Everything that can be assigned is assigned." in shown(team)
    assert "Share out again" in shown(team)


def test_an_outdated_plan_is_shown_anew(team: Team) -> None:
    ApplicationFactory(event=team.event)
    assert "Something has changed meanwhile" in share_out(team, fingerprint="of yesterday")
    assert not Assignment.objects.exists()


def test_who_is_missing_and_why(team: Team) -> None:
    Membership.objects.filter(user=team.reviewer).update(organisation="Neustart")
    Membership.objects.filter(user__last_name="Second").update(country="")
    ApplicationFactory(event=team.event, organisation="Neustart")
    page = shown(team)
    for text in ("0 / 2", "Same organisation: ", "Second gets nothing", "Organisation or country not known: Second"):
        assert text in page


def test_an_event_without_reviewers_or_applications_says_what_to_do(team: Team) -> None:
    assert "There is no application to review yet." in shown(team)
    Membership.objects.filter(role=Membership.Role.REVIEWER).delete()
    assert "has no reviewer yet" in shown(team)


def test_what_people_type_is_inert(team: Team) -> None:
    Membership.objects.filter(user=team.reviewer).update(organisation=PAYLOAD)
    ApplicationFactory(event=team.event, organisation=PAYLOAD, family_name=PAYLOAD)
    assert "<script>alert" not in shown(team)


def test_by_hand_on_the_page_of_an_application(team: Team) -> None:
    application = ApplicationFactory(event=team.event)
    said = on_page(team, application, do="assign", reviewer=team.reviewer.pk).content.decode()
    assert "Assigned." in said
    assert f"Take away from {team.reviewer.username}" in said
    on_page(team, application, do="take_away", reviewer=team.reviewer.pk)
    assert not Assignment.objects.standing().exists()


def test_by_hand_nobody_who_may_not_and_no_finished_review(team: Team) -> None:
    Membership.objects.filter(user=team.reviewer).update(organisation="Neustart")
    application = ApplicationFactory(event=team.event, organisation="Neustart")
    said = on_page(team, application, do="assign", reviewer=team.reviewer.pk).content.decode()
    assert "Not assigned: same organisation." in said
    assert "Same organisation: " in said
    assert "not in the team" in on_page(team, application, do="assign", reviewer=team.organiser.pk).content.decode()
    row = AssignmentFactory(application__event=team.event, reviewer=team.reviewer)
    ReviewFactory(application=row.application, reviewer=team.reviewer, mean_score=5)
    said = on_page(team, row.application, do="take_away", reviewer=team.reviewer.pk).content.decode()
    assert "The review is finished, so it stays." in said


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 40, "9" * 18, "²"])
def test_a_person_who_does_not_exist(team: Team, value: str) -> None:
    application = ApplicationFactory(event=team.event)
    assert on_page(team, application, do="assign", reviewer=value).status_code == 400


def test_who_is_taken_out_of_the_team_hands_on_what_is_unfinished(team: Team) -> None:
    application = AssignmentFactory(application__event=team.event, reviewer=team.reviewer).application
    client = client_of(team.organiser)
    url = f"/admin/events/event/{team.event.pk}/change/"
    data = form_of(client, url)
    [row] = [name for name, value in data.items() if name.endswith("-login") and value == team.reviewer.username]
    data[row.replace("login", "role")] = "organiser"
    response: Any = client.post(url, data)
    assert response.status_code == 302
    assert application.assignments.get().reviewer.last_name == "Second"


def test_the_number_of_queries_does_not_grow(team: Team, django_assert_num_queries: Any) -> None:
    client = client_of(team.organiser)
    counts = set()
    for number in (1, 3, 100):
        while Application.objects.count() < number:
            ApplicationFactory(event=team.event)
        with django_assert_num_queries(20, exact=False) as asked:
            client.get(url_of(team))
        counts.add(len(asked))
    assert len(counts) == 1
