"""No child process outlives the one that started it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ravisit.processes import Family

FOREVER = [sys.executable, "-c", "import time; print('running', flush=True); time.sleep(600)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(600)",
]
PARENT = """
import sys, time
from pathlib import Path
from ravisit.processes import Family
with Family() as family:
    child = family.start("child", [sys.executable, "-c", "import time; time.sleep(600)"], Path(sys.argv[1]))
    print(child.process.pid, flush=True)
    time.sleep(600)
"""


def is_alive(pid: int) -> bool:
    """Say whether a process runs (a zombie does not)."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_children_are_stopped_at_the_end(tmp_path: Path) -> None:
    """Leaving the context stops each child."""
    with Family() as family:
        child = family.start("child", FOREVER, tmp_path / "child.log")
        assert is_alive(child.process.pid)
    assert not is_alive(child.process.pid)


def test_one_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    """A deaf child is given its time, then killed."""
    with Family() as family:
        child = family.start("child", DEAF, tmp_path / "child.log")
        assert eventually(lambda: child.log.read_text() == "x\n")
        child.ask_to_end()
        child.wait_or_kill(grace=0.1)
        assert child.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_when_the_parent_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    """Even kill -9 of the parent leaves nothing behind."""
    command = [sys.executable, "-c", PARENT, str(tmp_path / "child.log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        os.kill(parent.pid, number)
    assert eventually(lambda: not is_alive(child))


def test_a_child_that_ends_by_itself_is_noticed_with_the_cause(tmp_path: Path) -> None:
    """The family knows who died, and of what."""
    with Family() as family:
        family.start("healthy", FOREVER, tmp_path / "healthy.log")
        dying = [sys.executable, "-c", "import atexit; atexit.register(print, 'bye'); raise ValueError('out of luck')"]
        family.start("dying", dying, tmp_path / "dying.log")
        assert eventually(lambda: family.first_dead() is not None)
        dead = family.first_dead()
        assert dead is not None
        assert (dead.name, dead.cause_of_death()) == ("dying", "ValueError: out of luck")


def test_a_child_that_is_killed_is_said_to_be(tmp_path: Path) -> None:
    """What it printed before is not the cause."""
    with Family() as family:
        child = family.start("child", FOREVER, tmp_path / "child.log")
        child.kill()
        assert child.cause_of_death() == "killed by SIGKILL"
