"""Who opened an application: noted once a day, told to the applicant once the decisions are out."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from events.models import Membership
from events.tests.admin_pages import client_of
from questionnaire.models import Application, Opening
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory, AssignmentFactory
from questionnaire.tests.team import APPLICATIONS, Team, make_team
from questionnaire.views import access
from questionnaire.workflow import retention

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


@pytest.fixture
def application(team: Team) -> Application:
    """Return an application that waits for a review."""
    application: Application = ApplicationFactory(event=team.event)
    AssignmentFactory(application=application, reviewer=team.reviewer)
    return application


def page(application: Application) -> str:
    """Return the address of an application in the admin."""
    return f"{APPLICATIONS}{application.pk}/change/"


def opened(application: Application) -> list[tuple[dt.date, str]]:
    """Return what is noted."""
    return [(row.day, row.role) for row in application.openings.all()]


def test_each_person_is_noted_once_a_day_of_the_events_zone(team: Team, application: Application) -> None:
    before_midnight = dt.datetime(2021, 11, 20, 23, 30, tzinfo=team.event.zone)
    for minutes in (0, 10, 40):
        with time_machine.travel(before_midnight + dt.timedelta(minutes=minutes), tick=False):
            client_of(team.organiser).get(page(application))
    assert opened(application) == [(dt.date(2021, 11, 20), Role.ORGANISER), (dt.date(2021, 11, 21), Role.ORGANISER)]


def test_a_reviewer_has_opened_nothing_before_the_answers_are_shown(team: Team, application: Application) -> None:
    client = client_of(team.reviewer)
    with time_machine.travel(AFTER_CLOSE, tick=False):
        client.get(page(application))
        assert opened(application) == []
        client.post(page(application), {"do": "declare", "conflict": "no"})
        client.get(page(application))
    assert opened(application) == [(AFTER_CLOSE.date(), Role.REVIEWER)]


def test_applicants_learn_it_once_the_decisions_are_out_and_not_before(
    team: Team, application: Application, client: Client
) -> None:
    session = client.session
    session[access.SESSION_KEY] = application.public_id
    session.save()
    for state in (State.SUBMITTED, State.PROPOSED, State.SIGNED_OFF):
        Application.objects.update(state=state, outcome="accept")
        Opening.objects.all().delete()
        before = client.get(reverse("questionnaire:data")).content
        Opening.objects.create(application=application, by=team.organiser, role=Role.ORGANISER, day=AFTER_CLOSE.date())
        assert client.get(reverse("questionnaire:data")).content == before
    Application.objects.update(state=State.DECLINED)
    shown = client.get(reverse("questionnaire:data")).content.decode()
    assert "Who opened your application" in shown
    assert client.get(reverse("questionnaire:data-download")).json()["organisers"]["opened"] == [
        {"day": "2021-11-22", "day_in_words": "22 November 2021", "as": "organiser", "as_in_words": "organiser"}
    ]


def test_who_looked_is_forgotten_with_the_person(team: Team, application: Application) -> None:
    client_of(team.organiser).get(page(application))
    retention.erase(application, now=AFTER_CLOSE)
    assert not Opening.objects.exists()
