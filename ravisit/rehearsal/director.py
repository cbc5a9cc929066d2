"""Direct one rehearsal: set the stage, play, check; `manage.py play_rehearsal` runs it in the settings of the copy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.core.management import call_command

from questionnaire.rehearsal import checks, content, figures
from questionnaire.rehearsal.clock import VirtualClock, install
from questionnaire.rehearsal.evidence import Evidence
from questionnaire.rehearsal.play import Options, Play
from ravisit.rehearsal import place
from ravisit.rehearsal.house import SENDERS, house

Progress = Callable[[str, float], None]
DAY = dt.timedelta(days=1)


def direct(order: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Play what was ordered; return the outcome as plain data.

    `order` holds `content` (see `content.dump`), `applicants`, `seed`, `faults`, and which `worker` sends the letters.
    Raises `RuntimeError` where a process does not start.
    """
    progress("stage", 0.0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    event, team = content.load(order["content"], applicants=order["applicants"])
    clock = VirtualClock.make(place.clock(), event.opens_at - DAY)
    install(clock)
    options = Options(order["applicants"], order["seed"], frozenset(order["faults"]))
    with house(clock, seed=options.seed, worker=order["worker"]) as stage:
        play = Play(event, team, stage, options, progress)
        ledger = play.run()
        progress("checking", 0.97)
        evidence = Evidence(event, ledger, stage.mailroom.copies, clock.now(), SENDERS)
        findings = checks.check(evidence)
        return {
            "findings": [asdict(finding) for finding in findings],
            "figures": figures.collect(evidence, play),
        }
