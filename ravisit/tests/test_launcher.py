"""What `make run` does once everything is installed."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest

from ravisit import launcher
from ravisit.ports import LOOPBACK, free_port, is_free
from ravisit.processes import Family

# The site as on a laptop, but with all that it writes in a folder of the test's own.
SETTINGS = """
from pathlib import Path
from ravisit.settings import *
VAR_DIR = Path({folder!r})
(VAR_DIR / "broker" / "queue").mkdir(parents=True, exist_ok=True)
CELERY_BROKER_TRANSPORT_OPTIONS = {{
    "data_folder_in": str(VAR_DIR / "broker" / "queue"),
    "data_folder_out": str(VAR_DIR / "broker" / "queue"),
    "control_folder": str(VAR_DIR / "broker" / "control"),
}}
"""


@contextmanager
def running_site(folder: Path, port: int) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run the launcher until it says that all is ready; yield its process and its welcome."""
    (folder / "laptop.py").write_text(SETTINGS.format(folder=str(folder)))
    settings = {"DJANGO_SETTINGS_MODULE": "laptop", "PYTHONPATH": str(folder), "PORT": str(port)}
    settings |= {"DATABASE_URL": f"sqlite:///{folder}/ravisit.sqlite3", "EMAIL_URL": "consolemail://", "REDIS_URL": ""}
    command = [sys.executable, "-m", "ravisit.launcher"]
    with subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            welcome = "".join(takewhile(lambda line: "Ctrl-C" not in line, process.stdout))
            assert process.poll() is None, "the launcher ended early"
            yield process, welcome
        finally:
            process.terminate()
            process.communicate(timeout=30)


def test_the_site_runs_and_stops_whole_and_a_second_start_loses_nothing(tmp_path: Path) -> None:
    """The first start shows the event in both languages; the second one has the same logins."""
    port = free_port()
    with running_site(tmp_path, port) as (process, first_welcome):
        for language in ("en", "fr"):
            page = f"http://{LOOPBACK}:{port}/{language}/events/{launcher.STUDY_VISIT}/"
            assert page in first_welcome
            with urllib.request.urlopen(page) as answer:
                assert f'<html lang="{language}"'.encode() in answer.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert is_free(port)
    with running_site(tmp_path, port) as (_process, second_welcome):
        assert second_welcome == first_welcome
    assert is_free(port)


def test_a_taken_port_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything starts, and with the way out."""
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(launcher.LaunchError, match=f"port {port} is taken .* make run PORT={port + 1}"):
            launcher.port_to_use()


@pytest.mark.parametrize("port", ["web", "", "0", "65536", "-1", "80.5"])
def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    """A slip of the keyboard is called by its name."""
    monkeypatch.setenv("PORT", port)
    with pytest.raises(launcher.LaunchError, match="not a port number"):
        launcher.port_to_use()


def test_a_service_that_dies_is_named_with_the_cause(tmp_path: Path) -> None:
    """One clear line takes the rest down."""
    with Family() as family:
        worker = family.start("worker", [sys.executable, "-c", "raise OSError('disk full')"], tmp_path / "worker.log")
        worker.process.wait()
        with pytest.raises(launcher.LaunchError, match=r"the worker ended, .*: OSError: disk full"):
            launcher.refuse_dead(family)
