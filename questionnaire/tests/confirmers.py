"""Many people who confirm at the same moment, each on a connection of their own: `START` begins it in a process.

Everybody confirms who turned a place down, on the database of `DATABASE_URL`; printed is how many hold a place then.
They meet between counting the places and taking one, as far as the lock lets them: without it, each of them sees
the same number of free places.
"""

import contextlib
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

from django.db import connections

from events.models import Event
from questionnaire.models import Application
from questionnaire.states import HOLDS_A_PLACE, State
from questionnaire.workflow import participation, places, transitions

START = f"import django; django.setup(); from {__name__} import main; main()"
WITHOUT_LOCK = "without-lock"
MEETING = 0.5  # seconds for which the first one waits for the others


def main() -> None:
    """Let them confirm at the moment that the first argument names; a second one may take the lock away."""
    moment, *options = sys.argv[1:]
    if WITHOUT_LOCK in options:
        take_the_lock_away()
    print(json.dumps(confirm_all(dt.datetime.fromisoformat(moment))))


def take_the_lock_away() -> None:
    """Read without locking; on SQLite the transaction itself is the lock."""
    transitions.lock_event = lambda event_id: Event.objects.get(pk=event_id)
    transitions.lock = unlocked
    participation.confirm = participation.confirm.__wrapped__


def unlocked(application_ids: Collection[int]) -> list[Application]:
    """Return the applications as they are just now."""
    return list(Application.objects.select_related("event").filter(pk__in=application_ids))


def confirm_all(now: dt.datetime) -> dict[str, int]:
    """Let everybody confirm at once; return how often which answer came, and how many hold a place."""
    everybody = list(Application.objects.filter(state=State.TURNED_DOWN))
    meeting = Barrier(len(everybody))
    count = places.free

    def count_and_meet(event: Event) -> int:
        free = count(event)
        with contextlib.suppress(BrokenBarrierError):  # the lock lets nobody else come this far
            meeting.wait(MEETING)
        return free

    def answer(application: Application) -> str:
        try:
            participation.confirm(application, now=now)
        except places.NoPlaceLeft:
            return "no place left"
        finally:
            connections.close_all()
        return "confirmed"

    places.free = count_and_meet
    with ThreadPoolExecutor(len(everybody)) as pool:
        answers = Counter(pool.map(answer, everybody))
    return {**answers, "hold a place": Application.objects.filter(state__in=HOLDS_A_PLACE).count()}
