"""The mail server of a rehearsal: on loopback, it hands everything to the mailroom and misbehaves when told to."""

from __future__ import annotations

import threading
from random import Random

from aiosmtpd.smtp import Envelope

from questionnaire.rehearsal.ledger import Faults
from questionnaire.rehearsal.mailroom import Mailroom
from ravisit.testing.smtp_sink import CUT, SmtpSink

MISDEEDS = {
    "connect": ["421 4.3.2 come back later", CUT],
    "mail": ["421 4.4.5 too many connections", "451 4.3.0 later", CUT],
    "rcpt": ["450 4.2.1 later", "451 4.7.1 greylisted", CUT],
    "data": ["451 4.3.0 later", CUT],
    "dot": ["451 4.3.0 later", CUT],
    "quit": [CUT],
}
REPLY_AFTER = 0.01  # seconds; no real server answers at once


class PostOffice(SmtpSink):
    """The server; `share` is how many of its steps go wrong, from 0 to 1."""

    def __init__(self, mailroom: Mailroom, faults: Faults, port: int, seed: int) -> None:
        super().__init__(port=port, delay=REPLY_AFTER, keep=False)
        self.mailroom = mailroom
        self.made = faults
        self.share = 0.0
        self._chance = Random(f"post office/{seed}")
        self._guard = threading.Lock()

    def take_fault(self, step: str) -> str:
        """Return what goes wrong at this step, if anything does."""
        with self._guard:
            if self._chance.random() >= self.share:
                return ""
            action = self._chance.choice(MISDEEDS[step])
            self.made.smtp[f"{step} {action[:3]}"] += 1
            return action

    def take_letter(self, envelope: Envelope) -> None:
        """Put a letter into its mailbox."""
        self.mailroom.take(envelope.rcpt_tos[0], bytes(envelope.original_content or b""))
        super().take_letter(envelope)
