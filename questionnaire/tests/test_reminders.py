"""Reminders of an unfinished application: each once, in time, to who wants them."""

import datetime as dt

import pytest
import time_machine

from events.models import Event
from questionnaire.models import Application, Letter, LetterKind, LetterTemplate
from questionnaire.states import State
from questionnaire.tests.factories import WHILE_OPEN, ApplicationFactory, small_questionnaire
from questionnaire.workflow import letters, links, mime, reminders

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def event() -> Event:
    """Return an event with every letter, among them the reminder with a way to stop it."""
    event = small_questionnaire()
    template = LetterTemplate.objects.filter(event=event, kind=LetterKind.DRAFT_REMINDER)
    template.update(body_en="{personal_link} {stop_link}", body_fr="{personal_link} {stop_link}")
    return event


def begun(event: Event, **columns: object) -> Application:
    """Return an application that is begun, with an address."""
    return ApplicationFactory(event=event, **{"state": State.DRAFT, "created_at": WHILE_OPEN, **columns})


def reminders_at(*moments: dt.datetime) -> list[int]:
    """Let a tick happen at each moment; return how many letters each queued."""
    return [reminders.remind_due(at=moment) for moment in moments]


def test_three_days_and_one_day_before_the_close_each_once(event: Event) -> None:
    begun(event)
    close = event.closes_at
    ticks = [close - 3 * DAY - HOUR, close - 3 * DAY, close - 2 * DAY, close - DAY, close - HOUR, close, close + DAY]
    assert reminders_at(*ticks) == [0, 1, 0, 1, 0, 0, 0]
    assert Letter.objects.filter(kind=LetterKind.DRAFT_REMINDER).count() == 2


@pytest.mark.parametrize("late", [DAY, 2 * DAY - HOUR])
def test_a_tick_that_comes_late_still_reminds_once(event: Event, late: dt.timedelta) -> None:
    begun(event)
    first = event.closes_at - 3 * DAY + late
    assert reminders_at(first, first + HOUR / 2) == [1, 0]


def test_two_that_are_due_together_are_one(event: Event) -> None:
    begun(event)
    assert reminders_at(event.closes_at - HOUR, event.closes_at - HOUR / 2) == [1, 0]


def test_one_that_was_late_stands_for_the_next(event: Event) -> None:
    begun(event)
    assert reminders_at(event.closes_at - DAY - HOUR, event.closes_at - DAY) == [1, 0]


def test_who_began_after_the_moment_waits_for_the_next(event: Event) -> None:
    begun(event, created_at=event.closes_at - 2 * DAY)
    assert reminders_at(event.closes_at - 2 * DAY + HOUR, event.closes_at - DAY) == [0, 1]


def test_nobody_else_is_written_to(event: Event) -> None:
    begun(event, email="", email_key="")
    ApplicationFactory(event=event)
    begun(event, submitted_revision=1)  # offered to who had applied
    held = ApplicationFactory(event=event)
    begun(event, email=held.email)
    Event.objects.filter(pk=begun(small_questionnaire()).event_id).update(published=False)
    assert reminders_at(event.closes_at - 3 * DAY) == [0]


def test_an_address_gets_one_letter_however_many_drafts_it_has(event: Event) -> None:
    for _number in range(3):
        begun(event, email="zoe@example.org")
    assert reminders_at(event.closes_at - 3 * DAY) == [1]


def test_the_letter_says_how_to_stop_to_people_and_to_mail_programs(event: Event) -> None:
    application = begun(event, language="fr")
    with time_machine.travel(event.closes_at - DAY, tick=False):  # the signature tells when it was made
        reminders.remind_due(at=event.closes_at - DAY)
        address = links.stop_address(application, "fr")
    reading = mime.read(bytes(Letter.objects.get().mime))
    assert reading.headers["List-Unsubscribe"] == f"<{address}>"
    assert reading.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in reading.text
    assert "/fr/" in address


def test_no_other_letter_can_be_stopped(event: Event) -> None:
    letter = letters.queue(LetterKind.RECEIPT, ApplicationFactory(event=event), at=WHILE_OPEN)
    assert b"List-Unsubscribe" not in bytes(letter.mime)


def test_who_stopped_them_gets_none_for_any_draft_of_the_address(event: Event) -> None:
    application = begun(event, email="zoe@example.org")
    begun(event, email="zoe@example.org")
    reminders.stop(application, now=WHILE_OPEN)
    begun(event, email="zoe@example.org")
    begun(event, email="ann@example.org")
    reminders.remind_due(at=event.closes_at - 3 * DAY)
    assert [letter.recipient for letter in Letter.objects.all()] == ["ann@example.org"]


def test_an_event_without_the_text_reminds_nobody_and_one_without_a_language_says_so(event: Event) -> None:
    without, incomplete = small_questionnaire(), small_questionnaire()
    without.letter_templates.all().delete()
    incomplete.letter_templates.update(body_fr="")
    for each in (without, incomplete, event):
        begun(each, language="fr")
    with pytest.raises(letters.NoText) as caught:
        reminders.remind_due(at=event.closes_at - DAY)
    assert caught.value.event == incomplete
    assert [letter.event for letter in Letter.objects.all()] == [event]


@pytest.mark.parametrize("signed", ["", "x", "x:y:z", "é", "a" * 500])
def test_an_address_that_was_not_signed_finds_nothing(signed: str) -> None:
    with pytest.raises(links.LinkNotValid):
        links.find_by_stop_address(signed)
