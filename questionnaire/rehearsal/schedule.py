"""Many people's scripts under one clock: it is set forward to whoever is next, and some act at the same time."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from itertools import count
from typing import NamedTuple

from questionnaire.rehearsal.applicant import Stumble
from questionnaire.rehearsal.habits import Script

AT_ONCE = 8  # people
TOGETHER = dt.timedelta(hours=1)
"""Those who want to go on within this time of the first do so at the same moment; near a landmark, within less."""


class Waiting(NamedTuple):
    """A script and when it goes on; `number` settles the order of equal moments."""

    moment: dt.datetime
    number: int
    name: str
    script: Script


class Schedule:
    """The scripts that wait for their moment.

    `landmarks` are moments that matter to the second. `pass_to` sets the clock forward; `stumbled` is told what kept
    somebody from going on.
    """

    def __init__(
        self,
        pass_to: Callable[[dt.datetime], None],
        landmarks: Sequence[dt.datetime],
        stumbled: Callable[[str], None],
    ) -> None:
        self.pass_to = pass_to
        self.landmarks = sorted(landmarks)
        self.stumbled = stumbled
        self.done = 0
        self._waiting: list[Waiting] = []
        self._numbers = count()
        self._names: set[str] = set()

    def add(self, name: str, script: Script) -> None:
        """Start a script, which says when it begins."""
        self._wait(name, script, self._next_moment(name, script))

    def mind(self, moments: Iterable[dt.datetime]) -> None:
        """Have further moments matter to the second."""
        self.landmarks = sorted({*self.landmarks, *moments})

    def has(self, name: str) -> bool:
        """Return whether a script of that name waits for its moment."""
        return name in self._names

    def play(self, progress: Callable[[], object] = bool, *, until: dt.datetime | None = None) -> None:
        """Play all scripts to their end, or as far as they go before `until`; `progress` is called on the way."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="people") as pool:
            while self._waiting and (until is None or self._waiting[0].moment < until):
                group = self._next_group()
                self.pass_to(group[0].moment)
                moments = list(pool.map(lambda one: self._next_moment(one.name, one.script), group))
                for one, moment in zip(group, moments, strict=True):
                    self._wait(one.name, one.script, moment)
                progress()

    def _next_group(self) -> list[Waiting]:
        first = self._waiting[0].moment
        mark = next((mark for mark in self.landmarks if mark > first), None)
        # The nearer the landmark, the closer together: whoever comes at the last second comes at the last second.
        end = first + (TOGETHER if mark is None else min(TOGETHER, (mark - first) / 4))
        group: list[Waiting] = []
        while self._waiting and len(group) < AT_ONCE and self._waiting[0].moment < end:
            group.append(heapq.heappop(self._waiting))
        return group

    def _wait(self, name: str, script: Script, moment: dt.datetime | None) -> None:
        if moment is None:
            self.done += 1
            self._names.discard(name)
        else:
            self._names.add(name)
            heapq.heappush(self._waiting, Waiting(moment, next(self._numbers), name, script))

    def _next_moment(self, name: str, script: Script) -> dt.datetime | None:
        """Let somebody do their next step; return when they want to go on, if at all."""
        try:
            return next(script, None)
        except (Stumble, OSError, HTTPException) as error:
            self.stumbled(f"{name}: {error}")
            return None
