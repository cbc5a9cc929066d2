"""The screen of letters that failed: the reply of the server, and the address put right."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from events.tests.admin_pages import client_of
from questionnaire.models import Application, Letter, LetterKind, LetterStatus
from questionnaire.tests.factories import WHILE_OPEN, ApplicationFactory, small_questionnaire
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import letters

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return make_team(small_questionnaire())


def fail(team: Team, count: int = 1) -> list[Letter]:
    """Return letters that failed."""
    for application in ApplicationFactory.create_batch(count, event=team.event, first_name=PAYLOAD):
        letters.queue(LetterKind.RECEIPT, application, at=WHILE_OPEN)
    Letter.objects.update(status=LetterStatus.FAILED, due_at=None, last_code=550, last_reply=f"5.1.1 {PAYLOAD}")
    return list(Letter.objects.order_by("pk"))


def listed(team: Team, by: str = "organiser") -> Any:
    """Open the list."""
    return client_of(getattr(team, by)).get(f"/admin/questionnaire/letter/failed/{team.event.pk}/")


def correct(team: Team, letter: Letter, address: str, by: str = "organiser") -> Any:
    """Send the form with another address."""
    url = f"/admin/questionnaire/letter/address/{letter.application_id}/"
    return client_of(getattr(team, by)).post(url, {"address": address, "reason": "by phone"}, follow=True)


def test_the_list_shows_the_reply_and_the_way_out(team: Team) -> None:
    [letter] = fail(team)
    shown = listed(team).content.decode()
    assert "550" in shown
    assert "5.1.1 &lt;script&gt;" in shown
    assert "<script>alert" not in shown
    assert f"/admin/questionnaire/letter/address/{letter.application_id}/" in shown
    Letter.objects.update(status=LetterStatus.SENT, sent_at=WHILE_OPEN)
    assert "No letter of this event has failed." in listed(team).content.decode()


def test_the_address_is_changed_and_the_letter_leaves(team: Team) -> None:
    [letter] = fail(team)
    shown = correct(team, letter, "right@example.org").content.decode()
    assert "The address is changed; 1 letter leaves to it." in shown
    assert Letter.objects.get(status=LetterStatus.APPROVED).recipient == "right@example.org"
    page = client_of(team.organiser).get(f"/admin/questionnaire/letter/address/{letter.application_id}/")
    assert "olga" in page.content.decode()
    assert "by phone" in page.content.decode()


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("nonsense", "Enter one e-mail address"),
        ("taken@example.org", "There is another application under this address:"),
        ("", "This field is required."),
    ],
)
def test_an_error_is_said_and_nothing_is_lost(team: Team, address: str, error: str) -> None:
    [letter] = fail(team)
    ApplicationFactory(event=team.event, email="taken@example.org")
    shown = correct(team, letter, address).content.decode()
    assert error in shown
    assert 'value="by phone"' in shown
    assert not Letter.objects.filter(status=LetterStatus.APPROVED).exists()


def test_the_same_address_is_told_apart(team: Team) -> None:
    [letter] = fail(team)
    assert "This is the address as it stands." in correct(team, letter, letter.recipient).content.decode()


def test_all_of_them_leave_again_at_once(team: Team) -> None:
    fail(team, 2)
    url = f"/admin/questionnaire/letter/failed/{team.event.pk}/"
    shown = client_of(team.organiser).post(url, follow=True).content.decode()
    assert "2 letters are on their way once more." in shown
    assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.RETRY}


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_do_not_grow(team: Team, count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fail(team, count)
    client = client_of(team.organiser)
    with django_assert_num_queries(10):
        client.get(f"/admin/questionnaire/letter/failed/{team.event.pk}/")


@pytest.mark.parametrize("person", ["stranger", "reviewer"])
def test_others_change_no_address(team: Team, person: str) -> None:
    [letter] = fail(team)
    assert listed(team, person).status_code == 404
    assert correct(team, letter, "evil@example.org", person).status_code == 404
    assert not Application.objects.filter(email="evil@example.org").exists()
