"""The only writer of an application's state; each change is recorded with who, when and why."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from events import prepared
from events.models import Event
from questionnaire.models import Application, Transition
from questionnaire.states import ALLOWED_MOVES, Outcome, State

_RECORDED = ("application", "from_state", "to_state", "outcome", "at", "by", "reason")


class MoveNotAllowed(Exception):
    """An application is not in a state from which the move is allowed.

    Attributes: `applications`, those that cannot move; `target`, the state asked for.
    """

    def __init__(self, applications: Collection[Application], target: State) -> None:
        self.applications = applications
        self.target = target
        names = ", ".join(f"{application.public_id} is {application.state}" for application in applications)
        super().__init__(f"cannot become {target}: {names}")


def lock_event(event_id: int) -> Event:
    """Return the event, locked until the transaction ends: who decides about places waits in line here."""
    return Event.objects.select_for_update(no_key=True).get(pk=event_id)


def lock(application_ids: Collection[int]) -> list[Application]:
    """Return the applications in the order of their ids, locked until the transaction ends."""
    return lock_rows(Application.objects.select_related("event").filter(pk__in=application_ids))


def lock_rows(rows: QuerySet[Application]) -> list[Application]:
    """Return the applications that a query finds, in the order of their ids, locked until the transaction ends."""
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


@transaction.atomic
def move(
    applications: Iterable[Application],
    target: State,
    *,
    at: dt.datetime,
    by: User | None = None,
    outcome: Outcome | None = None,
    reason: str = "",
    columns: Mapping[str, object] | None = None,
) -> list[Application]:
    """Move applications to `target`, all or none, and record it.

    The rows are locked and read again first, so that the table of moves is asked about what is true now.
    `outcome` None keeps the outcome that stands; `columns` are written along. Returns the rows moved.
    Raises `MoveNotAllowed` with every application that is in the way; then nothing is changed.
    """
    locked = lock([application.pk for application in applications])
    move_locked(locked, target, at=at, by=by, outcome=outcome, reason=reason, columns=columns)
    return locked


def move_locked(
    locked: Collection[Application],
    target: State,
    *,
    at: dt.datetime,
    by: User | None = None,
    outcome: Outcome | None = None,
    reason: str = "",
    columns: Mapping[str, object] | None = None,
) -> None:
    """Move applications as `move` does; the caller's transaction has read them locked just now.

    They are changed in place. Raises `MoveNotAllowed`.
    """
    stuck = [application for application in locked if target not in ALLOWED_MOVES[State(application.state)]]
    if stuck:
        raise MoveNotAllowed(stuck, target)
    changes: dict[str, object] = {"state": target, **(columns or {})}
    if outcome is not None:
        changes["outcome"] = outcome
    author = by and by.pk
    records = [
        (one.pk, one.state, target, one.outcome if outcome is None else outcome, at, author, reason) for one in locked
    ]
    prepared.update(Application, [application.pk for application in locked], changes)
    prepared.insert(Transition, _RECORDED, records)
    for application in locked:
        for name, value in changes.items():
            setattr(application, name, value)
