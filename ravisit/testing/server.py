"""What PostgreSQL and Valkey have in common here: a server process that tests start, stop and kill."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ravisit.processes import Child, Family

START_TIMEOUT = 30.0  # seconds


@dataclass
class Server:
    """A server on a loopback port, reached at `url`; it comes back on the same port with what it had stored on disk."""

    url: str
    command: list[str]
    log: Path
    family: Family
    is_ready: Callable[[str], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    child: Child | None = None

    def start(self) -> None:
        """Start the server and wait until it answers. Raises RuntimeError where it ends or stays silent."""
        self.child = self.family.start(self.log.stem, self.command, self.log)
        deadline = time.monotonic() + START_TIMEOUT
        while not self.is_ready(self.url):
            if self.child.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.log.stem} did not start (see {self.log})")
            time.sleep(0.05)

    def stop(self) -> None:
        """Shut the server down in order."""
        if self.child is not None:
            self.child.stop(self.stop_signal)
            self.child = None

    def kill(self) -> None:
        """Kill the server with SIGKILL."""
        if self.child is not None:
            self.child.kill()
            self.child = None
