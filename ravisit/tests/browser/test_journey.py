"""The main job in a real browser, on real servers: apply, review, decide, tell everyone, confirm. In both languages.

PostgreSQL holds it, Valkey wakes a Celery worker in a process of its own, the letters arrive over SMTP.
"""

import datetime as dt
import re
import sys
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.models import Event, Membership
from questionnaire import study_visit
from questionnaire.demo import invent_person, typed_answers
from questionnaire.models import Application, Letter, LetterStatus
from questionnaire.states import State
from questionnaire.workflow import assignment
from questionnaire.workflow.questionnaire import load
from ravisit.celery import app as celery_app
from ravisit.processes import Family
from ravisit.testing.browser import expect_good
from ravisit.testing.smtp_sink import SmtpSink

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.valkey,
    pytest.mark.django_db(transaction=True),
]

PASSWORD = "correct horse battery staple"
LETTER_TIMEOUT = 30.0  # seconds
PHONE = {"width": 320, "height": 640}


@pytest.fixture
def event() -> Event:
    """Return the Paris study visit with its dates moved, open for applications, and its team."""
    event = study_visit.load(now=timezone.now(), opens_now=True).event
    roles = {"organiser": "organiser", "second": "organiser", "reviewer": "reviewer"}
    for name, role in roles.items():
        user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
        Membership.objects.create(event=event, user=user, role=role, organisation="Review board", country="MT")
    return event


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """Run a mail server that keeps what it takes."""
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def worker(sink: SmtpSink, site: str, tmp_path: Path) -> Iterator[None]:
    """Run a Celery worker on the test's database, broker and mail server."""
    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    env = {
        "DATABASE_URL": f"postgres://{address}/{database['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "EMAIL_URL": sink.url,
        "BASE_URL": site,
        "SECRET_KEY": settings.SECRET_KEY,
    }
    celery_app.control.purge()
    command = [sys.executable, "-m", "celery", "-A", "ravisit.celery", "worker", "--concurrency=1", "--pool=solo"]
    with Family() as family:
        family.start("worker", command, tmp_path / "worker.log", env=env)
        yield


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so; fail when it takes too long."""
    pause = threading.Event()
    rounds = int(LETTER_TIMEOUT / 0.05)
    assert any(condition() or pause.wait(0.05) for _round in range(rounds)), what


def letter_to(sink: SmtpSink, address: str, number: int = 1) -> EmailMessage:
    """Return the `number`-th letter that reached an address."""
    wait_for(lambda: len(_letters(sink, address)) >= number, f"letter {number} to {address}")
    message = message_from_bytes(_letters(sink, address)[number - 1], policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _letters(sink: SmtpSink, address: str) -> list[bytes]:
    return [letter.content for letter in list(sink.received) if letter.recipient == address]


def link_in(message: EmailMessage) -> str:
    """Return the personal link of a letter."""
    part = message.get_body(("plain",))
    assert part is not None
    [link] = re.findall(r"http\S+/application/link/[\w-]{43}/", str(part.get_content()))
    return str(link)


def type_in(page: Page, name: str, values: list[str]) -> None:
    """Answer one input, whatever it is."""
    inputs = page.locator(f'[name="{name}"]')
    if not inputs.count() or inputs.first.locator("xpath=ancestor-or-self::*[@hidden]").count():
        return
    tag = inputs.first.evaluate("input => input.type || input.tagName")
    if tag in {"radio", "checkbox"}:
        for value in values:
            page.locator(f'[name="{name}"][value="{value}"]').check(force=True)
    elif tag == "select-one":
        inputs.select_option(values[0])
    else:
        inputs.fill(values[0])


def apply(page: Page, event: Event, language: str, answers: dict[str, list[str]]) -> None:
    """Read the event's page, fill the questionnaire in and submit it, looking at each page on the way."""
    page.goto(f"/{language}/events/{event.slug}/")
    expect_good(page)
    page.locator(".rv-registration__button").first.click()
    for number in range(1, 6):
        expect(page).to_have_url(re.compile(f"/{language}/events/{event.slug}/questionnaire/{number}/"))
        expect_good(page)
        for name, values in answers.items():
            type_in(page, name, values)
        page.locator(".rv-actions .ecl-button--primary").click()
        page.wait_for_load_state()
        if page.url.endswith(f"/questionnaire/{number}/"):  # an answer made further questions appear
            for name, values in answers.items():
                type_in(page, name, values)
            page.locator(".rv-actions .ecl-button--primary").click()
    expect(page).to_have_url(re.compile(f"/{language}/application/review/"))
    expect_good(page)
    page.locator("form[action$='/submit/'] button").click()
    expect(page).to_have_url(re.compile(f"/{language}/application/$"))
    expect_good(page)


