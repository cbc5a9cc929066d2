"""Measure one of the speeds that are promised, against its limit, in one run."""

import pkgutil
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from questionnaire import benchmarks


class Command(BaseCommand):
    """Run a benchmark of the package `questionnaire.benchmarks` and print its ratios."""

    help = "Prints the ratios of one benchmark, both sides measured in turn in one run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name of the benchmark."""
        parser.add_argument("name", choices=runnable())

    def handle(self, **options: Any) -> None:
        """Run it."""
        try:
            benchmark = import_module(f"{benchmarks.__name__}.{options['name']}")
        except ModuleNotFoundError as missing:
            package = str(missing.name).partition(".")[0]
            raise CommandError(f"This needs {package}: pip install -r requirements-dev.txt") from missing
        benchmark.run(self.stdout.write)


def runnable() -> list[str]:
    """Return the names of the benchmarks; what they share begins with an underscore."""
    names = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    return sorted(name for name in names if not name.startswith("_"))
