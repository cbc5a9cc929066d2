"""Direct one rehearsal: set the stage, play, check; `manage.py play_rehearsal` runs it in the settings of the copy."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from questionnaire.rehearsal import checks, content, figures
from questionnaire.rehearsal.clock import VirtualClock, install
from questionnaire.rehearsal.evidence import Evidence
from questionnaire.rehearsal.play import Options, Play
from ravisit.rehearsal.entry import CLOCK
from ravisit.rehearsal.house import SENDERS, house

Progress = Callable[[str, float], None]
DAY = dt.timedelta(days=1)


def direct(order: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Play what was ordered; return the outcome as plain data.

    `order` holds `content` (see `content.dump`), `applicants`, `seed` and `faults`. Raises `RuntimeError` where a
    process does not start.
    """
    folder: Path = settings.REHEARSAL_FOLDER
    progress("setting the stage", 0.0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    event, team = content.load(order["content"], applicants=order["applicants"])
    clock = VirtualClock.make(folder / CLOCK, event.opens_at - DAY)
    install(clock)
    options = Options(order["applicants"], order["seed"], frozenset(order["faults"]))
    with house(clock, seed=options.seed) as stage:
        play = Play(event, team, stage, options, progress)
        ledger = play.run()
        progress("checking", 0.97)
        evidence = Evidence(event, ledger, stage.mailroom.copies, clock.now(), SENDERS)
        findings = checks.check(evidence)
        return {
            "findings": [asdict(finding) for finding in findings],
            "figures": figures.collect(evidence, play),
        }


def write_outcome(folder: Path, outcome: dict[str, Any]) -> None:
    """Leave the outcome where `launch` looks for it."""
    (folder / "outcome.json").write_text(json.dumps(outcome))
