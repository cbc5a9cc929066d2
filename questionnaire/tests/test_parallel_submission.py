"""Twenty who submit at once: one application, one receipt. In processes of their own, on each database."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from events.models import Event
from events.tests.factories import EventFactory
from questionnaire.tests import submitters
from questionnaire.tests.factories import small_questionnaire, typed
from questionnaire.tests.test_outbox_faults import SharedDatabase
from questionnaire.views import access
from questionnaire.workflow import drafts, questionnaire

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.every_database]

AT_ONCE = 20
DAY = dt.timedelta(days=1)


@pytest.fixture
def event() -> Event:
    """Return an event that is open now."""
    now = timezone.now()
    return small_questionnaire(
        EventFactory(
            opens_at=now - DAY,
            closes_at=now + DAY,
            decisions_at=now + 2 * DAY,
            promised_by=(now + 4 * DAY).date(),
            answer_by=now + 6 * DAY,
        )
    )


def session_of_somebody_ready_to_submit(event: Event) -> str:
    """Fill in a questionnaire; return the key of the browser's session."""
    now = timezone.now()
    application = drafts.start(event, language="en", now=now)
    for page in questionnaire.load(event).pages:
        drafts.save_page(application, page, drafts.Input(typed()), now=now)
    session = Client().session
    session[access.SESSION_KEY] = application.public_id
    session.save()
    return str(session.session_key)


def submit_at_once(sessions: list[str], folder: Path) -> dict[str, Any]:
    """Submit in each session at the same moment; return what came of it."""
    done = subprocess.run(
        [sys.executable, "-m", submitters.__name__, *sessions],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DATABASE_URL": SharedDatabase(folder).url, "REDIS_URL": "", "SECRET_KEY": settings.SECRET_KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


ONE_OF_ALL = {"statuses": [302] * AT_ONCE, "applications": 1, "receipts": 1, "changes": 1, "answers": 6}


def test_twenty_at_once_make_one_application_and_one_receipt(event: Event, tmp_path: Path) -> None:
    session = session_of_somebody_ready_to_submit(event)
    assert submit_at_once([session] * AT_ONCE, tmp_path) == ONE_OF_ALL | {"offers": 0}


def test_twenty_drafts_under_one_address_make_one_application_that_is_offered_the_others(
    event: Event, tmp_path: Path
) -> None:
    sessions = [session_of_somebody_ready_to_submit(event) for _draft in range(AT_ONCE)]
    assert submit_at_once(sessions, tmp_path) == ONE_OF_ALL | {"offers": 1}
