"""Send what is due: claim a few letters, deliver each outside of any transaction, record each on its own.

    approved → sending → sent | retry | uncertain | failed;  retry, uncertain and a lease run out → sending

The database is the queue, so any number of senders may run at once, and any of them may die at any
moment: a letter that it had claimed is due again when the lease ends. At most one copy more than one
leaves for each crash or cut connection, with the same bytes and the same Message-ID.
"""

import datetime as dt
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db import connections as database_connections
from django.db.models import Q, QuerySet

from events.models import Event
from questionnaire.models import DECISION_KINDS, OPEN_STATUSES, Letter, LetterStatus
from questionnaire.workflow import addresses, holds, limits, links, mime, notices, restored
from questionnaire.workflow.delivery import Envelope, Outcome, Phase, Transport

logger = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

BATCH = 20
"""Letters claimed at once: few, since those of a sender that dies wait for the end of its lease."""

LARGEST_BATCH = 60
"""Letters claimed at once from a server that takes them in no time, where claiming would be a good part of the work."""

QUICK = 0.25  # seconds for the letters of a claim

RETRY_AFTER = tuple(
    dt.timedelta(minutes=minutes)
    for minutes in (1, 2, 5, 10, 20, 40, 60, 120, 240, 360, 480, 720, 720, 720, 720, 720, 720, 720)
)
"""The wait after each attempt that may be repeated: more than four days in all, then the letter has failed."""

NEXT_ATTEMPT: dict[LetterStatus, Callable[[int], dt.timedelta]] = {
    LetterStatus.RETRY: lambda attempts: RETRY_AFTER[attempts],
    LetterStatus.UNCERTAIN: lambda _attempts: dt.timedelta(minutes=30),
}
"""How long a letter waits that is to be sent again, by the number of attempts before this one."""

LATE_AFTER = dt.timedelta(minutes=10)

# Written out, since the ORM would build both anew for each letter, at six times the cost of running them.
STILL_OURS = f"""
    SELECT 1 FROM questionnaire_letter
    WHERE id = %s AND claim_token = %s AND status = %s AND due_at >= %s AND {holds.NOT_HELD}
"""
RECORD = """
    UPDATE questionnaire_letter
    SET status = %s, due_at = %s, sent_at = %s, attempts = %s, claim_token = NULL,
        last_phase = %s, last_code = %s, last_reply = %s
    WHERE id = %s AND claim_token = %s AND status IN (%s, %s)
"""


@dataclass(frozen=True)
class Claim:
    """Letters that one sender alone may send until its lease ends."""

    token: uuid.UUID
    letters: tuple[Letter, ...]

    @cached_property
    def stored_token(self) -> Any:
        """Return the token as the database at hand takes it."""
        return _stored("claim_token", self.token)


@dataclass
class Tally:
    """What a run did: letters by their new status, and whether the mail server could be reached."""

    letters: Counter[LetterStatus]
    server_reached: bool = True

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.letters + other.letters, self.server_reached and other.server_reached)


def send_due(
    clock: Clock,
    new_transport: Callable[[], Transport],
    *,
    batch: int = BATCH,
    connections: int = 1,
    until: dt.datetime | None = None,
) -> Tally:
    """Send all letters that are due, over as many SMTP connections at once; begin none after `until`.

    A run ends early when the mail server cannot be reached: the next one tries again. None is sent from a database
    that was restored from a backup, or copied, until a person has looked at it.
    """
    if not due(clock()).exists():
        return Tally(Counter())
    restored.begin_run(at=clock())
    if connections == 1:
        return _drain(clock, new_transport, batch, until)

    def drain_in_thread() -> Tally:
        try:
            return _drain(clock, new_transport, batch, until)
        finally:
            database_connections.close_all()

    with ThreadPoolExecutor(connections, thread_name_prefix="letters") as pool:
        runs = [pool.submit(drain_in_thread) for _ in range(connections)]
    return sum((run.result() for run in runs), Tally(Counter()))


