"""Twenty submits of one form at once: one application, one receipt. In processes of their own, on each database."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from events.tests.factories import EventFactory
from questionnaire.tests import submitters
from questionnaire.tests.factories import small_questionnaire, typed
from questionnaire.tests.test_outbox_faults import SharedDatabase
from questionnaire.views import access
from questionnaire.workflow import drafts, questionnaire

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.every_database]

AT_ONCE = 20
DAY = dt.timedelta(days=1)


def session_of_somebody_ready_to_submit() -> str:
    """Fill in a questionnaire that is open now; return the key of the browser's session."""
    now = timezone.now()
    event = small_questionnaire(
        EventFactory(
            opens_at=now - DAY,
            closes_at=now + DAY,
            decisions_at=now + 2 * DAY,
            promised_by=(now + 4 * DAY).date(),
            answer_by=now + 6 * DAY,
        )
    )
    application = drafts.start(event, language="en", now=now)
    for page in questionnaire.load(event).pages:
        drafts.save_page(application, page, drafts.Input(typed()), now=now)
    session = Client().session
    session[access.SESSION_KEY] = application.public_id
    session.save()
    return str(session.session_key)


def test_twenty_at_once_make_one_application_and_one_receipt(tmp_path: Path) -> None:
    session = session_of_somebody_ready_to_submit()
    database = SharedDatabase(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", submitters.__name__, str(AT_ONCE), session],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database.url, "REDIS_URL": "", "SECRET_KEY": settings.SECRET_KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "statuses": [302] * AT_ONCE,
        "applications": 1,
        "receipts": 1,
        "changes": 1,
        "answers": 6,
    }
