"""The preflight on the screen: everyone by name, with the way to put it right, and exceptions with their reasons."""

import re
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from events.models import Contact
from events.tests.admin_pages import client_of
from questionnaire.models import LetterKind, LetterTemplate, ReleaseException
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory, small_questionnaire
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import preflight

pytestmark = pytest.mark.django_db
READY = {"state": State.SIGNED_OFF, "outcome": Outcome.ACCEPT}


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    team = make_team(small_questionnaire())
    Contact.objects.create(event=team.event, name="A. Korn")
    return team


def ask(team: Team, query: str = "", by: str = "organiser") -> Any:
    """Open the page."""
    with time_machine.travel(AFTER_CLOSE, tick=False):
        return client_of(getattr(team, by)).get(f"/admin/questionnaire/release/{team.event.pk}/preflight/{query}")


def post(team: Team, query: str = "?show=unproved", by: str = "organiser", **data: Any) -> Any:
    """Send the form of the page."""
    url = f"/admin/questionnaire/release/{team.event.pk}/preflight/{query}"
    with time_machine.travel(AFTER_CLOSE, tick=False):
        return client_of(getattr(team, by)).post(url, data, follow=True)


def test_each_is_named_and_a_link_leads_to_where_it_is_put_right(team: Team) -> None:
    undecided = ApplicationFactory(event=team.event, family_name="Undecided")
    unread = ApplicationFactory(event=team.event, family_name="Unread", language="fr", **READY)
    LetterTemplate.objects.filter(kind=LetterKind.ACCEPTANCE).update(body_fr="")
    shown = ask(team).content.decode()
    template = LetterTemplate.objects.get(kind=LetterKind.ACCEPTANCE)
    links = dict(re.findall(r'<a href="([^"]*)">([^<]*)<span class="visually-hidden">: First', shown))
    assert links == {
        f"/admin/questionnaire/application/{undecided.pk}/change/": "no decision proposed",
        f"/admin/questionnaire/lettertemplate/{template.pk}/change/": "no letter in the applicant’s language",
    }
    assert str(unread) in shown
    assert "Applications without a proposed decision: 1." in shown


def test_markup_in_names_and_reasons_is_inert(team: Team) -> None:
    ApplicationFactory(event=team.event, first_name=PAYLOAD, email_proved_at=None, **READY)
    post(team, whom="everyone", reason=PAYLOAD)
    assert ReleaseException.objects.exists()
    for query in ("", "?show=excepted"):
        shown = ask(team, query).content.decode()
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


def test_who_signs_is_led_to_what_was_let_by_and_by_whom(team: Team) -> None:
    User.objects.filter(pk=team.organiser.pk).update(first_name="Anneke", last_name="de Vries")
    ApplicationFactory(event=team.event, email_proved_at=None, **READY)
    post(team, whom="everyone", reason="known to all")
    release = f"/admin/questionnaire/release/{team.event.pk}/"
    with time_machine.travel(AFTER_CLOSE, tick=False):
        assert f'href="{release}preflight/?show=excepted"' in client_of(team.second).get(release).content.decode()
    assert "known to all</bdi></q> (Anneke de Vries, " in ask(team, "?show=excepted", by="second").content.decode()


def test_a_placeholder_is_named_as_french_writes_it() -> None:
    lack = preflight.Lack(preflight.Check.NO_VALUE, "first_name")
    with translation.override("fr"):
        assert lack.label.endswith("\N{NO-BREAK SPACE}: {first_name}")


def test_organisers_are_told_where_replies_to_the_letters_go(team: Team) -> None:
    ApplicationFactory(event=team.event, **READY)
    for part in ("", "preflight/"):
        page = f"/admin/questionnaire/release/{team.event.pk}/{part}"
        assert "whoever replies writes to the sender" in client_of(team.organiser).get(page).content.decode()
    Contact.objects.update(email="a.korn@example.org")
    assert "whoever replies writes to the sender" not in ask(team).content.decode()


def test_the_list_has_pages(team: Team) -> None:
    ApplicationFactory.create_batch(51, event=team.event)
    assert "Page 1 of 2" in ask(team).content.decode()
    assert len(ask(team, "?p=2").context["rows"]) == 1
    assert ask(team, "?p=none").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_do_not_grow(team: Team, count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ApplicationFactory.create_batch(count, event=team.event, email_proved_at=None, **READY)
    post(team, whom="everyone", reason="known")
    client = client_of(team.organiser)
    with time_machine.travel(AFTER_CLOSE, tick=False), django_assert_num_queries(13):  # five are the preflight's
        client.get(f"/admin/questionnaire/release/{team.event.pk}/preflight/?show=excepted")


def test_some_are_let_by_with_a_reason_and_insisted_on_again(team: Team) -> None:
    first, second = ApplicationFactory.create_batch(2, event=team.event, email_proved_at=None, **READY)
    shown = post(team, whom="chosen", person=[first.pk], reason="rang them up").content.decode()
    assert "Let by for 1 person." in shown
    exception = ReleaseException.objects.get()
    assert (exception.application, exception.by, exception.reason) == (first, team.organiser, "rang them up")
    assert [person.pk for person, _ in ask(team).context["rows"]] == [second.pk]
    excepted = ask(team, "?show=excepted").content.decode()
    assert "rang them up" in excepted
    assert "olga" in excepted
    assert "1 exception taken back." in post(team, "", insist=exception.pk).content.decode()
    assert not ReleaseException.objects.exists()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"whom": "everyone", "reason": " "}, "This field is required"),
        ({"whom": "chosen", "reason": "known"}, "Nobody is chosen"),
        ({"reason": "known"}, "This field is required"),
    ],
)
def test_a_form_with_gaps_comes_again_with_what_was_typed(team: Team, data: dict[str, str], error: str) -> None:
    ApplicationFactory(event=team.event, email_proved_at=None, **READY)
    shown = post(team, **data).content.decode()
    assert error in shown
    assert not ReleaseException.objects.exists()
    if data["reason"].strip():
        assert data["reason"] in shown


def test_what_must_be_there_is_not_offered_to_be_let_by(team: Team) -> None:
    ApplicationFactory(event=team.event)
    assert "Let it by" not in ask(team, "?show=undecided").content.decode()
    assert post(team, "?show=undecided", whom="everyone", reason="no time").status_code == 400
    assert post(team, "", whom="everyone", reason="no time").status_code == 400


@pytest.mark.parametrize("person", ["1 or 1", "9" * 40])
def test_an_id_that_is_none(team: Team, person: str) -> None:
    assert post(team, person=person, whom="chosen", reason="x").status_code == 400


@pytest.mark.parametrize("person", ["stranger", "reviewer"])
def test_others_see_nothing_of_it(team: Team, person: str) -> None:
    ApplicationFactory(event=team.event, email_proved_at=None, **READY)
    assert ask(team, by=person).status_code == 404
    assert post(team, by=person, whom="everyone", reason="x").status_code == 404
    assert not ReleaseException.objects.exists()
