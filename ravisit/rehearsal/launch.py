"""Prepare a rehearsal, start its director in the settings of the copy, and leave nothing behind."""

from __future__ import annotations

import json
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from events.models import Event
from questionnaire.rehearsal import content
from questionnaire.rehearsal.play import Options
from questionnaire.throwaway import database_beside
from ravisit.ports import LOOPBACK, free_port
from ravisit.processes import Family
from ravisit.rehearsal import place

WORKER = "ravisit.rehearsal.worker"
LOOK_EVERY = 0.1  # seconds
Progress = Callable[[str, float], None]


class CannotRehearse(Exception):
    """The rehearsal could not be played to its end; the message is one line that says why."""


def rehearse(
    event: Event, options: Options, progress: Progress, *, keep: bool = False, worker: str = WORKER
) -> dict[str, Any]:
    """Play a rehearsal of an event; return its outcome as plain data.

    `progress` is called several times a second. With `keep`, database and folder stay. `worker` names the module of the
    Celery application; a test puts a broken one there, to see that it is found out. Raises `CannotRehearse`.
    """
    name = f"ravisit_rehearsal_{secrets.token_hex(4)}"
    folder = settings.VAR_DIR / "rehearsal" / name
    folder.mkdir(parents=True)
    order = {
        "content": content.dump(event),
        "applicants": options.applicants,
        "seed": options.seed,
        "faults": sorted(options.faults),
        "worker": worker,
    }
    (folder / "order.json").write_text(json.dumps(order))
    started = time.monotonic()
    try:
        with database_beside(settings.DATABASE_URL, name, folder, keep=keep) as url:
            return _direct(folder, url, progress) | {"seconds": round(time.monotonic() - started)}
    except psycopg.Error as error:
        advice = "a rehearsal makes a database of its own, so the database user needs the right CREATEDB"
        raise CannotRehearse(f"{str(error).splitlines()[0]} ({advice})") from error
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _direct(folder: Path, database_url: str, progress: Progress) -> dict[str, Any]:
    """Run the director until it has left the outcome."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "play_rehearsal"]
    log = folder / "log" / "director.log"
    with Family() as family:
        director = family.start("rehearsal", command, log, _environment(folder, database_url))
        while director.process.poll() is None:
            _pass_on(folder / "progress", progress)
            time.sleep(LOOK_EVERY)
        if director.process.returncode != 0:
            raise CannotRehearse(f"{director.cause_of_death()} (see {_keep_log(folder)})")
    outcome: dict[str, Any] = json.loads((folder / "outcome.json").read_text())
    return outcome


def _environment(folder: Path, database_url: str) -> dict[str, str]:
    """Return what the director's environment says otherwise than ours."""
    return {
        "DJANGO_SETTINGS_MODULE": "ravisit.rehearsal.settings",
        place.FOLDER: str(folder),
        "DATABASE_URL": database_url,
        "BASE_URL": f"http://{LOOPBACK}:{free_port()}",
        "EMAIL_URL": f"smtp://{LOOPBACK}:{free_port()}",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SECRET_KEY_FALLBACKS": "",
        "ALLOWED_HOSTS": LOOPBACK,
        "DEBUG": "0",
        "REQUIRE_2FA": "0",
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(settings.BASE_DIR),
    }


def _pass_on(note: Path, progress: Progress) -> None:
    """Tell how far the director has come; a note that is being written is read the next time."""
    try:
        act, share = json.loads(note.read_text())
    except (OSError, ValueError):
        return
    progress(act, share)


def _keep_log(folder: Path) -> Path:
    """Save the log of a rehearsal that failed from being removed with its folder."""
    kept = Path(shutil.copy(folder / "log" / "director.log", folder.parent / f"{folder.name}.log"))
    return kept.relative_to(settings.BASE_DIR) if kept.is_relative_to(settings.BASE_DIR) else kept