def log_in(page: Page, name: str, language: str) -> None:
    """Enter the admin in a language."""
    page.goto("/admin/")
    page.locator(f"button[name=language][value={language}]").click()
    expect_good(page)
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.locator(".submit-row input").click()
    expect(page.locator("#user-tools")).to_be_visible()
    expect_good(page)


def decide_on_all(page: Page, action: str) -> None:
    """Take an action for every application in the list, through its page of confirmation."""
    page.goto("/admin/questionnaire/application/")
    expect_good(page)
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(action)
    page.locator(".actions button[name=index]").click()
    expect_good(page)
    page.locator("#content form [type=submit]").first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()


@pytest.mark.usefixtures("worker")
def test_from_the_event_page_to_the_confirmed_place(
    open_page: Callable[..., Page], event: Event, sink: SmtpSink
) -> None:
    """Two people apply, one in each language, one on a phone without scripts; both are accepted and answer."""
    questionnaire = load(event)
    visitors: dict[str, tuple[Page, str]] = {}
    for seed, (language, options) in enumerate({"en": {}, "fr": {"viewport": PHONE}}.items()):
        person = invent_person(seed, 0)
        answers = typed_answers(questionnaire, person, Random(seed))
        address = f"{language}@example.org"
        answers |= {"email": [address], "letter_language": [language]}
        page = open_page(locale=language, **options)
        apply(page, event, language, answers)
        visitors[language] = (page, address)
        page.goto(link_in(letter_to(sink, address)))
        expect_good(page)
        page.locator("main form button").click()
        expect(page).to_have_url(re.compile(f"/{language}/application/$"))
        expect_good(page)
        receipt = letter_to(sink, address, 2)
        assert receipt["Content-Language"] == language

    now = timezone.now()
    Event.objects.filter(pk=event.pk).update(closes_at=now, decisions_at=now + dt.timedelta(seconds=1))
    assignment.share_all_out(event, at=now)
    review_all(open_page(), "reviewer", "fr")
    organiser, second = open_page(), open_page()
    log_in(organiser, "organiser", "en")
    decide_on_all(organiser, "propose_accept")
    log_in(second, "second", "fr")
    decide_on_all(second, "sign_off")
    assert set(event.applications.values_list("state", flat=True)) == {State.SIGNED_OFF}
    organiser.goto(f"/admin/questionnaire/release/{event.pk}/")
    expect_good(organiser)
    organiser.locator("a[href='?confirm']").click()
    expect_good(organiser)
    organiser.locator("#content .submit-row button.default").click()
    expect(organiser.locator(".messagelist .success")).to_be_visible()
    expect_good(organiser)
    second.goto(f"/admin/questionnaire/release/{event.pk}/")
    expect_good(second)
    second.locator("button[value=sign]").click()
    expect(second.locator("#released")).to_be_visible()
    organiser.reload()
    expect(organiser.locator("#released")).to_be_visible()
    expect_good(organiser)

    for language, (page, address) in visitors.items():
        page.goto(link_in(letter_to(sink, address, 3)))
        page.locator("main form button").click()
        expect(page).to_have_url(re.compile(f"/{language}/application/participation/"))
        expect_good(page)
        page.locator("button[value=confirm]").click()
        expect(page.locator(".ecl-notification--success")).to_be_visible()
        expect_good(page)
        assert letter_to(sink, address, 4)["Content-Language"] == language

    assert Application.objects.filter(state=State.CONFIRMED).count() == 2
    assert set(sink.copies.values()) == {1}
    wait_for(lambda: not Letter.objects.exclude(status=LetterStatus.SENT).exists(), "every letter recorded as sent")
    organiser.goto("/admin/questionnaire/letter/")
    expect_good(organiser)
    organiser.locator("#result_list tbody th a").first.click()
    expect_good(organiser)


def review_all(page: Page, name: str, language: str) -> None:
    """Declare that there is no conflict and score every application, as a reviewer."""
    log_in(page, name, language)
    page.goto("/admin/questionnaire/application/")
    expect_good(page)
    links = [link.get_attribute("href") for link in page.locator("#result_list tbody th a").all()]
    for link in links:
        page.goto(str(link))
        expect_good(page)
        page.locator("button[name=conflict][value=no]").click()
        expect_good(page)
        for scale in page.locator("fieldset.scale").all():
            scale.locator("input[type=radio]").last.check()
        with page.expect_navigation():
            page.locator("#review-form .submit-row button:not([name])").click()
        expect(page.locator(".messagelist .success")).to_be_visible()
