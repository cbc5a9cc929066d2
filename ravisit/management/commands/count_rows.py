"""Print how many rows each table has: the same of a database and of its restored backup."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Count what a backup has to hold."""

    help = "Print each table with the number of its rows, in the order of their names, to compare a restored backup."

    def handle(self, *args: Any, **options: Any) -> None:
        """Count."""
        tables = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
        for name, model in sorted(tables.items()):
            self.stdout.write(f"{name} {model._base_manager.count()}")
