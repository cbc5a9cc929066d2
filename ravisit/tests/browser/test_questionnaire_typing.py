"""Typing into the questionnaire: saved by itself, kept without a connection, counted, shown and hidden at once."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from events import publishing
from events.models import Event
from events.tests.factories import EventFactory
from questionnaire.models import Application, Draft
from questionnaire.tests.factories import ConditionFactory, QuestionFactory, small_questionnaire
from ravisit.testing.browser import expect_good

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 320, "height": 640}
DAY = dt.timedelta(days=1)
LANGUAGES = ["en", "fr"]
EVERY_WAY = pytest.mark.parametrize(
    ("language", "scripts"),
    [("en", True), ("fr", True), ("en", False), ("fr", False)],
    ids=["en", "fr", "en, no scripts", "fr, no scripts"],
)
SAVED = {"en": re.compile(r"^Saved at \d{1,2}\.\d\d\."), "fr": re.compile(r"^Enregistré à \d{1,2}\sh\s\d\d\.")}
KEPT = "() => Object.keys(localStorage).filter(key => key.startsWith('ravisit:')).length"


def open_event(**columns: object) -> Event:
    """Return an event that is open now, with two pages, a long text and questions that depend on others."""
    now = timezone.now()
    event = small_questionnaire(
        EventFactory(
            opens_at=now - DAY,
            closes_at=now + 3 * DAY,
            decisions_at=now + 4 * DAY,
            promised_by=(now + 6 * DAY).date(),
            answer_by=now + 8 * DAY,
            **columns,
        )
    )
    work = event.sections.get(key="work")
    QuestionFactory(section=work, key="why", kind="long_text", order=5, minimum=5, maximum=20)
    table = QuestionFactory(section=work, key="skill", kind="matrix", order=6, options=["none", "good"])
    table.rows.create(key="french", label_en="French", label_fr="Français")
    far = QuestionFactory(section=work, key="far", order=7)
    ConditionFactory(question=far, depends_on=event.questions.get(key="language"), values="fr")
    fluent = QuestionFactory(section=work, key="fluent", order=8)
    ConditionFactory(question=fluent, depends_on=table, values="french:good")
    publishing.touch(event)
    return event


def address(event: Event, number: int = 1, language: str = "en") -> str:
    """Return the address of a page of the questionnaire."""
    return f"/{language}/events/{event.slug}/questionnaire/{number}/"


def press_continue(page: Page) -> None:
    """Press "save and continue" and wait for what comes."""
    page.click(".rv-actions .ecl-button--primary")
    page.wait_for_load_state()


def fill_first_page(page: Page, event: Event, language: str = "en") -> None:
    """Answer the first page and go on."""
    page.goto(address(event, 1, language))
    for name, value in {"first_name": "Zoé", "family_name": "Müller", "email": "zoe@example.org"}.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=language][value=fr]", force=True)
    press_continue(page)
    expect(page).to_have_url(re.compile(r"/questionnaire/2/"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_word_is_saved_by_itself_with_one_small_request(open_page: Callable[..., Page], language: str) -> None:
    event = open_event()
    page = open_page(viewport=PHONE)
    page.goto(address(event, 1, language))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.post_data or "") if request.method == "POST" else None)
    page.locator("[name=first_name]").press_sequentially("Zoé", delay=30)
    expect(page.locator("#save-state")).to_have_text(SAVED[language])
    assert len(requests) == 1
    assert len(requests[0]) < 400
    assert Draft.objects.get().values == {"first_name": ["Zoé"]}
    assert page.evaluate(KEPT) == 0
    page.fill("[name=family_name]", "Müller")
    expect(page.locator("#save-state")).to_have_text(SAVED[language])
    expect_good(page)
    page.reload()
    expect(page.locator("[name=first_name]")).to_have_value("Zoé")
    assert Application.objects.count() == 1


def test_looking_and_leaving_the_fields_empty_begins_nothing(page: Page) -> None:
    event = open_event()
    page.goto(address(event))
    page.fill("[name=first_name]", "Z")
    page.fill("[name=first_name]", "")
    page.wait_for_timeout(1500)
    assert not Application.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_could_not_be_sent_is_kept_on_the_device_and_comes_back(
    open_page: Callable[..., Page], page_problems: list[str], language: str
) -> None:
    event = open_event()
    page = open_page(viewport=PHONE)
    page.goto(address(event, 1, language))
    page.fill("[name=first_name]", "Zoé")
    expect(page.locator("#save-state")).to_have_text(SAVED[language])
    page.context.set_offline(True)
    page.fill("[name=family_name]", "Müller")
    expect(page.locator("#save-state")).to_have_text(re.compile("no connection|pas de connexion", re.IGNORECASE))
    assert page.evaluate(KEPT) == 1
    expect_good(page)
    context = page.context
    page.close(run_before_unload=False)
    context.set_offline(False)
    again = context.new_page()
    again.goto(address(event, 1, language))
    expect(again.locator("[name=family_name]")).to_have_value("Müller")
    # Saved now, unless the page that was closed has managed to at the last moment.
    for _try in range(50):
        if again.evaluate(KEPT) == 0:
            break
        again.wait_for_timeout(100)
    assert again.evaluate(KEPT) == 0
    assert Draft.objects.get().values["family_name"] == ["Müller"]


@EVERY_WAY
def test_progress_is_told_and_going_back_another_language_or_a_lost_session_or_connection_lose_nothing(
    open_page: Callable[..., Page], language: str, scripts: bool
) -> None:
    event = open_event()
    other = "fr" if language == "en" else "en"
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    page.goto(address(event, 1, language))
    expect(page.locator("#progress")).to_contain_text(re.compile("0 (of|sur) 2"))
    closes = event.closes_at.astimezone(event.zone)
    expect(page.locator("time[data-zone]")).to_contain_text(re.compile(rf"{closes:%Y}.*{closes.hour}.*{closes:%M}"))
    expect(page.locator(".rv-local-time")).to_have_count(0)  # in Paris it is the same
    fill_first_page(page, event, language)
    expect(page.locator("#progress")).to_contain_text(re.compile("1 (of|sur) 2"))
    expect_good(page)

    page.fill("[name=why]", "To learn")
    page.click(f"[name=go][value={other}]")
    expect(page).to_have_url(re.compile(rf"/{other}/.*/questionnaire/2/"))
    expect(page.locator("[name=why]")).to_have_value("To learn")
    page.fill("[name=why]", "Pour apprendre")
    page.click("[name=go][value=page-1]")
    expect(page).to_have_url(re.compile("/questionnaire/1/"))
    page.go_back()
    expect(page.locator("[name=why]")).to_have_value("Pour apprendre")

    if not scripts:  # with them, another test tells what becomes of it
        page.fill("[name=why]", "Pour partager")
        page.context.set_offline(True)
        press_continue(page)
        page.context.set_offline(False)
        page.reload()  # which sends the form again
        expect(page.locator("[name=why]")).to_have_value("Pour partager")

    page.context.clear_cookies(name="sessionid")
    page.fill("[name=why]", "Pour comprendre")
    page.select_option("[name=country]", "FR")
    if scripts:
        expect(page.locator("#save-state")).to_have_text(SAVED[other])
    press_continue(page)
    expect(page).to_have_url(re.compile(rf"/{other}/application/review/"))
    assert Draft.objects.get().values["why"] == ["Pour comprendre"]
    expect_good(page)
    ways_back = page.locator(".rv-answers__edit")
    assert ways_back.count() == page.locator("dt").count()
    ways_back.nth(1).click()
    expect(page).to_have_url(re.compile(r"/questionnaire/1/#question-family_name"))


def test_nothing_stays_on_the_device_after_submitting_or_closing(page: Page) -> None:
    event = open_event()
    fill_first_page(page, event)
    page.evaluate("localStorage.setItem('ravisit:other:x/1', JSON.stringify({at: Date.now(), values: {}, shown: {}}))")
    page.select_option("[name=country]", "FR")
    press_continue(page)
    expect(page).to_have_url(re.compile("/application/review/"))
    page.click("form[action$='/submit/'] button")
    expect(page).to_have_url(re.compile(r"/application/$"))
    page.wait_for_load_state()  # the address is there before the page's scripts have run
    assert page.evaluate(KEPT) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_appear_and_disappear_at_once_and_texts_are_counted(
    open_page: Callable[..., Page], language: str
) -> None:
    event = open_event()
    page = open_page(viewport=PHONE)
    fill_first_page(page, event, language)
    expect(page.locator("#question-far")).to_be_visible()  # by an answer on the page before
    expect(page.locator("#question-which")).to_be_hidden()
    page.check("[name=earlier][value=yes]", force=True)
    expect(page.locator("#question-which")).to_be_visible()
    page.fill("[name=which]", "Vienna 2019")
    page.check("[name=earlier][value=no]", force=True)
    expect(page.locator("#question-which")).to_be_hidden()
    expect(page.locator("#question-fluent")).to_be_hidden()
    page.check("[name=skill-french][value=good]", force=True)
    expect(page.locator("#question-fluent")).to_be_visible()

    counter = page.locator("#question-why .rv-counter")
    spoken = page.locator("#question-why [aria-live=polite]")
    expect(counter).to_have_text("0 / 20")
    page.fill("[name=why]", "x" * 21)
    expect(counter).to_have_text("21 / 20")
    expect(counter).to_have_class(re.compile("rv-counter--over"))
    expect(spoken).to_have_text("21 / 20")
    expect_good(page)
    page.fill("[name=why]", "e\u0301" * 10)
    expect(counter).to_have_text("10 / 20")
    expect(spoken).to_have_text("")  # read aloud only near the limit

    page.select_option("[name=country]", "AT")
    press_continue(page)
    expect(page).to_have_url(re.compile("/application/review/"))  # nothing is announced that was seen already
    expect(page.get_by_text("Vienna 2019")).to_have_count(0)
    page.go_back()
    page.check("[name=earlier][value=yes]", force=True)
    expect(page.locator("[name=which]")).to_have_value("Vienna 2019")  # not sent, and not lost
    press_continue(page)
    expect(page.get_by_text("Vienna 2019")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_scripts_questions_appear_on_saving(open_page: Callable[..., Page], language: str) -> None:
    event = open_event()
    page = open_page(viewport=PHONE, java_script_enabled=False)
    fill_first_page(page, event, language)
    expect(page.locator("#question-which")).to_be_hidden()
    page.check("[name=earlier][value=yes]", force=True)
    page.select_option("[name=country]", "AT")
    press_continue(page)
    page.fill("[name=which]", "Vienna 2019")
    expect_good(page)
    press_continue(page)
    expect(page.get_by_text("Vienna 2019")).to_be_visible()
    page.goto(address(event, 2, language))
    page.check("[name=earlier][value=no]", force=True)
    press_continue(page)
    expect(page).to_have_url(re.compile("/application/review/"))
    expect(page.get_by_text("Vienna 2019")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_close_is_told_in_paris_time_and_in_the_visitors_own(open_page: Callable[..., Page], language: str) -> None:
    event = open_event()
    page = open_page(timezone_id="America/New_York", viewport=PHONE)
    page.goto(address(event, 1, language))
    closes = event.closes_at.astimezone(event.zone)
    expect(page.locator("time[data-zone]")).to_contain_text(re.compile(rf"{closes:%Y}.*{closes.hour}"))
    expect(page.locator(".rv-local-time")).to_contain_text(
        re.compile(r"\d\.\d\d where you are" if language == "en" else r"\d\sh\s\d\d là où vous êtes")
    )
    options = "{ dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }"
    first = page.evaluate(f"writeMoment(new Date('2026-12-01T12:05Z'), {options})")
    assert first == {"en": "1 December 2026 at 12.05", "fr": "1er décembre 2026 à 12\xa0h\xa005"}[language]


@EVERY_WAY
def test_the_text_beside_another_answer_appears_with_it_and_stays_while_something_stands_in_it(
    open_page: Callable[..., Page], language: str, scripts: bool
) -> None:
    event = open_event()
    QuestionFactory(section=event.sections.get(key="you"), key="role", kind="single_choice", options=["a", "b+"])
    publishing.touch(event)
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    page.route("**/autosave/", lambda route: route.fulfill(status=204))  # this is about what is seen
    page.goto(address(event, 1, language))
    text = page.locator("[name=role-text]")
    if not scripts:
        expect(text).to_be_visible()
        return
    expect(text).to_be_hidden()
    page.check("[name=role][value=b]", force=True)
    expect(text).to_be_visible()
    text.fill("Chaplain")
    page.check("[name=role][value=a]", force=True)
    expect(text).to_be_visible()
    text.fill("")
    expect(text).to_be_hidden()
    expect_good(page)
