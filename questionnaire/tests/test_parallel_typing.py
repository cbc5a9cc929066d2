"""SQLite under many writers: nobody is told that the database is locked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from questionnaire.tests.factories import small_questionnaire
from questionnaire.tests.test_outbox_faults import SharedDatabase

PEOPLE, TIMES = 8, 25


@pytest.mark.skipif("postgres" in settings.DATABASE_URL, reason="is about SQLite")
@pytest.mark.django_db(transaction=True)
def test_eight_people_save_two_hundred_times_and_no_save_is_refused(tmp_path: Path) -> None:
    event = small_questionnaire()
    database = SharedDatabase(tmp_path)
    work = f"from questionnaire.tests import writers; writers.main({event.pk}, {PEOPLE}, {TIMES})"
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {work}"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database.url, "REDIS_URL": "", "SECRET_KEY": settings.SECRET_KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"saved": PEOPLE * TIMES, "errors": []}