def due(now: dt.datetime) -> QuerySet[Letter]:
    """Return the letters to send now, those that wait longest first; what is held is not among them."""
    waiting = Letter.objects.filter(status__in=OPEN_STATUSES, due_at__lte=now)
    return waiting.filter(holds.free(now)).order_by("due_at", "pk")


def claim(now: dt.datetime, limit: int) -> Claim:
    """Claim up to `limit` due letters; of two senders, each letter goes to one.

    On PostgreSQL a row that another sender is claiming is skipped; on SQLite an immediate transaction lets
    one sender in at a time.
    """
    token = uuid.uuid4()
    columns = ("event", "kind", "recipient", "mime", "attempts", "access_token__nonce", "access_token__token_hash")
    with transaction.atomic():
        rows = due(now).select_for_update(skip_locked=True, of=("self",), no_key=True)
        rows = rows.select_related("access_token").only(*columns)
        letters = tuple(_within_limits(rows, now, limit) if limits.are_set() else rows[:limit])
        Letter.objects.filter(pk__in=[letter.pk for letter in letters]).update(
            status=LetterStatus.SENDING,
            due_at=now + dt.timedelta(seconds=settings.LETTER_LEASE),
            claim_token=token,
        )
    return Claim(token, letters)


def _within_limits(rows: QuerySet[Letter], now: dt.datetime, limit: int) -> list[Letter]:
    """Return the next letters that may leave in this minute; a domain whose minute is full stands in nobody's way."""
    room = limits.left(now, limit)
    while room and (letters := list(rows[:room])):
        if admitted := limits.admit(letters, now):
            return admitted
    return []


def send_one(claim: Claim, letter: Letter, transport: Transport, clock: Clock) -> Outcome | None:
    """Deliver one claimed letter and record what became of it; None where it is no longer to be sent by us."""
    if not _is_still_ours(claim, letter, clock()):
        return None
    outcome = _deliver(letter, transport)
    if letter.attempts >= len(RETRY_AFTER) and outcome.status in NEXT_ATTEMPT:
        outcome = replace(outcome, status=LetterStatus.FAILED)
    now = clock()
    if outcome.status == LetterStatus.FAILED:
        with transaction.atomic():
            _record(claim, letter, outcome, now)
            notices.note_failure(letter, at=now)
    else:
        _record(claim, letter, outcome, now)
    return outcome


def give_back(claim: Claim, letters: tuple[Letter, ...], now: dt.datetime) -> int:
    """Let other senders have claimed letters that were not tried; return how many they were."""
    ids = [letter.pk for letter in letters]
    untried = Letter.objects.filter(pk__in=ids, claim_token=claim.token, status=LetterStatus.SENDING)
    return untried.update(status=LetterStatus.RETRY, due_at=now, claim_token=None)


def requeue(letters: QuerySet[Letter], *, now: dt.datetime) -> int:
    """Send failed letters once more, with as many attempts as new ones; return how many they are."""
    failed = letters.filter(status=LetterStatus.FAILED)
    return failed.update(status=LetterStatus.RETRY, due_at=now, attempts=0, claim_token=None)


def at_risk(events: Collection[Event], now: dt.datetime) -> QuerySet[Letter]:
    """Return the letters of events that a person should look at: failed, or late for ten minutes."""
    late = Q(status__in=OPEN_STATUSES, release_at__lte=now - LATE_AFTER)
    return Letter.objects.filter(late | Q(status=LetterStatus.FAILED), event__in=events).order_by("release_at", "pk")


def decisions_at_risk(events: Collection[Event], now: dt.datetime) -> QuerySet[Letter]:
    """Return those of the letters at risk that tell a decision."""
    return at_risk(events, now).filter(kind__in=DECISION_KINDS)


