"""The whole Paris questionnaire by the keys of a keyboard alone: it can be done, and what has the focus is in sight."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Event
from questionnaire import study_visit
from questionnaire.models import Application
from ravisit.tests.browser.test_questionnaire_typing import PHONE, address

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = {"width": 1280, "height": 720}
TYPED = {"first_name": "Zoé", "family_name": "Müller", "email": "zoe@example.org"}
SENTENCE = "I lead a team that prepares releases, and wish to learn how prison and probation share what they know."
MOST_STOPS = 80

# What has the focus, and whether it can be seen: of a box to tick, all its words; of a text, the line with the caret.
FOCUS = """() => {
    const focus = document.activeElement;
    const shown = focus.matches("[type=radio], [type=checkbox]") ? focus.labels[0] : focus;
    const { top, left, right, height } = shown.getBoundingClientRect();
    const bottom = top + (focus.localName === "textarea" ? Math.min(height, 32) : height);
    const onTop = document.elementFromPoint(left + Math.min(12, (right - left) / 2), (top + bottom) / 2);
    return {
        kind: focus.type ?? focus.localName,
        name: focus.name ?? "",
        empty: !focus.value,
        leads: focus.matches("main .ecl-button--primary"),
        inSight: top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth,
        onTop: shown.contains(onTop) || Boolean(onTop?.contains(shown) && onTop.closest(".ecl-form-group")),
    };
}"""


def next_stop(page: Page) -> dict[str, Any]:
    """Press Tab; return what has the focus then, which has to be seen."""
    page.keyboard.press("Tab")
    stop: dict[str, Any] = page.evaluate(FOCUS)
    assert stop["inSight"], stop
    assert stop["onTop"], stop
    return stop


def go_on(page: Page) -> None:
    """Answer what the page asks on the way to its main button, and press that."""
    answered = set()
    for _stop in range(MOST_STOPS):
        stop = next_stop(page)
        if stop["leads"]:
            break
        kind, name = stop["kind"], stop["name"]
        if kind in {"radio", "checkbox"} and name not in answered:
            page.keyboard.press("Space")
        elif kind == "select-one":
            page.keyboard.press("F")
        elif kind in {"text", "email", "textarea"} and stop["empty"] and not name.startswith("replacement"):
            page.keyboard.type(TYPED.get(name, SENTENCE))
        answered.add(name)
    before = page.url
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(before)
    page.wait_for_load_state()


@pytest.fixture
def event() -> Event:
    """Return the Paris study visit, open now."""
    return study_visit.load(now=timezone.now(), opens_now=True).event


@pytest.mark.parametrize(("language", "screen"), [("en", DESK), ("fr", PHONE)])
def test_it_is_filled_in_and_submitted_and_all_that_has_the_focus_is_in_sight(
    open_page: Callable[..., Page], event: Event, language: str, screen: dict[str, int]
) -> None:
    page = open_page(viewport=screen)
    page.goto(address(event, 1, language))
    for number in range(2, event.sections.count() + 1):
        go_on(page)
        expect(page).to_have_url(re.compile(rf"/questionnaire/{number}/"))
    go_on(page)
    expect(page).to_have_url(re.compile("/application/review/"))
    go_on(page)
    expect(page).to_have_url(re.compile("/application/$"))
    assert Application.objects.get().submitted_at
