"""29 November 2021, from the questionnaire to the confirmed place, over real SMTP: nothing early, nothing lost."""

import datetime as dt
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import time_machine
from django.test import Client

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Application, Letter, LetterKind, LetterStatus
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, WHILE_OPEN, small_questionnaire, typed
from questionnaire.tests.releasing import release, sign_off
from questionnaire.workflow import decision, drafts, preflight, questionnaire, submission
from questionnaire.workflow.delivery import transport_factory
from questionnaire.workflow.due import do_what_is_due
from ravisit.testing.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

HOUR = dt.datetime(2021, 11, 29, 9, 0, tzinfo=dt.UTC)  # 10.00 in Paris
LAST_MOMENT = dt.datetime(2021, 11, 29, 22, 59, 59, tzinfo=dt.UTC)  # 23.59.59 in Paris
LANGUAGES = ["en", "fr", "en", "fr", "fr", "en"]
OUTCOMES = [
    Outcome.ACCEPT,
    Outcome.ACCEPT,
    Outcome.WAITING_LIST,
    Outcome.WAITING_LIST,
    Outcome.DECLINE,
    Outcome.DECLINE,
]


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """Run a mail server that counts."""
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def event() -> Event:
    """Return an event with six applicants, decided by one organiser, signed off by another, release ordered."""
    event = small_questionnaire()
    proposer, signer = UserFactory(), UserFactory()
    for number, (language, outcome) in enumerate(zip(LANGUAGES, OUTCOMES, strict=True)):
        application = drafts.start(event, language="en", now=WHILE_OPEN)
        answers = typed(email=f"person{number}@example.org", language=language)
        for page in questionnaire.load(event).pages:
            drafts.save_page(application, page, drafts.Input(answers), now=WHILE_OPEN)
        submission.submit(application.public_id, now=WHILE_OPEN)
        decision.propose([application], outcome, by=proposer, at=AFTER_CLOSE)
        sign_off([application], by=signer, at=AFTER_CLOSE)
    Application.objects.update(email_proved_at=WHILE_OPEN)
    release(event, by=proposer, second=signer, at=AFTER_CLOSE)
    return event


def work_off(sink: SmtpSink, now: dt.datetime) -> list[EmailMessage]:
    """Do what is due at a moment; return the letters that arrived by it, parsed by the standard library."""
    before = len(sink.received)
    do_what_is_due(lambda: now, transport_factory(sink.url))
    return [parsed(letter.content) for letter in sink.received[before:]]


def parsed(content: bytes) -> EmailMessage:
    """Read a letter as a mail program does."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    """Return the plain text of a letter."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_no_decision_leaves_before_its_hour_and_every_one_at_it(event: Event, sink: SmtpSink) -> None:
    work_off(sink, AFTER_CLOSE)  # personal links and receipts
    assert work_off(sink, HOUR - dt.timedelta(seconds=1)) == []
    arrived = work_off(sink, HOUR)
    assert sorted(str(message["To"]) for message in arrived) == [
        f"Zoé Müller <person{number}@example.org>" for number in range(6)
    ]
    assert set(sink.copies.values()) == {1}
    assert work_off(sink, LAST_MOMENT) == []


def test_a_worker_that_was_down_all_day_catches_up_in_one_tick_within_the_promise(event: Event, sink: SmtpSink) -> None:
    work_off(sink, AFTER_CLOSE)
    assert len(work_off(sink, LAST_MOMENT)) == 6
    assert event.promise_ends_at == LAST_MOMENT + dt.timedelta(seconds=1)
    sent = Letter.objects.filter(kind=LetterKind.ACCEPTANCE).values_list("sent_at", flat=True)
    assert all(moment is not None and moment < event.promise_ends_at for moment in sent)


def test_each_letter_is_in_its_readers_language_and_tells_the_decision(event: Event, sink: SmtpSink) -> None:
    work_off(sink, AFTER_CLOSE)
    arrived = {str(message["To"]): message for message in work_off(sink, HOUR)}
    for number, (language, outcome) in enumerate(zip(LANGUAGES, OUTCOMES, strict=True)):
        message = arrived[f"Zoé Müller <person{number}@example.org>"]
        kind = preflight.LETTER_OF[outcome].value
        assert message["Content-Language"] == language
        assert message["Subject"] == (f"{kind} in English" if language == "en" else f"{kind} en français")
        assert ("Bonjour Zoé" if language == "fr" else "Dear Zoé") in text_of(message)


def test_the_link_in_the_letter_leads_to_a_confirmed_place(event: Event, sink: SmtpSink, client: Client) -> None:
    work_off(sink, AFTER_CLOSE)
    letters = [message for message in work_off(sink, HOUR) if "acceptance" in message["Subject"]]
    assert len(letters) == 2
    with time_machine.travel(HOUR + dt.timedelta(hours=1), tick=False):
        for message in letters:
            [path] = re.findall(r"https?://[^/]+(/\w\w/application/link/[\w-]{43}/)", text_of(message))
            assert client.get(path).status_code == 200
            participation = client.post(path)["Location"]
            assert client.post(participation, {"answer": "confirm"})["Location"] == participation
    assert Application.objects.filter(state=State.CONFIRMED).count() == 2
    assert len(work_off(sink, HOUR + dt.timedelta(hours=1))) == 2  # the receipts


def test_a_copy_that_had_to_be_sent_again_is_the_same_to_the_byte(event: Event, sink: SmtpSink) -> None:
    work_off(sink, AFTER_CLOSE)
    work_off(sink, HOUR)
    first = {letter.message_id: letter.content for letter in sink.received}
    Letter.objects.filter(kind__in=[LetterKind.ACCEPTANCE, LetterKind.DECLINE]).update(
        status=LetterStatus.UNCERTAIN, sent_at=None, due_at=HOUR
    )
    count = len(sink.received)
    work_off(sink, HOUR + dt.timedelta(minutes=31))
    again = sink.received[count:]
    assert len(again) == 4
    assert all(first[letter.message_id] == letter.content for letter in again)