def _drain(clock: Clock, new_transport: Callable[[], Transport], batch: int, until: dt.datetime | None) -> Tally:
    """Send over one connection until nothing is due."""
    tally = Tally(Counter())
    transport = new_transport()
    try:
        while tally.server_reached and (claimed := claim(clock(), batch)).letters:
            begun = monotonic()
            _work_off(claimed, transport, clock, until, tally)
            if monotonic() - begun < QUICK:
                batch = max(batch, min(2 * batch, LARGEST_BATCH))
            if until is not None and clock() >= until:
                break
    finally:
        transport.close()
    return tally


def _work_off(claimed: Claim, transport: Transport, clock: Clock, until: dt.datetime | None, tally: Tally) -> None:
    """Send the letters of a claim, one after the other; give back what has to wait."""
    for position, letter in enumerate(claimed.letters):
        if until is not None and clock() >= until:
            give_back(claimed, claimed.letters[position:], clock())
            return
        outcome = send_one(claimed, letter, transport, clock)
        if outcome is None:
            give_back(claimed, (letter,), clock())
            continue
        tally.letters[outcome.status] += 1
        if outcome.server_is_unreachable:
            tally.server_reached = False
            give_back(claimed, claimed.letters[position + 1 :], clock())
            return


def _is_still_ours(claim: Claim, letter: Letter, now: dt.datetime) -> bool:
    """Return whether it is neither cancelled nor held, and our lease lasts for the longest possible delivery."""
    last_start = now + dt.timedelta(seconds=settings.SMTP_FINAL_REPLY_TIMEOUT)
    with connection.cursor() as cursor:
        cursor.execute(
            STILL_OURS,
            [
                letter.pk,
                claim.stored_token,
                LetterStatus.SENDING,
                _stored("due_at", last_start),
                _stored("due_at", now),
            ],
        )
        return cursor.fetchone() is not None


def _deliver(letter: Letter, transport: Transport) -> Outcome:
    """Deliver the frozen bytes, with the token in place of its marker."""
    try:
        content = _with_link(letter)
        recipient = addresses.ascii_address(letter.recipient)
    except (links.TokenLost, ValueError) as error:
        # No other attempt would end differently until a person has put it right.
        return Outcome(LetterStatus.FAILED, Phase.PREPARE, reply=f"{type(error).__name__}: {error}")
    sender = settings.BOUNCE_ADDRESS or mime.Mailbox.parse(settings.DEFAULT_FROM_EMAIL).address
    return transport.deliver(Envelope(sender, recipient, content))


def _with_link(letter: Letter) -> bytes:
    """Return the bytes that leave. Raises `links.TokenLost`."""
    frozen = bytes(letter.mime)
    if letter.access_token is None:
        return frozen
    return frozen.replace(mime.LINK_MARKER.encode(), links.reveal(letter.access_token).encode())


def _record(claim: Claim, letter: Letter, outcome: Outcome, now: dt.datetime) -> None:
    """Record what became of a letter, unless it is no longer ours."""
    sent = outcome.status == LetterStatus.SENT
    due_at = now + NEXT_ATTEMPT[outcome.status](letter.attempts) if outcome.status in NEXT_ATTEMPT else None
    # A letter that was cancelled on the wire is recorded all the same where it arrived: it has been read.
    from_statuses = (LetterStatus.SENDING, LetterStatus.CANCELLED if sent else LetterStatus.SENDING)
    with connection.cursor() as cursor:
        cursor.execute(
            RECORD,
            [
                outcome.status,
                _stored("due_at", due_at),
                _stored("sent_at", now if sent else None),
                letter.attempts + 1,
                outcome.phase,
                outcome.code,
                mime.header_text(outcome.reply)[:500],
                letter.pk,
                claim.stored_token,
                *from_statuses,
            ],
        )
    level = {LetterStatus.SENT: logging.DEBUG, LetterStatus.FAILED: logging.ERROR}.get(outcome.status, logging.INFO)
    logger.log(level, "letter %d: %s at %s %s", letter.pk, outcome.status, outcome.phase, outcome.code or "")


def _stored(column: str, value: object) -> Any:
    """Return a value as the database at hand takes it."""
    field: Any = Letter._meta.get_field(column)
    return field.get_db_prep_value(value, connection)
