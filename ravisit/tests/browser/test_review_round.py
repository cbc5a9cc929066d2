"""A whole round of reviews in a real browser: two organisers and two reviewers, of each one in French."""

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from events.models import Membership
from events.tests.factories import EventFactory, MembershipFactory
from questionnaire.models import Answer, Application, Assignment, Question, Review
from questionnaire.states import State
from questionnaire.tests.factories import ApplicationFactory
from questionnaire.tests.selecting import selectable
from questionnaire.tests.team import APPLICATIONS, Team, make_team
from ravisit.testing.browser import accessibility_problems
from ravisit.tests.browser.test_selection_board import enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def team() -> Team:
    """Return an event with two places for four people, and a team with two reviewers, of whom each reads alone."""
    event = selectable(EventFactory(places=2, reviews_per_application=1, shared_applications=0), places=2)
    team = make_team(event)
    MembershipFactory(event=event, role=Membership.Role.REVIEWER, user__username="second-reviewer")
    question = Question.objects.get(event=event, key="organisation")
    for name in ("Anna", "Bruno", "Chiara", "Dora"):
        application = ApplicationFactory(event=event, first_name=name, family_name="", organisation=f"Service {name}")
        Answer.objects.create(application=application, question=question, value=f"Service {name}")
    return team


def check_page(page: Page) -> None:
    """Expect a page that axe finds nothing on."""
    assert accessibility_problems(page) == [], page.url


def press(page: Page, selector: str) -> None:
    """Press a button by the keyboard, and wait for what comes of it."""
    button = page.locator(selector).first
    button.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def score_by_keyboard(page: Page, digits: str) -> None:
    """Give a score by each criterion with digits alone, and see it saved before any button is pressed."""
    page.locator("fieldset.scale input").first.focus()
    for digit in digits:
        with page.expect_response("**/autosave/"):
            page.keyboard.press(digit)
    expect(page.locator("[name=note]")).to_be_focused()


def review_everything(page: Page, *digits: str) -> None:
    """Work through the queue from the list, without a mouse."""
    page.goto(APPLICATIONS)
    check_page(page)
    press(page, "a[href*='/next/']")
    for given in digits:
        check_page(page)
        press(page, "button[name=conflict][value=no]")
        check_page(page)
        score_by_keyboard(page, given)
        press(page, "button[name=go][value=next]")
    expect(page.locator("#result_list")).to_be_visible()


def test_from_sharing_out_to_the_second_signature(open_page: Callable[..., Page], site: str, team: Team) -> None:
    members = Membership.objects.filter(event=team.event, role=Membership.Role.REVIEWER).order_by("pk")
    first_reviewer, second_reviewer = (member.user for member in members)
    people = {
        team.organiser: "en",
        team.second: "fr",
        first_reviewer: "en",
        second_reviewer: "fr",
    }
    pages: dict[object, Page] = {}
    for user, language in people.items():
        pages[user] = open_page(locale=language)
        enter(pages[user], site, user, language)

    organiser = pages[team.organiser]
    organiser.goto(f"{APPLICATIONS}assignment/{team.event.pk}/")
    check_page(organiser)
    press(organiser, "#content form button[type=submit]")
    check_page(organiser)
    assert Assignment.objects.count() == 4

    page = pages[first_reviewer]
    page.goto(f"{APPLICATIONS}next/{team.event.pk}/")
    press(page, "button[name=conflict][value=yes]")
    assert Assignment.objects.filter(reviewer=second_reviewer).count() == 3
    review_everything(page, "53")
    review_everything(pages[second_reviewer], "42", "31", "20")
    assert Review.objects.filter(mean_score__isnull=False).count() == 4

    organiser.goto(f"/admin/questionnaire/selectionrun/{team.event.pk}/")
    press(organiser, "form:has(input[value=suggest]) button[type=submit]")
    press(organiser, "form:has(input[value=propose]) button[type=submit]")
    expect(organiser.locator(".messagelist .success")).to_be_visible()
    assert set(Application.objects.values_list("state", flat=True)) == {State.PROPOSED}

    second = pages[team.second]
    second.goto(APPLICATIONS)
    check_page(second)
    second.locator("#action-toggle").check()
    second.locator("select[name=action]").select_option("sign_off")
    press(second, ".actions button[name=index]")
    press(second, "#content form [type=submit]")
    assert set(Application.objects.values_list("state", flat=True)) == {State.SIGNED_OFF}


def test_what_was_given_survives_a_lost_session(open_page: Callable[..., Page], site: str, team: Team) -> None:
    application = Application.objects.first()
    assert application is not None
    Assignment.objects.create(application=application, reviewer=team.reviewer, made_at=application.submitted_at)
    page = open_page()
    enter(page, site, team.reviewer, "en")
    page.goto(f"{APPLICATIONS}{application.pk}/change/")
    press(page, "button[name=conflict][value=no]")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("[name=note]").fill("half a thought")
    expect(page.locator("#save-state")).to_contain_text("log in again")
    enter(page, site, team.reviewer, "en")
    page.reload()
    expect(page.locator("[name=note]")).to_have_value("half a thought")
    expect(page.locator("#save-state")).to_contain_text("Saved at")
    assert Review.objects.get().note == "half a thought"
