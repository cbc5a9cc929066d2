"""Write the applications of an event into a file for a spreadsheet."""

import logging
import os
import stat
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.models import Event
from questionnaire.workflow import export
from questionnaire.workflow.spreadsheet import Format

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Export everything that organisers may see of the applications to an event."""

    help = "Write the applications of an event, all that were submitted, into a file for a spreadsheet."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("event", metavar="EVENT", help="short name of the event, such as paris-prison-exit-2021")
        parser.add_argument("--format", choices=list(Format), default=Format.CSV, help="the kind of file (csv)")
        parser.add_argument("--output", metavar="FILE", type=Path, help="where to write (the standard output)")
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default=languages[0], help="of labels and states (en)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file; say on the standard error, and in the log, how many applications it holds."""
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event {options['event']}.")
        table = export.Export(event, export.exportable(event), options["language"])
        output, file_format = options["output"], Format(options["format"])
        try:
            with open_private(output) if output else nullcontext(sys.stdout.buffer) as file:
                export.write(table, file_format, file)
        except OSError as error:
            raise CommandError(f"{output or 'The standard output'} cannot be written: {error.strerror}.") from error
        number = table.applications.count()
        logger.info("exported %d applications of %s as %s", number, event.slug, file_format.value)
        self.stderr.write(f"{event.slug}: {number} applications exported.")


def open_private(path: Path) -> IO[bytes]:
    """Open a file for writing that its owner alone may read; one that is there is emptied and closed to others."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):  # a device stays as it is
        os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")
