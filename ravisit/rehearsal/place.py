"""Where the rehearsal works that this process belongs to, as its environment says; see `launch`."""

import os
from pathlib import Path

FOLDER = "REHEARSAL_FOLDER"


def folder() -> Path:
    """Return the folder in which a rehearsal keeps everything that is not in its database. Raises `KeyError`."""
    return Path(os.environ[FOLDER])


def prefix() -> str:
    """Return how every key of this rehearsal in a shared Redis begins, and no other key."""
    return f"{folder().name}:"


def clock() -> Path:
    """Return the file of the virtual clock."""
    return folder() / "clock"


def beats() -> Path:
    """Return the folder in which workers note what they have done."""
    return folder() / "beats"


def queue() -> Path:
    """Return the folder of the messages, where the broker is one of files."""
    return folder() / "broker" / "queue"


def log(name: str) -> Path:
    """Return the log of a process."""
    return folder() / "log" / f"{name}.log"
