"""Check the selections that were kept of an event."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.models import Event
from questionnaire.models import SelectionRun
from questionnaire.workflow import runs
from questionnaire.workflow.board import RunView


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
            self.stdout.write(f"{run} {run.input_sha256}: {verdict}; {'; '.join(facts(run))}")
        if broken:
            raise CommandError(f"Selections that do not hold: {broken}.")


def facts(run: SelectionRun) -> Iterator[str]:
    """Say by which rules a run was made, and how far each wished share is met in it."""
    view = RunView(run)
    yield f"{run.scores} scores"
    yield f"ties by lot, SHA-256 {view.suggestion.seed_commitment}" if view.by_lot else "ties by time of submission"
    if view.problem.targets:
        yield f"tolerance {float(view.problem.tolerance * view.points):.2f} points"
    for target in view.problem.targets:
        selected = view.counts.selected[target.attribute, target.value]
        wanted = target.seats(view.problem.capacity)
        yield f"{target.attribute} {target.value}: {selected} of {wanted} wished"
