"""The operators' screen of accounts."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from events.models import Membership
from events.tests.admin_pages import client_of, form_of
from events.tests.factories import MembershipFactory
from questionnaire.tests.factories import AssignmentFactory
from questionnaire.tests.team import Team, make_team

pytestmark = pytest.mark.django_db
ACCOUNTS = "/admin/auth/user/"


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


def test_the_operator_adds_an_account(team: Team) -> None:
    client = client_of(team.operator)
    data = {"username": "newcomer", "usable_password": "true", "password1": "a good long password"}
    response = client.post(f"{ACCOUNTS}add/", {**data, "password2": "a good long password"})
    assert response.status_code == 302
    shown = client.get(response.headers["Location"]).content.decode()
    assert "Give a new second factor" in shown
    assert "user_permissions" not in shown


@pytest.mark.parametrize("person", ["organiser", "reviewer", "stranger"])
def test_nobody_else_comes_near(team: Team, person: str) -> None:
    client = client_of(getattr(team, person))
    own = getattr(team, person).pk
    for address in ("", "add/", f"{own}/change/", f"{own}/password/"):
        assert client.get(ACCOUNTS + address).status_code == 403
    assert client.post(f"{ACCOUNTS}{own}/change/", {"is_superuser": "on", "username": "me"}).status_code == 403
    assert client.post(f"{ACCOUNTS}{own}/second-factor/").status_code == 403
    assert not TOTPDevice.objects.exists()


def test_a_second_factor_is_shown_once(team: Team) -> None:
    client = client_of(team.operator)
    assert client.get(f"{ACCOUNTS}{team.reviewer.pk}/second-factor/").status_code == 405
    response = client.post(f"{ACCOUNTS}{team.reviewer.pk}/second-factor/")
    shown = response.content.decode()
    assert "otpauth://totp/" in shown
    assert "no-store" in response.headers["Cache-Control"]
    assert TOTPDevice.objects.get().user == team.reviewer
    assert client.post(f"{ACCOUNTS}{'9' * 18}/second-factor/").status_code == 302


@pytest.mark.parametrize("model", [Group, TOTPDevice, StaticDevice])
def test_there_are_no_other_screens_of_rights_and_secrets(model: type) -> None:
    assert not admin.site.is_registered(model)


def test_whose_access_is_taken_away_hands_on_what_they_were_to_review(team: Team) -> None:
    colleague = MembershipFactory(event=team.event, role=Membership.Role.REVIEWER).user
    application = AssignmentFactory(application__event=team.event, reviewer=team.reviewer).application
    client = client_of(team.operator)
    url = f"{ACCOUNTS}{team.reviewer.pk}/change/"
    data = form_of(client, url)
    del data["is_active"]
    assert client.post(url, data).status_code == 302
    assert application.assignments.get().reviewer == colleague


def test_accounts_are_not_deleted(team: Team) -> None:
    assert client_of(team.operator).post(f"{ACCOUNTS}{team.reviewer.pk}/delete/", {"post": "yes"}).status_code == 403
