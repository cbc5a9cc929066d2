"""Questionnaires that nobody thought of: some hundreds here, 10 000 in `manage.py benchmark random_questionnaires`."""

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings

from questionnaire.benchmarks import _agreement
from questionnaire.benchmarks._random_questionnaires import EXAMPLES, Example
from questionnaire.tests.factories import WHILE_OPEN

pytestmark = pytest.mark.django_db


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(EXAMPLES)
def test_everything_agrees(example: Example) -> None:
    with time_machine.travel(WHILE_OPEN, tick=False):
        _agreement.try_out(example, now=WHILE_OPEN)
