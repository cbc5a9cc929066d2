"""Erase the personal data of an event whose time is over; the counts stay."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from events.models import Event
from questionnaire.workflow import shredding


class Command(BaseCommand):
    """Erase what the tick of each minute erases by itself, at once and whole."""

    help = (
        "Erases the personal data of an event for good: answers, files, letters, names, addresses, notes. What stays "
        "are rows with state, country and target group. Refuses before the end of the retention set for the event."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the event."""
        parser.add_argument("event", help="short name of the event in addresses")
        parser.add_argument("--dry-run", action="store_true", help="say what would be erased, and erase nothing")
        parser.add_argument("--early", action="store_true", help="erase although the retention is not over")

    def handle(self, **options: Any) -> None:
        """Say what there is, and erase it."""
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event {options['event']}.")
        now, found = timezone.now(), shredding.amount(event)
        what = f"{found.applications} applications, {found.files} files, {found.letters} letters"
        if options["dry_run"]:
            until = f"kept until {event.kept_until:%Y-%m-%d}, {event.retention_days} days after the last day"
            self.stdout.write(f"{event.slug}: would erase {what} ({until}).")
            return
        if not options["early"]:
            try:
                shredding.require_over(event, now)
            except shredding.NotYet as error:
                raise CommandError(
                    f"{event.slug}: personal data are kept until {event.kept_until:%Y-%m-%d}. Shorten the retention "
                    "of the event in the administration, or say --early."
                ) from error
        shredding.shred(event, at=now)
        self.stdout.write(f"{event.slug}: erased {what}. State, country and target group of each application stay.")
