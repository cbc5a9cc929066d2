"""Somebody with a place cannot come and asks to send a named colleague: asked, agreed and signed, or refused.

Two organisers agree, as to every decision. Then the colleague takes exactly that place, in one transaction under the
event's lock: the one leaves it, the other is offered it, and nobody on the waiting list comes between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from django.contrib.auth.models import User
from django.db import transaction

from events.models import Event
from questionnaire.models import OPEN_STATUSES, Application, Draft, LetterKind, Question, Replacement, email_key
from questionnaire.states import HOLDS_A_PLACE, Outcome, State
from questionnaire.workflow import candidates, letters, notices, panel, promotion, retention, transitions, wording
from questionnaire.workflow.candidates import Seats
from questionnaire.workflow.reasons import Words
from questionnaire.workflow.selection import Candidate

Status = Replacement.Status
MOST = 5
"""How often one person may ask."""
FORGOTTEN_AFTER = dt.timedelta(days=7)
"""After the deadline, a colleague who never said yes: until then the link in our last letter still opens a page."""
CAN_STAND_IN = frozenset({State.WAITING_LIST, State.DECLINED, State.TURNED_DOWN, State.LAPSED})
"""States from which somebody who applied for themselves can take a colleague's place."""


class CannotAsk(Exception):
    """There is no place to send a colleague to: none is held, the deadline has passed, or the event is over."""


class AlreadyAsked(Exception):
    """A request is still open."""


class TooOften(Exception):
    """The person has asked as often as one may."""


class OwnAddress(Exception):
    """The colleague has the address of the person who asks."""


class NotOpen(Exception):
    """The request is settled, or the person no longer holds the place."""


class SamePerson(Exception):
    """Whoever agreed first cannot sign too."""


class CannotStandIn(Exception):
    """The colleague has an application from which no way leads to the place. Attribute: `application`."""

    def __init__(self, application: Application) -> None:
        self.application = application
        super().__init__(application.public_id)


@dataclass(frozen=True)
class Colleague:
    """Who is to come instead; `language` is that of our letters to them."""

    first_name: str
    family_name: str
    email: str
    language: str
    role: str


def can_ask(application: Application, now: dt.datetime) -> bool:
    """Return whether there is a place that the applicant could ask to pass on, and of which they know."""
    is_known = application.submitted_revision is not None
    in_time = application.state == State.CONFIRMED or now < application.answers_until
    return application.state in HOLDS_A_PLACE and is_known and in_time and now < application.event.ends_at


def open_request(application: Application) -> Replacement | None:
    """Return the request that organisers have not settled."""
    return application.replacements.filter(status__in=Replacement.OPEN).first()


@transaction.atomic
def ask(application: Application, colleague: Colleague, *, reason: str, now: dt.datetime) -> Replacement:
    """Ask that a colleague may come instead; organisers are told. Until they agree, the place stays where it is.

    Raises `CannotAsk`, `AlreadyAsked`, `TooOften` or `OwnAddress`.
    """
    transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if not can_ask(current, now):
        raise CannotAsk
    if open_request(current) is not None:
        raise AlreadyAsked
    if current.replacements.count() >= MOST:
        raise TooOften
    if email_key(colleague.email) == current.email_key:
        raise OwnAddress
    request = Replacement.objects.create(application=current, reason=reason, asked_at=now, **asdict(colleague))
    notices.note(current.event_id, LetterKind.REPLACEMENT_REQUESTED, str(request.pk), at=now)
    return request


@transaction.atomic
def take_back(application: Application) -> None:
    """Take the request back, if it is still open."""
    transitions.lock_event(application.event_id)
    _settle(application.replacements.filter(status__in=Replacement.OPEN), Status.WITHDRAWN)


