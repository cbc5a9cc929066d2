"""Building a questionnaire in a real browser: by mouse, by keyboard, without scripts; and its preview, EN and FR."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from events.models import Event, Membership
from questionnaire import study_visit
from questionnaire.models import Question
from questionnaire.workflow import outline
from ravisit.testing.browser import accessibility_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 320, "height": 640}
SAVED = {"en": "The order is saved.", "fr": "L’ordre est enregistré."}
AT = datetime(2021, 11, 10, 12, tzinfo=UTC)


@pytest.fixture
def event() -> Event:
    """Return the Paris study visit with an organiser."""
    event = study_visit.load(now=AT).event
    organiser = User.objects.create_user("organiser", is_staff=True)
    Membership.objects.create(event=event, user=organiser, role=Membership.Role.ORGANISER)
    return event


def log_in(page: Page, site: str, language: str = "en") -> Page:
    """Give a page the session of the organiser, in a language."""
    client = Client()
    client.force_login(User.objects.get(username="organiser"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {settings.SESSION_COOKIE_NAME: session, settings.LANGUAGE_COOKIE_NAME: language}
    page.context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
    return page


def builder(event: Event, page: str = "builder") -> str:
    """Return the path of a page about the questionnaire."""
    return f"/admin/questionnaire/section/event/{event.pk}/{page}/"


def keys(event: Event, section: str) -> list[str]:
    """Return the keys of a section's questions in order."""
    parts = outline.read(event).parts
    return [question.key for part in parts if part.section.key == section for question in part.questions]


def row(page: Page, event: Event, key: str) -> Locator:
    """Return a question in the outline."""
    return page.locator(f"#question-{Question.objects.get(event=event, key=key).pk}")


def drag(page: Page, handle: Locator, target: Locator) -> None:
    """Drag a handle to just above the middle of another row."""
    handle.scroll_into_view_if_needed()
    start, end = handle.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 10, end["y"] + end["height"] / 4, steps=5)
    page.mouse.up()


@pytest.mark.parametrize(("language", "options"), [("en", {}), ("fr", {"viewport": PHONE})])
def test_dragging_within_a_section_and_into_another(
    open_page: Callable[..., Page], site: str, event: Event, language: str, options: dict[str, object]
) -> None:
    page = log_in(open_page(**options), site, language)
    page.goto(builder(event))
    email, first_name = row(page, event, "email"), row(page, event, "first_name")
    drag(page, email.locator(".handle"), first_name)
    expect(page.get_by_text(SAVED[language])).to_be_in_viewport()
    assert keys(event, "you") == ["email", "first_name", "family_name", "letter_language"]
    expect(email.locator(".arrow").first).to_be_focused()

    drag(page, row(page, event, "country").locator(".handle"), row(page, event, "letter_language"))
    expect(page.get_by_text(SAVED[language])).to_be_in_viewport()
    assert keys(event, "you") == ["email", "first_name", "family_name", "country", "letter_language"]
    assert "country" not in keys(event, "your_work")


def test_a_drag_that_would_break_the_form_snaps_back_with_the_reason(page: Page, site: str, event: Event) -> None:
    before = keys(event, "motivation")
    log_in(page, site).goto(builder(event))
    drag(page, row(page, event, "earlier_ran_which").locator(".handle"), row(page, event, "guiding_questions"))
    expect(page.get_by_text("comes later; only the answer to an earlier question is known")).to_be_in_viewport()
    assert keys(event, "motivation") == before


def test_escape_ends_a_drag(page: Page, site: str, event: Event) -> None:
    before = keys(event, "you")
    log_in(page, site).goto(builder(event))
    handle, target = row(page, event, "email").locator(".handle"), row(page, event, "first_name")
    start, end = handle.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 10, end["y"] + 5, steps=3)
    expect(row(page, event, "email")).to_have_class("question-item dragged")
    page.keyboard.press("Escape")
    expect(row(page, event, "email")).to_have_class("question-item")
    page.mouse.up()
    expect(row(page, event, "email").locator(".place")).to_have_value("3")
    assert keys(event, "you") == before


