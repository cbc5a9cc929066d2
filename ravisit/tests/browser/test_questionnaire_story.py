"""What applicants live through between the first page and the answer, by their mail as by their browser, on a phone.

One walk tells of somebody who applies, twice, and withdraws; the other of somebody who is reminded and comes too late.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format
from playwright.sync_api import Page, expect

from events import publishing
from events.models import Event
from questionnaire.models import Application, Draft, Letter, LetterKind, LetterTemplate
from questionnaire.states import State
from questionnaire.workflow.delivery import transport_factory
from questionnaire.workflow.due import do_what_is_due
from ravisit.testing.browser import expect_good
from ravisit.testing.smtp_sink import SmtpSink
from ravisit.tests.browser.test_questionnaire_typing import DAY, EVERY_WAY, PHONE, address, open_event
from ravisit.tests.test_decision_day import parsed, text_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CONTINUE = ".rv-actions .ecl-button--primary"
SUBMIT = "form[action$='/submit/'] button"
CURRENT = ".ecl-timeline__item[aria-current=step]"
STOP = re.compile(r"http\S+/application/reminders/\S+")
LINK = re.compile(r"http\S+/application/link/[\w-]{43}/")


class Post:
    """The mail of everybody: what is due leaves when somebody looks into it."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink
        self.read = 0

    def arrived(self) -> list[EmailMessage]:
        """Return the letters that came since the last look, oldest first."""
        do_what_is_due(timezone.now, transport_factory(self.sink.url))
        new = self.sink.received[self.read :]
        self.read += len(new)
        return [parsed(letter.content) for letter in new]


@pytest.fixture
def post() -> Iterator[Post]:
    """Run a mail server."""
    with SmtpSink() as sink:
        yield Post(sink)


@pytest.fixture
def event() -> Event:
    """Return an event that is open now, whose reminder can be stopped."""
    in_a_month = (timezone.now() + 30 * DAY).date()
    event = open_event(first_day=in_a_month, last_day=in_a_month)
    template = LetterTemplate.objects.filter(event=event, kind=LetterKind.DRAFT_REMINDER)
    template.update(body_en="{personal_link} {stop_link}", body_fr="{personal_link} {stop_link}")
    return event


def press(page: Page, button: str = CONTINUE) -> None:
    """Press a button and wait for what comes."""
    page.click(button)
    page.wait_for_load_state()


def fill_first_page(page: Page, event: Event, language: str, first_name: str) -> None:
    """Say who one is, and in which language one wants to be written to."""
    page.goto(address(event, 1, language))
    for name, value in {"first_name": first_name, "family_name": "Müller", "email": "zoe@example.org"}.items():
        page.fill(f"[name={name}]", value)
    page.check(f"[name=language][value={language}]", force=True)
    press(page)
    expect(page).to_have_url(re.compile(r"/questionnaire/2/"))


def apply(page: Page, event: Event, language: str, first_name: str) -> str:
    """Fill in everything and submit it; return what the page then says, all but the buttons."""
    fill_first_page(page, event, language, first_name)
    page.select_option("[name=country]", "FR")
    press(page)
    expect_good(page)
    press(page, SUBMIT)
    expect(page).to_have_url(re.compile(r"/application/$"))
    return page.locator("main").inner_text()


def open_link(page: Page, letter: EmailMessage) -> None:
    """Follow the personal link of a letter; its button opens."""
    [link] = LINK.findall(text_of(letter))
    page.goto(link)
    expect_good(page)
    press(page, "main form button")