@transaction.atomic
def agree(request: Replacement, *, reason: str, by: User, at: dt.datetime) -> None:
    """Agree as the first of two organisers. Raises `NotOpen`."""
    event = transitions.lock_event(request.application.event_id)
    current = _lock(request, Status.ASKED)
    _require_place(event, current.application, at)
    current.status, current.agreed_by, current.answer = Status.AGREED, by, reason
    current.save(update_fields=["status", "agreed_by", "answer"])


@transaction.atomic
def sign(request: Replacement, *, by: User, at: dt.datetime) -> Application:
    """Agree as the second organiser: the colleague takes the place, and both get a letter. Returns their application.

    Raises `NotOpen`, `SamePerson`, `CannotStandIn` or `letters.NoText`.
    """
    event = transitions.lock_event(request.application.event_id)
    current = _lock(request, Status.AGREED)
    if current.agreed_by_id == by.pk:
        raise SamePerson
    [leaving] = transitions.lock([current.application_id])
    _require_place(event, leaving, at)
    coming = _application_of(current, leaving, at)
    until = event.ends_at if promotion.is_too_late(event, at) else promotion.deadline(event, at)
    columns = {"answer_by": until, "answer_reminded_at": None, "submitted_at": coming.submitted_at or at}
    transitions.move_locked([leaving], State.TURNED_DOWN, at=at, by=by, reason=current.answer)
    [coming] = transitions.move(
        [coming], State.ACCEPTED, at=at, by=by, outcome=Outcome.ACCEPT, reason=current.answer, columns=columns
    )
    letters.queue(LetterKind.REPLACEMENT_ARRANGED, leaving, at=at)
    values = {wording.PARTICIPANT: leaving.full_name}
    letters.queue(LetterKind.REPLACEMENT_INVITATION, coming, at=at, values=values)
    _settle([current], Status.ARRANGED, by=by, at=at, colleague=coming)
    return coming


@transaction.atomic
def refuse(request: Replacement, *, reason: str, by: User, at: dt.datetime) -> None:
    """Refuse with a reason, which the person is told. Who had not confirmed has time to do so again.

    Raises `NotOpen` or `letters.NoText`.
    """
    event = transitions.lock_event(request.application.event_id)
    current = _lock(request, *Replacement.OPEN)
    [applicant] = transitions.lock([current.application_id])
    _require_place(event, applicant, at)
    if applicant.state == State.ACCEPTED:
        applicant.answer_by = max(applicant.answers_until, promotion.deadline(event, at))
        applicant.save(update_fields=["answer_by"])
    current.answer = reason
    current.save(update_fields=["answer"])
    letters.queue(LetterKind.REPLACEMENT_REFUSED, applicant, at=at, values={wording.ANSWER: reason})
    _settle([current], Status.REFUSED, by=by, at=at)


def settle_due(*, at: dt.datetime) -> None:
    """End the requests of those who no longer hold a place, and forget colleagues who never said yes."""
    requests = Replacement.objects.filter(status__in=Replacement.OPEN).select_related("application__event")
    for request in requests:
        if request.application.state not in HOLDS_A_PLACE or at >= request.application.event.ends_at:
            take_back(request.application)
    for application in _never_came(at):
        retention.erase(application, now=at, withdraws=False)


def _never_came(at: dt.datetime) -> Iterable[Application]:
    """Return the colleagues who for some time could not say yes any more, and acknowledged no notice."""
    asked = Application.objects.filter(stands_in__isnull=False, submitted_revision=None, erased_at=None)
    silent = [State.TURNED_DOWN, State.LAPSED, State.WITHDRAWN]
    gone = asked.filter(state__in=silent, answer_by__lte=at - FORGOTTEN_AFTER)
    return gone.exclude(letters__status__in=OPEN_STATUSES).distinct()


def own_applications(requests: Collection[Replacement]) -> dict[int, Application]:
    """Return by request the application that a colleague sent in for themselves, where there is one."""
    names = {request.pk: (request.application.event_id, email_key(request.email)) for request in requests}
    events, keys = {event_id for event_id, _key in names.values()}, {key for _event_id, key in names.values()}
    rows = Application.objects.filter(event__in=events, email_key__in=keys).exclude(state=State.DRAFT)
    found = {(row.event_id, row.email_key): row for row in rows}
    return {pk: found[name] for pk, name in names.items() if name in found}