@pytest.mark.parametrize("scripts", [True, False])
def test_by_keyboard_alone(open_page: Callable[..., Page], site: str, event: Event, scripts: bool) -> None:
    page = log_in(open_page(java_script_enabled=scripts), site)
    page.goto(builder(event))
    row(page, event, "email").get_by_role("button", name="up").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The order is saved.")).to_be_in_viewport()
    assert keys(event, "you")[1] == "email"
    number = row(page, event, "letter_language").locator(".place")
    number.fill("1")
    number.press("Enter")
    expect(row(page, event, "letter_language").locator(".place")).to_have_value("1")
    assert keys(event, "you") == ["letter_language", "first_name", "email", "family_name"]


@pytest.mark.parametrize("scripts", [True, False])
def test_options_and_rows_are_out_of_the_way_of_types_without_them(
    open_page: Callable[..., Page], site: str, event: Event, scripts: bool
) -> None:
    page = log_in(open_page(java_script_enabled=scripts), site)
    page.goto(f"/admin/questionnaire/question/{Question.objects.get(event=event, key='motivation').pk}/change/")
    options, rows = page.locator("#options-group"), page.locator("#rows-group")
    shown_how = page.locator("[name=display]")
    expect(options).to_be_visible(visible=not scripts)
    expect(shown_how).to_be_visible(visible=not scripts)
    page.select_option("[name=kind]", "single_choice")
    expect(shown_how).to_be_visible()
    page.select_option("[name=kind]", "matrix")
    expect(options).to_be_visible()
    expect(rows).to_be_visible()
    expect(shown_how).to_be_visible(visible=not scripts)
    page.fill("[name=options-0-key]", "good")
    page.select_option("[name=kind]", "date")
    expect(options).to_be_visible()
    expect(rows).to_be_visible(visible=not scripts)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_is_accessible_and_fits_a_phone(
    open_page: Callable[..., Page], site: str, event: Event, language: str
) -> None:
    Question.objects.filter(key="country").update(stale=["label_fr"], label_fr="")
    question = Question.objects.get(key="country").pk
    page = log_in(open_page(viewport=PHONE), site, language)
    paths = [builder(event), builder(event, "copy"), f"{builder(event, 'preview')}?language={language}"]
    for path in [*paths, f"/admin/questionnaire/question/{question}/change/", "/admin/questionnaire/section/"]:
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        assert accessibility_problems(page) == [], path
    for path in paths:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


@pytest.mark.parametrize("language", ["en", "fr"])
def test_on_a_phone_every_input_of_a_row_is_in_sight_below_its_name(
    open_page: Callable[..., Page], site: str, event: Event, language: str
) -> None:
    page = log_in(open_page(viewport=PHONE), site, language)
    question = Question.objects.get(event=event, key="organisation_type")
    page.goto(f"/admin/questionnaire/question/{question.pk}/change/")
    options, condition = page.locator("#options-group"), page.locator("#conditions-group")
    options.locator(".add-row").get_by_role("button").click()
    number = question.options.count()
    for name in ("order", "key", "label_en", "label_fr", "opens_text", "retired"):
        expect(options.locator(f"label[for=id_options-{number + 1}-{name}]")).to_be_visible()
    for group in (options, condition):
        assert group.locator(".tabular").evaluate("table => table.scrollWidth <= table.clientWidth")
        for box in group.locator("input:visible, select:visible").all():
            place = box.bounding_box()
            assert place is not None
            assert place["x"] >= 0
            assert place["x"] + place["width"] <= PHONE["width"]


@pytest.mark.parametrize("scripts", [True, False])
def test_the_preview_is_live_and_keeps_what_was_typed_in_both_languages(
    open_page: Callable[..., Page], site: str, event: Event, scripts: bool
) -> None:
    page = log_in(open_page(java_script_enabled=scripts), site)
    page.goto(builder(event, "preview"))
    which = page.locator("#question-earlier_ran_which")
    expect(which).to_be_hidden()
    page.locator('[name="earlier_ran"][value="yes"]').check(force=True)
    if not scripts:
        page.get_by_role("button", name="Show what follows").click()
    expect(which).to_be_visible()
    expect(which).to_contain_text("Shown when:")
    page.fill('[name="earlier_ran_which"]', "Berlin, 2019")
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator('[name="earlier_ran_which"]')).to_have_value("Berlin, 2019")
    expect(page.locator("#question-first_name")).to_contain_text("Prénom")
    page.locator("[name=check]").click()
    expect(page.locator("#errors")).to_be_visible()
    assert accessibility_problems(page) == []
