"""Applicants who type at the same time, each in a process of their own.

A test runs `main` in a process of its own, whose `DATABASE_URL` names a database that they share.
"""

import json
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from django.db import DatabaseError, connections

from events.models import Event
from questionnaire.tests.factories import WHILE_OPEN, typed
from questionnaire.workflow import drafts, questionnaire

TIMEOUT = 60  # seconds


def write(event_id: int, times: int, all_ready: Barrier, results: "Queue[str]") -> None:
    """Begin an application and save its first page again and again; report each save."""
    event = Event.objects.get(pk=event_id)
    page = questionnaire.load(event).pages[0]
    application = drafts.start(event, language="en", now=WHILE_OPEN)
    all_ready.wait(TIMEOUT)
    for number in range(times):
        given = drafts.Input(typed(first_name=f"Zoé {number}"))
        try:
            drafts.save_page(application, page, given, now=WHILE_OPEN)
        except DatabaseError as error:
            results.put(str(error))
        else:
            results.put("")


def main(event_id: int, people: int, times: int) -> None:
    """Let each save a page as many times; print how many saves succeeded, and how the others failed."""
    connections.close_all()
    context = get_context("fork")
    all_ready, results = context.Barrier(people), context.Queue()
    writers = [context.Process(target=write, args=(event_id, times, all_ready, results)) for _ in range(people)]
    for writer in writers:
        writer.start()
    outcomes = [results.get(timeout=TIMEOUT) for _ in range(people * times)]
    for writer in writers:
        writer.join()
    print(json.dumps({"saved": outcomes.count(""), "errors": [error for error in outcomes if error]}))