def shortfalls(event: Event, requests: Collection[Replacement], own: Mapping[int, Application]) -> dict[int, list[str]]:
    """Return by request, in words, which limits hold now and would not with the colleague in the place.

    What nobody knows of a colleague before they have answered counts for nothing; country, organisation and target
    group are taken to be the same. As many queries whatever the number of requests, none without one.
    """
    if not requests:
        return {}
    seats = candidates.seats(event)
    words = Words.of(event, seats.points)
    now = _broken(seats, seats.panel, seats.problem.candidates, words)
    return {request.pk: sorted(_after(request, own.get(request.pk), seats, words) - now) for request in requests}


def _after(request: Replacement, own: Application | None, seats: Seats, words: Words) -> set[str]:
    """Return what is broken once the colleague has the place."""
    leaving = request.application.public_id
    pool = list(seats.problem.candidates)
    if own is not None:
        return _broken(seats, (seats.panel - {leaving}) | {own.public_id}, pool, words)
    known = {key for key, question in words.questions.items() if question.fills in INHERITED}
    for candidate in seats.problem.candidates:
        if candidate.id == leaving:
            values = {key: values for key, values in candidate.values.items() if key in known}
            pool.append(replace(candidate, id="colleague", values=values))
    return _broken(seats, (seats.panel - {leaving}) | {"colleague"}, pool, words)


def _broken(seats: Seats, selected: frozenset[str], pool: Iterable[Candidate], words: Words) -> set[str]:
    """Return the limits, in words, that do not hold for those selected."""
    counts = panel.Counted(pool, selected)
    problem = replace(seats.problem, capacity=len(selected))
    return {bar.label for bar in panel.bars(problem, counts, words) if not bar.holds}


INHERITED = (Question.Fills.COUNTRY, Question.Fills.ORGANISATION, Question.Fills.TARGET_GROUP)
"""What is taken to be the same of a colleague, until they say."""


def _application_of(request: Replacement, leaving: Application, at: dt.datetime) -> Application:
    """Return the application of who takes the place: their own, or a new one. Raises `CannotStandIn`."""
    own = own_applications([request]).get(request.pk)
    if own is not None:
        if own.state not in CAN_STAND_IN:
            raise CannotStandIn(own)
        return own
    made = Application.objects.create(
        event=leaving.event,
        first_name=request.first_name,
        family_name=request.family_name,
        email=request.email,
        email_key=email_key(request.email),
        language=request.language,
        created_at=at,
        **{column.value: getattr(leaving, column.value) for column in INHERITED},
    )
    Draft.objects.create(application=made, saved_at=at)
    return made


def _lock(request: Replacement, *statuses: Status) -> Replacement:
    """Return a request that has one of the statuses, as it stands now, locked. Raises `NotOpen`."""
    rows = Replacement.objects.select_for_update(of=("self",)).select_related("application__event")
    current = rows.filter(status__in=statuses, pk=request.pk).first()
    if current is None:
        raise NotOpen
    return current


def _require_place(event: Event, application: Application, at: dt.datetime) -> None:
    if application.state not in HOLDS_A_PLACE or at >= event.ends_at:
        raise NotOpen


def _settle(
    requests: Iterable[Replacement],
    status: Status,
    *,
    by: User | None = None,
    at: dt.datetime | None = None,
    colleague: Application | None = None,
) -> None:
    """Write down what became of requests, and forget the colleagues in them."""
    changes = {"status": status, "decided_by": by, "decided_at": at, "colleague": colleague, **retention.NO_COLLEAGUE}
    Replacement.objects.filter(pk__in=[request.pk for request in requests]).update(**changes)
