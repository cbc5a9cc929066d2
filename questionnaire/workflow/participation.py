"""After the release: an accepted applicant confirms the place or turns it down, until the deadline; else it lapses."""

import datetime as dt
from collections.abc import Callable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from events.models import Event
from questionnaire.models import OFFER_KINDS, Application, Letter, LetterKind, LetterStatus, Replacement
from questionnaire.states import ALLOWED_MOVES, State
from questionnaire.workflow import letters, notices, places, transitions, turns

LAST_REMINDER = dt.timedelta(days=1)
LEAST_APART = dt.timedelta(hours=12)
"""Two reminders to one person are no closer than this: one that comes late stands for the next one too."""


class TooLate(Exception):
    """The deadline for an answer has passed."""


class NotIntroduced(Exception):
    """Somebody comes in a colleague's place, and has not said who they are or read the privacy notice."""


@transaction.atomic
def confirm(application: Application, *, now: dt.datetime) -> None:
    """Confirm the place. Confirming twice is confirming once.

    Who turned the place down before gets it back only while one is free; the event is locked, counted,
    then written. Raises `TooLate`, `NotIntroduced`, `places.NoPlaceLeft` or `transitions.MoveNotAllowed`.
    """
    event = transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if current.state == State.CONFIRMED:
        return
    if now >= current.answers_until:
        raise TooLate
    if current.state == State.TURNED_DOWN:
        places.require_free(event)
    if current.submitted_revision is None and State.CONFIRMED in ALLOWED_MOVES[State(current.state)]:
        raise NotIntroduced
    [current] = transitions.move([current], State.CONFIRMED, at=now)
    letters.queue(LetterKind.CONFIRMATION_RECEIPT, current, at=now)


@transaction.atomic
def turn_down(application: Application, *, reason: str, now: dt.datetime) -> None:
    """Turn the place down, with an optional reason. Raises `TooLate` or `transitions.MoveNotAllowed`."""
    transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if current.state == State.TURNED_DOWN:
        return
    if now >= current.answers_until:
        raise TooLate
    [current] = transitions.move([current], State.TURNED_DOWN, at=now, reason=reason)
    letters.queue(LetterKind.TURNED_DOWN_RECEIPT, current, at=now)
    notices.note_places_given_up(current.event_id, [current], at=now)


def can_answer(application: Application, now: dt.datetime) -> bool:
    """Return whether the applicant can confirm or turn down now."""
    answers = {State.CONFIRMED, State.TURNED_DOWN}
    return now < application.answers_until and bool(answers & ALLOWED_MOVES[State(application.state)])


def unanswered(at: dt.datetime) -> QuerySet[Application]:
    """Return those who hold a place that they have not confirmed, and still can."""
    return _silent(Q(answer_by__gt=at) | Q(answer_by=None, event__answer_by__gt=at))


def overdue(at: dt.datetime) -> QuerySet[Application]:
    """Return those who did not answer in time."""
    return _silent(Q(answer_by__lte=at) | Q(answer_by=None, event__answer_by__lte=at))


def _silent(deadline: Q) -> QuerySet[Application]:
    """Return those with a place who have said nothing; who asks for a colleague to come instead has said something."""
    asking = Replacement.objects.filter(application=OuterRef("pk"), status__in=Replacement.OPEN)
    holding = Application.objects.filter(deadline, ~Exists(asking), state=State.ACCEPTED, erased_at=None)
    return holding.select_related("event")


def told() -> Exists:
    """Return the condition that a letter with the offer has left: nobody loses a place of which they never heard."""
    return Exists(Letter.objects.filter(application=OuterRef("pk"), kind__in=OFFER_KINDS, status=LetterStatus.SENT))


def lapse_due(*, at: dt.datetime) -> int:
    """Let the places lapse whose deadline has passed, and tell each person; return how many.

    Raises `letters.NoText` where an event has no text for it; the other events have had their turn then.
    """
    return _for_each_event(overdue(at).filter(told()), _lapse, at)


@transaction.atomic
def _lapse(event: Event, at: dt.datetime) -> int:
    transitions.lock_event(event.pk)
    return len(_let_lapse(list(overdue(at).filter(told(), event=event)), at=at))


@transaction.atomic
def take_back(application: Application, *, reason: str, by: User, at: dt.datetime) -> None:
    """Let the place of somebody who never answered lapse by hand, whether or not a letter reached them.

    Raises `TooEarly` before the deadline, `letters.NoText` or `transitions.MoveNotAllowed`.
    """
    transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if at < current.answers_until:
        raise TooEarly
    _let_lapse([current], at=at, by=by, reason=reason)


class TooEarly(Exception):
    """The person can still answer."""


def _let_lapse(
    applications: list[Application], *, at: dt.datetime, by: User | None = None, reason: str = ""
) -> list[Application]:
    lapsed = transitions.move(applications, State.LAPSED, at=at, by=by, reason=reason)
    letters.queue_many(LetterKind.LAPSED, lapsed, at=at, release_at=at)
    if lapsed:
        notices.note_places_given_up(lapsed[0].event_id, lapsed, at=at)
    return lapsed


def remind_due(*, at: dt.datetime) -> int:
    """Remind whoever has not answered, half-way to the deadline and a day before it; return how many.

    Nobody can stop these: they end with the answer, and an unanswered place is lost.
    Raises `letters.NoText` as `lapse_due` does.
    """
    return _for_each_event(unanswered(at), _remind, at)


def _remind(event: Event, at: dt.datetime) -> int:
    if not _to_remind(event, at):
        return 0
    with transaction.atomic():
        transitions.lock_event(event.pk)
        due = _to_remind(event, at)
        Application.objects.filter(pk__in=[row.pk for row in due]).update(answer_reminded_at=at)
        return len(letters.queue_many(LetterKind.CONFIRM_REMINDER, due, at=at, release_at=at))


def _to_remind(event: Event, at: dt.datetime) -> list[Application]:
    offered = Max("transitions__at", filter=Q(transitions__to_state=State.ACCEPTED))
    rows = unanswered(at).filter(event=event).annotate(offered_at=offered)
    return [row for row in rows if is_reminder_due(row.offered_at, row.answers_until, row.answer_reminded_at, at)]


def is_reminder_due(
    offered_at: dt.datetime | None, deadline: dt.datetime, reminded_at: dt.datetime | None, at: dt.datetime
) -> bool:
    """Return whether a reminder should have left by now and has not."""
    if offered_at is None:
        return False
    moments = (offered_at + (deadline - offered_at) / 2, deadline - LAST_REMINDER)
    passed = [moment for moment in moments if offered_at < moment <= at]
    return bool(passed) and (reminded_at is None or reminded_at < max(passed) - LEAST_APART)


def _for_each_event(
    concerned: QuerySet[Application], step: Callable[[Event, dt.datetime], int], at: dt.datetime
) -> int:
    """Take a step for each event concerned; raise the last `letters.NoText` at the end."""
    events = Event.objects.filter(pk__in=concerned.values("event")).order_by("pk")
    return turns.take(events, lambda event: step(event, at))
