"""People who press "submit" at the same moment, each in a process of their own.

`python -m questionnaire.tests.submitters SESSION…` does that on the database of `DATABASE_URL`, once for each session
named, and prints the HTTP status of each request and how many rows each table then has.
"""

import json
import sys
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import django
from django.conf import settings
from django.db import connection, connections
from django.test import Client

TIMEOUT = 60  # seconds
TABLES = {
    "applications": "questionnaire_application WHERE state = 'submitted'",
    "receipts": "questionnaire_letter WHERE kind = 'receipt'",
    "changes": "questionnaire_transition",
    "answers": "questionnaire_answer",
    "offers": "questionnaire_draft WHERE offered IS NOT NULL",
}


def submit(session: str, all_ready: Barrier, statuses: "Queue[int]") -> None:
    """Press the button once everybody is ready to."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    all_ready.wait(TIMEOUT)
    statuses.put(client.post("/en/application/submit/").status_code)


def main(sessions: list[str]) -> None:
    """Press it in each session at once; print what came of it."""
    django.setup()
    connections.close_all()
    context = get_context("fork")
    all_ready, statuses = context.Barrier(len(sessions)), context.Queue()
    people = [context.Process(target=submit, args=(session, all_ready, statuses)) for session in sessions]
    for person in people:
        person.start()
    answers = [statuses.get(timeout=TIMEOUT) for _person in people]
    for person in people:
        person.join()
    with connection.cursor() as cursor:
        rows = {name: cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in TABLES.items()}
    print(json.dumps({"statuses": answers, **rows}))


if __name__ == "__main__":
    main(sys.argv[1:])
