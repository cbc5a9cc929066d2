"""Bring the catalogues in step with the code, without GNU gettext. For developers, after texts have changed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ravisit import catalogue


class Command(BaseCommand):
    """Add, empty, the texts that the code asks for; take out those that it no longer does; keep the rest."""

    help = (
        "Brings the catalogue of each language but the one that the code is written in up to date: adds the texts "
        "that are missing, without a translation, takes out those that nothing asks for, and keeps the rest."
    )
    requires_system_checks: list[str] = []  # it reads texts alone, also of code that does not run yet

    def handle(self, *args: Any, **options: Any) -> None:
        """Update each catalogue and say what is left to translate."""
        for language, _name in settings.LANGUAGES:
            if language != settings.LANGUAGE_CODE:
                self._update(language)

    def _update(self, language: str) -> None:
        held = catalogue.load(language)
        before = catalogue.texts(held)
        catalogue.update(held)
        after = catalogue.texts(held)
        catalogue.save(held)
        waiting = catalogue.untranslated(held)
        self.stdout.write(
            f"{language}: {len(after - before)} added, {len(before - after)} taken out, "
            f"{len(after)} in all, {len(waiting)} to translate"
        )
        for _context, text in sorted(waiting, key=lambda key: key[1]):
            self.stdout.write(f"  {text}")
