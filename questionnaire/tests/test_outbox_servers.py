"""The outbox when a server behind it is killed in the middle of a run, or comes back from an old backup."""

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from questionnaire.models import LetterKind, LetterStatus
from questionnaire.tests.factories import DECISION_HOUR, ApplicationFactory, LetterTemplateFactory
from questionnaire.tests.senders import Senders
from questionnaire.tests.test_outbox_faults import LEASE_IS_OVER, SharedDatabase, queue
from questionnaire.workflow import letters
from ravisit.processes import Child, Family
from ravisit.testing import postgres, valkey
from ravisit.testing.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db(transaction=True)]

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink(delay=0.02) as sink:
        yield sink


def run(senders: Senders, at: dt.datetime) -> None:
    """Have one sender work off what is due."""
    senders.start(1, at)
    assert senders.wait() == [0]


def pg(program: str, *arguments: str, given: bytes = b"") -> bytes:
    """Run a program of PostgreSQL; return what it prints."""
    command = [str(postgres.BIN_DIR / program), *arguments]
    return subprocess.run(command, check=True, capture_output=True, input=given).stdout


def other_database(url: str, name: str) -> str:
    """Return the address of another database on the same server."""
    return str(urlsplit(url)._replace(path=f"/{name}").geturl())


class TestRestored:
    """An old backup restored: 0 mails sent."""

    def two_hours_of_letters(self) -> None:
        """Queue five letters for the decision hour, and five for the next."""
        event = LetterTemplateFactory(kind=LetterKind.ACCEPTANCE).event
        for hour in (DECISION_HOUR, DECISION_HOUR + HOUR):
            applications = ApplicationFactory.create_batch(5, event=event)
            letters.queue_many(LetterKind.ACCEPTANCE, applications, at=DECISION_HOUR, release_at=hour)

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="copies a file")
    @pytest.mark.parametrize("marks", ["kept", "lost"])
    def test_a_file_copied_back(self, sink: SmtpSink, tmp_path: Path, marks: str) -> None:
        """With the marks lost, the file in its place is as it was then and letters leave again: the control."""
        self.two_hours_of_letters()
        database = SharedDatabase(tmp_path)
        folder = tmp_path / "marks"
        with Senders({"DATABASE_URL": database.url, "EMAIL_URL": sink.url, "OUTBOX_MARKS": str(folder)}) as senders:
            run(senders, DECISION_HOUR)
            with sqlite3.connect(database.file) as source, sqlite3.connect(tmp_path / "backup") as backup:
                source.backup(backup)
            run(senders, DECISION_HOUR + HOUR)
            assert sink.copies.total() == 10
            with sqlite3.connect(tmp_path / "backup") as backup, sqlite3.connect(database.file) as target:
                backup.backup(target)
            if marks == "lost":
                shutil.rmtree(folder)
            run(senders, DECISION_HOUR + 2 * HOUR)
        assert sink.copies.total() == (10 if marks == "kept" else 15)

    @pytest.mark.postgres
    def test_a_dump_restored_elsewhere_is_noticed_without_any_mark(self, sink: SmtpSink, tmp_path: Path) -> None:
        self.two_hours_of_letters()
        database = SharedDatabase(tmp_path)
        restored = other_database(database.url, "restored")
        environment = {"EMAIL_URL": sink.url, "REDIS_URL": "", "OUTBOX_MARKS": str(tmp_path / "marks")}
        with Senders({**environment, "DATABASE_URL": database.url}) as senders:
            run(senders, DECISION_HOUR)
            dump = pg("pg_dump", "--dbname", database.url)
            run(senders, DECISION_HOUR + HOUR)
        pg("psql", "--quiet", "--dbname", database.url, "--command", "CREATE DATABASE restored")
        try:
            pg("psql", "--quiet", "--dbname", restored, given=dump)
            shutil.rmtree(tmp_path / "marks")
            with Senders({**environment, "DATABASE_URL": restored}) as senders:
                run(senders, DECISION_HOUR + 2 * HOUR)
            with psycopg.connect(restored) as client:
                assert client.execute("SELECT cause FROM questionnaire_hold WHERE ended_at IS NULL").fetchall() == [
                    ("restored",)
                ]
        finally:
            pg("psql", "--quiet", "--dbname", database.url, "--command", "DROP DATABASE restored WITH (FORCE)")
        assert sink.copies.total() == 10


