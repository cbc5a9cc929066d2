"""Ten thousand questionnaires that nobody thought of, filled in through the pages: all agrees, nothing is lost."""

import logging
import time
from collections import Counter
from collections.abc import Callable

from django.test.utils import override_settings, setup_test_environment, teardown_test_environment
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings

from questionnaire.benchmarks import _agreement
from questionnaire.benchmarks._random_questionnaires import EXAMPLES, Example
from questionnaire.benchmarks._throwaway import throwaway_database

NUMBER = 10_000


def run(write: Callable[[str], None]) -> None:
    """Try them all, and write how many there were; the first that disagrees ends it, cut down to what matters."""
    setup_test_environment(debug=False)
    logging.disable(logging.WARNING)
    try:
        with override_settings(MINIMUM_FILL_SECONDS=0), throwaway_database():
            report(write)
    finally:
        logging.disable(logging.NOTSET)
        teardown_test_environment()


def report(write: Callable[[str], None], number: int = NUMBER) -> None:
    """Try so many in the present database."""
    totals: Counter[str] = Counter()
    now = timezone.now()
    start = time.process_time()

    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(EXAMPLES)
    def agree(example: Example) -> None:
        totals["questionnaires"] += 1
        totals.update(_agreement.try_out(example, now=now))
        if totals["questionnaires"] % 1000 == 0:
            write(f"  {totals['questionnaires']} …")

    agree()
    seconds = time.process_time() - start
    write(
        "{questionnaires} questionnaires: {GET} pages looked at, {POST} forms sent, {submitted} submissions; "
        "everything agrees, nothing hidden leaks, nothing typed is lost, no 5xx".format_map(totals)
    )
    write(f"  {seconds:.0f} s of CPU time")
