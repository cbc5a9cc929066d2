"""The house in which a rehearsal plays: web server, workers, broker and mail server, all of them its own."""

from __future__ import annotations

import contextlib
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
from django.conf import settings

from questionnaire.rehearsal.clock import VirtualClock
from questionnaire.rehearsal.ledger import Faults
from questionnaire.rehearsal.mailroom import Mailroom
from questionnaire.rehearsal.stage import WorkersSilent
from ravisit.celery import DO_WHAT_IS_DUE, app
from ravisit.processes import Child, Family
from ravisit.rehearsal import place
from ravisit.rehearsal.post_office import PostOffice

SENDERS = 2
WEB = [
    "--workers",
    "2",
    "--worker-class",
    "gthread",
    "--threads",
    "4",
    "--preload",
    "--max-requests",
    "0",
    "--log-level",
    "warning",
]
START_TIMEOUT = 60.0  # seconds
ANSWER_WITHIN = 3.0  # seconds after which another beat follows
MOST_BEATS = 40
LOOK_EVERY = 0.005  # seconds


@dataclass
class House:
    """The stage of a play, with real processes."""

    site: str
    clock: VirtualClock
    mailroom: Mailroom
    faults: Faults
    post_office: PostOffice
    family: Family
    application: str
    worker: Child | None = None

    def beat(self) -> None:
        """Wake a worker and wait until it has done what was due; a wake-up that gets lost is followed by the next."""
        for _beat in range(MOST_BEATS):
            sent = time.monotonic()
            self.wake()
            while time.monotonic() - sent < ANSWER_WITHIN:
                if self._last_run() > sent:
                    return
                if self.worker is not None and self.worker.process.poll() is not None:
                    raise WorkersSilent(self.worker.cause_of_death())
                time.sleep(LOOK_EVERY)
        raise WorkersSilent(f"{MOST_BEATS} beats were not answered")

    def wake(self) -> None:
        """Wake a worker and go on."""
        app.send_task(DO_WHAT_IS_DUE)

    def start_workers(self) -> None:
        """Start the workers."""
        command = [sys.executable, "-m", "celery", "-A", self.application, "worker", "--loglevel", "WARNING"]
        command += ["--concurrency", str(SENDERS), "--without-gossip", "--without-mingle", "--without-heartbeat"]
        log = place.log(f"worker-{self.faults.kills}")
        self.worker = self.family.start("worker", command, log)

    def kill_workers(self) -> None:
        """Kill all workers with SIGKILL, and start as many new ones."""
        if self.worker is not None:
            self.worker.kill()
        self.faults.kills += 1
        self.start_workers()

    def flush_broker(self) -> None:
        """Throw away every message of this rehearsal that is in the broker, and nobody else's."""
        self.faults.flushes += 1
        if not settings.REDIS_URL:
            for message in place.queue().iterdir():
                message.unlink(missing_ok=True)
            return
        delete_keys(settings.REDIS_URL, place.prefix())

    def disturb_mail(self, share: float) -> None:
        """Have the mail server refuse, or cut the connection, at this share of its steps; 0 ends that."""
        self.post_office.share = share

    def _last_run(self) -> float:
        """Return when the task began, of those that have ended, that began last."""
        notes = place.beats().glob("[0-9]*")
        return max((float(note.read_text()) for note in notes if not note.suffix), default=0.0)


def delete_keys(url: str, prefix: str) -> None:
    """Delete all keys with a prefix from a Redis."""
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter(match=f"{prefix}*", count=1000):
            client.delete(key)


@contextmanager
def house(clock: VirtualClock, *, seed: int, worker: str) -> Iterator[House]:
    """Open the house: everything runs and answers; at the end everything is gone. Raises `RuntimeError`."""
    place.beats().mkdir()
    faults = Faults()
    mailroom = Mailroom(clock.now)
    port = int(settings.EMAIL_URL.rpartition(":")[2])
    with PostOffice(mailroom, faults, port, seed) as post_office, Family() as family:
        opened = House(settings.BASE_URL, clock, mailroom, faults, post_office, family, worker)
        opened.start_workers()
        bind = settings.BASE_URL.removeprefix("http://")
        command = [sys.executable, "-m", "gunicorn", "--bind", bind, *WEB, "ravisit.rehearsal.wsgi:application"]
        server = family.start("web server", command, place.log("web"))
        _wait_until_open(server)
        try:
            opened.beat()
            yield opened
        finally:
            for child in family.children:
                child.kill()  # nothing that they could still do is wanted
            if settings.REDIS_URL:
                delete_keys(settings.REDIS_URL, place.prefix())


def _wait_until_open(server: Child) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(f"the web server ended: {server.cause_of_death()}")
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"{settings.BASE_URL}/health/live", timeout=5).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"the web server does not answer (see {server.log})")
