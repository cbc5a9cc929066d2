"""The dashboard in a real browser: accessible, whole on a phone and on paper, its files saved as files."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from events.models import Interpretation
from events.tests.factories import SessionFactory
from questionnaire.models import Answer, Quota
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import ApplicationFactory, QuestionFactory, ReviewFactory, SectionFactory
from questionnaire.tests.team import Team, make_team
from ravisit.testing.browser import accessibility_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 320, "height": 640}}


READ: dict[str, Callable[[Path], list[object]]] = {
    "csv": lambda path: list(csv.reader(path.open(encoding="utf-8-sig", newline=""))),
    "xlsx": lambda path: list(load_workbook(path).active.rows),
}


@pytest.fixture
def team() -> Team:
    """Return an event of which every part of the dashboard has something to show."""
    team = make_team()
    question = QuestionFactory(section=SectionFactory(event=team.event), kind="single_choice", options=["a", "b"])
    interpretation = QuestionFactory(section=question.section, kind="single_choice", options=["en_fr", "fr_en"])
    SessionFactory(event=team.event, floor_language="", interpretation=Interpretation.EN_FR)
    for values, limits in (("a", {"minimum": 1}), ("b", {"minimum": 2}), ("", {"maximum": 0})):
        Quota.objects.create(event=team.event, question=question, values=values, **limits)
    for country in ("FR", "FR", "DE"):
        application = ApplicationFactory(
            event=team.event, country=country, state=State.PROPOSED, outcome=Outcome.ACCEPT
        )
        Answer.objects.create(application=application, question=question, value="a")
        Answer.objects.create(application=application, question=interpretation, value="fr_en")
        ReviewFactory(application=application, reviewer=team.reviewer, mean_score=5)
    return team


@pytest.fixture
def visit(open_page: Callable[..., Page], site: str, team: Team) -> Callable[..., Page]:
    """Return a function that opens the dashboard as the event's organiser."""

    def visit(language: str = "en", size: str = "desk") -> Page:
        page = open_page(viewport=SIZES[size])
        client = Client()
        client.force_login(team.organiser)
        cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page.context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
        page.goto(f"/admin/questionnaire/application/dashboard/{team.event.pk}/")
        return page

    return visit


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_everybody_can_read_it(visit: Callable[..., Page], language: str, size: str) -> None:
    page = visit(language, size)
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator("#content summary").click()
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


def test_the_pictures_are_drawn(visit: Callable[..., Page]) -> None:
    page = visit()
    widths = [row.bounding_box() for row in page.locator("section[aria-labelledby='by-country'] rect").all()]
    assert [box is not None and box["width"] > 0 for box in widths] == [True, True]
    france, germany = (box["width"] for box in widths if box)
    assert france == pytest.approx(2 * germany, rel=0.05)


def test_on_paper_the_numbers_stand_open_and_nothing_is_to_press(visit: Callable[..., Page]) -> None:
    page = visit()
    expect(page.locator("#content details table")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator("#content details table")).to_be_visible()
    for useless in ("#header", ".object-tools", "#export", ".breadcrumbs"):
        expect(page.locator(useless)).to_be_hidden()


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_file_is_saved(visit: Callable[..., Page], file_format: str, tmp_path: Path) -> None:
    page = visit()
    with page.expect_download() as download:
        page.locator(f"button[value={file_format}]").click()
    assert download.value.suggested_filename.endswith(f".{file_format}")
    path = tmp_path / f"saved.{file_format}"
    download.value.save_as(path)
    assert len(READ[file_format](path)) == 4
