"""The list of applications, the search in it, and their export, at any number of rows.

The list stands against Django's stock changelist on a bare table of as many rows, the export against a bare csv
writer over the same rows; both sides in turn in one run on a throw-away database.
"""

import csv
import os
import statistics
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast
from django.test import Client

from events.models import Event
from questionnaire.benchmarks import _web as web
from questionnaire.benchmarks._applicants import fill
from questionnaire.benchmarks._memory import peak_memory
from questionnaire.benchmarks._report import ROUNDS, in_turn, line
from questionnaire.benchmarks._throwaway import database_url, throwaway_database
from questionnaire.models import Answer, Application, Review, Transition
from questionnaire.workflow import export, spreadsheet

COUNTS = (1_000, 10_000, 100_000)
FEW, MANY = COUNTS[0], COUNTS[-1]
SECONDS = 2.0
SEARCHES = ("Müller", "anna", "service", "person99999@", "Prison Service", "Maria service", "nobody at all", "é")
SEARCH_ROUNDS = 5
BARE_COLUMNS = (
    "id, family_name, country, organisation, target_group, language, state, outcome, mean_score, review_count, "
    "submitted_at"
)


def run(write: Callable[[str], None]) -> None:
    """Print rates, times and memory with their ratios, each with its target."""
    with throwaway_database():
        organiser, events = fill(list(COUNTS))
        write(f"Applications on {connection.vendor}, medians of {ROUNDS} rounds in turn.")
        with servers(events) as (site, bare):
            measure_lists(write, site, bare, events, organiser)
            measure_search(write, site, events[MANY], organiser)
        measure_export(write, events)


@contextmanager
def servers(events: dict[int, Event]) -> Iterator[tuple[web.Site, web.Site]]:
    """Serve the site, and the stock admin on bare tables; yield both addresses."""
    for count, event in events.items():
        _make_bare_table(count, event)
    environment = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY, "LOG_LEVEL": "WARNING"}
    site = {**environment, "REDIS_URL": "", "DEBUG": "off"}
    with (
        web.gunicorn(web.SITE, site) as ours,
        web.gunicorn("questionnaire.benchmarks._bare_admin:application", environment) as bare,
    ):
        yield ours, bare


def _make_bare_table(count: int, event: Event) -> None:
    name = f"benchmark_{count}"
    with connection.cursor() as cursor:
        applications = f"SELECT {BARE_COLUMNS} FROM {Application._meta.db_table} WHERE event_id = {event.pk}"
        cursor.execute(f"CREATE TABLE {name} AS {applications}")
        cursor.execute(f"CREATE UNIQUE INDEX {name}_id ON {name} (id)")
        cursor.execute("ANALYZE")


def measure_lists(
    write: Callable[[str], None], site: web.Site, bare: web.Site, events: dict[int, Event], organiser: User
) -> None:
    """Print how fast the first page of the list comes, at each length."""
    own, stock = session_of(organiser), session_of(User.objects.create_superuser("operator"))

    def ours(count: int) -> Callable[[], float]:
        return lambda: web.load(list_url(site, events[count]), SECONDS, own).rate

    def stocks(count: int) -> Callable[[], float]:
        return lambda: web.load(f"{bare}/admin/benchmarks/row{count}/", SECONDS, stock).rate

    measures = [measure for count in COUNTS for measure in (ours(count), stocks(count))]
    rates = dict(zip(COUNTS, batches(in_turn(*measures), 2), strict=True))
    write("\nList of 50, requests a second:")
    for count, (rate, limit) in rates.items():
        write(line(f"{count} rows", rate, f"of the stock changelist ({limit:.1f})", rate / limit, ">=", 0.6))
    write("\nThe same in CPU time of the web workers, which a busy machine does not blur, milliseconds a page:")
    own_ms, stock_ms = in_turn(
        lambda: web.cpu_milliseconds(site, list_url(site, events[MANY]), own),
        lambda: web.cpu_milliseconds(bare, f"{bare}/admin/benchmarks/row{MANY}/", stock),
    )
    words = f"of the stock changelist's speed ({stock_ms:.1f})"
    write(line(f"{MANY} rows", own_ms, words, stock_ms / own_ms, ">=", 0.6))
    slower = rates[FEW][0] / rates[MANY][0]
    write(line("time at most", rates[MANY][0], f"of the time at {FEW} rows, at {MANY}", slower, "<=", 1.3))


def measure_search(write: Callable[[str], None], site: str, event: Event, organiser: User) -> None:
    """Print how long a search takes while somebody else leafs through the list."""
    cookies = session_of(organiser)
    finished = threading.Event()
    other = threading.Thread(target=leaf, args=(list_url(site, event), cookies, finished))
    other.start()
    try:
        times = [
            seconds_of(lambda words=words: web.get(f"{list_url(site, event)}&q={quote(words)}", cookies))  # type: ignore[misc]
            for _round in range(SEARCH_ROUNDS)
            for words in SEARCHES
        ]
    finally:
        finished.set()
        other.join()
    p95 = statistics.quantiles(times, n=20)[-1]
    write(f"\nSearch in {MANY} rows, {len(times)} times while one other person works, in seconds:")
    write(line("p95", p95, f"s, median {statistics.median(times):.2f}", p95, "<=", 1.0))


def leaf(url: str, cookies: dict[str, str], finished: threading.Event) -> None:
    """Ask for a page again and again, as a person would who looks at nothing for long."""
    while not finished.wait(0.2):
        web.get(url, cookies)


def measure_export(write: Callable[[str], None], events: dict[int, Event]) -> None:
    """Print how fast rows leave, and the memory of the command at both ends."""
    event = events[MANY]
    ours, bare = in_turn(lambda: seconds_of(lambda: our_export(event)), lambda: seconds_of(lambda: bare_export(event)))
    write(f"\nExport of {MANY} applications as CSV, in rows a second:")
    write(line("export", MANY / ours, f"of the bare writer ({MANY / bare:.0f})", bare / ours, ">=", 0.5))
    few, many = peak_of_export(events[FEW]), peak_of_export(event)
    write("\nPeak memory of `manage.py export_applications`, MiB:")
    write(line(f"{MANY} rows", many, f"of {few:.0f} for {FEW}", many / few, "<=", 1.1))


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


def session_of(user: User) -> dict[str, str]:
    """Return the header of somebody who is logged in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def list_url(site: str, event: Event) -> str:
    """Return where the applications to an event are listed."""
    return f"{site}/admin/questionnaire/application/?event={event.pk}"


def batches(values: list[float], size: int) -> list[tuple[float, ...]]:
    """Return values in groups."""
    return list(zip(*[iter(values)] * size, strict=True))


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    start = perf_counter()
    work()
    return perf_counter() - start
