"""An old backup restored: no letter leaves until a person has looked. Everything else that is unusual holds nothing."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from questionnaire.models import Hold, Letter, LetterStatus, OutboxMemory
from questionnaire.tests.test_outbox import Clock, ScriptedTransport, queue, send
from questionnaire.workflow import holds, restored

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture(autouse=True)
def marks(settings: Settings, tmp_path: Path) -> Path:
    """Return an empty folder for the marks."""
    settings.OUTBOX_MARKS = str(tmp_path / "marks")
    return tmp_path / "marks"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def dumped() -> dict[str, Any]:
    """Return the database as a backup would hold it."""
    return {
        "memory": OutboxMemory.objects.values().get(),
        "letters": list(Letter.objects.values("pk", "status", "due_at", "sent_at")),
    }


def restore(dump: dict[str, Any]) -> None:
    """Put the database back to what it was."""
    OutboxMemory.objects.update(**dump["memory"])
    for row in dump["letters"]:
        Letter.objects.filter(pk=row.pop("pk")).update(**row)


def sent_after_a_backup(clock: Clock) -> dict[str, Any]:
    """Send a letter, make a backup with two more in it, and send these; return the backup."""
    queue(1)
    send(clock, ScriptedTransport())
    queue(2)
    dump = dumped()
    assert send(clock, ScriptedTransport()) == {LetterStatus.SENT: 2}
    return dump


def test_a_first_start_and_all_later_ones_hold_nothing(clock: Clock) -> None:
    for _ in range(3):
        queue(1)
        assert send(clock, ScriptedTransport()) == {LetterStatus.SENT: 1}
    assert not Hold.objects.exists()


def test_after_an_old_backup_nothing_leaves_until_a_person_confirms(clock: Clock) -> None:
    restore(sent_after_a_backup(clock))
    transport = ScriptedTransport()
    for _ in range(3):
        assert not send(clock, transport)
        clock.move(dt.timedelta(hours=1))
    assert transport.delivered == []
    hold = Hold.objects.get()
    assert (hold.cause, hold.event, hold.until) == (Hold.Cause.RESTORED, None, None)
    holds.let_go(hold, by=None, at=clock())
    assert send(clock, transport) == {LetterStatus.SENT: 2}
    queue(1)
    assert send(clock, transport) == {LetterStatus.SENT: 1}


@pytest.mark.parametrize("kept", ["file", "cache"])
def test_one_of_the_two_marks_is_enough(clock: Clock, marks: Path, kept: str) -> None:
    dump = sent_after_a_backup(clock)
    if kept == "file":
        cache.clear()
    else:
        [mark] = marks.iterdir()
        mark.unlink()
    restore(dump)
    assert not send(clock, ScriptedTransport())


def test_a_flushed_cache_and_an_emptied_folder_hold_nothing(clock: Clock, marks: Path) -> None:
    sent_after_a_backup(clock)
    cache.clear()
    [mark] = marks.iterdir()
    mark.write_text("not a number")
    queue(1)
    assert send(clock, ScriptedTransport()) == {LetterStatus.SENT: 1}
    assert mark.read_text() == "3"


def test_a_database_that_lies_elsewhere_is_a_copy(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restored, "where_it_lies", lambda: "here")
    queue(1)
    send(clock, ScriptedTransport())
    monkeypatch.setattr(restored, "where_it_lies", lambda: "there")
    queue(1)
    assert not send(clock, ScriptedTransport())
    assert Hold.objects.get().cause == Hold.Cause.RESTORED
    holds.let_go(Hold.objects.get(), by=None, at=clock())
    assert send(clock, ScriptedTransport()) == {LetterStatus.SENT: 1}


def test_where_no_mark_can_be_kept_letters_leave_all_the_same(clock: Clock, marks: Path) -> None:
    marks.write_text("a file where the folder should be")
    queue(1)
    assert send(clock, ScriptedTransport()) == {LetterStatus.SENT: 1}


@pytest.mark.postgres
def test_postgresql_tells_its_databases_apart() -> None:
    cluster, database, table = restored.where_it_lies().split("/")
    assert cluster.isdecimal()
    assert database.isdecimal()
    assert table.isdecimal()
