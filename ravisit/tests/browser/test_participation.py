"""The participant's pages and the organisers' screens of them, on a phone, in both languages: within reach of all."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Page

from events.models import Event, Material
from events.tests.admin_pages import client_of
from questionnaire.models import Application, Feedback, Letter, LetterStatus, Replacement
from questionnaire.states import State
from questionnaire.tests.selecting import quota
from questionnaire.tests.taking_part import accepted, released_event, waiting
from questionnaire.tests.team import make_team
from questionnaire.tests.test_views_own import visitor
from questionnaire.workflow import attendance, feed, places, replacing
from ravisit.testing.browser import accessibility_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 320, "height": 640}
LANGUAGES = ("en", "fr")
SCREENS = ("replacements/", "programme/", "attendance/", "feedback/")
DAY = dt.timedelta(days=1)


def around(now: dt.datetime, *, days: int) -> Event:
    """Return an event that begins so many days from now, with everybody in some state."""
    event = released_event(places=4)
    first = (now + days * DAY).date()
    Event.objects.filter(pk=event.pk).update(
        first_day=first,
        last_day=first + DAY,
        answer_by=now + DAY,
        joining_link="https://meet.example.org/room",
        joining_opens_at=now - DAY,
    )
    event.refresh_from_db()
    Material.objects.create(
        event=event, title="Handout", file=ContentFile(b"%PDF", "x"), name="handout.pdf", visible_from=now - DAY
    )
    for name, country in (("Ada", "FR"), ("Bea", "DE"), ("Cem", "GR")):
        accepted(event, name, (5, 3), country=country)
    accepted(event, "Dot", (4, 2), country="FR", told=False)
    quota(event, "country", values="FR", minimum=2)
    waiting(event, "Eve", (3, 2), country="IT")
    Application.objects.filter(first_name__in=["Bea", "Cem"]).update(state=State.CONFIRMED)
    Application.objects.filter(first_name="Dot").update(state=State.TURNED_DOWN)
    feed.make(Application.objects.get(first_name="Cem"))
    return event


def enter(page: Page, site: str, session: str, language: str) -> None:
    """Give the browser a session and a language."""
    cookies = {"sessionid": session, "django_language": language}
    page.context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])


def problems_of(page: Page, address: str) -> list[str]:
    """Return what keeps somebody from using a page: what axe finds, and what is wider than the screen."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    found = accessibility_problems(page)
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("wider than the screen")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("days", [7, -3], ids=["before", "after"])
def test_the_participants_pages(open_page: Callable[..., Page], site: str, days: int, language: str) -> None:
    event = around(timezone.now(), days=days)
    people = {application.first_name: application for application in event.applications.all()}
    found = {}
    for name in ("Ada", "Cem", "Dot", "Eve"):
        page = open_page(viewport=PHONE)
        enter(page, site, visitor(people[name]).cookies["sessionid"].value, language)
        for address in ("participation/", ""):
            found[name, address] = problems_of(page, f"/{language}/application/{address}")
    if days < 0:
        attendance.mark(event, [people["Cem"].public_id], now=timezone.now())
        code = Application.objects.get(first_name="Cem").certificate_code
        page = open_page(viewport=PHONE)
        enter(page, site, visitor(people["Cem"]).cookies["sessionid"].value, language)
        own = "application/participation"
        for address in (f"{own}/feedback/", f"{own}/certificate/", f"certificates/{code}/"):
            found["Cem", address] = problems_of(page, f"/{language}/{address}")
    assert {place: problems for place, problems in found.items() if problems} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_colleague_comes_instead(open_page: Callable[..., Page], site: str, language: str) -> None:
    event = around(timezone.now(), days=7)
    cem, team = event.applications.get(first_name="Cem"), make_team(event)
    page = open_page(viewport=PHONE)
    enter(page, site, visitor(cem).cookies["sessionid"].value, language)
    assert problems_of(page, f"/{language}/application/participation/colleague/") == []
    for name, typed in (("first_name", "Léa"), ("family_name", "Østergård"), ("email", "lea@example.org")):
        page.fill(f"[name={name}]", typed)
    page.fill("[name=role]", "Psychologist")
    page.locator("main form button.ecl-button--primary").press("Enter")
    page.locator(".ecl-form-group--invalid, [aria-invalid=true]").first.wait_for()
    assert accessibility_problems(page) == []
    page.fill("[name=reason]", "I am called to court.")
    page.locator("main form button.ecl-button--primary").press("Enter")
    page.locator("button[value=take_back]").wait_for()
    assert accessibility_problems(page) == []
    request = Replacement.objects.get()
    replacing.agree(request, reason="Same team", by=team.organiser, at=timezone.now())
    lea = replacing.sign(request, by=team.second, at=timezone.now())
    page = open_page(viewport=PHONE)
    enter(page, site, visitor(lea).cookies["sessionid"].value, language)
    assert problems_of(page, f"/{language}/application/participation/") == []
    page.locator("button[value=confirm]").press("Enter")
    page.locator("#programme").wait_for()
    assert places.held(event) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_screens_of_organisers(open_page: Callable[..., Page], site: str, language: str) -> None:
    event = around(timezone.now(), days=0)
    team = make_team(event)
    colleague = replacing.Colleague("Léa", "Østergård", "lea@example.org", "fr", "Psychologist")
    cem = event.applications.get(first_name="Cem")
    replacing.agree(
        replacing.ask(cem, colleague, reason="On duty", now=timezone.now()),
        reason="Same team",
        by=team.organiser,
        at=timezone.now(),
    )
    Letter.objects.filter(application=cem).update(status=LetterStatus.FAILED, due_at=None, last_reply="550 unknown")
    for mark in (3, 4, 5):
        Feedback.objects.create(event=event, language="en", programme=mark, liked="PAIRS")
    page = open_page(viewport=PHONE)
    enter(page, site, client_of(team.organiser).cookies["sessionid"].value, language)
    of_promotion = ("", *(f"{event.pk}/{screen}" for screen in ("", *SCREENS)))
    screens = [
        *(f"promotion/{screen}" for screen in of_promotion),
        f"letter/failed/{event.pk}/",
        f"release/{event.pk}/",
        f"release/{event.pk}/answers/",
        f"letter/?event={event.pk}",
    ]
    found = {screen: problems_of(page, f"/admin/questionnaire/{screen}") for screen in screens}
    assert {screen: problems for screen, problems in found.items() if problems} == {}
