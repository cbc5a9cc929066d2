"""A Chromium for the tests: one that is installed, else Playwright's own, else the distribution's."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DOWNLOADS = BASE_DIR / "var" / "browsers"
LOG = BASE_DIR / "var" / "log" / "browser.log"
INSTALL_TIMEOUT = 300  # seconds

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),)
DOWNLOADED = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


@cache
def find() -> Path | None:
    """Return a Chromium that starts on this machine, if there is one."""
    installed = [Path(path) for name in NAMES if (path := shutil.which(name))]
    downloaded = [path for pattern in DOWNLOADED for path in sorted(DOWNLOADS.glob(pattern))]
    return next((path for path in [*installed, *PLACES, *downloaded] if starts(path)), None)


def starts(path: Path) -> bool:
    """Say whether the program at `path` runs: a download may lack libraries, a package may be an empty shell."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def obtain() -> Path | None:
    """Return a Chromium, installing one where none is there; None where that fails (see `LOG`)."""
    for command in [[], *ways_to_install()]:
        if command:
            install(command)
            find.cache_clear()
        if path := find():
            return path
    return None


def ways_to_install() -> list[list[str]]:
    """List the commands that may bring a Chromium here, the least intrusive one first."""
    playwright = [str(BASE_DIR / ".venv" / "bin" / "playwright"), "install", "--no-shell", "chromium"]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return [playwright]
    return [
        [*playwright, "--with-deps"],
        ["sh", "-c", "apt-get update && apt-get install --yes --no-install-recommends chromium"],
    ]


def install(command: list[str]) -> None:
    """Run one such command, its output into the log; whether it helped is seen by looking for the browser."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"PLAYWRIGHT_BROWSERS_PATH": str(DOWNLOADS), "DEBIAN_FRONTEND": "noninteractive"}
    with LOG.open("ab") as log:
        try:
            subprocess.run(command, env=environment, stdout=log, stderr=log, timeout=INSTALL_TIMEOUT, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            log.write(f"{error}\n".encode())
