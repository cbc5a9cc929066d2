"""Check the selections that were kept of an event."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.models import Event
from questionnaire.workflow import runs


class Command(BaseCommand):
    """Check each run of an event's selection, and solve it again."""

    help = (
        "Check each selection that was kept of an event: its hash, its bounds and its proof without the solver, then "
        "solve it again. The exit status is 1 where one does not hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the one argument."""
        parser.add_argument("event", metavar="EVENT", help="short name of the event, such as paris-prison-exit-2021")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check them one after the other, the newest first."""
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event {options['event']}.")
        broken = 0
        for run in event.selection_runs.iterator(chunk_size=1):
            check = runs.check(run)
            broken += not check.holds
            codes = ", ".join(violation.code for violation in check.violations)
            verdict = "holds" if check.holds else f"does not hold {codes}".strip()
            self.stdout.write(f"{run} {run.input_sha256}: {verdict}")
        if broken:
            raise CommandError(f"Selections that do not hold: {broken}.")
