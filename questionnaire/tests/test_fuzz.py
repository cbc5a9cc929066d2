"""Nonsense sent to every page, of applicants and of the team: refused in words, never a 5xx. On PostgreSQL too.

Some hundreds of requests here, 10 000 in `manage.py benchmark fuzz`.
"""

import pytest
import time_machine

from questionnaire.benchmarks import _fuzz_world, fuzz
from questionnaire.benchmarks._fuzzing import Fuzzer
from questionnaire.tests.factories import WHILE_OPEN

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.mark.parametrize("send", [fuzz.try_applicants, fuzz.try_team])
def test_no_request_brings_it_down(send: object) -> None:
    with time_machine.travel(WHILE_OPEN, tick=False):
        fuzzer = Fuzzer(_fuzz_world.make(WHILE_OPEN))
        send(fuzzer, 200)  # type: ignore[operator]
    assert len(fuzzer.sent) > 20
