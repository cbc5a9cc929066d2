"""How long the release of 5 000 decisions takes, against a bulk insert of as many letters of that size."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from questionnaire.benchmarks._crowd import crowd
from questionnaire.benchmarks._throwaway import throwaway_database
from questionnaire.models import Letter, Release
from questionnaire.states import Outcome, State
from questionnaire.workflow import decision

COUNT = 5_000
ROUNDS = 5
TARGET = 20


def run(write: Callable[[str], None]) -> None:
    """Print both times and their ratio, medians of rounds in turn in one run."""
    with throwaway_database():
        event = crowd(COUNT, State.SIGNED_OFF, Outcome.ACCEPT)
        people = [User.objects.create(username=name) for name in ("first", "second")]
        order = Release.objects.create(
            event=event,
            ordered_by=people[0],
            ordered_at=timezone.now(),
            signed_by=people[1],
            signed_at=timezone.now(),
        )
        rounds = [one_round(order) for _ in range(ROUNDS)]
        released, inserted = (median(column) for column in zip(*rounds, strict=True))
        ratio = released / inserted
        write(f"Release of {COUNT} decisions on {connection.vendor}, medians of {ROUNDS} rounds, in seconds.")
        write(f"  bulk insert of the letters {inserted:.2f}")
        write(
            f"  release {released:.2f}   {ratio:.1f} of the insert   "
            f"target <= {TARGET}: {'yes' if ratio <= TARGET else 'NO'}"
        )


def one_round(order: Release) -> tuple[float, float]:
    """Return the seconds of a release and of the insert of the same letters; both are undone."""
    released, letters = timed_and_undone(lambda: decision.carry_out(order, at=timezone.now()))
    for letter in letters:
        letter.pk = letter.application = letter.access_token = None
        letter.message_id += "again"
    inserted, _ = timed_and_undone(lambda: Letter.objects.bulk_create(letters, batch_size=500))
    return released, inserted


def timed_and_undone(work: Callable[[], object]) -> tuple[float, list[Letter]]:
    """Run some work in a transaction that is rolled back; return its seconds, and the letters that are there then."""
    with transaction.atomic():
        start = perf_counter()
        work()
        elapsed = perf_counter() - start
        letters = list(Letter.objects.all())
        transaction.set_rollback(True)
    return elapsed, letters
