"""What a play needs of the processes around it; `ravisit.rehearsal.house` has the real ones."""

from __future__ import annotations

from typing import Protocol

from questionnaire.rehearsal.clock import VirtualClock
from questionnaire.rehearsal.ledger import Faults
from questionnaire.rehearsal.mailroom import Mailroom


class WorkersSilent(Exception):
    """No worker does anything, however often it is woken."""


class Stage(Protocol):
    """A site, its workers, their broker and a mail server, all of them the rehearsal's own."""

    site: str
    clock: VirtualClock
    mailroom: Mailroom
    faults: Faults

    def beat(self) -> None:
        """Wake a worker, as the beat does each minute, and wait until it has done what was due then.

        Raises `WorkersSilent` where none does.
        """

    def wake(self) -> None:
        """Wake a worker and go on."""

    def kill_workers(self) -> None:
        """Kill all workers with SIGKILL, and start as many new ones."""

    def flush_broker(self) -> None:
        """Throw away every message in the broker."""

    def disturb_mail(self, share: float) -> None:
        """Have the mail server refuse, or cut the connection, at this share of its steps; 0 ends that."""
