"""Rehearse an event."""

import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone, translation

from events.models import Event
from questionnaire.models import MOST_APPLICANTS, Fault, Rehearsal
from questionnaire.rehearsal import report
from questionnaire.rehearsal.play import Options
from questionnaire.workflow import rehearsing
from ravisit.rehearsal import launch

BAR = 40  # characters
NOTE_EVERY = 1.0  # seconds


def faults(text: str) -> list[str]:
    """Read the faults that are wanted."""
    wanted = sorted({name.strip() for name in text.split(",") if name.strip()})
    if unknown := [name for name in wanted if name not in Fault.values]:
        raise ArgumentTypeError(f"{', '.join(unknown)}: choose from {', '.join(Fault.values)}")
    return wanted


def crowd(text: str) -> int:
    """Read how many apply."""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= MOST_APPLICANTS:
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
        parser.add_argument("--faults", type=faults, default=[], metavar="LIST", help=", ".join(Fault.values))
        parser.add_argument("--html", type=Path, metavar="FILE", help="write the report with its pictures there too")
        parser.add_argument("--language", choices=languages, default=languages[0], help="of the report (en)")
        parser.add_argument("--keep", action="store_true", help="leave the database and the logs of the copy behind")
        parser.add_argument("--order", type=int, metavar="ID", help="play what was ordered in the administration")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, keep the report, and print it."""
        rehearsal = _rehearsal(options)
        found = self._play(rehearsal, keep=options["keep"])
        language = options["language"]
        with translation.override(language):
            for line in report.lines(found, language):
                self.stdout.write(line)
            if options["html"]:
                text = report.html(found, language, made_at=timezone.now())
                options["html"].write_text(text, encoding="utf-8")
        if found.broken:
            sys.exit(1)

    def _play(self, rehearsal: Rehearsal, *, keep: bool) -> report.Report:
        """Play, and keep in the database how far it is and what it found."""
        self._noted = 0.0

        def progress(act: str, share: float) -> None:
            self._show_progress(act, share)
            if time.monotonic() - self._noted >= NOTE_EVERY:
                self._noted = time.monotonic()
                rehearsing.note_progress(rehearsal, act, share, at=timezone.now())

        wanted = Options(rehearsal.applicants, rehearsal.seed, frozenset(rehearsal.faults))
        try:
            outcome = launch.rehearse(rehearsal.event, wanted, progress, keep=keep)
        except rehearsing.NotWanted as error:
            raise CommandError("The rehearsal was stopped.") from error
        except launch.CannotRehearse as error:
            rehearsing.fail(rehearsal, str(error), at=timezone.now())
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            rehearsing.fail(rehearsal, "Ctrl-C", at=timezone.now())
            raise
        found = report.Report(outcome)
        rehearsing.finish(rehearsal, outcome, kept=not found.broken, at=timezone.now())
        return found

    def _show_progress(self, act: str, share: float) -> None:
        """Draw the bar again, where somebody watches."""
        if self.stderr.isatty():
            done = round(BAR * share)
            bar = f"{'█' * done}{'·' * (BAR - done)}"
            self.stderr.write(f"\r{bar} {share:4.0%} {report.act_in_words(act):<30}", ending="")


def _rehearsal(options: dict[str, Any]) -> Rehearsal:
    """Return the rehearsal to play, which is nobody else's any more."""
    now = timezone.now()
    if options["order"] is not None:
        return _ordered(options["order"])
    event = Event.objects.filter(slug=options["event"]).first()
    if event is None:
        raise CommandError(f"There is no event {options['event']}.")
    try:
        with transaction.atomic():
            rehearsal = rehearsing.order(
                event,
                applicants=options["applicants"],
                seed=options["seed"],
                faults=options["faults"],
                by=None,
                at=now,
            )
            rehearsing.begin(rehearsal, at=now)
    except rehearsing.AlreadyUnderWay as error:
        raise CommandError(
            f"A rehearsal of {event.slug} was ordered at {error.rehearsal.ordered_at:%H:%M} UTC and has not ended."
        ) from error
    return rehearsal


def _ordered(number: int) -> Rehearsal:
    """Return the rehearsal of that number; the worker has taken it already, or nobody has."""
    rehearsal = Rehearsal.objects.select_related("event").filter(pk=number).first()
    if rehearsal is None or not rehearsal.is_open or rehearsal.act:
        raise CommandError(f"There is no rehearsal {number} that waits to be played.")
    rehearsing.begin(rehearsal, at=timezone.now())
    return rehearsal
