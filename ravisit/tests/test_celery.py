"""Waking workers: for every letter, but not once for each."""

from typing import Any

import pytest

import ravisit.celery
from questionnaire.models import Letter
from questionnaire.signals import letters_queued
from ravisit.celery import BEAT, DO_WHAT_IS_DUE, PAUSE, RESPITE, Waker


class Broker:
    """Notes for which moment each wake-up was ordered."""

    def __init__(self) -> None:
        self.now = 100.0
        self.ordered_for: list[float] = []
        self.is_there = True

    def send_task(self, name: str, *, countdown: float, expires: float, **_options: Any) -> None:
        """Take an order as Celery does."""
        assert name == DO_WHAT_IS_DUE
        assert expires == countdown + BEAT
        if not self.is_there:
            raise ConnectionError
        self.ordered_for.append(self.now + countdown)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    """A broker and a clock for the waker."""
    broker = Broker()
    monkeypatch.setattr(ravisit.celery.app, "send_task", broker.send_task)
    monkeypatch.setattr(ravisit.celery, "monotonic", lambda: broker.now)
    monkeypatch.setattr(ravisit.celery, "_waker", Waker())
    return broker


def test_a_letter_wakes_a_worker_at_once(broker: Broker) -> None:
    Waker().wake()
    assert broker.ordered_for == [100.0]


def test_after_every_letter_a_worker_looks_within_a_second_however_many_there_are(broker: Broker) -> None:
    waker = Waker()
    written_at = [100 + number / 64 for number in range(320)]  # five seconds long, 64 in each
    for broker.now in written_at:
        waker.wake()
    assert len(broker.ordered_for) == 6
    assert all(any(0 <= look - moment <= PAUSE for look in broker.ordered_for) for moment in written_at)


def test_a_letter_after_a_quiet_while_wakes_a_worker_at_once_again(broker: Broker) -> None:
    waker = Waker()
    waker.wake()
    broker.now += 10
    waker.wake()
    assert broker.ordered_for == [100.0, 110.0]


def test_a_broker_that_failed_is_left_alone_for_a_while_and_then_tried_again(broker: Broker) -> None:
    waker = Waker()
    broker.is_there = False
    with pytest.raises(ConnectionError):
        waker.wake()
    broker.is_there = True
    broker.now += RESPITE / 2
    waker.wake()
    assert broker.ordered_for == []
    broker.now += RESPITE / 2
    waker.wake()
    assert broker.ordered_for == [broker.now + PAUSE]


def test_a_letter_is_written_whatever_the_broker_does(broker: Broker) -> None:
    broker.is_there = False
    [(_receiver, error)] = letters_queued.send_robust(sender=Letter)
    assert isinstance(error, ConnectionError)
