"""The selection board in a real browser: suggest, move, compare, restore, check, propose, sign. In both languages."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from events.tests.factories import EventFactory
from questionnaire.models import Pin, Tag, Target
from questionnaire.states import State
from questionnaire.tests.selecting import applicant, crowd, quota, selectable
from questionnaire.tests.team import Team, make_team
from ravisit.testing.browser import accessibility_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def team() -> Team:
    """Return an event with five places for thirty people, at most three of one country, and its team."""
    team = make_team(selectable(EventFactory(), places=5))
    quota(team.event, "country", maximum=3)
    quota(team.event, "country", values="AT", minimum=1)
    question = team.event.questions.get(key="country")
    Target.objects.create(event=team.event, question=question, values="AT", percent=40)
    crowd(team.event, 28)
    for name in ("Anna", "Bruno"):
        applicant(team.event, name, (4, 2), country="AT", organisation="Neustart, Graz")
    return team


def enter(page: Page, site: str, user: User, language: str) -> None:
    """Bring the cookies of somebody who is logged in."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [
            {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site},
            {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site},
        ]
    )


def check_page(page: Page) -> None:
    """Expect a page that axe finds nothing on."""
    assert accessibility_problems(page) == []


def press(page: Page, deed: str) -> None:
    """Send the form of a deed, and wait for what comes of it."""
    page.locator(f"form:has(input[value={deed}]) button[type=submit]").first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_board_from_the_first_suggestion_to_the_signature(
    open_page: Callable[..., Page], site: str, team: Team, language: str
) -> None:
    page = open_page(locale=language, java_script_enabled=True)
    enter(page, site, team.organiser, language)
    board = f"/admin/questionnaire/selectionrun/{team.event.pk}/"
    for address in ("/admin/questionnaire/selectionrun/", board):
        page.goto(address)
        check_page(page)

    press(page, "suggest")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator("svg.balance")).to_have_count(4)
    expect(page.locator("html")).to_have_attribute("lang", language)
    check_page(page)

    page.locator("input[name=name]").fill("Score alone")
    press(page, "name")
    row = page.locator("tr.is-out").first
    row.locator("summary").click()
    check_page(page)
    row.locator("input[name=reason]").fill("knows PAIRS")
    row.locator("button[name=side]").first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Pin.objects.get().reason == "knows PAIRS"
    check_page(page)

    page.locator("form[action$='/compare/'] button").click()
    expect(page.locator("thead").first).to_contain_text("Score alone")
    check_page(page)
    page.goto(board)
    page.get_by_role("link", name="Score alone").click()
    page.locator("button[value=restore]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Pin.objects.get().lifted_at is not None
    page.goto(f"{board}?print")
    check_page(page)
    page.goto(board)
    page.locator("#balance ~ .help a").first.click()
    check_page(page)
    page.locator("button[value=check]").click()
    expect(page.locator("#check")).to_be_visible()
    check_page(page)

    page.goto(board)
    press(page, "propose")
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert set(team.event.applications.values_list("state", flat=True)) == {State.PROPOSED}

    enter(page, site, team.second, language)
    page.locator("a[href$='/signature/']").first.click()
    check_page(page)
    page.locator("#sign ~ form button").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert set(team.event.applications.values_list("state", flat=True)) == {State.SIGNED_OFF}
    check_page(page)

    longest = {"family_name": "Weißenböck", "organisation": "Administration pénitentiaire (Lille)", "country": "LU"}
    team.event.applications.update(**longest, spread=3)
    Tag.objects.create(event=team.event, name="Call back").applications.add(*team.event.applications.all())
    page.goto("/admin/questionnaire/application/")
    hidden = "document.querySelector('.results').scrollWidth - document.querySelector('.results').clientWidth"
    assert page.evaluate(hidden) == 0
    check_page(page)


def test_a_conflict_of_quotas_is_readable(open_page: Callable[..., Page], site: str, team: Team) -> None:
    quota(team.event, "country", values="DE", minimum=2)
    page = open_page()
    enter(page, site, team.organiser, "en")
    page.goto(f"/admin/questionnaire/selectionrun/{team.event.pk}/")
    press(page, "suggest")
    expect(page.locator("#conflict")).to_be_visible()
    check_page(page)


def test_the_board_works_without_scripts_on_a_small_screen(
    open_page: Callable[..., Page], site: str, team: Team
) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": 320, "height": 640})
    enter(page, site, team.organiser, "en")
    page.goto(f"/admin/questionnaire/selectionrun/{team.event.pk}/")
    press(page, "suggest")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    hidden = "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)(document.querySelector('.stacked-table'))"
    assert page.evaluate(hidden) == 0  # each person with reasons and form
    row = page.locator("tr.is-in").first
    row.locator("summary").click()
    row.locator("input[name=reason]").fill("cannot come")
    row.locator("button[name=side]").first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Pin.objects.get().side == Pin.Side.OUT
