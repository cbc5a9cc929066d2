"""People who are taken for programs, on a phone, in both languages: they see why, lose nothing, and go on."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from questionnaire.models import Draft, Letter
from ravisit.testing.browser import expect_good
from ravisit.tests.browser.test_questionnaire_typing import PHONE, SAVED, address, open_event

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CONTINUE = ".rv-actions .ecl-button--primary"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_who_is_too_quick_or_has_a_hidden_field_filled_in_is_told_and_passes(
    open_page: Callable[..., Page], settings: Settings, language: str
) -> None:
    settings.MINIMUM_FILL_SECONDS = 3600
    page = open_page(viewport=PHONE)
    page.goto(address(open_event(), 1, language))
    for name, value in {"first_name": "Zoé", "family_name": "Müller", "email": "zoe@example.org"}.items():
        page.fill(f"[name={name}]", value)
    page.check(f"[name=language][value={language}]", force=True)
    page.click(CONTINUE)
    expect(page.locator("#doubt")).to_be_focused()
    expect_good(page)
    expect(page.locator("[name=email]")).to_have_value("zoe@example.org")
    expect(page.locator("#save-state")).to_have_text(SAVED[language])  # should the person leave it at that
    assert not Letter.objects.exists()

    settings.MINIMUM_FILL_SECONDS = 0
    page.fill("[name=page-topic]", "https://example.org", force=True)
    page.click(CONTINUE)
    page.click("#doubt a")
    expect(page.locator("[name=page-topic]")).to_be_focused()
    expect_good(page)
    page.fill("[name=page-topic]", "")
    page.click(CONTINUE)
    expect(page).to_have_url(re.compile("/questionnaire/2/"))
    assert Draft.objects.get().values["email"] == ["zoe@example.org"]
