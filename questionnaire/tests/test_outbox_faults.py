"""The outbox under real faults: worker processes that are killed, and many of them at once."""

import datetime as dt
import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from questionnaire.models import Letter, LetterKind, LetterStatus
from questionnaire.tests.factories import DECISION_HOUR, ApplicationFactory, LetterTemplateFactory
from questionnaire.tests.senders import Senders
from questionnaire.workflow import letters
from ravisit.testing.smtp_sink import HANG, Fault, SmtpSink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.every_database]

LEASE_IS_OVER = dt.timedelta(minutes=16)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


def queue(count: int) -> None:
    """Queue acceptances, released at the decision hour."""
    event = LetterTemplateFactory(kind=LetterKind.ACCEPTANCE).event
    applications = ApplicationFactory.create_batch(count, event=event)
    letters.queue_many(LetterKind.ACCEPTANCE, applications, at=DECISION_HOUR, release_at=DECISION_HOUR)


class SharedDatabase:
    """The test's database as other processes can reach it: on SQLite, a copy in a file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "shared.sqlite3"
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            with sqlite3.connect(self.file) as copy:
                connection.connection.backup(copy)
            copy.close()

    @property
    def url(self) -> str:
        """Return its `DATABASE_URL`."""
        if connection.vendor == "sqlite":
            return f"sqlite:///{self.file}"
        name = connection.settings_dict["NAME"]
        return str(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl())

    def statuses(self) -> Counter[str]:
        """Count the letters by status."""
        if connection.vendor != "sqlite":
            return Counter(Letter.objects.values_list("status", flat=True))
        copy = sqlite3.connect(self.file)
        rows = copy.execute("SELECT status, count(*) FROM questionnaire_letter GROUP BY status").fetchall()
        copy.close()
        return Counter(dict(rows))


def contents(sink: SmtpSink) -> dict[str, set[bytes]]:
    """Return the different bytes that came under each Message-ID."""
    found: dict[str, set[bytes]] = defaultdict(set)
    for received in sink.received:
        found[received.message_id].add(received.content)
    return found


@pytest.mark.parametrize(("count", "connections"), [(7, 1), (2, 4)])
def test_many_senders_at_once_send_each_letter_once(
    sink: SmtpSink, tmp_path: Path, count: int, connections: int
) -> None:
    queue(60)
    database = SharedDatabase(tmp_path)
    with Senders({"DATABASE_URL": database.url, "EMAIL_URL": sink.url}) as senders:
        senders.start(count, DECISION_HOUR, connections=connections)
        assert senders.wait() == [0] * count
    assert set(sink.copies.values()) == {1}
    assert len(sink.copies) == 60
    assert database.statuses() == {LetterStatus.SENT: 60}


@pytest.mark.parametrize(
    ("count", "kills", "most_between"), [(300, 40, 8), pytest.param(2000, 10, 200, marks=pytest.mark.postgres)]
)
def test_killed_senders_lose_nothing_and_send_at_most_one_copy_more_for_each_kill(
    sink: SmtpSink, tmp_path: Path, count: int, kills: int, most_between: int
) -> None:
    queue(count)
    database = SharedDatabase(tmp_path)
    chance = random.Random(29112021)
    at = DECISION_HOUR
    with Senders({"DATABASE_URL": database.url, "EMAIL_URL": sink.url}) as senders:
        for number in range(kills):
            kill = kill_at_a_known_step if number % 2 else kill_on_the_way
            kill(sink, senders, at, chance.randrange(1, most_between), chance)
            at += LEASE_IS_OVER
        assert database.statuses()[LetterStatus.SENT] < count  # or the last ones killed nobody at work
        senders.start(1, at)
        assert senders.wait() == [0]
    assert database.statuses() == {LetterStatus.SENT: count}
    assert len(sink.copies) == count
    assert count < sink.copies.total() <= count + kills
    assert {len(variants) for variants in contents(sink).values()} == {1}


def kill_at_a_known_step(
    sink: SmtpSink, senders: Senders, at: dt.datetime, letters_before: int, chance: random.Random
) -> None:
    """Kill a sender that waits for an answer; at `dot`, the letter has been taken and only the sender knows nothing."""
    step = chance.choice(["mail", "rcpt", "data", "dot", "dot"])
    hung = sink.hung
    sink.faults += [Fault(step)] * letters_before + [Fault(step, HANG)]
    [pid] = senders.start(1, at)
    assert sink.wait_until(lambda: sink.hung > hung)
    senders.kill(pid)


def kill_on_the_way(
    sink: SmtpSink, senders: Senders, at: dt.datetime, letters_before: int, _chance: random.Random
) -> None:
    """Kill a sender at work, wherever it is just then."""
    enough = sink.copies.total() + letters_before
    [pid] = senders.start(1, at)
    assert sink.wait_until(lambda: sink.copies.total() >= enough)
    senders.kill(pid)
