"""Send all that is due, then end."""

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from questionnaire.models import Heartbeat, LetterStatus
from questionnaire.workflow import heartbeat
from questionnaire.workflow.delivery import transport_factory
from questionnaire.workflow.due import do_what_is_due
from questionnaire.workflow.outbox import Clock, Tally


def moment(text: str) -> dt.datetime:
    """Read an ISO 8601 date and time; without an offset it is a time of the site's zone."""
    try:
        value = parse_datetime(text)
    except ValueError:
        value = None
    if value is None:
        raise ArgumentTypeError(f"{text!r} is not a time. Example: 2021-11-29T10:00:00+01:00")
    return value if timezone.is_aware(value) else timezone.make_aware(value)


def clock_from(start: dt.datetime) -> Clock:
    """Return a clock that shows `start` now and goes on from there."""
    offset = start - timezone.now()
    return lambda: timezone.now() + offset


class Command(BaseCommand):
    """Release and send what is due, with neither Celery nor Redis."""

    help = "Releases the decisions and sends the letters that are due, then ends. Needs neither Celery nor Redis."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take another time than now, and a number of SMTP connections."""
        parser.add_argument("--at", type=moment, metavar="TIME", help="as if it were TIME (ISO 8601)")
        parser.add_argument("--connections", type=int, default=1, help="SMTP connections at once (default: 1)")

    def handle(self, **options: Any) -> None:
        """Print what was sent; exit with 1 where the mail server cannot be reached."""
        if options["at"] is None:
            with heartbeat.pulse(Heartbeat.Source.TIMER, at=timezone.now(), url=settings.HEARTBEAT_URL) as pulse:
                tally = self._work_off(timezone.now, options["connections"])
                pulse.went_well = tally.server_reached
        else:  # a time that is made up is no sign of life
            tally = self._work_off(clock_from(options["at"]), options["connections"])
        counts = [f"{tally.letters[status]} {status.value}" for status in LetterStatus if tally.letters[status]]
        self.stdout.write(", ".join(counts) or "nothing is due")
        if not tally.server_reached:
            raise CommandError("The mail server cannot be reached; its letters are tried again later.")

    def _work_off(self, clock: Clock, connections: int) -> Tally:
        return do_what_is_due(clock, transport_factory(settings.EMAIL_URL), connections=connections)
