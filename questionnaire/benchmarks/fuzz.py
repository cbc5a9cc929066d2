"""Ten thousand senseless requests to every form of applicants, and as many to every form of the team: no 5xx."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import override_settings, setup_test_environment, teardown_test_environment
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from questionnaire.benchmarks import _fuzz_world
from questionnaire.benchmarks._fuzzing import CHANGES, FILES, ODD, VALUES, WORDS, Change, Fuzzer, Values
from questionnaire.benchmarks._throwaway import throwaway_database
from questionnaire.states import State

NUMBER = 10_000
TEAM = ["organiser", "reviewer", "operator"]


def run(write: Callable[[str], None]) -> None:
    """Send them all, and write how many forms that were; the first 5xx ends it, cut down to what matters."""
    setup_test_environment(debug=False)
    logging.disable(logging.CRITICAL)
    try:
        with override_settings(MINIMUM_FILL_SECONDS=0), throwaway_database():
            report(write, NUMBER)
    finally:
        logging.disable(logging.NOTSET)
        teardown_test_environment()


def report(write: Callable[[str], None], number: int) -> None:
    """Send so many of each in the present database."""
    write(f"Database: {connection.vendor}")
    fuzzer = Fuzzer(_fuzz_world.make(timezone.now()))
    for name, send in {"applicants": try_applicants, "the team": try_team}.items():
        start = time.process_time()
        fuzzer.sent.clear()
        send(fuzzer, number)
        seconds = time.process_time() - start
        write(f"{number} requests to {len(fuzzer.sent)} forms of {name}: no 5xx ({seconds:.0f} s of CPU time)")


def try_applicants(fuzzer: Fuzzer, number: int) -> None:
    """Send nonsense to the pages of applicants, in every state."""
    pages = st.sampled_from(sorted(fuzzer.world.applicants_pages("x")))
    posted = st.dictionaries(st.sampled_from(fuzzer.names()) | WORDS, VALUES, max_size=8)

    @_many(number)
    @given(pages, st.sampled_from(State), st.booleans(), posted, st.none() | FILES, st.sampled_from(ODD) | st.text())
    def no_5xx(page: str, state: State, proved: bool, posted: Values, file: Any, odd: str) -> None:
        fuzzer.as_applicant(page, state, proved, posted, file, odd)

    no_5xx()


def try_team(fuzzer: Fuzzer, number: int) -> None:
    """Send the forms of the admin, changed in places."""
    pages = st.sampled_from(fuzzer.world.teams_pages())

    @_many(number)
    @given(pages, st.sampled_from(TEAM), st.integers(0, 9), CHANGES)
    def no_5xx(address: str, person: str, form: int, change: Change) -> None:
        fuzzer.as_team(address, person, form, change)

    no_5xx()


def _many(number: int) -> settings:
    return settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
