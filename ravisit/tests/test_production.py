"""The site as it runs in production: its settings, its restart under load, its backup."""

import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from events.models import Event
from questionnaire import study_visit
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory
from questionnaire.tests.test_outbox_faults import SharedDatabase
from ravisit.ports import LOOPBACK, free_port
from ravisit.processes import Family
from ravisit.testing import postgres

SAFE = {
    "BASE_URL": "https://ravisit.example",
    "ALLOWED_HOSTS": "ravisit.example",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "DATABASE_URL": "postgres://ravisit:secret@127.0.0.1:1/ravisit",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1",
    "DEFAULT_FROM_EMAIL": "visit@ravisit.example",
    "TRUSTED_PROXIES": "1",
}
OURS = "'^(events|questionnaire)_'"
# Columns, constraints and indexes of our tables, whatever the order of the ones and the names of the others.
SCHEMA = (
    f"""SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
        FROM information_schema.columns WHERE table_name ~ {OURS}""",
    f"""SELECT conrelid::regclass::text, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE conrelid::regclass::text ~ {OURS}""",
    f"""SELECT tablename, regexp_replace(indexdef, 'INDEX .* ON', 'INDEX ON')
        FROM pg_indexes WHERE tablename ~ {OURS}""",
)
GUNICORN = Path(sys.executable).with_name("gunicorn")
REQUESTS = 1000
VISITORS = 4
PAUSE = 0.02  # seconds between two requests of a visitor
PATIENCE = 30.0  # seconds


def manage(*arguments: str, env: dict[str, str]) -> str:
    """Run a command of manage.py; return what it printed. Fails with what it complained of."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=os.environ | env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_djangos_own_check_finds_nothing_to_warn_of() -> None:
    manage("check", "--deploy", "--fail-level", "WARNING", env=SAFE)


class Crowd:
    """Visitors who ask for a page again and again, each time over a new connection, until they are told to stop."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        self.answered = 0
        self.failures: list[str] = []
        self._counting = threading.Lock()
        self._enough = threading.Event()

    def __enter__(self) -> "Crowd":
        self._visitors = [threading.Thread(target=self._visit) for _number in range(VISITORS)]
        for visitor in self._visitors:
            visitor.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._enough.set()
        for visitor in self._visitors:
            visitor.join()

    def _visit(self) -> None:
        while not (self._enough.is_set() and self.answered >= REQUESTS):
            problem = self._ask()
            with self._counting:
                self.answered += 1
                self.failures += [problem] if problem else []
            self._enough.wait(PAUSE)

    def _ask(self) -> str:
        client = HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE)
        try:
            client.request("GET", self.path)
            answer = client.getresponse()
            complete = b"</html>" in answer.read()
        except (OSError, HTTPException) as error:
            return repr(error)
        finally:
            client.close()
        return "" if answer.status == 200 and complete else f"status {answer.status}"


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so; fail when it takes too long."""
    pause = threading.Event()
    assert any(condition() or pause.wait(0.1) for _round in range(int(PATIENCE / 0.1))), what


def children(process: int) -> set[int]:
    """Return the process ids of a gunicorn's workers (and of its successor)."""
    return {int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for the workers in /proc, as on Linux")
@pytest.mark.django_db(transaction=True)
def test_a_restart_under_load_loses_no_request(tmp_path: Path) -> None:
    """First the workers are exchanged (HUP), then the whole server by a successor on the same socket (USR2, TERM)."""
    event = study_visit.load(now=AFTER_CLOSE, opens_now=True).event
    port = free_port()
    env = {"DATABASE_URL": SharedDatabase(tmp_path).url, "PORT": str(port), "REDIS_URL": ""}
    log = tmp_path / "gunicorn.log"
    with Family() as family:
        # By its script: the successor would not find its modules after `python -m gunicorn`.
        command = [str(GUNICORN), "--chdir", str(settings.BASE_DIR)]
        server = family.start("gunicorn", command, log, env=env).process
        wait_for(lambda: log.read_text().count("Booting worker") == 2, "two workers")
        with Crowd(port, event.get_absolute_url()) as crowd:
            former = children(server.pid)
            server.send_signal(signal.SIGHUP)
            wait_for(lambda: len(children(server.pid)) == 2 and not former & children(server.pid), "new workers")
            workers = children(server.pid)
            server.send_signal(signal.SIGUSR2)
            wait_for(lambda: bool(children(server.pid) - workers), "a successor")
            [successor] = children(server.pid) - workers
            wait_for(lambda: len(children(successor)) == 2, "its workers")
            server.send_signal(signal.SIGTERM)
            assert server.wait(PATIENCE) == 0
        os.kill(successor, signal.SIGTERM)
    assert crowd.failures == []
    assert crowd.answered >= REQUESTS


@pytest.fixture
def copy_url() -> Iterator[str]:
    """Return the address of an empty database beside the test's own."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        yield str(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl())
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_migrations_make_the_tables_that_the_tests_stand_on(copy_url: str) -> None:
    """The tests make their tables as the models are, at once; on SQLite it is `make run` that migrates."""
    manage("migrate", "--verbosity", "0", env={"DATABASE_URL": copy_url})
    with psycopg.connect(copy_url) as migrated, connection.cursor() as made:
        for part in SCHEMA:
            made.execute(part)
            expected = set(made.fetchall())
            assert len(expected) > 50
            assert set(migrated.execute(part).fetchall()) == expected


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_backup_in_a_fresh_database_has_every_row(tmp_path: Path, copy_url: str) -> None:
    """The commands are those of docs/operators.md, with the PostgreSQL of the tests."""
    event: Event = study_visit.load(now=AFTER_CLOSE, opens_now=True).event
    ApplicationFactory.create_batch(3, event=event)
    dump = tmp_path / "ravisit.dump"
    original = SharedDatabase(tmp_path).url
    for program, *arguments in (
        ("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", f"--dbname={original}"),
        ("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={copy_url}", str(dump)),
    ):
        subprocess.run([postgres.BIN_DIR / program, *arguments], check=True, capture_output=True)
    rows, restored = (manage("count_rows", env={"DATABASE_URL": url}) for url in (original, copy_url))
    assert "questionnaire_application 3\n" in rows
    assert restored == rows
