"""From an empty section to the published form, as an organiser builds it on a phone."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from events.models import Event, Membership
from events.tests.factories import EventFactory
from questionnaire.models import Question
from questionnaire.tests.factories import small_questionnaire
from ravisit.testing.browser import expect_good
from ravisit.tests.browser.test_builder import PHONE, builder, log_in
from ravisit.tests.browser.test_questionnaire_typing import EVERY_WAY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MISSING = {"en": "This text is missing in French.", "fr": "Il manque la version de ce texte en français."}
RETIRED = {
    "en": "is retired, so there will be no answer to it",
    "fr": "est retirée\u00a0: elle n’aura donc pas de réponse",
}
LATER = {"en": "only the answer to an earlier question", "fr": "seule la réponse à une question précédente"}


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire that is not published yet, and its organiser."""
    event = small_questionnaire(EventFactory(published=False))
    organiser = User.objects.create_user("organiser", is_staff=True)
    Membership.objects.create(event=event, user=organiser, role=Membership.Role.ORGANISER)
    return event


def save(page: Page, **values: str) -> None:
    """Type into the page of a section, a question or an event, and save it."""
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=_save]").click()
    page.wait_for_load_state()


def publish(page: Page, event: Event) -> None:
    """Tick that the event is published, and save it."""
    page.goto(f"/admin/events/event/{event.pk}/change/")
    page.locator("[name=published]").check()
    save(page)


@EVERY_WAY
def test_a_section_with_a_choice_and_a_question_that_depends_on_it_is_built_put_right_and_published(
    open_page: Callable[..., Page], site: str, event: Event, language: str, scripts: bool
) -> None:
    page = log_in(open_page(viewport=PHONE, java_script_enabled=scripts), site, language)
    page.goto(builder(event))
    page.locator(".submit-row a").click()
    save(page, key="travel", title_en="Travel", title_fr="Voyage")

    page.locator(".section-item", has_text="travel").locator("a[href*='/question/add/']").click()
    page.locator("[name=kind]").select_option("single_choice")
    options = {"options-0-key": "train", "options-0-label_en": "By train", "options-0-label_fr": "En train"}
    save(page, key="means", label_en="How do you travel?", **options)
    expect(page.locator(".errorlist")).to_contain_text(MISSING[language])
    save(page, label_fr="Comment voyagez-vous ?")
    means = Question.objects.get(event=event, key="means")

    expect(page).to_have_url(re.compile(rf"/builder/#question-{means.pk}"))
    page.locator(f"#question-{means.pk} a[href*='/question/add/']").click()
    page.locator("[name=kind]").select_option("short_text")
    page.locator("[name=conditions-0-depends_on]").select_option(str(means.pk))
    expect_good(page)
    save(page, key="station", label_en="From where?", label_fr="D’où ?", **{"conditions-0-values": "train"})
    station = Question.objects.get(event=event, key="station")

    Question.objects.filter(pk=means.pk).update(retired=True)
    publish(page, event)
    expect(page.locator(".errorlist")).to_contain_text(RETIRED[language])
    page.locator(".errorlist a").first.click()
    expect(page).to_have_url(re.compile(rf"/question/{station.pk}/change/#conditions-group"))
    Question.objects.filter(pk=means.pk).update(retired=False)
    publish(page, event)
    event.refresh_from_db()
    assert event.published

    page.goto(builder(event))
    page.locator(f"[value=question-{station.pk}-up]").click()
    expect(page.get_by_text(LATER[language])).to_be_in_viewport()
    expect_good(page)
    page.goto(f"{builder(event, 'preview')}?language={language}")
    expect(page.locator("#question-means")).to_be_visible()


@EVERY_WAY
def test_the_questionnaire_of_another_event_is_copied(
    open_page: Callable[..., Page], site: str, event: Event, language: str, scripts: bool
) -> None:
    target = EventFactory(published=False)
    Membership.objects.create(event=target, user=User.objects.get(), role=Membership.Role.ORGANISER)
    page = log_in(open_page(viewport=PHONE, java_script_enabled=scripts), site, language)
    page.goto(builder(target))
    page.locator("a[href$='/copy/']").click()
    page.locator("#content select").select_option(str(event.pk))
    page.locator("#content [type=submit]").click()
    expect(page).to_have_url(re.compile(rf"/event/{target.pk}/builder/"))
    expect(page.locator(".question-item")).to_have_count(event.questions.count())
    expect_good(page)
