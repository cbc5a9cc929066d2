"""A whole event played through, in small: real pages, real workers, real letters, under a virtual clock."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from questionnaire import study_visit
from questionnaire.models import Application, Letter
from questionnaire.rehearsal.play import Options
from ravisit.rehearsal import launch

APPLICANTS = 10
FOLDER = settings.VAR_DIR / "rehearsal"

pytestmark = pytest.mark.django_db


def rehearse(**options: Any) -> dict[str, Any]:
    """Rehearse the study visit; return what became of each promise, by key."""
    event = study_visit.load(now=timezone.now()).event
    worker = options.pop("worker", launch.WORKER)
    outcome = launch.rehearse(event, Options(APPLICANTS, **options), lambda _act, _share: None, worker=worker)
    return {finding["key"]: finding for finding in outcome["findings"]}


def leftovers() -> set[Path]:
    """Return what rehearsals have left behind."""
    return set(FOLDER.glob("*")) if FOLDER.exists() else set()


@pytest.mark.every_database
def test_every_promise_is_kept_whatever_breaks_and_nothing_is_left_behind() -> None:
    """With killed workers, a forgetful broker and a moody mail server."""
    before = leftovers()
    findings = rehearse(seed=1, faults=frozenset({"smtp", "worker", "broker"}))
    del findings["pages_slow"]  # how quick they are depends on what else the machine does
    assert {key: finding["details"] for key, finding in findings.items() if finding["broken"]} == {}
    assert findings["applications_lost"]["looked_at"] > 0
    assert findings["decisions_missing"]["looked_at"] > 0
    assert findings["scores_lost"]["looked_at"] > 0  # on the pages of the team, as the signatures
    assert findings["decided_alone"]["looked_at"] > findings["decisions_missing"]["looked_at"]
    assert findings["letters_lost"]["looked_at"] > APPLICANTS
    assert leftovers() <= before
    assert not Application.objects.exists()
    assert not Letter.objects.exists()


def test_a_broken_claim_of_the_outbox_is_found_out() -> None:
    """Senders that do not ask each other send letters twice, and the report says so."""
    findings = rehearse(seed=1, worker="ravisit.tests.broken_claim")
    assert findings["letters_doubled"]["broken"] > 0
    assert findings["copies_differ"]["broken"] == 0


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("DATABASE_URL", "sqlite:///var/real.sqlite3", "throw-away database"),
        ("EMAIL_URL", "smtp://mail.example.org", "its own mail server"),
        ("EMAIL_URL", "filemail:///tmp/mail", "its own mail server"),
        ("BASE_URL", "http://localhost:8000", "loopback alone"),
    ],
)
def test_its_processes_refuse_anything_real(variable: str, value: str, complaint: str, tmp_path: Path) -> None:
    """No setting of the site reaches a rehearsal, and no letter of a rehearsal the world."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "ravisit.rehearsal.settings",
        "REHEARSAL_FOLDER": str(tmp_path),
        "SECRET_KEY": "x" * 50,
        "DATABASE_URL": f"sqlite:///{tmp_path}/x_rehearsal_1.sqlite3",
        "EMAIL_URL": "smtp://127.0.0.1:2525",
        "BASE_URL": "http://127.0.0.1:1",
    } | {variable: value}
    command = [sys.executable, "-c", "import ravisit.rehearsal.settings"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert complaint in done.stderr


def test_a_director_without_an_order_says_how_to_start() -> None:
    """The part that plays is nothing to start by hand."""
    with pytest.raises(CommandError, match="start one with"):
        call_command("play_rehearsal")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere"], "There is no event nowhere"),
        (["nowhere", "--faults", "flood"], "choose from smtp, worker, broker"),
        (["nowhere", "--applicants", "0"], "choose a number from 1"),
    ],
)
def test_mistakes_on_the_command_line_get_a_line(arguments: list[str], complaint: str) -> None:
    """An operator reads what to change."""
    with pytest.raises(CommandError, match=complaint):
        call_command("rehearse", *arguments)


def test_the_time_of_the_site_is_the_real_one() -> None:
    """No process but those of a rehearsal takes a virtual clock for the time."""
    assert timezone.now.__module__ == "django.utils.timezone"
    assert abs(timezone.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)
