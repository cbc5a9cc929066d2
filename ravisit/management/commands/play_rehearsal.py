"""Direct a rehearsal, in the settings of its copy. Started by `manage.py rehearse`."""

import json
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from questionnaire.rehearsal.stage import WorkersSilent
from ravisit.rehearsal import director, place


class Command(BaseCommand):
    """Play what the order in the rehearsal's folder says."""

    help = "Plays a rehearsal that manage.py rehearse has prepared. Not for people."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        """Play, and leave progress and outcome in the folder."""
        if place.FOLDER not in os.environ:
            raise CommandError("This is a part of a rehearsal: start one with manage.py rehearse EVENT.")
        folder = place.folder()
        note = folder / "progress"

        def progress(act: str, share: float) -> None:
            note.write_text(json.dumps([act, share]))

        try:
            outcome = director.direct(json.loads((folder / "order.json").read_text()), progress)
        except (RuntimeError, WorkersSilent) as error:
            raise CommandError(f"{type(error).__name__}: {error}") from error
        (folder / "outcome.json").write_text(json.dumps(outcome))
