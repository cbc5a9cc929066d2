"""The set-up of a bare checkout: what it says when it cannot go on, and what it skips when nothing changed."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ravisit import bootstrap
from ravisit.ports import LOOPBACK, free_port

CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Yes"\nmsgstr "Oui"\n'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the steps at an empty folder instead of this checkout."""
    monkeypatch.setattr(bootstrap, "BASE_DIR", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV_DIR", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "NPM_DIR", tmp_path / "npm")
    monkeypatch.setattr(bootstrap, "LOCALE_DIR", tmp_path / "locale")
    monkeypatch.setattr(bootstrap, "LOG", tmp_path / "setup.log")
    return tmp_path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record commands instead of running them."""
    ran: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", lambda _doing, command, **_options: ran.append(command))
    return ran


def test_an_old_python_is_refused_in_one_line() -> None:
    """An old Python says what it is and what is needed."""
    pretend = "import runpy, sys; sys.version_info = (3, 10, 13); runpy.run_module('ravisit.bootstrap')"
    done = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "ravisit needs Python 3.11 or newer, and this is 3.10. Name another: make run PYTHON=python3.11"
    ]


def test_an_old_python_can_read_the_file_that_refuses_it() -> None:
    """No syntax is newer than Python 3.6."""
    ast.parse(Path(bootstrap.__file__).read_text(encoding="utf-8"), feature_version=(3, 6))


def test_a_python_without_ensurepip_names_the_package(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's bare Python is told which package it lacks."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(bootstrap.SetupError, match=r"apt install python3\.\d+-venv"):
        bootstrap.make_environment()


def test_no_network_is_told_in_one_line_with_the_way_out(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that does not answer is not called a missing package."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{LOOPBACK}:{free_port()}/")
    pip = [sys.executable, "-m", "pip", "download", "--no-cache-dir", "no-such-package"]
    with pytest.raises(bootstrap.SetupError) as refused:
        bootstrap.run("installing", pip, unreachable="no package index answers. Name a mirror.")
    assert str(refused.value).startswith("installing: no package index answers. Name a mirror.")
    assert "\n" not in str(refused.value)


def test_another_failure_shows_the_tools_own_words(checkout: Path) -> None:
    """What is not the network's fault is told as the tool tells it."""
    command = [sys.executable, "-c", "print('fine so far'); print('ERROR: out of disk'); raise SystemExit(3)"]
    with pytest.raises(bootstrap.SetupError, match="installing failed: ERROR: out of disk"):
        bootstrap.run("installing", command, unreachable="no index")


def test_packages_are_installed_again_only_when_a_pin_changes(checkout: Path, commands: list[list[str]]) -> None:
    """A second start installs nothing."""
    (checkout / ".venv").mkdir()
    requirements = checkout / "requirements.txt"
    requirements.write_text("Django==5.2\n")
    bootstrap.install_packages("requirements.txt")
    bootstrap.install_packages("requirements.txt")
    assert len(commands) == 1
    requirements.write_text("Django==5.2.1\n")
    bootstrap.install_packages("requirements.txt")
    assert len(commands) == 2


def test_the_library_is_fetched_again_only_when_the_lock_changes(checkout: Path, commands: list[list[str]]) -> None:
    """A second start asks no registry, and no package may run a script."""
    (checkout / "package.json").write_text("{}")
    lock = checkout / "package-lock.json"
    lock.write_text("{}")
    bootstrap.fetch_library()
    bootstrap.fetch_library()
    assert len(commands) == 1
    assert "--ignore-scripts" in commands[0]
    lock.write_text('{"lockfileVersion": 3}')
    bootstrap.fetch_library()
    assert len(commands) == 2


def test_a_catalogue_is_compiled_once(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled catalogue appears, and stays as it is while the source does."""
    monkeypatch.setattr(bootstrap, "VENV_DIR", Path(sys.prefix))
    source = checkout / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE)
    bootstrap.compile_catalogues()
    compiled = source.with_suffix(".mo")
    assert b"Oui" in compiled.read_bytes()
    before = compiled.stat().st_mtime_ns
    bootstrap.compile_catalogues()
    assert compiled.stat().st_mtime_ns == before


def test_a_broken_catalogue_stops_the_start(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A translation that would fail at run time is found when it is compiled."""
    monkeypatch.setattr(bootstrap, "VENV_DIR", Path(sys.prefix))
    source = checkout / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE + '\n#, python-format\nmsgid "%(count)d places"\nmsgstr "%(nombre)d places"\n')
    with pytest.raises(bootstrap.SetupError, match="compiling the catalogue"):
        bootstrap.compile_catalogues()
