"""Give a member of the staff a new second factor; the way in for the first of them."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ravisit import second_factor


class Command(BaseCommand):
    """Print what an authenticator app needs, once."""

    help = "Give a person a new second factor, and print it for their authenticator app. The one before stops working."

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the login."""
        parser.add_argument("login", help="login of the person")

    def handle(self, *args: Any, login: str, **options: Any) -> None:
        """Enrol the person."""
        user = User.objects.filter(username=login, is_active=True).first()
        if user is None:
            raise CommandError(f"nobody active has the login {login}")
        enrolment = second_factor.enrol(user)
        self.stdout.write("For the authenticator app, as a link or as a key to type in:")
        self.stdout.write(f"  {enrolment.address}")
        self.stdout.write(f"  {enrolment.key}")
        self.stdout.write("Emergency codes, each for one login:")
        for code in enrolment.emergency_codes:
            self.stdout.write(f"  {code}")
