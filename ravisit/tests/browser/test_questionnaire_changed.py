"""Organisers change the questionnaire while somebody on a phone has a page of it open, with scripts and without."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from events import publishing
from questionnaire.models import Draft
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


@EVERY_WAY
def test_what_is_typed_into_a_question_that_moved_or_is_retired_is_kept_and_the_page_says_so(
    open_page: Callable[..., Page], language: str, scripts: bool
) -> None:
    event = open_event()
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    fill_first_page(page, event, language)
    event.questions.filter(key="why").update(section=event.sections.get(key="you"), order=99)
    event.questions.filter(key="far").update(retired=True)
    publishing.touch(event)
    page.select_option("[name=country]", "AT")
    page.fill("[name=why]", "To learn")
    page.fill("[name=far]", "From afar")
    if scripts:
        expect(page.locator("#save-state")).to_have_text(re.compile("has changed meanwhile|a changé entre-temps"))
        assert Draft.objects.get().values["why"] == ["To learn"]
    press_continue(page)
    expect(page.locator("#changed")).to_contain_text("From afar")
    if scripts:
        expect(page.locator("#changed")).to_be_focused()
    expect_good(page)
    assert (Draft.objects.get().values["why"], Draft.objects.get().values["far"]) == (["To learn"], ["From afar"])
    page.locator("#changed a").click()
    expect(page).to_have_url(re.compile(r"/questionnaire/1/#question-why"))
    expect(page.locator("[name=why]")).to_have_value("To learn")
    page.goto(address(event, 2, language))
    press_continue(page)
    expect(page).to_have_url(re.compile("/application/review/"))
