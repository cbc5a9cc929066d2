"""Joining instructions when joining opens, thanks when it is over: everybody confirmed, once each."""

import datetime as dt

import pytest

from events.models import Event
from questionnaire.models import LetterTemplate
from questionnaire.states import State
from questionnaire.tests.factories import ApplicationFactory
from questionnaire.tests.taking_part import accepted, kinds_to, released_event
from questionnaire.workflow import joining, letters, participation

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

LINK = "https://meet.example.org/secret-room"
OPENS = dt.datetime(2021, 12, 6, 8, tzinfo=dt.UTC)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
EARLY = dt.datetime(2021, 12, 1, tzinfo=dt.UTC)


@pytest.fixture
def event() -> Event:
    """Return an event whose joining opens on the eve of it."""
    event = released_event()
    Event.objects.filter(pk=event.pk).update(joining_link=LINK, joining_opens_at=OPENS)
    event.refresh_from_db()
    return event


def test_everybody_confirmed_is_told_when_joining_opens_and_later_ones_too(event: Event) -> None:
    first, second, silent = (accepted(event, name) for name in ("Ada", "Bea", "Cem"))
    participation.confirm(first, now=EARLY)
    assert joining.instruct_due(at=OPENS - MINUTE) == 0
    assert joining.instruct_due(at=OPENS) == 1
    participation.confirm(second, now=EARLY)
    assert [joining.instruct_due(at=OPENS + MINUTE) for _tick in range(2)] == [1, 0]
    assert kinds_to(second)[-1] == "joining"
    assert "joining" not in kinds_to(silent)
    assert joining.instruct_due(at=event.ends_at) == 0


def test_the_letter_does_not_hold_the_link_itself(event: Event) -> None:
    participation.confirm(accepted(event, "Ada"), now=EARLY)
    joining.instruct_due(at=OPENS)
    assert not any(b"meet.example.org" in bytes(letter.mime) for letter in event.letters.all())


def test_without_a_link_nobody_is_told_to_join(event: Event) -> None:
    participation.confirm(accepted(event, "Ada"), now=EARLY)
    Event.objects.filter(pk=event.pk).update(joining_link="")
    assert joining.instruct_due(at=OPENS) == 0


def test_who_took_part_is_thanked_once_when_it_is_over(event: Event) -> None:
    ada, silent = accepted(event, "Ada"), accepted(event, "Bea")
    participation.confirm(ada, now=EARLY)
    assert joining.thank_due(at=event.ends_at) == 0
    assert [joining.thank_due(at=event.ends_at + HOUR) for _tick in range(2)] == [1, 0]
    assert kinds_to(ada)[-1] == "thanks"
    assert "thanks" not in kinds_to(silent)


def test_nobody_who_is_noted_as_absent_is_thanked_for_taking_part(event: Event) -> None:
    ApplicationFactory(event=event, state=State.CONFIRMED, attended=True)
    absent = ApplicationFactory(event=event, state=State.CONFIRMED, attended=False)
    assert joining.thank_due(at=event.ends_at + HOUR) == 1
    assert "thanks" not in kinds_to(absent)


def test_an_event_long_past_is_left_alone(event: Event) -> None:
    participation.confirm(accepted(event, "Ada"), now=EARLY)
    assert joining.thank_due(at=event.ends_at + dt.timedelta(days=16)) == 0


def test_an_event_without_the_text_writes_nothing_and_one_language_short_is_said(event: Event) -> None:
    participation.confirm(accepted(event, "Ada"), now=EARLY)
    LetterTemplate.objects.filter(event=event, kind="thanks").update(body_en="")
    with pytest.raises(letters.NoText):
        joining.thank_due(at=event.ends_at + HOUR)
    LetterTemplate.objects.filter(event=event, kind="thanks").delete()
    assert joining.thank_due(at=event.ends_at + HOUR) == 0
