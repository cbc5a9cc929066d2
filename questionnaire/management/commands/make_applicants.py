"""Make synthetic applicants for an event."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from events.models import Event
from questionnaire import demo
from questionnaire.workflow import calibrating, drafts, submission


class Command(BaseCommand):
    """Let invented people apply, through the same rules as the form."""

    help = "Make synthetic, plausible applicants for an event; the same for the same seed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("event", metavar="EVENT", help="short name of the event, such as paris-prison-exit-2021")
        parser.add_argument("--count", type=int, default=100, metavar="N", help="how many apply (100)")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="another number gives other people (1)")
        parser.add_argument("--reviewed", action="store_true", help="with reviews, but for the last ones of twenty")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, and say how many."""
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event {options['event']}.")
        now, seed = timezone.now(), options["seed"]
        try:
            made = list(demo.make_applicants(event, count=options["count"], seed=seed, now=now))
        except drafts.WindowNotOpen as error:
            raise CommandError(f"Applying to {event.slug} is not open yet.") from error
        except submission.AnswersIncomplete as error:
            raise CommandError(f"No answers could be made up that keep the rules of: {error}.") from error
        new = sum(is_new for _application, is_new in made)
        self.stdout.write(f"{event.slug}: {new} applications made, {len(made) - new} were there before.")
        if options["reviewed"]:
            applications = [application for application, _is_new in made]
            waiting = len(applications) // 20  # for those who try out what a reviewer does
            looked_at = applications[: len(applications) - waiting]
            try:
                reviews = sum(1 for _review in demo.make_reviews(event, looked_at, seed=seed, at=now))
            except demo.NoReviewers as error:
                raise CommandError(f"{event.slug} has no reviewers: run make_demo_team first.") from error
            calibrating.refresh(event, at=now)
            self.stdout.write(f"{event.slug}: {reviews} reviews made, {waiting} wait for their reviewers.")