@pytest.mark.postgres
def test_postgresql_killed_in_mid_run_loses_nothing(sink: SmtpSink, tmp_path: Path) -> None:
    queue(60)
    dump = pg("pg_dump", "--no-owner", "--dbname", SharedDatabase(tmp_path).url)
    folder = settings.VAR_DIR / "test" / f"killed-{os.getpid()}"
    with postgres.serve(folder) as server:
        pg("psql", "--quiet", "--dbname", server.url, given=dump)
        environment = {"DATABASE_URL": server.url, "EMAIL_URL": sink.url, "OUTBOX_MARKS": str(tmp_path / "marks")}
        with Senders(environment) as senders:
            at, in_flight = DECISION_HOUR, 0
            for enough in (10, 30):
                senders.start(2, at)
                assert sink.wait_until(lambda enough=enough: sink.copies.total() >= enough)  # type: ignore[misc]
                server.kill()
                assert 0 not in senders.wait()  # they were at work, and end with an error
                in_flight += 2
                server.start()
                at += LEASE_IS_OVER
            run(senders, at)
        with psycopg.connect(server.url) as client:
            statuses = client.execute("SELECT status, count(*) FROM questionnaire_letter GROUP BY status").fetchall()
    shutil.rmtree(folder, ignore_errors=True)
    assert statuses == [(LetterStatus.SENT, 60)]
    assert len(sink.copies) == 60
    assert sink.copies.total() <= 60 + in_flight


@pytest.mark.postgres
@pytest.mark.valkey
def test_a_broker_killed_and_emptied_in_mid_run_loses_nothing_with_two_beats(sink: SmtpSink, tmp_path: Path) -> None:
    """Real workers and two real beats; the broker comes back with nothing in it."""
    now = timezone.now()
    # An event of the real present: of one that is long over, workers erase all personal data.
    event = LetterTemplateFactory(kind=LetterKind.ACCEPTANCE, event__last_day=now.date()).event
    for wave in range(2):
        hour = now + dt.timedelta(seconds=wave * 4)
        applications = ApplicationFactory.create_batch(30, event=event)
        letters.queue_many(LetterKind.ACCEPTANCE, applications, at=now, release_at=hour)
    with valkey.serve(tmp_path / "valkey") as broker, Family() as family:
        environment = {
            "DATABASE_URL": SharedDatabase(tmp_path).url,
            "REDIS_URL": broker.url,
            "EMAIL_URL": sink.url,
            "SECRET_KEY": settings.SECRET_KEY,
            "OUTBOX_MARKS": str(tmp_path / "marks"),
        }

        def celery(name: str, *arguments: str) -> Child:
            command = [sys.executable, "-m", "celery", "-A", "ravisit.testing.quick_celery", *arguments]
            return family.start(name, command, tmp_path / f"{name}.log", environment)

        for name in ("worker-1", "worker-2"):
            celery(name, "worker", "--pool", "solo", "--without-gossip", "--without-mingle", "-n", f"{name}@test")
        for name in ("beat-1", "beat-2"):
            celery(name, "beat", "--schedule", str(tmp_path / name), "--pidfile", "")
        assert sink.wait_until(lambda: sink.copies.total() >= 10, timeout=90)
        broker.kill()
        broker.start()
        assert sink.wait_until(lambda: len(sink.copies) >= 60, timeout=60)
    assert set(sink.copies.values()) == {1}
