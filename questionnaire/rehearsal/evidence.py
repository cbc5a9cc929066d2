"""The two sides that the checks compare: what the rehearsal saw happen, and what the database says at the end.

Rows are read as they are; no rule of the workflow is asked.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from events.models import Event
from questionnaire.models import (
    Answer,
    Application,
    Letter,
    LetterKind,
    Promotion,
    Question,
    Quota,
    Release,
    Score,
    Transition,
)
from questionnaire.rehearsal.ledger import Ledger, Record, Told
from questionnaire.rehearsal.mailroom import Mail

MOST_DETAILS = 20

ACCEPTING = frozenset({LetterKind.ACCEPTANCE, LetterKind.PROMOTION})
DECIDING = frozenset({LetterKind.ACCEPTANCE, LetterKind.WAITING_LIST, LetterKind.DECLINE})
HOLDING = frozenset({"accepted", "confirmed"})


@dataclass
class Finding:
    """One promise held against what happened: `looked_at` cases, of which `broken` break it.

    `details` are some of these in words: a text to be translated, and the values to fill in.
    """

    key: str
    looked_at: int = 0
    broken: int = 0
    details: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def look(self, fine: bool, text: str, **values: Any) -> None:
        """Count a case."""
        self.looked_at += 1
        if not fine:
            self.fail(text, **values)

    def fail(self, text: str, **values: Any) -> None:
        """Count a case that breaks the promise."""
        self.broken += 1
        if len(self.details) < MOST_DETAILS:
            self.details.append((text, values))


@dataclass(frozen=True)
class Evidence:
    """Everything that there is to compare."""

    event: Event
    ledger: Ledger
    copies: list[Mail]
    ended_at: dt.datetime
    senders: int

    @cached_property
    def letters(self) -> list[Letter]:
        """Return the letters of the outbox, without their bytes."""
        return list(Letter.objects.filter(event=self.event).defer("mime").order_by("pk"))

    @cached_property
    def kind_of(self) -> dict[str, str]:
        """Return the kind of each letter by its Message-ID."""
        return {letter.message_id: letter.kind for letter in self.letters}

    @cached_property
    def first_copies(self) -> dict[str, Mail]:
        """Return the first copy of each letter that arrived."""
        first: dict[str, Mail] = {}
        for mail in self.copies:
            first.setdefault(mail.message_id, mail)
        return first

    @cached_property
    def kinds_at(self) -> dict[str, list[str]]:
        """Return the kinds of the letters that arrived at each address, oldest first, each letter once."""
        kinds: dict[str, list[str]] = defaultdict(list)
        for mail in self.first_copies.values():
            kinds[folded(mail.recipient)].append(self.kind_of.get(mail.message_id, "unknown"))
        return kinds

    @cached_property
    def applications(self) -> dict[str, list[Application]]:
        """Return the applications under each address, drafts too."""
        rows: dict[str, list[Application]] = defaultdict(list)
        for application in Application.objects.filter(event=self.event).select_related("draft").order_by("pk"):
            rows[folded(application.email)].append(application)
        return rows

    @cached_property
    def answers(self) -> dict[int, dict[str, Answer]]:
        """Return the answers of each application by the key of the question."""
        rows: dict[int, dict[str, Answer]] = defaultdict(dict)
        for answer in Answer.objects.filter(application__event=self.event).select_related("question"):
            rows[answer.application_id][answer.question.key] = answer
        return rows

    @cached_property
    def questions(self) -> list[Question]:
        """Return the questions, with their conditions."""
        return list(Question.objects.filter(event=self.event, retired=False).prefetch_related("conditions", "rows"))

    @cached_property
    def quotas(self) -> list[Quota]:
        """Return the quotas."""
        return list(Quota.objects.filter(event=self.event).select_related("question"))

    @cached_property
    def transitions(self) -> list[Transition]:
        """Return all changes of state, oldest first."""
        rows = Transition.objects.filter(application__event=self.event).select_related("application")
        return list(rows.order_by("at", "pk"))

    @cached_property
    def scores(self) -> dict[tuple[int, int], dict[str, int]]:
        """Return the scores by criterion of each application and reviewer."""
        rows: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
        for score in Score.objects.filter(review__application__event=self.event).select_related("review", "criterion"):
            rows[score.review.application_id, score.review.reviewer_id][score.criterion.key] = score.value
        return rows

    @cached_property
    def release(self) -> Release | None:
        """Return the order to release, where there is one."""
        return Release.objects.filter(event=self.event).first()

    @cached_property
    def promotions(self) -> dict[int, list[Promotion]]:
        """Return the places that were offered to each application after the release, oldest first."""
        rows: dict[int, list[Promotion]] = defaultdict(list)
        for row in Promotion.objects.filter(application__event=self.event).order_by("at", "pk"):
            rows[row.application_id].append(row)
        return rows

    def deadline(self, application: Application, moment: dt.datetime) -> dt.datetime:
        """Return until when somebody with a place could answer, as it stood at a moment.

        Who was not promoted has a deadline of their own only if they were sent in a colleague's place.
        """
        own = [row.answer_by for row in self.promotions[application.pk] if row.at <= moment]
        return own[-1] if own else application.answer_by or self.event.answer_by

    def state(self, application_id: int, moment: dt.datetime) -> str:
        """Return where an application stood at a moment."""
        passed = [row.to_state for row in self._changes[application_id] if row.at <= moment]
        return passed[-1] if passed else "draft"

    @cached_property
    def _changes(self) -> dict[int, list[Transition]]:
        rows: dict[int, list[Transition]] = defaultdict(list)
        for row in self.transitions:
            rows[row.application_id].append(row)
        return rows

    def standing(self, email: str) -> list[Application]:
        """Return the applications under an address that were submitted."""
        return [row for row in self.applications[folded(email)] if row.state != "draft"]

    def told_before(self, record: Record, moment: dt.datetime) -> Told | None:
        """Return the last thing that the screen had said to somebody by a moment."""
        said = [deed.told for deed in record.deeds if deed.told != Told.SAVED and deed.at <= moment]
        return said[-1] if said else None


def folded(address: str) -> str:
    """Return an address as mailboxes compare it."""
    return address.strip().casefold()


def plain(text: str) -> str:
    """Return a text without what a browser or a form may change of it: line ends, outer space, composition."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def plain_set(values: Iterable[str]) -> set[str]:
    """Return the texts that are not empty."""
    return {plain(value) for value in values} - {""}
