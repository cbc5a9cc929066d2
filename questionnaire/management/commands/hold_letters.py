"""Hold all letters, or let them go, without the admin."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from questionnaire.models import Hold
from questionnaire.workflow import holds


class Command(BaseCommand):
    """Hold all letters until they are let go."""

    help = "Holds the letters of all events until `--let-go`. Nothing is lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a reason, or the word to let go."""
        parser.add_argument("reason", nargs="?", default="", help="why, for the record")
        parser.add_argument("--let-go", action="store_true", help="end what holds all letters, a restored backup too")

    def handle(self, **options: Any) -> None:
        """Print what was done."""
        now = timezone.now()
        if not options["let_go"]:
            if not options["reason"]:
                raise CommandError('Give a reason: hold_letters "the mail server moves".')
            holds.begin(None, by=None, at=now, reason=options["reason"][:500])
            self.stdout.write("held: no letter leaves")
            return
        ended = [hold for hold in Hold.objects.standing().filter(event=None) if holds.let_go(hold, by=None, at=now)]
        self.stdout.write(f"let go: {len(ended)} holds ended")
