"""The list of applications, the search in it, and their export, at any number of rows.

The list stands against Django's stock changelist on a bare table of as many rows, the export against a bare csv
writer over the same rows; both sides in turn in one run on a throw-away database.
"""

import statistics
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from events.models import Event
from questionnaire.benchmarks import _web as web
from questionnaire.benchmarks._applicants import fill
from questionnaire.benchmarks._report import ROUNDS, in_turn, line, seconds_of
from questionnaire.benchmarks._throwaway import database_url, throwaway_database
from questionnaire.benchmarks.export import measure_export
from questionnaire.models import Application

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
        measure_export(write, few=(FEW, events[FEW]), many=(MANY, events[MANY]))


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
