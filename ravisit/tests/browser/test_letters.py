"""Letters as a mail program on a phone shows them."""

from collections.abc import Callable
from email import message_from_bytes, policy

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from questionnaire.models import LetterKind, LetterTemplate
from questionnaire.tests.factories import ApplicationFactory, small_questionnaire
from questionnaire.workflow import letters

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_letter_with_its_long_link_fits_a_phone(open_page: Callable[..., Page], language: str) -> None:
    application = ApplicationFactory(event=small_questionnaire(), language=language)
    assert "{personal_link}" in LetterTemplate.objects.get(kind=LetterKind.RECEIPT).body_en
    letter = letters.queue(LetterKind.RECEIPT, application, at=timezone.now())
    page_of_letter = message_from_bytes(bytes(letter.mime), policy=policy.default).get_body(("html",))
    assert page_of_letter is not None
    page = open_page(viewport={"width": 320, "height": 640})
    page.set_content(page_of_letter.get_content())
    assert page.evaluate("document.documentElement.scrollWidth") == 320
