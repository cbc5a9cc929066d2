"""The virtual clock of a rehearsal, which all of its processes share.

It goes at the pace of the real one and is set forward by whoever directs the play. Only the processes of a rehearsal
call `install`, as the first thing that they do; nothing that a setting, a request or a variable says turns it on.
"""

import datetime as dt
import mmap
import struct
from pathlib import Path
from typing import Self

from django.utils import timezone

OFFSET = struct.Struct("d")  # seconds from the real time to the virtual one; eight bytes are written at once


class VirtualClock:
    """The clock that a file holds; every process that opens the file sees each change at once."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), OFFSET.size)

    @classmethod
    def make(cls, path: Path, start: dt.datetime) -> Self:
        """Make the file of a clock that shows `start` now."""
        path.write_bytes(OFFSET.pack(0.0))
        clock = cls(path)
        clock._write(start)
        return clock

    def now(self) -> dt.datetime:
        """Return the virtual time, in UTC."""
        [seconds] = OFFSET.unpack_from(self._memory)
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)

    def set_forward(self, moment: dt.datetime) -> None:
        """Have it show `moment`, unless that is past already: time never goes back."""
        if moment > self.now():
            self._write(moment)

    def _write(self, moment: dt.datetime) -> None:
        OFFSET.pack_into(self._memory, 0, (moment - dt.datetime.now(dt.UTC)).total_seconds())


def install(clock: VirtualClock) -> None:
    """Have all code of this process that asks Django for the time get the virtual one."""
    timezone.now = clock.now
