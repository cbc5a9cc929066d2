"""The export of applications for a spreadsheet against a bare csv writer over the same rows, and its memory.

Both sides in turn in one run on a throw-away database, by the clock and by the processor's time of this process, which
a busy machine blurs less.
"""

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from time import process_time
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from events.models import Event
from questionnaire.benchmarks._applicants import fill
from questionnaire.benchmarks._memory import peak_memory
from questionnaire.benchmarks._report import ROUNDS, in_turn, line, seconds_of
from questionnaire.benchmarks._throwaway import database_url, throwaway_database
from questionnaire.models import Answer, Review, Transition
from questionnaire.workflow import export, spreadsheet

FEW, MANY = 10_000, 100_000  # applications


def run(write: Callable[[str], None]) -> None:
    """Print rates and memory with their ratios, each with its target."""
    with throwaway_database():
        _organiser, events = fill([FEW, MANY])
        write(f"Export on {connection.vendor}, medians of {ROUNDS} rounds in turn.")
        measure_export(write, few=(FEW, events[FEW]), many=(MANY, events[MANY]))


def measure_export(write: Callable[[str], None], *, few: tuple[int, Event], many: tuple[int, Event]) -> None:
    """Print how fast the rows of the longer event leave, and the memory of the command at both numbers."""
    (few_rows, shorter), (rows, event) = few, many
    for clock, seconds in {"": seconds_of, ", by processor time": processor_seconds_of}.items():
        ours, bare = in_turn(
            lambda seconds=seconds: seconds(lambda: our_export(event)),  # type: ignore[misc]
            lambda seconds=seconds: seconds(lambda: bare_export(event)),  # type: ignore[misc]
        )
        write(f"\nExport of {rows} applications as CSV, in rows a second{clock}:")
        write(line("export", rows / ours, f"of the bare writer ({rows / bare:.0f})", bare / ours, ">=", 0.5))
    at_few, at_many = peak_of_export(shorter), peak_of_export(event)
    write("\nPeak memory of `manage.py export_applications`, MiB:")
    write(line(f"{rows} rows", at_many, f"of {at_few:.0f} for {few_rows}", at_many / at_few, "<=", 1.1))


def processor_seconds_of(work: Callable[[], object]) -> float:
    """Return how long the processor works in this process at something; a database's own process is not counted."""
    start = process_time()
    work()
    return process_time() - start


def our_export(event: Event) -> None:
    """Export an event as organisers get it."""
    table = export.Export(event, export.exportable(event), "en")
    with Path(os.devnull).open("wb") as file:
        file.writelines(spreadsheet.csv_portions(table.header(), table.portions()))


def bare_export(event: Event) -> None:
    """Write the same rows as they are stored: read in the same portions, put into no words, guarded by nothing."""
    rows = export.exportable(event).values_list(*export.COLUMNS).iterator(chunk_size=export.PORTION)
    with Path(os.devnull).open("w", newline="") as file:
        writer = csv.writer(file)
        while portion := list(islice(rows, export.PORTION)):
            stored = stored_with([row[0] for row in portion])
            writer.writerows([*row, *stored[row[0]]] for row in portion)


def stored_with(ids: list[int]) -> dict[int, list[Any]]:
    """Return what is stored beside some applications: answers, reviews, changes of state."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    answers = Answer.objects.filter(application__in=ids).annotate(stored=Cast("value", TextField()))
    reviews = Review.objects.filter(application__in=ids).order_by()
    changes = Transition.objects.filter(application__in=ids).order_by()
    for rows in (
        answers.values_list("application", "stored", "text"),
        reviews.values_list("application", "reviewer", "conflict", "mean_score", "note"),
        changes.values_list("application", "at", "to_state", "outcome", "reason", "by"),
    ):
        for pk, *cells in rows:
            found[pk] += cells
    return found


def peak_of_export(event: Event) -> float:
    """Return the peak memory in MiB of the command in a process of its own."""
    environment = os.environ | {"DATABASE_URL": database_url(), "LOG_LEVEL": "WARNING"}
    manage = str(settings.BASE_DIR / "manage.py")
    return peak_memory([sys.executable, manage, "export_applications", event.slug], environment)
