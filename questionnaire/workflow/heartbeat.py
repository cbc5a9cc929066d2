"""Signs of life of workers and beat: without them no letter leaves, so organisers and operators see their silence.

The beat notes each wake-up that it sends, a worker each that it takes; so it can be told which of the two is silent.
Where a timer runs `manage.py send_due_letters` instead, it stands for both.
"""

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.db import DatabaseError, transaction
from django.db.models import Q

from questionnaire.models import Heartbeat

logger = logging.getLogger(__name__)

Source = Heartbeat.Source
LEAST_APART = dt.timedelta(seconds=50)
"""Between two records of one source, which has a sign of life to give each minute."""

SILENT_AFTER = dt.timedelta(minutes=10)
PING_TIMEOUT = 5
"""Seconds that the monitor behind `HEARTBEAT_URL` may take."""


@dataclass(frozen=True)
class Silence:
    """What gives no sign of life, and since when: None where it never gave one."""

    worker: bool
    beat: bool
    since: dt.datetime | None

    @property
    def summary(self) -> str:
        """Return what is silent in a word for machines: `worker`, `beat` or `worker and beat`."""
        return " and ".join(name for name, silent in (("worker", self.worker), ("beat", self.beat)) if silent)


def give_sign(source: Heartbeat.Source, *, at: dt.datetime) -> bool:
    """Note a sign of life; return whether it was noted, and not another one shortly before.

    Never raises for a database in trouble: whoever gives the sign has more important things to do.
    """
    try:
        with transaction.atomic():
            stale = Q(at__lte=at - LEAST_APART) | Q(at__gt=at + LEAST_APART)  # by a clock that was ahead
            if Heartbeat.objects.filter(stale, source=source).update(at=at):
                return True
            _row, is_new = Heartbeat.objects.get_or_create(source=source, defaults={"at": at})
            return is_new
    except DatabaseError as error:
        logger.warning("the sign of life of the %s was not noted: %s", source, type(error).__name__)
        return False


def silence(now: dt.datetime) -> Silence | None:
    """Return what has been silent for ten minutes, None where all is well; one query."""
    signs = dict(Heartbeat.objects.values_list("source", "at"))
    worker, beat = _last(signs, Source.WORKER), _last(signs, Source.BEAT)
    worker_is_silent, beat_is_silent = (last is None or now - last >= SILENT_AFTER for last in (worker, beat))
    if not (worker_is_silent or beat_is_silent):
        return None
    return Silence(worker_is_silent, beat_is_silent, worker if worker_is_silent else beat)


def _last(signs: Mapping[str, dt.datetime], source: Heartbeat.Source) -> dt.datetime | None:
    """Return the last sign of a process, or of the timer that stands for it."""
    return max((signs[each] for each in (source, Source.TIMER) if each in signs), default=None)


@dataclass
class Pulse:
    """A run that does what is due; `went_well` is what the monitor is told."""

    went_well: bool = False


@contextmanager
def pulse(source: Heartbeat.Source, *, at: dt.datetime, url: str) -> Iterator[Pulse]:
    """Give a sign of life before a run, and tell the monitor at `url`, where there is one, how it ended.

    Runs close together, each woken by a letter, are told once, unless one fails.
    """
    noted = give_sign(source, at=at)
    running = Pulse()
    try:
        yield running
    finally:
        if url and (noted or not running.went_well):
            ping(url, success=running.went_well)


def ping(url: str, *, success: bool) -> None:
    """Tell the monitor at `url` that a run ended well, or at `url`/fail that it did not; never raises, takes seconds.

    As healthchecks.io expects it. The address is a secret and is not logged.
    """
    address = url if success else f"{url.rstrip('/')}/fail"
    try:
        with urlopen(Request(address, headers={"User-Agent": "ravisit"}), timeout=PING_TIMEOUT) as answer:
            answer.read(1)
    except HTTPError as error:
        logger.warning("HEARTBEAT_URL answered %d", error.code)
    except (OSError, HTTPException, ValueError) as error:
        logger.warning("HEARTBEAT_URL could not be reached: %s", type(error).__name__)
