"""Senders of letters as processes of their own, which tests start in numbers and kill.

Loading Django takes longer than sending; so `python -m questionnaire.tests.senders` does that once and then
forks a sender, which runs `manage.py send_due_letters`, for each one that `Senders` asks for.
"""

import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from io import StringIO
from multiprocessing import get_context
from types import TracebackType
from typing import Self

import django
from django.conf import settings
from django.core.management import call_command


class Senders:
    """A process that forks senders; use as a context manager."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = os.environ | {
            "LOG_LEVEL": "CRITICAL",
            "SECRET_KEY": settings.SECRET_KEY,
            "OUTBOX_MARKS": settings.OUTBOX_MARKS,
            **environment,
        }

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=settings.BASE_DIR,
            env=self.environment,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self.process:
            assert self.process.stdin is not None
            self.process.stdin.close()

    def start(self, count: int, at: dt.datetime, *, connections: int = 1) -> list[int]:
        """Start as many senders at once, with a clock that shows `at`; return their process ids."""
        assert self.process.stdin is not None
        print(count, at.isoformat(), connections, file=self.process.stdin, flush=True)
        return self._numbers()

    def wait(self) -> list[int]:
        """Wait until the senders started last have ended; return their exit codes, -9 for a killed one."""
        return self._numbers()

    def kill(self, pid: int) -> None:
        """Kill a sender as a power cut would, and wait until it is gone; it may have ended by itself."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.wait()

    def _numbers(self) -> list[int]:
        assert self.process.stdout is not None
        return [int(number) for number in self.process.stdout.readline().split()]


def main() -> None:
    """For each line, start senders, print their process ids, and when they have ended, their exit codes."""
    django.setup()
    context = get_context("fork")
    for line in sys.stdin:
        count, at, connections = line.split()
        options = ["--at", at, "--connections", connections]
        command = partial(call_command, "send_due_letters", *options, stdout=StringIO())
        senders = [context.Process(target=command) for _ in range(int(count))]
        for sender in senders:
            sender.start()
        print(*[sender.pid for sender in senders], flush=True)
        for sender in senders:
            sender.join()
        print(*[sender.exitcode for sender in senders], flush=True)


if __name__ == "__main__":
    main()
