"""Rehearsals that organisers ordered, started by the worker as processes of their own, for which no letter waits."""

import datetime as dt
import subprocess
import sys

from django.conf import settings

from questionnaire.workflow import rehearsing


def start_waiting(*, at: dt.datetime) -> int:
    """Start each rehearsal that waits; return how many. They outlive the worker that started them."""
    waiting = rehearsing.take_waiting(at=at)
    for rehearsal in waiting:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "rehearse", rehearsal.event.slug]
        subprocess.Popen(
            [*command, "--order", str(rehearsal.pk)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return len(waiting)
