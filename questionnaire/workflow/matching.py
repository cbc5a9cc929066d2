"""Share applications out among reviewers, as evenly as the rules allow. Pure: numbers, no rows.

A balanced b-matching. Each task first goes to those who have the least to do. Then, as long as somebody has at
least two more than a colleague to whom a chain of swaps leads, one step of work moves along that chain. When no
such chain is left, the sum of the squared loads is the smallest possible: a chain is exactly a cycle of negative
cost in the flow task → reviewer → sink whose k-th unit into the sink costs 2k − 1 (Harvey, Ladner, Lovász and
Tamir, "Semi-matchings for bipartite graphs and load balancing", 2003, for one reviewer a task).
"""

import hashlib
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """An application that needs so many more reviewers, who of them may get it, and who had it before."""

    id: int
    needed: int
    eligible: frozenset[int]
    before: frozenset[int] = frozenset()


def share_out(tasks: Collection[Task], loads: Mapping[int, int]) -> dict[int, frozenset[int]]:
    """Return the reviewers of each task by its id: as many as it needs, or all who may where these are fewer.

    `loads` holds by reviewer what they have already, which does not move. The order of the tasks does not matter.
    Where the load decides nothing, a task stays with who had it before, then a hash of the ids decides: the same
    every time, and pairs of reviewers mix.
    """
    table = _Table(loads)
    for task in sorted(tasks, key=lambda task: task.id):
        table.give(task)
    while table.level():
        pass
    return {task.id: frozenset(table.holders[task.id]) for task in tasks}


def rank(task: int, reviewer: int) -> bytes:
    """Return what decides between equals: no order of numbers or names, so that nobody is always the first."""
    return hashlib.blake2b(f"{task}/{reviewer}".encode(), digest_size=8).digest()


class _Table:
    """Who holds which task; dicts are used as ordered sets, so that the same input gives the same answer."""

    def __init__(self, loads: Mapping[int, int]) -> None:
        self.load = {reviewer: loads[reviewer] for reviewer in sorted(loads)}
        self.held: dict[int, dict[int, Task]] = {reviewer: {} for reviewer in self.load}
        self.holders: dict[int, set[int]] = {}

    def give(self, task: Task) -> None:
        """Give a task to those who have the least to do."""

        def order(reviewer: int) -> tuple[int, bool, bytes]:
            return self.load[reviewer], reviewer not in task.before, rank(task.id, reviewer)

        self.holders[task.id] = set()
        for reviewer in sorted(task.eligible, key=order)[: task.needed]:
            self._take(task, reviewer)

    def level(self) -> bool:
        """Move one step of work from somebody to a colleague with at least two less; say whether there was one."""
        most_first = sorted(self.load, key=lambda reviewer: -self.load[reviewer])
        return any(self._relieve(reviewer) for reviewer in most_first)

    def _relieve(self, start: int) -> bool:
        """Look, breadth first, for the chain from `start` to somebody with at least two less; move along it."""
        goal = self.load[start] - 2
        if min(self.load.values()) > goal:
            return False
        came_by: dict[int, tuple[int, Task]] = {}
        unseen = dict.fromkeys(reviewer for reviewer in self.load if reviewer != start)
        queue = deque([start])
        while queue and unseen:
            giver = queue.popleft()
            for task in self.held[giver].values():
                for taker in [reviewer for reviewer in unseen if reviewer in task.eligible]:
                    if taker in self.holders[task.id]:
                        continue
                    del unseen[taker]
                    came_by[taker] = (giver, task)
                    if self.load[taker] <= goal:
                        self._move_along(came_by, taker)
                        return True
                    queue.append(taker)
                if not unseen:
                    break
        return False

    def _move_along(self, came_by: Mapping[int, tuple[int, Task]], taker: int) -> None:
        while taker in came_by:
            giver, task = came_by[taker]
            del self.held[giver][task.id]
            self.holders[task.id].remove(giver)
            self.load[giver] -= 1
            self._take(task, taker)
            taker = giver

    def _take(self, task: Task, reviewer: int) -> None:
        self.held[reviewer][task.id] = task
        self.holders[task.id].add(reviewer)
        self.load[reviewer] += 1
