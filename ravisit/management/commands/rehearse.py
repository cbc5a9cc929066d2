"""Rehearse an event."""

import sys
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.models import Event
from questionnaire.rehearsal.play import FAULTS, Options
from ravisit.rehearsal import launch

BAR = 40  # characters


def faults(text: str) -> frozenset[str]:
    """Read the faults that are wanted."""
    wanted = frozenset(name.strip() for name in text.split(",") if name.strip())
    if unknown := wanted - FAULTS:
        raise ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(sorted(FAULTS))}")
    return wanted


class Command(BaseCommand):
    """Play an event through before it is real."""

    help = (
        "The dress rehearsal: on a copy of the event in a throw-away database, under a virtual clock, people apply "
        "through the real pages, are reviewed, selected and told, answer and are replaced. Ends in a report; exit "
        "status 1 where a promise was broken."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("event", metavar="EVENT", help="short name of the event, such as paris-prison-exit-2021")
        parser.add_argument("--applicants", type=int, default=300, metavar="N", help="how many apply (300)")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="another number gives other people (1)")
        parser.add_argument("--faults", type=faults, default=frozenset(), metavar="LIST", help="smtp,worker,broker")
        parser.add_argument("--keep", action="store_true", help="leave database and logs of the copy behind")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, and print what became of each promise."""
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event {options['event']}.")
        wanted = Options(options["applicants"], options["seed"], options["faults"])
        try:
            outcome = launch.rehearse(event, wanted, self.show_progress, keep=options["keep"])
        except launch.CannotRehearse as error:
            raise CommandError(str(error)) from error
        for finding in outcome["findings"]:
            self.stdout.write(
                f"{(finding['broken'] and 'BROKEN') or 'kept':<8}{finding['key']:<22}{finding['looked_at']:>6}"
            )
            for detail in finding["details"]:
                self.stdout.write(f"          {detail}")
        if any(finding["broken"] for finding in outcome["findings"]):
            sys.exit(1)

    def show_progress(self, act: str, share: float) -> None:
        """Draw the bar again."""
        if self.stderr.isatty():
            done = round(BAR * share)
            self.stderr.write(f"\r{'█' * done}{'·' * (BAR - done)} {share:4.0%} {act:<20}", ending="")
