"""Two devices, warnings, files, one's own data: each in both languages, with scripts and without."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from events import publishing
from events.models import Event
from questionnaire.models import Application, Draft, Upload
from questionnaire.tests import files
from questionnaire.tests.factories import QuestionFactory
from ravisit.testing.browser import expect_good
from ravisit.tests.browser.test_questionnaire_typing import (
    EVERY_WAY,
    PHONE,
    address,
    fill_first_page,
    open_event,
    press_continue,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def event() -> Event:
    """Return an event that is open now, with a question for a file."""
    event = open_event()
    QuestionFactory(section=event.sections.get(key="work"), key="cv", kind="file", order=9)
    QuestionFactory(section=event.sections.get(key="work"), key="practice", kind="long_text", order=10)
    publishing.touch(event)
    return event


@EVERY_WAY
def test_two_devices_show_both_answers_and_the_person_chooses(
    open_page: Callable[..., Page],
    page_problems: list[str],
    event: Event,
    language: str,
    scripts: bool,
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    fill_first_page(page, event, language)
    page.goto(address(event, 1, language))
    other = page.context.new_page()
    other.goto(address(event, 1, language))
    for name, value in {"first_name": "Ann", "family_name": "Ames"}.items():
        other.fill(f"[name={name}]", value)
    press_continue(other)
    for name, value in {"first_name": "Bea", "family_name": "Bell", "email": "bea@example.org"}.items():
        page.fill(f"[name={name}]", value)
    if scripts:  # what is typed does not overwrite by itself
        expect(page.locator("#save-state")).to_have_text(re.compile("another device|autre appareil"))
        page_problems.clear()  # the 409 that says so
    press_continue(page)
    conflict = page.locator("#conflict-first_name")
    expect(conflict).to_contain_text("Ann")
    expect(conflict).to_contain_text("Bea")
    saved = Draft.objects.get().values
    assert [saved[name] for name in ("first_name", "family_name", "email")] == [["Ann"], ["Ames"], ["bea@example.org"]]
    expect_good(page)
    page.check("[name=keep-first_name][value^=here]", force=True)
    page.check("[name=keep-family_name][value^=saved]", force=True)
    press_continue(page)
    expect(page).to_have_url(re.compile("/questionnaire/2/"))
    chosen = Draft.objects.get().values
    assert (chosen["first_name"], chosen["family_name"]) == (["Bea"], ["Ames"])


@EVERY_WAY
def test_an_answer_that_names_an_offender_is_pointed_at_and_nothing_is_blocked(
    open_page: Callable[..., Page], event: Event, language: str, scripts: bool
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    fill_first_page(page, event, language)
    page.select_option("[name=country]", "FR")
    page.fill("[name=practice]", "Le détenu Karim Benali, born on 12 March 1985.")
    press_continue(page)
    expect(page.locator("#question-practice .rv-warning")).to_contain_text("détenu Karim Benali")
    if scripts:
        expect(page.locator("#warnings")).to_be_focused()
    expect_good(page)
    press_continue(page)
    expect(page).to_have_url(re.compile("/application/review/"))
    expect(page.locator(".rv-warning")).to_contain_text("12 March 1985")
    expect(page.locator("form[action$='/submit/'] button")).to_be_visible()


@EVERY_WAY
def test_a_file_is_given_downloaded_replaced_and_removed(
    open_page: Callable[..., Page], event: Event, language: str, scripts: bool
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    fill_first_page(page, event, language)
    page.select_option("[name=country]", "FR")
    pdf = {"name": "Zoé.pdf", "mimeType": "application/pdf", "buffer": files.PDF}
    page.set_input_files("[name=cv]", [{**pdf, "name": "virus.pdf", "buffer": files.HTML}])
    press_continue(page)
    expect(page.locator("#question-cv .ecl-feedback-message")).to_be_visible()
    page.set_input_files("[name=cv]", [pdf])
    press_continue(page)
    expect(page).to_have_url(re.compile("/application/review/"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Zoé.pdf").click()
    assert Path(download.value.path()).read_bytes() == files.PDF
    page.goto(address(event, 2, language))
    expect(page.locator("[data-kept=cv]")).to_contain_text("Zoé.pdf")
    expect_good(page)
    page.check("[name=remove-cv]", force=True)
    press_continue(page)
    assert not Upload.objects.exists()


@EVERY_WAY
def test_ones_own_data_is_read_taken_away_and_erased(
    open_page: Callable[..., Page], event: Event, language: str, scripts: bool
) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    fill_first_page(page, event, language)
    page.goto(f"/{language}/application/")
    page.locator("a[href$='/application/data/']").click()
    expect(page.get_by_text("Zoé Müller")).to_be_visible()
    expect_good(page)
    page.emulate_media(media="print")
    expect(page.locator(".rv-actions").first).to_be_hidden()
    page.emulate_media(media="screen")
    with page.expect_download() as download:
        page.locator("a[href$='/data/download/']").click()
    assert json.loads(Path(download.value.path()).read_text())["draft"]["typed"]["first_name"] == ["Zoé"]
    page.locator("a[href$='/data/erase/']").click()
    expect_good(page)
    page.locator("form[data-forget] button").click()
    expect(page.locator("h1")).to_have_text(re.compile("erased|effacées"))
    assert Application.objects.get().first_name == ""
    page.goto(f"/{language}/application/")
    expect(page).to_have_url(re.compile("/application/link/"))
