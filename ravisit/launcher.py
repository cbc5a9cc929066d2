"""Run everything on a laptop: `python -m ravisit.launcher`, which is the second half of `make run`.

Database, the Paris study visit and demo logins first; then the web server and the worker, until Ctrl-C.
"""

import io
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from types import FrameType
from typing import NoReturn

import django
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import Error as DatabaseError

from ravisit.ports import LOOPBACK, is_free
from ravisit.processes import Family

STUDY_VISIT = "paris-prison-exit-2021"
START_TIMEOUT = 60.0  # seconds
LOOK_EVERY = 0.5  # seconds


class LaunchError(Exception):
    """Something keeps the site from running; the message is one line that says what to do."""


def port_to_use() -> int:
    """Return the port of the web server: PORT, or 8000. Raises LaunchError where it cannot be had."""
    wanted = os.environ.get("PORT", "8000")
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise LaunchError(f"PORT={wanted} is not a port number: it goes from 1 to 65535")
    port = int(wanted)
    if not is_free(port):
        raise LaunchError(f"port {port} is taken by another program. Choose another one: make run PORT={port + 1}")
    return port


def prepare() -> str:
    """Bring the database up to date, with something to see in it at the first start; return the demo logins.

    Raises LaunchError where the settings or the database refuse.
    """
    try:
        django.setup()
        call_command("migrate", verbosity=0)
        event_model = apps.get_model("events", "Event")
        if not event_model.objects.filter(slug=STUDY_VISIT).exists():
            call_command("load_study_visit", opens_now=True, stdout=io.StringIO())
        return demo_logins() if settings.ON_A_LAPTOP else ""
    except ImproperlyConfigured as error:
        raise LaunchError(str(error)) from error
    except DatabaseError as error:
        raise LaunchError(f"the database does not work: {str(error).splitlines()[0]} (see DATABASE_URL)") from error


def demo_logins() -> str:
    """Make the demo organisers and reviewers where they are missing, and return their logins as text."""
    logins = io.StringIO()
    call_command("make_demo_team", stdout=logins)
    return logins.getvalue().strip()


def start_services(family: Family, port: int) -> None:
    """Start the web server and the worker, and wait for the first answer. Raises LaunchError where one ends early."""
    logs = settings.VAR_DIR / "log"
    # One process, since the cache lives in it; its threads serve several people at once.
    web = [sys.executable, "-m", "gunicorn", "--bind", f"{LOOPBACK}:{port}", "--workers", "1", "--threads", "4"]
    worker = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "ravisit.celery",
        "worker",
        "--concurrency",
        "1",
        "--loglevel",
        "INFO",
    ]
    worker += ["-B", "--schedule", str(settings.VAR_DIR / "broker" / "beat"), "--without-gossip", "--without-mingle"]
    server = family.start("web server", web, logs / "web.log")
    family.start("worker", worker, logs / "worker.log")
    deadline = time.monotonic() + START_TIMEOUT
    while not is_up(port):
        refuse_dead(family)
        if time.monotonic() > deadline:
            raise LaunchError(f"the web server does not answer (see {server.log})")
        time.sleep(0.1)


def is_up(port: int) -> bool:
    """Say whether the site answers."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/health/live", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def refuse_dead(family: Family) -> None:
    """Raise LaunchError where a service has ended by itself."""
    if dead := family.first_dead():
        raise LaunchError(f"the {dead.name} ended, so everything was stopped: {dead.cause_of_death()} (see {dead.log})")


def watch(family: Family) -> NoReturn:
    """Wait until a service ends, which raises LaunchError, or whoever started us is gone."""
    starter = os.getppid()
    while True:
        time.sleep(LOOK_EVERY)
        refuse_dead(family)
        if os.getppid() != starter:
            raise KeyboardInterrupt


def welcome(base: str, logins: str) -> str:
    """Write where to click."""
    event = f"events/{STUDY_VISIT}/"
    mail = "sent through EMAIL_URL" if os.environ.get("EMAIL_URL") else f"as files in {settings.VAR_DIR / 'mail'}"
    lines = [
        "",
        f"  The event         {base}/en/{event}",
        f"  in French         {base}/fr/{event}",
        f"  Questionnaire     {base}/en/{event}questionnaire/",
        f"  Administration    {base}/admin/",
        *(f"      {line}" for line in logins.splitlines()),
        f"  Applicants        .venv/bin/python manage.py make_applicants {STUDY_VISIT} --reviewed",
        f"  Letters           {mail}",
        f"  Logs              {settings.VAR_DIR / 'log'}",
        "",
        "  Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """End on a signal as on Ctrl-C; a second one changes nothing."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    """Run until told to stop; return the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ravisit.settings")
    try:
        port = port_to_use()
        logins = prepare()
        with Family() as family:
            start_services(family, port)
            print(welcome(f"http://{LOOPBACK}:{port}", logins), flush=True)
            watch(family)
    except LaunchError as error:
        print(f"ravisit: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n  Stopped.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
