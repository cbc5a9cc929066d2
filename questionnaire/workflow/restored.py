"""Notice that the database is not the one that it was: restored from a backup, or a copy.

A backup brings back letters that have left since. Each run of a sender is counted in the database, and the count is
kept outside of it too, in a file and in the cache: a count in the database that is behind one outside means that the
database is older than it should be. What came from a dump also lies elsewhere than before: another cluster, database
or table of PostgreSQL, another file of SQLite. In either case all letters are held until a person has looked.

A first start, and a cache or a folder that was emptied, leave nothing to compare with, and hold nothing.
"""

import datetime as dt
import logging
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

from questionnaire.models import Hold, OutboxMemory

logger = logging.getLogger(__name__)

_IDENTITY = """
    SELECT concat_ws('/', system_identifier, pg_database.oid, 'questionnaire_letter'::regclass::oid)
    FROM pg_database, pg_control_system() WHERE datname = current_database()
"""


def begin_run(*, at: dt.datetime) -> None:
    """Count a run of a sender that is about to begin; hold all letters where the database is not the one it was."""
    with transaction.atomic():
        # Locked before the marks are read: no other run can be counted in between.
        memory = _locked_memory()
        identity = where_it_lies()
        seen = max(_mark_in_file(memory), _mark_in_cache(memory))
        if seen > memory.runs or (memory.identity and identity and memory.identity != identity):
            _hold(at, f"run {memory.runs}, known {seen}")
        memory.identity = identity or memory.identity
        memory.runs = max(memory.runs, seen) + 1
        memory.save()
    # After the commit and before the first letter: no mark is ahead of its own database.
    _mark(memory)


def _locked_memory() -> OutboxMemory:
    """Return the one row, made at the first run; several senders may begin theirs at once."""
    locked = OutboxMemory.objects.select_for_update().filter(pk=1)
    memory = locked.first()
    if memory is None:
        OutboxMemory.objects.bulk_create([OutboxMemory()], ignore_conflicts=True)
        memory = locked.get()
    return memory


def where_it_lies() -> str:
    """Return what tells this database from every copy of it; empty where nothing does, as in memory."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_IDENTITY)
            return str(cursor.fetchone()[0])
    file = Path(str(connection.settings_dict["NAME"]))
    return f"file {file.stat().st_ino}" if file.is_file() else ""


def _hold(at: dt.datetime, found: str) -> None:
    _hold, made = Hold.objects.get_or_create(
        event=None, cause=Hold.Cause.RESTORED, ended_at=None, defaults={"made_at": at, "reason": found}
    )
    if made:
        logger.critical("the database is a copy or was restored (%s): no letter leaves until a person confirms", found)


def _file(memory: OutboxMemory) -> Path:
    return Path(settings.OUTBOX_MARKS) / str(memory.installation)


def _key(memory: OutboxMemory) -> str:
    return f"outbox-runs-{memory.installation}"


def _mark_in_file(memory: OutboxMemory) -> int:
    try:
        text = _file(memory).read_text()
    except OSError:
        return 0
    return int(text) if text.isascii() and text.isdecimal() else 0


def _mark_in_cache(memory: OutboxMemory) -> int:
    try:
        return int(cache.get(_key(memory), 0))
    except settings.SHARED_CACHE_ERRORS:
        return 0


def _mark(memory: OutboxMemory) -> None:
    """Keep the count outside of the database; one of the two places is enough."""
    try:
        cache.set(_key(memory), memory.runs, timeout=None)
    except settings.SHARED_CACHE_ERRORS as error:
        logger.warning("the cache cannot be reached: %s", type(error).__name__)
    file = _file(memory)
    unfinished = file.with_suffix(f".{memory.runs}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(str(memory.runs))
        unfinished.replace(file)
    except OSError as error:
        logger.warning("no mark can be kept in OUTBOX_MARKS: %s", error.strerror)
