"""Run all tests: `python -m ravisit.testing`, which is the second half of `make test`.

First the tests on SQLite, beside them the linters and the search for a browser, then the tests for real servers and
that browser. With arguments, pytest runs once with these, real servers beside it: `python -m ravisit.testing -k outbox
-x`. With `--lint-only`, no tests.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE, STDOUT

from ravisit.testing import chromium, postgres, valkey

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SERVERS_DIR = BASE_DIR / "var" / "test"

LINTERS = {
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--check"],
    "mypy": ["mypy"],
    "makemigrations": ["django", "makemigrations", "--check", "--dry-run"],
}
# One more than there are cores, since some tests wait for servers, for a browser or for processes of their own.
WORKERS = min(max(2, os.cpu_count() or 2), 8) + 1
SPREAD = [f"-n{WORKERS}", "--dist=worksteal"]
WITHOUT_SERVERS = [*SPREAD, "-m", "not postgres and not valkey and not browser"]
WITH_SERVERS = [*SPREAD, "-m", "postgres or valkey or browser or every_database"]

# The tests set these themselves: what the shell holds for another purpose must not reach them.
SETTINGS = {
    "ALLOWED_HOSTS", "BASE_URL", "BOUNCE_ADDRESS", "BOUNCE_IMAP_URL", "DATABASE_URL", "DEBUG", "DEFAULT_FROM_EMAIL",
    "EMAIL_URL", "HEARTBEAT_URL", "LETTERS_PER_MINUTE", "LETTERS_PER_MINUTE_PER_DOMAIN", "LOG_LEVEL", "OUTBOX_MARKS",
    "PORT", "REDIS_URL", "REQUIRE_2FA", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "SITE_NAME", "TRUSTED_PROXIES",
}  # fmt: skip

# Whatever the shell says of bytecode: not each of some hundred processes compiles Django and the site anew.
BYTECODE = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(BASE_DIR / "var" / "pycache")}


def environment(**extra: str) -> dict[str, str]:
    """Return the environment for a step: this one without the site's settings, with bytecode kept, and with `extra`."""
    inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return inherited | {"DJANGO_SETTINGS_MODULE": "ravisit.settings"} | BYTECODE | extra


def run_linter(name: str) -> subprocess.CompletedProcess[str]:
    """Run one linter; return how it ended, with all that it printed."""
    command = [sys.executable, "-m", *LINTERS[name]]
    return subprocess.run(command, cwd=BASE_DIR, env=environment(), stdout=PIPE, stderr=STDOUT, text=True, check=False)


def complaints(runs: Mapping[str, Future[subprocess.CompletedProcess[str]]]) -> list[str]:
    """Print what the linters said; return the names of those that complain."""
    for name, run in runs.items():
        print(f"\n--- {name}\n{run.result().stdout}", end="", flush=True)
    return [name for name, run in runs.items() if run.result().returncode]


def run_pytest(title: str, arguments: Sequence[str], **extra: str) -> list[str]:
    """Run pytest under a title; return the title where a test fails."""
    print(f"\n--- {title}", flush=True)
    command = [sys.executable, "-m", "pytest", "--durations=15", *arguments]
    done = subprocess.run(command, cwd=BASE_DIR, env=environment(**extra), check=False)
    return [title] if done.returncode else []


def run_with_servers(arguments: Sequence[str], browser: Path | None) -> list[str]:
    """Run pytest beside a real PostgreSQL, a real Valkey and, where one could be had, a real browser."""
    without_browser = [] if browser else ["the browser tests, which were skipped"]
    with postgres.serve(SERVERS_DIR / "postgres") as database, valkey.serve(SERVERS_DIR / "valkey") as broker:
        title = "tests on PostgreSQL, with Valkey and a browser"
        failed = run_pytest(title, arguments, DATABASE_URL=database.url, REDIS_URL=broker.url)
    return failed + (without_browser if os.environ.get("RAVISIT_REQUIRE_BROWSER") == "1" else [])


def run_all(*, tests: bool) -> list[str]:
    """Run the linters and, where wanted, all tests; return what failed."""
    with ThreadPoolExecutor() as beside:
        linters = {name: beside.submit(run_linter, name) for name in LINTERS}
        if not tests:
            return complaints(linters)
        browser = beside.submit(chromium.obtain)
        failed = run_pytest("tests on SQLite", WITHOUT_SERVERS) + complaints(linters)
        return failed + run_with_servers(WITH_SERVERS, browser.result())


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for to its end, whatever fails on the way; return the exit status."""
    chosen = arguments and arguments != ["--lint-only"]
    failed = run_with_servers(arguments, chromium.obtain()) if chosen else run_all(tests=not arguments)
    if failed:
        print(f"\nFailed: {'; '.join(failed)}. See above.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
