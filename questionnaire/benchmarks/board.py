"""The selection board with thousands of applicants, while one other person works."""

import random
import statistics
import threading
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from events.models import Event
from questionnaire.benchmarks import _web as web
from questionnaire.benchmarks._applicants import fill
from questionnaire.benchmarks._report import line, seconds_of
from questionnaire.benchmarks._throwaway import database_url, throwaway_database
from questionnaire.benchmarks.applications import leaf, list_url, session_of
from questionnaire.models import Criterion, Review, Score
from questionnaire.workflow import runs

APPLICANTS = 5_000
VIEWS = ("", "?p=40", "?show=in", "?show=out&p=3", "?q=service", "?print")
ROUNDS = 6


def run(write: Callable[[str], None]) -> None:
    """Print how long the board's pages take, in seconds and in CPU time of the web workers."""
    with throwaway_database():
        organiser, events = fill([APPLICANTS])
        event = events[APPLICANTS]
        score_all(event)
        runs.suggest(event, by=organiser, at=timezone.now())
        environment = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY, "LOG_LEVEL": "WARNING"}
        with web.gunicorn(web.SITE, {**environment, "REDIS_URL": "", "DEBUG": "off"}) as site:
            measure(write, site, event, organiser)


def score_all(event: Event) -> None:
    """Give each review a score by each criterion."""
    rng = random.Random(1)
    criteria = list(Criterion.objects.filter(event=event))
    reviews = Review.objects.filter(application__event=event).values_list("pk", flat=True)
    scores = (
        Score(review_id=review, criterion=criterion, value=rng.randint(criterion.maximum // 2, criterion.maximum))
        for review in reviews
        for criterion in criteria
    )
    Score.objects.bulk_create(scores, batch_size=5000)


def measure(write: Callable[[str], None], site: web.Site, event: Event, organiser: User) -> None:
    """Look at the board in each way, again and again, while somebody else leafs through the list."""
    cookies = session_of(organiser)
    board = f"{site}/admin/questionnaire/selectionrun/{event.pk}/"
    cost = statistics.median(web.cpu_milliseconds(site, board + view, cookies, requests=5) for view in VIEWS)
    finished = threading.Event()
    other = threading.Thread(target=leaf, args=(list_url(site, event), cookies, finished))
    other.start()
    try:
        times = [
            seconds_of(lambda view=view: web.get(board + view, cookies))  # type: ignore[misc]
            for _round in range(ROUNDS)
            for view in VIEWS
        ]
    finally:
        finished.set()
        other.join()
    p95 = statistics.quantiles(times, n=20)[-1]
    write(f"Selection board, {APPLICANTS} applicants, {len(times)} pages while one other person works, in seconds:")
    write(line("p95", p95, f"s, median {statistics.median(times):.2f}", p95, "<=", 1.0))
    write(f"  CPU time of the web workers, a page: {cost:.0f} ms")