@EVERY_WAY
def test_applying_changing_applying_again_under_the_same_address_and_withdrawing(
    open_page: Callable[..., Page], event: Event, post: Post, language: str, scripts: bool
) -> None:
    phone = open_page(viewport=PHONE, java_script_enabled=scripts)
    shown_first = apply(phone, event, language, "Zoé")
    with translation.override(language):
        answer_by = date_format(event.promised_by)
    assert answer_by in shown_first
    application = Application.objects.get()

    # The link proves the address: not to whoever looks, as scanners of mail do, but to whoever presses.
    personal_link, receipt = post.arrived()
    assert LINK.findall(text_of(receipt)) != LINK.findall(text_of(personal_link))
    phone.goto(LINK.findall(text_of(receipt))[0])
    application.refresh_from_db()
    assert application.email_proved_at is None
    open_link(phone, receipt)
    application.refresh_from_db()
    assert application.email_proved_at is not None
    expect_good(phone)
    story = phone.locator(".ecl-timeline")
    expect(story).to_contain_text(re.compile("Received|Reçue"))
    expect(story).to_contain_text(answer_by)
    expect(phone.locator(CURRENT)).to_contain_text(re.compile("Being reviewed|En cours d’évaluation"))

    # Until the close everything can be changed; it counts when it is submitted.
    press(phone, "a[href$='/application/review/']")
    phone.locator(".rv-answers__edit").nth(4).click()
    phone.select_option("[name=country]", "BE")
    press(phone)
    assert Application.objects.get().country == "FR"
    phone.goto(f"/{language}/application/")
    expect(phone.locator(".ecl-notification--warning")).to_be_visible()
    expect_good(phone)
    press(phone, "a[href$='/application/review/']")
    press(phone, SUBMIT)
    assert Application.objects.get().country == "BE"
    post.arrived()
    Letter.objects.update(created_at=timezone.now() - DAY)  # at most three an hour reach one address

    # Again from elsewhere: the page says the same, the letter alone leads to what stands already.
    other = open_page(viewport=PHONE, java_script_enabled=scripts)
    assert apply(other, event, language, "Zora") == shown_first
    other.goto(f"/{language}/application/data/")
    expect(other.locator("h1")).not_to_contain_text(re.compile("Your data|Vos données"))
    assert Application.objects.exclude(state=State.DRAFT).get().first_name == "Zoé"
    *_link_to_the_draft, second = post.arrived()
    open_link(other, second)
    expect_good(other)
    press(other, "[name=choice][value=take]")
    expect(other.get_by_text("Zora")).to_be_visible()
    press(other, SUBMIT)
    assert Application.objects.exclude(state=State.DRAFT).get().first_name == "Zora"

    phone.reload()
    press(phone, "a[href$='/application/withdraw/']")
    expect_good(phone)
    phone.fill("[name=reason]", "J’ai changé de poste.")
    press(phone)
    expect(phone.locator(CURRENT)).to_contain_text(re.compile("Withdrawn|Retirée"))
    expect_good(phone)
    application.refresh_from_db()
    assert application.state == State.WITHDRAWN
    assert application.transitions.latest("pk").reason == "J’ai changé de poste."


@EVERY_WAY
def test_a_reminder_leads_back_to_the_draft_is_stopped_by_one_click_and_the_close_loses_nothing(
    open_page: Callable[..., Page], event: Event, post: Post, language: str, scripts: bool
) -> None:
    fill_first_page(open_page(viewport=PHONE, java_script_enabled=scripts), event, language, "Zoé")
    post.arrived()
    now = timezone.now()
    Application.objects.update(created_at=now - 2 * DAY)
    Event.objects.update(closes_at=now + 2 * DAY)
    publishing.touch(event)

    [reminder] = post.arrived()
    page = open_page(viewport=PHONE, java_script_enabled=scripts)
    open_link(page, reminder)
    expect(page.locator(".ecl-notification--warning")).to_be_visible()
    expect_good(page)
    page.locator("a[href$='/questionnaire/']").last.click()
    expect(page).to_have_url(re.compile("/questionnaire/2/"))
    expect(page.locator("#progress")).to_contain_text(re.compile("1 (of|sur) 2"))

    # Looking does not stop the reminders, as programs that follow links would; a button does, or the mail program's.
    [stop] = STOP.findall(text_of(reminder))
    stopping = open_page(viewport=PHONE, java_script_enabled=scripts)
    stopping.goto(stop)
    expect_good(stopping)
    assert Draft.objects.get().reminders_stopped_at is None
    one_click = str(reminder["List-Unsubscribe"]).strip("<>")
    assert page.request.post(one_click, form={"List-Unsubscribe": "One-Click"}).ok
    assert Draft.objects.get().reminders_stopped_at is not None
    press(stopping, "main form button")
    expect(stopping.locator(".ecl-notification--success")).to_be_visible()
    Event.objects.update(closes_at=now + DAY / 2)
    publishing.touch(event)
    assert post.arrived() == []

    page.select_option("[name=country]", "FR")
    press(page)
    expect(page.locator(SUBMIT)).to_be_visible()
    expect_good(page)
    Event.objects.update(closes_at=timezone.now() - dt.timedelta(seconds=1))
    publishing.touch(event)
    press(page, SUBMIT)
    expect(page.locator(".ecl-notification--warning")).to_contain_text(
        re.compile("was not submitted|n’a pas été envoyée")
    )
    expect(page.get_by_text("Zoé", exact=True)).to_be_visible()
    expect(page.locator(SUBMIT)).to_have_count(0)
    expect_good(page)
    assert Application.objects.get().state == State.DRAFT
    assert Draft.objects.get().values["country"] == ["FR"]
    press(page, ".rv-actions a")
    expect(page.locator(".ecl-notification--warning")).to_contain_text(
        re.compile("Applying is closed|Les candidatures sont closes")
    )
    expect_good(page)
