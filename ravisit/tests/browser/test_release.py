"""The pages of a release in a real browser: figures that move by themselves, everything within reach of everybody."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Event
from events.tests.admin_pages import client_of
from questionnaire.admin import sending
from questionnaire.models import Letter, LetterStatus
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, DECISION_HOUR, ApplicationFactory, small_questionnaire
from questionnaire.tests.releasing import release
from questionnaire.tests.team import Team, make_team
from questionnaire.tests.test_outbox import REFUSED, Clock, ScriptedTransport
from questionnaire.workflow import decision, waves
from questionnaire.workflow.due import do_what_is_due
from ravisit.testing.browser import accessibility_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def team() -> Team:
    """Return an event with nine signed decisions."""
    team = make_team(small_questionnaire())
    ApplicationFactory.create_batch(9, event=team.event, state=State.SIGNED_OFF, outcome=Outcome.ACCEPT)
    return team


@pytest.fixture
def visit(open_page: Callable[..., Page], site: str, team: Team) -> Callable[..., Page]:
    """Return a function that opens a page as the event's organiser, in a language, on a narrow screen."""

    def visit(address: str, language: str = "en", width: int = 1280) -> Page:
        page = open_page(viewport={"width": width, "height": 900})
        cookies = {settings.LANGUAGE_COOKIE_NAME: language}
        cookies["sessionid"] = client_of(team.organiser).cookies["sessionid"].value
        page.context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
        page.goto(address)
        return page

    return visit


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_figures_move_by_themselves(
    visit: Callable[..., Page], team: Team, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(sending, "EVERY", 1)
    release(team.event, by=team.organiser, second=team.second, at=AFTER_CLOSE)
    do_what_is_due(Clock(DECISION_HOUR), lambda: ScriptedTransport([REFUSED]))
    page = visit(f"/admin/questionnaire/release/{team.event.pk}/", language)
    status = page.locator("#progress [role=status]")
    expect(status).to_contain_text("4")
    assert accessibility_problems(page) == []
    Letter.objects.filter(status=LetterStatus.APPROVED).update(
        status=LetterStatus.SENT, sent_at=timezone.now(), due_at=None
    )
    expect(status).to_contain_text("8")
    assert page.locator("progress").get_attribute("value") == "8"
    assert accessibility_problems(page) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_others_are_let_go_by_keyboard(visit: Callable[..., Page], team: Team, language: str) -> None:
    release(team.event, by=team.organiser, second=team.second, at=AFTER_CLOSE)
    do_what_is_due(Clock(DECISION_HOUR), lambda: ScriptedTransport([REFUSED]))
    waves.advance(at=DECISION_HOUR)
    page = visit(f"/admin/questionnaire/release/{team.event.pk}/", language, width=400)
    page.locator("button[value=let_go]").press("Enter")
    page.locator(".messagelist .success").wait_for()
    do_what_is_due(Clock(DECISION_HOUR + dt.timedelta(minutes=1)), ScriptedTransport)
    assert Letter.objects.filter(status=LetterStatus.SENT).count() == 8


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_address_never_proved_is_let_by(visit: Callable[..., Page], team: Team, language: str) -> None:
    Event.objects.update(closes_at=AFTER_CLOSE - dt.timedelta(days=1))
    team.event.applications.update(email_proved_at=None)
    page = visit(f"/admin/questionnaire/release/{team.event.pk}/preflight/", language)
    assert accessibility_problems(page) == []
    page.locator("a[href='?show=unproved']").press("Enter")
    page.locator("input[name=whom][value=everyone]").check()
    page.locator("textarea[name=reason]").fill("known to all")
    assert accessibility_problems(page) == []
    page.locator("#content button.default").press("Enter")
    page.locator(".messagelist .success").wait_for()
    decision.order_release(team.event, by=team.organiser, at=AFTER_CLOSE)
