"""Make the demo team."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.models import Event
from questionnaire import demo


class Command(BaseCommand):
    """Make two organisers and three reviewers, and print their logins."""

    help = "Make two organisers and three reviewers of an event where they are missing, and print their logins."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the one argument."""
        parser.add_argument("event", metavar="EVENT", nargs="?", default="paris-prison-exit-2021")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, and print who they are; on a laptop alone, since the passwords lie in a file."""
        if not settings.ON_A_LAPTOP:
            raise CommandError("Demo logins are for a laptop: BASE_URL names another machine.")
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event {options['event']}: run load_study_visit first.")
        passwords = demo.make_team(event, settings.VAR_DIR / "demo-logins.txt")
        for username, role in demo.TEAM.items():
            self.stdout.write(f"{username:<12} {passwords[username]}  ({role.label})")
