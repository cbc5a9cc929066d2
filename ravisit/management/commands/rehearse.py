"""Rehearse an event."""

import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from events.models import Event
from questionnaire.rehearsal import report
from questionnaire.rehearsal.play import FAULTS, Options
from ravisit.rehearsal import launch

BAR = 40  # characters
MOST_APPLICANTS = 20_000


def faults(text: str) -> frozenset[str]:
    """Read the faults that are wanted."""
    wanted = frozenset(name.strip() for name in text.split(",") if name.strip())
    if unknown := wanted - FAULTS:
        raise ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(sorted(FAULTS))}")
    return wanted


def crowd(text: str) -> int:
    """Read how many apply."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_APPLICANTS:
        raise ArgumentTypeError(f"{text}: choose a number from 1 to {MOST_APPLICANTS}")
    return int(text)


class Command(BaseCommand):
    """Play an event through before it is real."""

    help = (
        "The dress rehearsal: on a copy of the event in a throw-away database, under a virtual clock, invented people "
        "apply through the real pages, are reviewed, selected and told, answer and are replaced. Ends in a report; the "
        "exit status is 1 where a promise was broken."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("event", metavar="EVENT", help="short name of the event, such as paris-prison-exit-2021")
        parser.add_argument("--applicants", type=crowd, default=300, metavar="N", help="how many apply (300)")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="another number gives other people (1)")
        parser.add_argument(
            "--faults", type=faults, default=frozenset(), metavar="LIST", help=f"of {', '.join(sorted(FAULTS))}"
        )
        parser.add_argument("--html", type=Path, metavar="FILE", help="write the report with its pictures there too")
        parser.add_argument("--language", choices=languages, default=languages[0], help="of the report (en)")
        parser.add_argument("--keep", action="store_true", help="leave the database and the logs of the copy behind")

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
        language = options["language"]
        with translation.override(language):
            found = report.Report(outcome)
            for line in report.lines(found, language):
                self.stdout.write(line)
            if options["html"]:
                text = report.html(found, language, made_at=timezone.now())
                options["html"].write_text(text, encoding="utf-8")
        if found.broken:
            sys.exit(1)

    def show_progress(self, act: str, share: float) -> None:
        """Draw the bar again, where somebody watches."""
        if self.stderr.isatty():
            done = round(BAR * share)
            self.stderr.write(f"\r{'█' * done}{'·' * (BAR - done)} {share:4.0%} {act:<20}", ending="")
