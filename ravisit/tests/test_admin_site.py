"""The way into the admin, and its first page."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from events.tests.admin_pages import client_of
from questionnaire.tests.factories import ApplicationFactory, AssignmentFactory, ReviewFactory
from questionnaire.tests.team import APPLICATIONS, Team, make_team
from ravisit import second_factor
from ravisit.admin_site import SecondFactorForm

pytestmark = pytest.mark.django_db
PAGES = ["/admin/", "/admin/events/event/", "/admin/questionnaire/application/", "/admin/auth/user/"]


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


@pytest.fixture
def strict(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for a second factor, as production does."""
    settings.REQUIRE_2FA = True
    monkeypatch.setattr(admin.site, "login_form", SecondFactorForm)


def code(user: User) -> str:
    """Return what the person's authenticator app shows now."""
    device = TOTPDevice.objects.get(user=user)
    return f"{TOTP(device.bin_key).token():06d}"


def log_in(client: Client, user: User, **fields: str) -> Any:
    """Send the login form."""
    user.set_password("a good long password")
    user.save()
    data = {"username": user.username, "password": "a good long password", "next": "/admin/", **fields}
    return client.post("/admin/login/", data)


@pytest.mark.parametrize("page", PAGES)
def test_without_a_second_factor_no_page_opens(team: Team, strict: None, page: str) -> None:
    response = client_of(team.operator).get(page)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/admin/login/")


def test_an_empty_name_of_a_column_is_refused(team: Team) -> None:
    client = client_of(team.operator)
    page = f"/admin/auth/user/{team.reviewer.pk}/change/"
    assert client.get(page, {"_to_field": ""}).status_code == 400
    assert client.post(page, {"_to_field": ""}).status_code == 400


def test_a_password_alone_is_not_enough(team: Team, strict: None, client: Client) -> None:
    second_factor.enrol(team.organiser)
    assert log_in(client, team.organiser).status_code == 200
    assert log_in(client, team.organiser, otp_token="000000").status_code == 200
    assert client.get("/admin/").status_code == 302


def test_password_and_code_open_the_admin(team: Team, strict: None, client: Client) -> None:
    second_factor.enrol(team.organiser)
    assert "Code from your authenticator app" in client.get("/admin/login/").content.decode()
    assert log_in(client, team.organiser, otp_token=code(team.organiser)).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_an_emergency_code_works_once(team: Team, strict: None) -> None:
    enrolment = second_factor.enrol(team.organiser)
    first, second = Client(), Client()
    assert log_in(first, team.organiser, otp_token=enrolment.emergency_codes[0]).status_code == 302
    assert log_in(second, team.organiser, otp_token=enrolment.emergency_codes[0]).status_code == 200


def test_where_none_is_required_the_form_asks_for_none(client: Client) -> None:
    assert "authenticator" not in client.get("/admin/login/").content.decode()


def test_organisers_see_what_stands_before_the_promise(team: Team) -> None:
    ApplicationFactory.create_batch(3, event=team.event)
    shown = client_of(team.organiser).get("/admin/").content.decode()
    assert team.event.title in shown
    assert f"?event={team.event.pk}&amp;state=submitted" in shown
    assert f"/admin/questionnaire/release/{team.event.pk}/" in shown


@pytest.mark.parametrize("person", ["reviewer", "stranger"])
def test_others_do_not(team: Team, person: str) -> None:
    shown = client_of(getattr(team, person)).get("/admin/").content.decode()
    assert f"/admin/questionnaire/release/{team.event.pk}/" not in shown


def test_reviewers_see_how_far_they_are(team: Team) -> None:
    client = client_of(team.reviewer)
    assert "nothing is assigned to you yet" in client.get("/admin/").content.decode()
    for number in range(3):
        row = AssignmentFactory(application__event=team.event, reviewer=team.reviewer)
        ReviewFactory(application=row.application, reviewer=team.reviewer, mean_score=5 if number else None)
    shown = client.get("/admin/").content.decode()
    assert "2 of 3 reviewed, 1 left" in shown
    assert f"{APPLICATIONS}next/{team.event.pk}/" in shown


def test_reviewers_find_the_applications(team: Team) -> None:
    shown = client_of(team.reviewer).get("/admin/").content.decode()
    assert "/admin/questionnaire/application/" in shown
    assert "/admin/questionnaire/letter/" not in shown
    assert "/admin/auth/user/" not in shown


def test_the_language_is_switched_by_post_and_stays(team: Team) -> None:
    client = client_of(team.organiser)
    response = client.post("/i18n/setlang/", {"language": "fr", "next": "/admin/events/event/"})
    assert response.headers["Location"] == "/admin/events/event/"
    assert '<html lang="fr"' in client.get("/admin/").content.decode()


def test_the_language_switch_leads_nowhere_else(team: Team) -> None:
    response = client_of(team.organiser).post("/i18n/setlang/", {"language": "fr", "next": "//evil.example/"})
    assert "evil" not in response.headers["Location"]


def test_the_language_switch_is_on_the_login_page(client: Client) -> None:
    shown = client.get("/admin/login/").content.decode()
    assert 'action="/i18n/setlang/"' in shown
    assert "Français" in shown


def test_pages_name_the_clock(team: Team) -> None:
    assert (
        "All times on these pages are those of Europe/Paris."
        in client_of(team.organiser).get("/admin/").content.decode()
    )


def test_organisers_start_from_the_steps_of_their_own_events(team: Team) -> None:
    other = ApplicationFactory().event
    page = client_of(team.organiser).get("/admin/").content.decode()
    for address in (
        f"/admin/questionnaire/section/event/{team.event.pk}/builder/",
        f"/admin/questionnaire/application/?event={team.event.pk}&amp;state=proposed",
        f"/admin/questionnaire/release/{team.event.pk}/",
    ):
        assert f'href="{address}"' in page
    assert f"/release/{other.pk}/" not in page
    assert "event-steps" not in client_of(team.reviewer).get("/admin/").content.decode()
