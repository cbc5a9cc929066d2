"""Read the mailbox of undelivered letters, then end."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from questionnaire.workflow.mailbox import MailboxUnreachable
from questionnaire.workflow.returned import read_mailbox


class Command(BaseCommand):
    """Note which letters came back."""

    help = "Reads the mailbox that BOUNCE_IMAP_URL names, and notes which letters could not be delivered."

    def handle(self, **_options: Any) -> None:
        """Print how many letters failed; exit with 1 where the mailbox cannot be read."""
        if not settings.BOUNCE_IMAP_URL:
            raise CommandError("Set BOUNCE_IMAP_URL=imaps://user:password@host/folder.")
        try:
            looked_at, failed = read_mailbox(settings.BOUNCE_IMAP_URL, at=timezone.now())
        except MailboxUnreachable as error:
            raise CommandError(f"The mailbox cannot be read: {error}.") from error
        self.stdout.write(f"{looked_at} messages, {failed} letters failed")
