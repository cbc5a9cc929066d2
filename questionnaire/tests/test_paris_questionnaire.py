"""The questionnaire of the Paris study visit, as `load_study_visit` loads it: what each step costs."""

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event
from questionnaire import study_visit
from questionnaire.demo import invent_person, typed_answers
from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.tests.factories import WHILE_OPEN
from questionnaire.workflow import questionnaire

pytestmark = pytest.mark.django_db(transaction=True)

MOST_QUERIES = 12


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Let applying be open."""
    with time_machine.travel(WHILE_OPEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def event() -> Event:
    """Return the Paris study visit."""
    return study_visit.load(now=WHILE_OPEN).event


def cost(act: Callable[[], object]) -> int:
    """Return how many statements an act sends to the database, without those that open and close transactions."""
    with CaptureQueriesContext(connection) as queries:
        act()
    return sum(not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for query in queries)


def test_no_step_of_the_paris_questionnaire_takes_more_than_twelve_queries(client: Client, event: Event) -> None:
    asked = questionnaire.load(event)
    assert len(asked.questions) >= 22
    person = invent_person(1, 1)
    values = typed_answers(asked, person, Random(1))
    addresses = [reverse("questionnaire:page", args=[event.slug, number]) for number in range(1, len(asked.pages) + 1)]
    costs: dict[str, int] = {}
    for number, address in enumerate(addresses, 1):
        costs[f"look at page {number}"] = cost(partial(client.get, address))
        costs[f"type on page {number}"] = cost(partial(client.post, f"{address}autosave/", {**values, "shown": "{}"}))
        costs[f"save page {number}"] = cost(partial(client.post, address, values))
    costs["check"] = cost(lambda: client.get(reverse("questionnaire:review")))
    costs["submit"] = cost(lambda: client.post(reverse("questionnaire:submit")))
    assert Application.objects.get().state == State.SUBMITTED
    costs["own page"] = cost(lambda: client.get(reverse("questionnaire:application")))
    assert {step: number for step, number in costs.items() if number > MOST_QUERIES} == {}
