"""Solve the selection of an event and print it with its reasons."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from events.models import Event
from questionnaire.models import SelectionRun
from questionnaire.workflow import board, reasons, runs, selection


class Command(BaseCommand):
    """Suggest who is selected; nothing is decided by it."""

    help = (
        "Solve the selection of an event, keep the run, and print it with its reasons. "
        "It proposes and decides nothing. The exit status is 1 where no selection keeps every quota."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("event", metavar="EVENT", help="short name of the event, such as paris-prison-exit-2021")
        parser.add_argument("--json", action="store_true", help="for a program to read, with the certificate")
        parser.add_argument(
            "--everyone", action="store_true", help="refuse while an application has no finished review"
        )
        parser.add_argument("--places", type=int, metavar="N", help="fill so many places (those of the event)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Solve, and say what came of it."""
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event {options['event']}.")
        try:
            run = runs.suggest(
                event, by=None, at=timezone.now(), everyone=options["everyone"], places=options["places"]
            )
        except selection.Infeasible as error:
            raise CommandError(self._conflict(event, error, as_json=options["json"])) from error
        except selection.SelectionError as error:
            raise CommandError(board.words_for(event, error).error(error)) from error
        shown = board.whole(run)
        if options["json"]:
            self.stdout.write(json.dumps(as_data(run, shown), ensure_ascii=False, indent=2))
            return
        for line in lines(run, shown):
            self.stdout.write(line)

    def _conflict(self, event: Event, error: selection.Infeasible, *, as_json: bool) -> str:
        conflict = board.words_for(event, error).diagnosis(error.diagnosis)
        if as_json:
            data = {
                "feasible": False,
                "findings": conflict.findings,
                "conflict": conflict.bounds,
                "relaxations": conflict.relaxations,
            }
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
        return "\n".join(conflict_lines(conflict))


def conflict_lines(conflict: reasons.Conflict) -> Iterator[str]:
    """Say in lines why no selection holds."""
    yield "No selection keeps every quota."
    yield from conflict.findings
    yield "These cannot hold together:"
    yield from (f"  {bound}" for bound in conflict.bounds)
    if conflict.pins_matter:
        yield "Without the people placed by hand they could."
    for number, changes in enumerate(conflict.relaxations, 1):
        yield f"Way out {number}: {'; '.join(changes)}"


def lines(run: SelectionRun, shown: board.Board) -> Iterator[str]:
    """Say in lines who is selected and why, and how each quota stands."""
    yield f"{run.event.slug}: run {run.pk}, {shown.selected} of {shown.candidates} candidates, {shown.total} points."
    yield "Proven to be the best." if shown.proven else f"Not proven to be the best: at most {shown.bound} points."
    if shown.left_out:
        yield f"Left out, without a finished review: {shown.left_out}."
    yield "A human decides: nothing has been proposed."
    yield ""
    for bar in shown.bars:
        wanted = f"at least {bar.minimum}" if bar.maximum is None else f"{bar.minimum} to {bar.maximum}"
        yield f"{bar.label}: {bar.pool} in the pool, {bar.selected} selected, wanted {wanted}"
    yield ""
    for person in shown.people:
        side = "in " if person.selected else "out"
        yield f"{person.rank:>5}  {side}  {person.score:>6}  {person.name}  {person.reason}"
    yield ""
    yield f"Inputs {run.input_sha256}, {run.solver}"


def as_data(run: SelectionRun, shown: board.Board) -> dict[str, Any]:
    """Return the same for a program: people by public id, the answer with its certificate as it is stored."""
    return {
        "feasible": True,
        "run": run.pk,
        "event": run.event.slug,
        "total": shown.total,
        "left_out": shown.left_out,
        "quotas": [
            {
                "group": bar.label,
                "pool": bar.pool,
                "selected": bar.selected,
                "minimum": bar.minimum,
                "maximum": bar.maximum,
            }
            for bar in shown.bars
        ],
        "people": [
            {
                "id": person.id,
                "rank": person.rank,
                "name": person.name,
                "score": person.score,
                "selected": person.selected,
                "reason": person.reason,
            }
            for person in shown.people
        ],
        "suggestion": json.loads(run.result),
    }
