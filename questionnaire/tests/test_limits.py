"""Limits of the rate: so many letters a minute, in all and to a domain, whoever sends them; nobody starves."""

import datetime as dt
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from questionnaire.models import Letter, LetterStatus, SendingRate
from questionnaire.tests.test_outbox import Clock, ScriptedTransport, queue, send
from questionnaire.workflow import outbox

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def to_domains(*domains: str) -> None:
    """Queue a letter to each domain named, in this order."""
    for number, (letter, domain) in enumerate(zip(queue(len(domains)), domains, strict=True)):
        Letter.objects.filter(pk=letter.pk).update(recipient=f"person{number}@{domain}")


def sent_in_a_minute(clock: Clock) -> list[str]:
    """Send what may leave, several times in the minute; return the domains, then let the minute pass."""
    transport = ScriptedTransport()
    for _ in range(3):
        send(clock, transport)
    clock.move(MINUTE)
    return [envelope.recipient.rpartition("@")[2] for envelope in transport.delivered]


def test_so_many_leave_in_a_minute_in_all(clock: Clock, settings: Settings) -> None:
    settings.LETTERS_PER_MINUTE = 2
    to_domains(*["a.example"] * 5)
    assert [len(sent_in_a_minute(clock)) for _ in range(4)] == [2, 2, 1, 0]


def test_so_many_leave_in_a_minute_to_a_domain_and_the_others_pass(clock: Clock, settings: Settings) -> None:
    settings.LETTERS_PER_MINUTE_PER_DOMAIN = 2
    to_domains(*["big.example"] * 50, "small.example", "BIG.example", "tiny.example")
    first = sent_in_a_minute(clock)
    assert Counter(first) == {"big.example": 2, "small.example": 1, "tiny.example": 1}
    minutes = 1
    while Letter.objects.exclude(status=LetterStatus.SENT).exists():
        assert len(sent_in_a_minute(clock)) <= 2
        minutes += 1
    assert minutes <= 30  # 51 letters, two a minute, and some that found a minute full again


def test_both_limits_hold_together(clock: Clock, settings: Settings) -> None:
    settings.LETTERS_PER_MINUTE, settings.LETTERS_PER_MINUTE_PER_DOMAIN = 3, 2
    to_domains("a.example", "a.example", "a.example", "b.example", "c.example", "c.example")
    assert sorted(sent_in_a_minute(clock)) == ["a.example", "a.example", "b.example"]
    assert sorted(sent_in_a_minute(clock)) == ["a.example", "c.example", "c.example"]


def test_after_an_outage_the_limit_holds_too(clock: Clock, settings: Settings) -> None:
    settings.LETTERS_PER_MINUTE_PER_DOMAIN = 2
    to_domains(*["a.example"] * 8)
    sent_in_a_minute(clock)
    clock.move(dt.timedelta(hours=5))
    assert len(sent_in_a_minute(clock)) == 2


def test_the_count_is_of_the_database_and_so_of_all_senders(clock: Clock, settings: Settings) -> None:
    settings.LETTERS_PER_MINUTE = 3
    queue(5)
    claims = [outbox.claim(clock(), 2), outbox.claim(clock(), 2), outbox.claim(clock(), 2)]
    assert [len(claim.letters) for claim in claims] == [2, 1, 0]
    assert SendingRate.objects.get().letters == 3


def test_without_limits_nothing_is_asked(clock: Clock) -> None:
    queue(2)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        send(clock, ScriptedTransport())
    assert "sendingrate" not in str([query["sql"] for query in queries])
