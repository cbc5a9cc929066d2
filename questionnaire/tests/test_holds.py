"""Letters that are held: none of them leaves, all of them later, and nobody else's waits."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from events.tests.factories import UserFactory
from questionnaire.models import Hold, LetterKind, LetterStatus
from questionnaire.tests.factories import DECISION_HOUR, LetterTemplateFactory
from questionnaire.tests.test_outbox import Clock, ScriptedTransport, queue, send
from questionnaire.workflow import holds, outbox

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_event_whose_letters_are_held_sends_nothing_and_holds_up_no_other(clock: Clock) -> None:
    held, other = queue(2), queue(1)
    person = UserFactory()
    hold = holds.begin(held[0].event, by=person, at=clock(), reason="wrong venue")
    transport = ScriptedTransport()
    assert send(clock, transport) == {LetterStatus.SENT: 1}
    assert [envelope.recipient for envelope in transport.delivered] == [other[0].recipient]
    clock.move(dt.timedelta(days=2))
    assert not send(clock, transport)
    assert holds.let_go(hold, by=person, at=clock())
    assert not holds.let_go(hold, by=person, at=clock())
    assert send(clock, transport) == {LetterStatus.SENT: 2}
    hold.refresh_from_db()
    assert (hold.made_by, hold.reason, hold.ended_by, hold.ended_at) == (person, "wrong venue", person, clock.now)


def test_with_all_letters_held_nothing_leaves(clock: Clock) -> None:
    queue(1), queue(1)
    hold = holds.begin(None, by=None, at=clock())
    assert holds.begin(None, by=None, at=clock()) == hold
    assert not send(clock, ScriptedTransport())
    holds.let_go(hold, by=None, at=clock())
    assert send(clock, ScriptedTransport()) == {LetterStatus.SENT: 2}


def test_a_hold_stops_what_is_already_claimed(clock: Clock) -> None:
    first, second, third = queue(3)
    transport = ScriptedTransport(on_delivery=lambda: holds.begin(first.event, by=None, at=clock()))
    assert send(clock, transport) == {LetterStatus.SENT: 1}
    for letter in (second, third):
        letter.refresh_from_db()
        assert (letter.due_at, letter.attempts, letter.claim_token) == (clock.now, 0, None)


def test_a_hold_ends_by_itself_at_its_time_unless_a_person_keeps_it(clock: Clock) -> None:
    [letter] = queue(1)
    until = DECISION_HOUR + dt.timedelta(hours=1)
    hold = Hold.objects.create(event=letter.event, cause=Hold.Cause.RESTORED, made_at=clock(), until=until)
    assert not send(clock, ScriptedTransport())
    clock.now = until
    holds.keep(hold, by=UserFactory())
    assert not send(clock, ScriptedTransport())
    Hold.objects.update(until=until)
    assert send(clock, ScriptedTransport()) == {LetterStatus.SENT: 1}


def test_each_thing_is_held_once(clock: Clock) -> None:
    event = LetterTemplateFactory(kind=LetterKind.ACCEPTANCE).event
    for of_event in (event, None):
        Hold.objects.create(event=of_event, cause=Hold.Cause.PERSON, made_at=clock())
        with pytest.raises(IntegrityError), transaction.atomic():
            Hold.objects.create(event=of_event, cause=Hold.Cause.PERSON, made_at=clock())


def test_what_had_left_before_the_backup_is_written_off_and_the_rest_leaves(clock: Clock) -> None:
    old, new = queue(2)
    before = DECISION_HOUR + dt.timedelta(hours=1)
    type(new).objects.filter(pk=new.pk).update(created_at=before + dt.timedelta(minutes=1))
    assert holds.write_off(before=before) == 1
    old.refresh_from_db()
    assert old.status == LetterStatus.CANCELLED
    assert send(clock, ScriptedTransport()) == {LetterStatus.SENT: 1}


def test_what_is_held_is_late_all_the_same_for_people_to_see(clock: Clock) -> None:
    [letter] = queue(1)
    holds.begin(letter.event, by=None, at=clock())
    clock.move(dt.timedelta(minutes=10))
    assert list(outbox.at_risk([letter.event], clock())) == [letter]


def test_the_command_holds_and_lets_go(clock: Clock) -> None:
    queue(1)
    with pytest.raises(CommandError, match="Give a reason"):
        call_command("hold_letters")
    call_command("hold_letters", "mail server moves", stdout=StringIO())
    assert not send(clock, ScriptedTransport())
    output = StringIO()
    call_command("hold_letters", "--let-go", stdout=output)
    assert output.getvalue() == "let go: 1 holds ended\n"
    assert send(clock, ScriptedTransport()) == {LetterStatus.SENT: 1}
