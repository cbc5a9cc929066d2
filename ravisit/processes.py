"""Child processes that never outlive the process that started them, however it ends."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

GUARD = Path(__file__).with_name("guard.py")
COMPLAINT = re.compile(r"(?:Error|Exception|ERROR|CRITICAL|FATAL)\b")


@dataclass(frozen=True)
class Child:
    """A running program, the leader of a process group of its own; all that it prints goes into `log`."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, and see that it does."""
        self.ask_to_end(number)
        self.wait_or_kill()

    def ask_to_end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, without waiting for that."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def wait_or_kill(self, grace: float = 10.0) -> None:
        """Give it `grace` seconds to end, then kill what is left of its group."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(grace)
        self.kill()

    def kill(self) -> None:
        """Kill it and its group, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def cause_of_death(self) -> str:
        """Say why it ended: the signal that killed it, or its own last error, or else its last line."""
        if self.process.returncode < 0:
            return f"killed by {signal.Signals(-self.process.returncode).name}"
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        errors = [line for line in lines if COMPLAINT.search(line)]
        return (errors or lines or ["it printed nothing"])[-1]


class Family:
    """Starts children and stops them all at its end; a guard does so where this process is killed.

    Use as a context manager.
    """

    def __init__(self) -> None:
        self.children: list[Child] = []

    def __enter__(self) -> Self:
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD)],
            stdin=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self.children:
            child.ask_to_end()
        for child in self.children:
            child.wait_or_kill()
        self._guard.kill()
        self._guard.communicate()

    def start(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> Child:
        """Start a program, its output into `log`, with `env` on top of this process's environment."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | (env or {}),
                process_group=0,
            )
        assert self._guard.stdin is not None
        self._guard.stdin.write(f"{process.pid}\n")
        child = Child(name, process, log)
        self.children.append(child)
        return child

    def first_dead(self) -> Child | None:
        """Return a child that has ended by itself, if one has."""
        return next((child for child in self.children if child.process.poll() is not None), None)
