"""Taking applications out in the admin: who may, what comes, and what is put on record."""

import io
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook

from events.tests.admin_pages import client_of
from questionnaire.admin import export
from questionnaire.states import State
from questionnaire.tests.factories import ApplicationFactory, ReviewFactory
from questionnaire.tests.team import APPLICATIONS, Team, make_team
from questionnaire.tests.test_spreadsheet import read_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event with an applicant, and its team."""
    team = make_team()
    ApplicationFactory(event=team.event, family_name="Applicant", country="AT")
    return team


def take(client: Client, team: Team, **data: str) -> HttpResponse:
    """Press the button for everything."""
    url = f"{APPLICATIONS}export/{team.event.pk}/"
    return client.post(url, {"format": "csv", "language": "en", **data})


def choose(client: Client, ids: list[int], query: str = "", action: str = "export_csv", **data: str) -> HttpResponse:
    """Take an action for the chosen rows of the list."""
    return client.post(f"{APPLICATIONS}?{query}", {"action": action, "_selected_action": ids, **data})


def names(response: Any) -> list[str]:
    """Return the family names in a CSV answer."""
    assert response.status_code == 200
    return [row[4] for row in read_csv(b"".join(response))[1:]]


@pytest.mark.parametrize(
    ("person", "status"), [("organiser", 200), ("operator", 200), ("reviewer", 404), ("stranger", 404)]
)
def test_organisers_of_the_event_take_everything_out(team: Team, person: str, status: int) -> None:
    response = take(client_of(getattr(team, person)), team)
    assert response.status_code == status
    assert LogEntry.objects.count() == (status == 200)


def test_nobody_else_comes_near(team: Team) -> None:
    assert take(Client(), team).status_code == 302
    assert client_of(team.organiser).get(f"{APPLICATIONS}export/{team.event.pk}/").status_code == 405
    assert client_of(team.organiser).post(f"{APPLICATIONS}export/{'9' * 18}/").status_code == 404
    assert not LogEntry.objects.exists()


def test_a_forged_form_takes_nothing_out(team: Team) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(team.organiser)
    assert take(client, team).status_code == 403


@pytest.mark.parametrize("data", [{"format": "exe"}, {"language": "xx"}, {"format": ""}])
def test_odd_wishes_are_refused(team: Team, data: dict[str, str]) -> None:
    assert take(client_of(team.organiser), team, **data).status_code == 400


def test_csv_comes_as_a_stream_under_a_name(team: Team) -> None:
    response = take(client_of(team.organiser), team)
    assert response.streaming
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith(f'attachment; filename="{team.event.slug}-')
    assert "no-store" in response.headers["Cache-Control"]
    assert names(response) == ["Applicant"]


def test_xlsx_opens(team: Team) -> None:
    response: Any = take(client_of(team.organiser), team, format="xlsx", language="fr")
    sheet = load_workbook(io.BytesIO(b"".join(response))).active
    assert [cell.value for cell in sheet["E"]][1:] == ["Applicant"]


def test_what_was_taken_is_in_the_history_of_the_event(team: Team) -> None:
    client = client_of(team.organiser)
    take(client, team)
    shown = client.get(f"/admin/events/event/{team.event.pk}/history/").content.decode()
    assert "Applications exported as CSV: 1." in shown
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    in_french = client.get(f"/admin/events/event/{team.event.pk}/history/").content.decode()
    assert "Candidatures exportées au format CSV" in in_french
    assert "olga" in shown


def test_the_chosen_come_in_the_order_of_the_list(team: Team) -> None:
    rows = [ApplicationFactory(event=team.event, family_name=name) for name in ("C", "A", "B")]
    response = choose(client_of(team.organiser), [row.pk for row in rows], "o=1")
    assert names(response) == ["A", "B", "C"]


def test_all_that_the_filter_shows(team: Team) -> None:
    ApplicationFactory.create_batch(60, event=team.event, country="BE", family_name="Belgian")
    response = choose(client_of(team.organiser), ["1"], "country=BE", select_across="1")  # type: ignore[list-item]
    assert names(response) == ["Belgian"] * 60
    assert "60" in LogEntry.objects.get().change_message


def test_the_addresses_come_along_at_no_further_cost(team: Team, django_assert_max_num_queries: Any) -> None:
    rows = ApplicationFactory.create_batch(20, event=team.event)
    client = client_of(team.organiser)
    with django_assert_max_num_queries(30):
        content = b"".join(choose(client, [row.pk for row in rows])).decode()  # type: ignore[arg-type]
    assert all(row.email in content for row in rows)


def test_reviewers_have_no_such_action(team: Team) -> None:
    application = ApplicationFactory(event=team.event)
    ReviewFactory(application=application, reviewer=team.reviewer, mean_score=5)
    client = client_of(team.reviewer)
    assert "export" not in client.get(APPLICATIONS).content.decode()
    response = choose(client, [application.pk])
    assert not response.streaming
    assert "Content-Disposition" not in response.headers


def test_rows_of_another_event_or_drafts_do_not_come(team: Team) -> None:
    foreign, draft = ApplicationFactory(), ApplicationFactory(event=team.event, state=State.DRAFT)
    response = choose(client_of(team.organiser), [foreign.pk, draft.pk])
    assert names(response) == []


@pytest.mark.parametrize("whole", [True, False])
def test_too_long_for_xlsx_is_said_and_nothing_recorded(
    team: Team, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_ROWS_OF_XLSX", 1)
    ApplicationFactory(event=team.event)
    client = client_of(team.organiser)
    ids = list(team.event.applications.values_list("pk", flat=True))
    response = take(client, team, format="xlsx") if whole else choose(client, ids, action="export_xlsx")
    assert response.status_code == 302
    assert "too long for XLSX" in client.get(response.headers["Location"]).content.decode()
    assert not LogEntry.objects.exists()
