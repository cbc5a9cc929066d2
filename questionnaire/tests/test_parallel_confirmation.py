"""Fifty people confirm at once, ten places: exactly ten get one, on each database; without the lock, more."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from questionnaire.states import State
from questionnaire.tests import confirmers
from questionnaire.tests.factories import AFTER_RELEASE, ApplicationFactory
from questionnaire.tests.taking_part import released_event
from questionnaire.tests.test_outbox_faults import SharedDatabase

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.every_database]

PEOPLE = 50


def confirm_at_once(tmp_path: Path, *, places: int, options: tuple[str, ...] = ()) -> dict[str, int]:
    """Let people who turned their places down change their minds at the same moment; return what came of it."""
    ApplicationFactory.create_batch(PEOPLE, event=released_event(places=places), state=State.TURNED_DOWN)
    database = SharedDatabase(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", confirmers.START, AFTER_RELEASE.isoformat(), *options],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database.url, "REDIS_URL": "", "SECRET_KEY": settings.SECRET_KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("places", [10, 1])
def test_as_many_get_a_place_as_there_are(tmp_path: Path, places: int) -> None:
    assert confirm_at_once(tmp_path, places=places) == {
        "confirmed": places,
        "no place left": PEOPLE - places,
        "hold a place": places,
    }


def test_without_the_lock_more_people_get_a_place_than_there_are(tmp_path: Path) -> None:
    assert confirm_at_once(tmp_path, places=10, options=(confirmers.WITHOUT_LOCK,))["hold a place"] > 10
