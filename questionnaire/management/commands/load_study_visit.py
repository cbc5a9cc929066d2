"""Load or refresh the study visit to Paris."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from questionnaire import study_visit


class Command(BaseCommand):
    """Bring the data files of the study visit into the database."""

    help = (
        "Load or refresh the study visit to Paris in both languages: page, agenda, questionnaire, criteria, "
        "balance and letters. Applications and whatever organisers added stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the one option."""
        parser.add_argument(
            "--opens-now", action="store_true", help="move all dates by whole weeks, so that applying is open today"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what changed."""
        now = timezone.now()
        try:
            loaded = study_visit.load(now=now, opens_now=options["opens_now"])
        except study_visit.ContentError as error:
            raise CommandError(str(error)) from error
        event, counts = loaded.event, loaded.counts
        self.stdout.write(
            f"{event.slug}: {counts['added']} rows added, {counts['changed']} changed, {counts['unchanged']} unchanged."
        )
        opens_at, closes_at = (
            f"{at.astimezone(event.zone):%d %B %Y, %H:%M}" for at in (event.opens_at, event.closes_at)
        )
        self.stdout.write(f"Applying is {event.window(now).value}: from {opens_at} to {closes_at} ({event.time_zone}).")
        for row in loaded.kept:
            self.stdout.write(f"Kept as it was, no file names it: {row}")
