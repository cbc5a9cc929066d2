"""Run all tests: `python -m ravisit.testing`, which is the second half of `make test`.

First the linters, then the tests on SQLite, then those for real servers and a real browser. With arguments, pytest
runs once with these, real servers beside it: `python -m ravisit.testing -k outbox -x`. With `--lint-only`, no tests.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ravisit.testing import chromium, postgres, valkey

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SERVERS_DIR = BASE_DIR / "var" / "test"

LINTERS = {
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--check"],
    "mypy": ["mypy"],
    "makemigrations": ["django", "makemigrations", "--check", "--dry-run"],
}
WITHOUT_SERVERS = ["-n", "2", "-m", "not postgres and not valkey and not browser"]
WITH_SERVERS = ["-m", "postgres or valkey or browser or every_database"]

# The tests set these themselves: what the shell holds for another purpose must not reach them.
SETTINGS = {
    "ALLOWED_HOSTS", "BASE_URL", "DATABASE_URL", "DEBUG", "DEFAULT_FROM_EMAIL", "EMAIL_URL", "LOG_LEVEL", "PORT",
    "REDIS_URL", "REQUIRE_2FA", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "SITE_NAME", "TRUSTED_PROXIES",
}  # fmt: skip


def environment(**extra: str) -> dict[str, str]:
    """Return the environment for a step: this one without the site's settings, and with `extra`."""
    inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return inherited | {"DJANGO_SETTINGS_MODULE": "ravisit.settings"} | extra


def succeeds(title: str, arguments: Sequence[str], env: dict[str, str]) -> bool:
    """Run a Python module with its arguments, under a title."""
    print(f"\n--- {title}", flush=True)
    return subprocess.run([sys.executable, "-m", *arguments], cwd=BASE_DIR, env=env, check=False).returncode == 0


def lint() -> list[str]:
    """Run the linters; return the names of those that complain."""
    return [name for name, arguments in LINTERS.items() if not succeeds(name, arguments, environment())]


def run_pytest(title: str, arguments: Sequence[str], **extra: str) -> list[str]:
    """Run pytest; return the title where a test fails."""
    passed = succeeds(title, ["pytest", "--durations=15", *arguments], environment(**extra))
    return [] if passed else [title]


def run_with_servers(arguments: Sequence[str]) -> list[str]:
    """Run pytest beside a real PostgreSQL, a real Valkey and, where one can be had, a real browser."""
    without_browser = [] if chromium.obtain() else ["the browser tests, which were skipped"]
    with postgres.serve(SERVERS_DIR / "postgres") as database, valkey.serve(SERVERS_DIR / "valkey") as broker:
        title = "tests on PostgreSQL, with Valkey and a browser"
        failed = run_pytest(title, arguments, DATABASE_URL=database.url, REDIS_URL=broker.url)
    return failed + (without_browser if os.environ.get("RAVISIT_REQUIRE_BROWSER") == "1" else [])


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for to its end, whatever fails on the way; return the exit status."""
    if arguments and arguments != ["--lint-only"]:
        failed = run_with_servers(arguments)
    else:
        failed = lint()
        if not arguments:
            failed += run_pytest("tests on SQLite", WITHOUT_SERVERS)
            failed += run_with_servers(WITH_SERVERS)
    if failed:
        print(f"\nFailed: {'; '.join(failed)}. See above.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
