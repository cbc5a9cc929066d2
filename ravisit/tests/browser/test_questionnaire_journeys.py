"""Two devices, warnings, files, the check page, one's own data: each in both languages, with scripts and without."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from events import publishing
from events.models import Event
from questionnaire.models import Application, Draft, Upload
from questionnaire.tests import files
from questionnaire.tests.factories import QuestionFactory
from questionnaire.workflow import links
from ravisit.tests.browser.test_questionnaire_typing import PHONE, address, expect_good, fill_first_page, open_event

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BOTH_WAYS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
IN_BOTH_LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


@pytest.fixture
def event() -> Event:
    """Return an event that is open now, with a question for a file."""
    event = open_event()
    QuestionFactory(section=event.sections.get(key="work"), key="cv", kind="file", order=9)
    QuestionFactory(section=event.sections.get(key="work"), key="practice", kind="long_text", order=10)
    publishing.touch(event)
    return event


def go_on(page: Page) -> None:
    """Press "save and continue"."""
    page.click(".rv-actions .ecl-button--primary")
    page.wait_for_load_state()


@IN_BOTH_LANGUAGES
@BOTH_WAYS
@pytest.mark.parametrize(("keep", "stays"), [("here", "Bea"), ("saved", "Ann")])
def test_two_devices_show_both_answers_and_the_person_chooses(
    open_page: Callable[..., Page],
    page_problems: list[str],
    event: Event,
    language: str,
    scripts: bool,
    keep: str,
    stays: str,
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    fill_first_page(page, event, language)
    page.goto(address(event, 1, language))
    other = page.context.new_page()
    other.goto(address(event, 1, language))
    other.fill("[name=first_name]", "Ann")
    go_on(other)
    page.fill("[name=first_name]", "Bea")
    page.fill("[name=family_name]", "Bell")
    if scripts:  # what is typed does not overwrite by itself
        expect(page.locator("#save-state")).to_have_text(re.compile("another device|autre appareil"))
        page_problems.clear()  # the 409 that says so
    go_on(page)
    conflict = page.locator("#conflict-first_name")
    expect(conflict).to_contain_text("Ann")
    expect(conflict).to_contain_text("Bea")
    assert Draft.objects.get().values["first_name"] == ["Ann"]
    assert Draft.objects.get().values["family_name"] == ["Bell"]
    if scripts:
        expect_good(page)
    page.check(f"[name=keep-first_name][value^={keep}]", force=True)
    go_on(page)
    expect(page).to_have_url(re.compile("/questionnaire/2/"))
    assert Draft.objects.get().values["first_name"] == [stays]


@IN_BOTH_LANGUAGES
@BOTH_WAYS
def test_an_answer_that_names_an_offender_is_pointed_at_and_nothing_is_blocked(
    open_page: Callable[..., Page], event: Event, language: str, scripts: bool
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    fill_first_page(page, event, language)
    page.select_option("[name=country]", "FR")
    page.fill("[name=practice]", "Le détenu Karim Benali, born on 12 March 1985.")
    go_on(page)
    expect(page.locator("#question-practice .rv-warning")).to_contain_text("détenu Karim Benali")
    if scripts:
        expect(page.locator("#warnings")).to_be_focused()
        expect_good(page)
    go_on(page)
    expect(page).to_have_url(re.compile("/application/review/"))
    expect(page.locator(".rv-warning")).to_contain_text("12 March 1985")
    expect(page.locator("form[action$='/submit/'] button")).to_be_visible()


@IN_BOTH_LANGUAGES
@BOTH_WAYS
def test_a_file_is_given_downloaded_replaced_and_removed(
    open_page: Callable[..., Page], event: Event, language: str, scripts: bool
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    fill_first_page(page, event, language)
    page.select_option("[name=country]", "FR")
    pdf = {"name": "Zoé.pdf", "mimeType": "application/pdf", "buffer": files.PDF}
    page.set_input_files("[name=cv]", [{**pdf, "name": "virus.pdf", "buffer": files.HTML}])
    go_on(page)
    expect(page.locator("#question-cv .ecl-feedback-message")).to_be_visible()
    page.set_input_files("[name=cv]", [pdf])
    go_on(page)
    expect(page).to_have_url(re.compile("/application/review/"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Zoé.pdf").click()
    assert Path(download.value.path()).read_bytes() == files.PDF
    page.goto(address(event, 2, language))
    expect(page.locator("[data-kept=cv]")).to_contain_text("Zoé.pdf")
    if scripts:
        expect_good(page)
    page.check("[name=remove-cv]", force=True)
    go_on(page)
    assert not Upload.objects.exists()


@IN_BOTH_LANGUAGES
def test_progress_says_what_is_left_and_each_answer_has_its_way_back(
    open_page: Callable[..., Page], event: Event, language: str
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto(address(event, 1, language))
    expect(page.locator("#progress")).to_contain_text(re.compile("0 (of|sur) 2"))
    fill_first_page(page, event, language)
    expect(page.locator("#progress")).to_contain_text(re.compile("1 (of|sur) 2"))
    page.goto(f"/{language}/application/review/")
    links_back = page.locator(".rv-answers__edit")
    assert links_back.count() == page.locator("dt").count()
    links_back.nth(1).click()
    expect(page).to_have_url(re.compile(r"/questionnaire/1/#question-family_name"))


@IN_BOTH_LANGUAGES
@BOTH_WAYS
def test_ones_own_data_is_read_taken_away_and_erased(
    open_page: Callable[..., Page], event: Event, language: str, scripts: bool
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    fill_first_page(page, event, language)
    page.goto(f"/{language}/application/")
    page.locator("a[href$='/application/data/']").click()
    expect(page.get_by_text("Zoé Müller")).to_be_visible()
    if scripts:
        expect_good(page)
        page.emulate_media(media="print")
        expect(page.locator(".rv-actions").first).to_be_hidden()
        page.emulate_media(media="screen")
    with page.expect_download() as download:
        page.locator("a[href$='/data/download/']").click()
    assert json.loads(Path(download.value.path()).read_text())["draft"]["typed"]["first_name"] == ["Zoé"]
    page.locator("a[href$='/data/erase/']").click()
    if scripts:
        expect_good(page)
    page.locator("form[data-forget] button").click()
    expect(page.locator("h1")).to_have_text(re.compile("erased|effacées"))
    assert Application.objects.get().first_name == ""
    page.goto(f"/{language}/application/")
    expect(page).to_have_url(re.compile("/application/link/"))


@IN_BOTH_LANGUAGES
@BOTH_WAYS
def test_a_button_behind_the_letters_link_stops_reminders(
    open_page: Callable[..., Page], event: Event, language: str, scripts: bool
) -> None:
    fill_first_page(open_page(), event)
    stop = links.stop_address(Application.objects.get(), language)
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    page.goto(stop)
    if scripts:
        expect_good(page)
    assert Draft.objects.get().reminders_stopped_at is None
    page.locator("main form button").click()
    expect(page.locator(".ecl-notification--success")).to_be_visible()
    stopped_at = Draft.objects.get().reminders_stopped_at
    assert stopped_at is not None
    assert stopped_at <= timezone.now()
