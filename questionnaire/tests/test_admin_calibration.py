"""The screen of severities, and both means wherever organisers read one."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from events.models import Membership
from events.tests.admin_pages import client_of
from events.tests.factories import MembershipFactory
from questionnaire.admin.calibration import drawn
from questionnaire.models import Application, Severity
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory, CriterionFactory
from questionnaire.tests.team import APPLICATIONS, Team, make_team
from questionnaire.workflow import calibrating, review

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event with one criterion from 0 to 10, and its team."""
    team = make_team()
    CriterionFactory(event=team.event, key="worth", maximum=10)
    return team


@pytest.fixture
def severe(team: Team) -> User:
    """Return a second reviewer."""
    return MembershipFactory(event=team.event, role=Membership.Role.REVIEWER, user__username="severe").user


def reviewed(team: Team, scores: dict[User, int]) -> Application:
    """Return an application with scores by people."""
    application = ApplicationFactory(event=team.event)
    for person, score in scores.items():
        review.declare(application, person, conflict=False, at=AFTER_CLOSE)
        review.save_review(application, person, scores={"worth": score}, note="", at=AFTER_CLOSE)
    return application


def screen(team: Team) -> str:
    """Return the screen as the organiser sees it."""
    return client_of(team.organiser).get(f"{APPLICATIONS}calibration/{team.event.pk}/").content.decode()


def test_it_says_the_formula_who_is_severe_and_where_they_disagree(team: Team, severe: User) -> None:
    assert "Nobody has finished a review yet." in screen(team)
    near = reviewed(team, {team.reviewer: 8, severe: 6})
    far = reviewed(team, {team.reviewer: 9, severe: 3})
    assert "it is computed anew within a minute" in screen(team)
    client_of(team.organiser).post(f"{APPLICATIONS}calibration/{team.event.pk}/")
    shown = screen(team)
    assert "score = quality of the application + severity of the reviewer + error" in shown
    assert "it is computed anew" not in shown
    assert "+2.00" in shown
    assert "rests on 2 shared reviews alone" in shown
    assert shown.count("<circle") == 2
    disagreements = shown[shown.index('id="disagreements"') : shown.index('id="moved"')]
    assert str(far) in disagreements
    assert str(near) not in disagreements


def test_circles_are_told_in_words(team: Team, severe: User) -> None:
    reviewed(team, {team.reviewer: 8})
    reviewed(team, {severe: 3})
    calibrating.refresh(team.event, at=AFTER_CLOSE)
    assert "The reviewers form 2 circles" in screen(team)
    assert "severity unknown, taken as 0" in screen(team)
    with translation.override("fr"):
        client = client_of(team.organiser)
        french = client.get(f"{APPLICATIONS}calibration/{team.event.pk}/", headers={"Accept-Language": "fr"})
    assert "Les évaluateurs forment 2 cercles" in french.content.decode()


def test_nobody_else_sees_it(team: Team) -> None:
    for person in (team.reviewer, team.stranger):
        client = client_of(person)
        assert client.get(f"{APPLICATIONS}calibration/{team.event.pk}/").status_code == 404
        assert client.post(f"{APPLICATIONS}calibration/{team.event.pk}/").status_code == 404


def test_the_page_of_an_application_has_both_means_with_their_ranks(team: Team, severe: User) -> None:
    reviewed(team, {team.reviewer: 8, severe: 4})
    alone = reviewed(team, {severe: 7})
    calibrating.refresh(team.event, at=AFTER_CLOSE)
    shown = client_of(team.organiser).get(f"{APPLICATIONS}{alone.pk}/change/").content.decode()
    assert "7.00 / 10 (rank 1)" in shown
    assert "9.00 / 10 (rank 1)" in shown
    assert "severe&nbsp;−2.00" in shown


def test_the_dashboard_has_each_reviewers_mean_and_severity(team: Team, severe: User) -> None:
    reviewed(team, {team.reviewer: 8, severe: 4})
    calibrating.refresh(team.event, at=AFTER_CLOSE)
    shown = client_of(team.organiser).get(f"{APPLICATIONS}dashboard/{team.event.pk}/").content.decode()
    assert "+2.00" in shown
    assert "−2.00" in shown


def test_the_number_of_queries_does_not_grow(team: Team, severe: User, django_assert_num_queries: Any) -> None:
    client = client_of(team.organiser)
    counts = set()
    for number in (1, 3):
        while Application.objects.count() < number:
            reviewed(team, {team.reviewer: 9, severe: 3})
        calibrating.refresh(team.event, at=AFTER_CLOSE)
        with django_assert_num_queries(30, exact=False) as asked:
            client.get(f"{APPLICATIONS}calibration/{team.event.pk}/")
        counts.add(len(asked))
    assert len(counts) == 1


def test_the_widest_range_reaches_the_edge_and_what_is_unknown_has_none() -> None:
    rows = [
        Severity(reviewer=User(username="a"), severity=1, uncertainty=2, shared=5, reviews=5, mean_score=5, circle=1),
        Severity(
            reviewer=User(username="b"), severity=-1, uncertainty=None, shared=0, reviews=5, mean_score=5, circle=1
        ),
    ]
    wide, unknown = drawn(rows)
    assert (wide.dot, wide.left, wide.width) == (600, 200, 800)
    assert (unknown.dot, unknown.left, unknown.width) == (400, None, None)
    assert (wide.rests_on_few, unknown.rests_on_few) == (False, True)


@pytest.mark.parametrize(("severity", "is_clear"), [("0.31", True), ("-0.31", True), ("0.30", False), ("0", False)])
def test_a_severity_is_told_from_none_beyond_two_standard_errors_alone(severity: str, is_clear: bool) -> None:
    row = Severity(
        reviewer=User(username="a"), severity=Decimal(severity), uncertainty=Decimal("0.15"), shared=5, reviews=5
    )
    assert drawn([row])[0].is_clear is is_clear
