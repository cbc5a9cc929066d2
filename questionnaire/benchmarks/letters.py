"""How fast letters leave, against a bare `smtplib` loop over one connection to the same server.

Everything runs in turn in one run on a throw-away database; the figures are ratios of medians.
"""

import os
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from questionnaire.benchmarks._crowd import crowd
from questionnaire.benchmarks._memory import peak_memory
from questionnaire.benchmarks._report import ROUNDS, in_turn, line
from questionnaire.benchmarks._throwaway import database_url, throwaway_database
from questionnaire.models import Letter, LetterKind, LetterStatus
from questionnaire.states import Outcome, State
from questionnaire.workflow import letters, outbox
from questionnaire.workflow.delivery import transport_factory

REAL_DELAY = 0.02  # seconds that real servers take for their reply
MANAGE = Path(settings.BASE_DIR) / "manage.py"


def run(write: Callable[[str], None]) -> None:
    """Print the rates, the ratios to the bare loop and the memory, each with its target."""
    with throwaway_database():
        size = queue(10_000)
        write(f"Letters of {size / 1000:.1f} kB on {connection.vendor}, medians of {ROUNDS} rounds.")
        with sink(REAL_DELAY) as url:
            bare, one, four = in_turn(
                lambda: bare_rate(url, 120), lambda: our_rate(url, 120), lambda: our_rate(url, 480, connections=4)
            )
        write(f"\nServer that answers after {REAL_DELAY * 1000:.0f} ms, letters a second: bare loop {bare:.1f}")
        write(line("one connection", one, "of the bare loop", one / bare, ">=", 0.9))
        write(line("four connections", four, "of one", four / one, ">=", 3.6))
        with sink(0) as url:
            bare, one, two = in_turn(
                lambda: bare_rate(url, 1000), lambda: our_rate(url, 1000), lambda: workers_rate(url, 2000, workers=2)
            )
        write(f"\nServer that answers at once, letters a second: bare loop {bare:.0f}")
        write(line("one worker", one, "of the bare loop", one / bare, ">=", 0.4))
        write(line("two workers", two, "of one", two / one, ">=", 1.5))
        with sink(0) as url:
            few, many = peak_of_sender(url, 100), peak_of_sender(url, 10_000)
        write("\nPeak memory of `manage.py send_due_letters`, MiB:")
        write(line("10 000 letters", many, f"of {few:.0f} for 100", many / few, "<=", 1.1))


def queue(count: int) -> int:
    """Fill the outbox with acceptances that are due; return the size of one in bytes. None stays in memory."""
    event = crowd(count, State.ACCEPTED, Outcome.ACCEPT)
    applications = event.applications.select_related("event")
    queued = letters.queue_many(LetterKind.ACCEPTANCE, applications, at=timezone.now(), release_at=event.decisions_at)
    return len(bytes(queued[0].mime))


def make_due(count: int) -> None:
    """Set back the first letters as if they had never left, and no others."""
    Letter.objects.update(status=LetterStatus.CANCELLED, sent_at=None, claim_token=None, attempts=0)
    first = Letter.objects.order_by("pk").values("pk")[:count]
    Letter.objects.filter(pk__in=list(first.values_list("pk", flat=True))).update(
        status=LetterStatus.APPROVED, due_at=timezone.now()
    )


def bare_rate(url: str, count: int) -> float:
    """Return the letters a second of a loop that has everything in memory and records nothing."""
    rows = list(Letter.objects.order_by("pk").values_list("recipient", "mime")[:count])
    server = urlsplit(url)
    with smtplib.SMTP(server.hostname or "", server.port or 0, local_hostname="localhost") as client:
        start = perf_counter()
        for recipient, mime in rows:
            client.sendmail("ravisit@localhost", recipient, bytes(mime))
        return count / (perf_counter() - start)


def our_rate(url: str, count: int, *, connections: int = 1) -> float:
    """Return the letters a second of the outbox, each claimed, checked and recorded on its own."""
    make_due(count)
    start = perf_counter()
    tally = outbox.send_due(timezone.now, transport_factory(url), connections=connections)
    elapsed = perf_counter() - start
    assert tally.letters == {LetterStatus.SENT: count}, tally
    return count / elapsed


def workers_rate(url: str, count: int, *, workers: int) -> float:
    """Return the letters a second of several processes that drain one outbox."""
    make_due(count)
    connections.close_all()
    context = get_context("fork")
    barrier = context.Barrier(workers + 1)
    processes = [context.Process(target=work, args=(url, barrier)) for _ in range(workers)]
    for process in processes:
        process.start()
    barrier.wait()
    start = perf_counter()
    for process in processes:
        process.join()
    elapsed = perf_counter() - start
    assert Letter.objects.filter(status=LetterStatus.SENT).count() == count
    return count / elapsed


def work(url: str, barrier: Barrier) -> None:
    """Drain the outbox as one of several processes."""
    connection.ensure_connection()
    barrier.wait()
    outbox.send_due(timezone.now, transport_factory(url))
    connections.close_all()


def peak_of_sender(url: str, count: int) -> float:
    """Return the peak memory in MiB of a sender in a process of its own."""
    make_due(count)
    environment = os.environ | {"EMAIL_URL": url, "DATABASE_URL": database_url(), "LOG_LEVEL": "WARNING"}
    peak = peak_memory([sys.executable, str(MANAGE), "send_due_letters"], environment)
    assert Letter.objects.filter(status=LetterStatus.SENT).count() == count
    return peak


@contextmanager
def sink(delay: float) -> Iterator[str]:
    """Run the counting SMTP sink in a process of its own; yield its address."""
    command = [sys.executable, "-m", "ravisit.testing.smtp_sink", "--delay", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()
