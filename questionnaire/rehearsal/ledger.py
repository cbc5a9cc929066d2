"""What the rehearsal itself knows to be true: what each person typed, was told on the screen, and did.

Written down by those who do it, and never read from the database under test.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from questionnaire.rehearsal.browser import Visit

Typed = dict[str, list[str]]


class Habit(StrEnum):
    """How somebody applies."""

    ON_TIME = "on_time"
    IN_PIECES = "in_pieces"
    LAST_SECOND = "last_second"
    TOO_LATE = "too_late"
    TWICE = "twice"
    CHANGES = "changes"
    WITHDRAWS = "withdraws"
    GIVES_UP = "gives_up"
    COLLEAGUE = "colleague"  # did not apply: a participant asks that they may come instead


class Told(StrEnum):
    """What the screen said to somebody."""

    SAVED = "saved"
    SUBMITTED = "submitted"
    TOO_LATE = "too_late"
    WITHDRAWN = "withdrawn"
    CONFIRMED = "confirmed"
    TURNED_DOWN = "turned_down"
    REFUSED = "refused"


@dataclass(frozen=True)
class Deed:
    """Something that the screen told somebody, and when."""

    told: Told
    at: dt.datetime


@dataclass
class Record:
    """Everything about one applicant; `saved` and `submitted` are what was typed and acknowledged.

    `unsure` says that a request broke off, so that what was typed may or may not have arrived.
    """

    number: int
    email: str
    habit: Habit
    language: str
    saved: Typed = field(default_factory=dict)
    submitted: Typed | None = None
    files: set[str] = field(default_factory=set)
    deeds: list[Deed] = field(default_factory=list)
    page_before: str = ""

    def note(self, told: Told, at: dt.datetime) -> None:
        """Write down what the screen said."""
        self.deeds.append(Deed(told, at))

    def was_told(self, told: Told) -> bool:
        """Return whether the screen said that at any time."""
        return any(deed.told == told for deed in self.deeds)

    @property
    def last_told(self) -> Told | None:
        """Return the last thing that the screen said of the application as a whole."""
        return next((deed.told for deed in reversed(self.deeds) if deed.told != Told.SAVED), None)


@dataclass
class Faults:
    """What was broken on purpose, counted."""

    kills: int = 0
    flushes: int = 0
    smtp: Counter[str] = field(default_factory=Counter)


class Ledger:
    """The records of all, the requests that were made, and who met a page that nobody should meet.

    `opinions` holds the scores that were given on a page, by application and reviewer; None is a conflict of interest.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.visits: list[Visit] = []
        self.stumbles: list[str] = []
        self.faults = Faults()
        self.learned_early: list[str] = []
        self.opinions: dict[tuple[int, int], dict[str, int] | None] = {}
        self._lock = threading.Lock()

    def note_visit(self, visit: Visit) -> None:
        """Write a request down."""
        with self._lock:
            self.visits.append(visit)

    def note_stumble(self, where: str) -> None:
        """Write down that somebody could not go on."""
        with self._lock:
            self.stumbles.append(where)
