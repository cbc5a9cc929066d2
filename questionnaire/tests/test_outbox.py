"""The outbox: when letters leave, who may send them, and what is recorded of each attempt."""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from events.models import Event
from questionnaire.models import Letter, LetterKind, LetterStatus
from questionnaire.tests.factories import DECISION_HOUR, ApplicationFactory, LetterTemplateFactory
from questionnaire.workflow import letters, links, mime, outbox
from questionnaire.workflow.delivery import Envelope, Outcome, Phase, transport_factory
from ravisit.testing.smtp_sink import CUT, Fault, SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

SECOND = dt.timedelta(seconds=1)
LEASE = dt.timedelta(seconds=900)
OK = Outcome(LetterStatus.SENT, Phase.AFTER_DOT, 250, "2.0.0 taken")
LATER = Outcome(LetterStatus.RETRY, Phase.RCPT, 451, "4.2.0 greylisted")
REFUSED = Outcome(LetterStatus.FAILED, Phase.RCPT, 550, "5.1.1 no such person")
PERHAPS = Outcome(LetterStatus.UNCERTAIN, Phase.AFTER_DOT, None, "SMTPServerDisconnected")
NO_SERVER = Outcome(LetterStatus.RETRY, Phase.CONNECT, None, "ConnectionRefusedError")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: dt.datetime = DECISION_HOUR) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, by: dt.timedelta) -> None:
        """Let time pass."""
        self.now += by


class ScriptedTransport:
    """Answers with the outcomes given, then with success; keeps what it was asked to deliver."""

    def __init__(self, outcomes: Iterable[Outcome] = (), on_delivery: Callable[[], object] = lambda: None) -> None:
        self.outcomes = chain(outcomes, repeat(OK))
        self.on_delivery = on_delivery
        self.delivered: list[Envelope] = []
        self.closed = False

    def deliver(self, envelope: Envelope) -> Outcome:
        self.delivered.append(envelope)
        self.on_delivery()
        return next(self.outcomes)

    def close(self) -> None:
        self.closed = True


def queue(count: int = 1, event: Event | None = None) -> list[Letter]:
    """Queue acceptances, released at the decision hour."""
    event = event or LetterTemplateFactory(kind=LetterKind.ACCEPTANCE).event
    applications = ApplicationFactory.create_batch(count, event=event)
    return letters.queue_many(LetterKind.ACCEPTANCE, applications, at=DECISION_HOUR, release_at=DECISION_HOUR)


def send(clock: Clock, transport: ScriptedTransport, *, until: dt.datetime | None = None) -> Counter[LetterStatus]:
    """Send what is due; return how many letters came to which status."""
    return outbox.send_due(clock, lambda: transport, until=until).letters


def one() -> Letter:
    """Return the only letter as it stands."""
    return Letter.objects.get()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_leaves_before_its_hour_and_all_of_it_in_one_run_after_an_outage(clock: Clock) -> None:
    queue(25)
    transport = ScriptedTransport()
    clock.move(-SECOND)
    assert not send(clock, transport)
    assert transport.delivered == []
    clock.move(SECOND + dt.timedelta(days=3))
    assert send(clock, transport) == {LetterStatus.SENT: 25}
    assert len({envelope.recipient for envelope in transport.delivered}) == 25
    assert transport.closed
    assert not send(clock, transport)


