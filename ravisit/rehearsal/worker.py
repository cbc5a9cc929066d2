"""The Celery application of a rehearsal: that of the site, which also notes when it has done what was due."""

import os
import time
from typing import Any

from celery.signals import task_postrun, task_prerun

from ravisit.celery import app
from ravisit.rehearsal import place
from ravisit.rehearsal.entry import take_the_clock

__all__ = ["app"]

take_the_clock()
_began: dict[str, float] = {}


@task_prerun.connect
def note_begin(task_id: str, **_signal: Any) -> None:
    """Remember when a task began, on the clock that all processes of a machine share."""
    _began[task_id] = time.monotonic()


@task_postrun.connect
def note_end(task_id: str, **_signal: Any) -> None:
    """Leave word that a task which began then has ended, for `house.House.beat`."""
    note = place.beats() / str(os.getpid())
    unfinished = note.with_suffix(".part")
    unfinished.write_text(str(_began.pop(task_id)))
    unfinished.replace(note)