def test_what_leaves_is_what_was_frozen_with_a_link_that_works(clock: Clock, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "RAN visits <visits@example.org>"
    [letter] = queue()
    transport = ScriptedTransport()
    send(clock, transport)
    [envelope] = transport.delivered
    assert (envelope.sender, envelope.recipient) == ("visits@example.org", letter.recipient)
    assert letter.access_token is not None
    token = links.reveal(letter.access_token)
    assert envelope.mime.replace(token.encode(), mime.LINK_MARKER.encode()) == letter.mime
    assert links.address(token, "en") in mime.read(envelope.mime).text
    assert links.find(token, at=clock()).application == letter.application


def test_a_letter_that_was_sent_is_recorded_and_never_sent_again(clock: Clock) -> None:
    queue()
    transport = ScriptedTransport()
    send(clock, transport)
    letter = one()
    assert (letter.status, letter.sent_at, letter.attempts) == (LetterStatus.SENT, clock.now, 1)
    assert (letter.last_phase, letter.last_code, letter.last_reply) == ("after_dot", 250, "2.0.0 taken")
    clock.move(dt.timedelta(days=30))
    assert not send(clock, transport)
    assert len(transport.delivered) == 1


def test_a_refused_letter_has_failed_until_a_person_sends_it_again(clock: Clock) -> None:
    queue()
    transport = ScriptedTransport([REFUSED])
    assert send(clock, transport) == {LetterStatus.FAILED: 1}
    assert (one().last_code, one().last_reply) == (550, "5.1.1 no such person")
    clock.move(dt.timedelta(days=30))
    assert not send(clock, transport)
    assert outbox.requeue(Letter.objects.all(), now=clock()) == 1
    assert send(clock, transport) == {LetterStatus.SENT: 1}
    assert outbox.requeue(Letter.objects.all(), now=clock()) == 0


def test_a_letter_is_tried_with_growing_waits_for_more_than_four_days(clock: Clock) -> None:
    queue()
    transport = ScriptedTransport(repeat(LATER))
    waits = []
    while send(clock, transport) == {LetterStatus.RETRY: 1}:
        due_at = one().due_at
        assert due_at is not None
        waits.append(due_at - clock.now)
        clock.now = due_at - SECOND
        assert not send(clock, transport)
        clock.move(SECOND)
    assert waits == sorted(waits)
    assert waits[0] == dt.timedelta(minutes=1)
    assert sum(waits, dt.timedelta()) > dt.timedelta(days=4)
    assert one().status == LetterStatus.FAILED
    assert len(transport.delivered) == len(waits) + 1


def test_a_letter_that_perhaps_arrived_is_sent_again_after_half_an_hour_with_the_same_bytes(clock: Clock) -> None:
    queue()
    transport = ScriptedTransport([PERHAPS])
    assert send(clock, transport) == {LetterStatus.UNCERTAIN: 1}
    clock.move(dt.timedelta(minutes=30) - SECOND)
    assert not send(clock, transport)
    clock.move(SECOND)
    assert send(clock, transport) == {LetterStatus.SENT: 1}
    first, second = transport.delivered
    assert first == second


def test_a_claimed_letter_is_nobody_elses_until_the_lease_ends(clock: Clock) -> None:
    [letter] = queue()
    claimed = outbox.claim(clock(), 10)
    assert claimed.letters == (letter,)
    assert outbox.claim(clock(), 10).letters == ()
    clock.move(LEASE - SECOND)
    assert outbox.claim(clock(), 10).letters == ()
    clock.move(SECOND)
    assert outbox.claim(clock(), 10).letters == (letter,)


def test_a_sender_whose_lease_ended_neither_sends_nor_records(clock: Clock) -> None:
    queue()
    slow = outbox.claim(clock(), 10)
    clock.move(LEASE)
    fast = outbox.claim(clock(), 10)
    transport = ScriptedTransport()
    assert outbox.send_one(slow, slow.letters[0], transport, clock) is None
    assert outbox.give_back(slow, slow.letters, clock()) == 0
    assert transport.delivered == []
    assert outbox.send_one(fast, fast.letters[0], transport, clock) == OK


def test_an_answer_that_comes_after_the_lease_changes_nothing(clock: Clock) -> None:
    queue()
    slow = outbox.claim(clock(), 10)

    def another_takes_over() -> None:
        clock.move(LEASE)
        outbox.claim(clock(), 10)

    outbox.send_one(slow, slow.letters[0], ScriptedTransport([REFUSED], another_takes_over), clock)
    assert (one().status, one().attempts) == (LetterStatus.SENDING, 0)


def test_no_letter_is_begun_that_could_outlast_the_lease(clock: Clock) -> None:
    queue(3)
    transport = ScriptedTransport(on_delivery=lambda: clock.move(dt.timedelta(seconds=301)))
    assert send(clock, transport) == {LetterStatus.SENT: 3}
    assert len(transport.delivered) == 3
    claimed = outbox.claim(clock() + dt.timedelta(days=1), 1)
    assert claimed.letters == ()


@pytest.mark.parametrize("outcome", [OK, LATER])
def test_a_letter_cancelled_on_the_wire_is_told_for_what_it_is(clock: Clock, outcome: Outcome) -> None:
    [letter] = queue()
    assert letter.application is not None
    application = letter.application
    send(clock, ScriptedTransport([outcome], lambda: letters.cancel(application)))
    assert one().status == (LetterStatus.SENT if outcome is OK else LetterStatus.CANCELLED)


def test_a_letter_cancelled_after_its_claim_is_not_sent(clock: Clock) -> None:
    first, second = queue(2)
    assert second.application is not None
    application = second.application
    transport = ScriptedTransport(on_delivery=lambda: letters.cancel(application))
    assert send(clock, transport) == {LetterStatus.SENT: 1}
    assert [envelope.recipient for envelope in transport.delivered] == [first.recipient]


def test_without_a_server_one_letter_is_tried_and_the_others_keep_their_place(clock: Clock) -> None:
    queue(3)
    transport = ScriptedTransport([NO_SERVER])
    tally = outbox.send_due(clock, lambda: transport)
    assert not tally.server_reached
    assert tally.letters == {LetterStatus.RETRY: 1}
    assert sorted(Letter.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert send(clock, transport) == {LetterStatus.SENT: 2}
    clock.move(dt.timedelta(minutes=1))
    assert send(clock, transport) == {LetterStatus.SENT: 1}


def test_a_run_ends_in_time_and_leaves_the_rest_to_the_next(clock: Clock) -> None:
    queue(3)
    transport = ScriptedTransport(on_delivery=lambda: clock.move(dt.timedelta(minutes=1)))
    assert send(clock, transport, until=clock() + dt.timedelta(minutes=2)) == {LetterStatus.SENT: 2}
    assert send(clock, transport) == {LetterStatus.SENT: 1}


def test_a_letter_outlives_a_change_of_the_secret_key(clock: Clock, settings: Settings) -> None:
    [letter] = queue()
    assert letter.access_token is not None
    token = links.reveal(letter.access_token)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, which is at least fifty characters long"
    transport = ScriptedTransport()
    assert send(clock, transport) == {LetterStatus.SENT: 1}
    assert token.encode() in transport.delivered[0].mime


def test_no_letter_leaves_with_a_link_that_leads_nowhere(clock: Clock, settings: Settings) -> None:
    queue()
    former_key = settings.SECRET_KEY
    settings.SECRET_KEY = "another key, which is at least fifty characters long"
    transport = ScriptedTransport()
    assert send(clock, transport) == {LetterStatus.FAILED: 1}
    assert one().last_reply.startswith("TokenLost")
    settings.SECRET_KEY_FALLBACKS = [former_key]
    outbox.requeue(Letter.objects.all(), now=clock())
    assert send(clock, transport) == {LetterStatus.SENT: 1}
    assert len(transport.delivered) == 1


def test_an_address_that_cannot_be_written_fails_alone(clock: Clock) -> None:
    first, _ = queue(2)
    Letter.objects.filter(pk=first.pk).update(recipient="a@b.c, d@e.f")
    assert send(clock, ScriptedTransport()) == {LetterStatus.FAILED: 1, LetterStatus.SENT: 1}


def test_people_are_shown_what_failed_or_is_late(clock: Clock) -> None:
    failed, late, sent, cancelled = queue(4)
    event = failed.event
    early = queue(1, event=LetterTemplateFactory(kind=LetterKind.ACCEPTANCE).event)[0]
    Letter.objects.filter(pk=failed.pk).update(status=LetterStatus.FAILED)
    Letter.objects.filter(pk=sent.pk).update(status=LetterStatus.SENT, sent_at=clock())
    Letter.objects.filter(pk=cancelled.pk).update(status=LetterStatus.CANCELLED)
    assert list(outbox.at_risk([event], clock())) == [failed]
    clock.move(dt.timedelta(minutes=10))
    assert list(outbox.at_risk([event], clock())) == [failed, late]
    assert list(outbox.at_risk([early.event], clock())) == [early]


def test_the_log_names_letters_and_no_people(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    [letter] = queue()
    assert letter.application is not None
    reply = f"5.1.1 <{letter.recipient}> unknown"
    with caplog.at_level(logging.DEBUG):
        send(clock, ScriptedTransport([Outcome(LetterStatus.FAILED, Phase.RCPT, 550, reply)]))
    assert f"letter {letter.pk}: failed at rcpt 550" in caplog.text
    assert letter.recipient not in caplog.text
    assert letter.application.family_name not in caplog.text
    assert one().last_reply == reply


def test_a_strange_reply_is_kept_as_one_line_that_fits(clock: Clock) -> None:
    queue()
    send(clock, ScriptedTransport([Outcome(LetterStatus.FAILED, Phase.RCPT, 550, "no\0\r\n" * 1000)]))
    assert one().last_reply == ("no " * 1000)[:500]


def test_a_letter_costs_two_queries(clock: Clock, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    queue(1)
    transport = ScriptedTransport()
    send(clock, transport)
    queue(10)
    # And two claims, of which the last finds nothing, after a look at what is due and at the outbox's memory.
    memory = 5 if connection.vendor == "postgresql" else 4
    with django_assert_num_queries(10 * 2 + 4 + 3 + 1 + memory):
        send(clock, transport)


def test_a_claim_finds_the_next_letters_by_index_however_many_there_are(clock: Clock) -> None:
    queue(3)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A handful of rows would be read and sorted without any index.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        plan = outbox.due(clock())[: outbox.BATCH].explain()
    assert "letter_due" in plan
    assert "sort" not in plan.lower()
    assert "temp b-tree" not in plan.lower()


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


def test_over_real_smtp_a_lost_reply_costs_one_more_copy_of_the_same_bytes(clock: Clock, sink: SmtpSink) -> None:
    queue(3)
    sink.faults += [Fault("rcpt", "450 4.2.0 later"), Fault("dot", CUT)]
    new_transport = transport_factory(sink.url)
    assert outbox.send_due(clock, new_transport).letters == {
        LetterStatus.RETRY: 1,
        LetterStatus.UNCERTAIN: 1,
        LetterStatus.SENT: 1,
    }
    clock.move(dt.timedelta(minutes=30))
    assert outbox.send_due(clock, new_transport).letters == {LetterStatus.SENT: 2}
    assert sorted(sink.copies.values()) == [1, 1, 2]
    assert len(set(sink.received)) == 3
