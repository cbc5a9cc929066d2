"""Propose, sign off, check, release: from organisers' judgement to everyone's letter, by two people.

An outcome is held beside the state until the release, so that before the hour nothing that an applicant
can reach depends on it.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from hashlib import sha256

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from events.models import Event
from questionnaire.models import Application, Letter, Release, Transition
from questionnaire.states import DECIDED_IN_SECRET, RELEASES_TO, UNDER_REVIEW, Outcome, State
from questionnaire.workflow import letters, preflight, rules, transitions, waves
from questionnaire.workflow.preflight import Finding


class SameEyes(Exception):
    """The person who proposed a decision cannot sign it off too. Attribute: `applications`."""

    def __init__(self, applications: Collection[Application]) -> None:
        self.applications = applications
        super().__init__(", ".join(application.public_id for application in applications))


class Changed(Exception):
    """The decisions are not those that were seen any more."""


class ReleaseOrdered(Exception):
    """The release has been ordered: take the order back before changing a decision."""


class NotOrdered(Exception):
    """There is no order to sign."""


class SamePerson(Exception):
    """Whoever ordered the release cannot sign the order too."""


class NotReady(Exception):
    """The preflight found something. Attribute: `findings`."""

    def __init__(self, findings: Collection[Finding]) -> None:
        self.findings = findings
        super().__init__("; ".join(finding.code for finding in findings))


@transaction.atomic
def propose(
    applications: Collection[Application], outcome: Outcome, *, by: User, at: dt.datetime, reason: str = ""
) -> list[Application]:
    """Propose a decision, or another one in its place; a signature that was there no longer counts.

    Raises `ReleaseOrdered`, or `transitions.MoveNotAllowed` with those that cannot be decided any more.
    """
    _refuse_after_order(applications)
    return transitions.move(applications, State.PROPOSED, at=at, by=by, outcome=outcome, reason=reason)


@transaction.atomic
def sign_off(applications: Collection[Application], *, by: User, at: dt.datetime, seen: str) -> list[Application]:
    """Sign proposed decisions off, as a second person; `seen` is the fingerprint of what the person looked at.

    Both are asked under the lock: who proposed, since a proposal that came in meanwhile may be of the person who
    signs, and what. Raises `SameEyes` with those that `by` proposed, `Changed`, or `transitions.MoveNotAllowed`.
    """
    locked = transitions.lock([application.pk for application in applications])
    if own := list(proposed_by(by, among=locked)):
        raise SameEyes(own)
    if seen != fingerprint(locked):
        raise Changed
    transitions.move_locked(locked, State.SIGNED_OFF, at=at, by=by)
    return locked


def fingerprint(applications: Iterable[Application]) -> str:
    """Return what tells these decisions from any others, for a page to carry until somebody signs them."""
    decisions = sorted((application.pk, application.outcome) for application in applications)
    return sha256(repr(decisions).encode()).hexdigest()


def proposed_by(user: User, *, among: Collection[Application]) -> QuerySet[Application]:
    """Return those of the applications whose present proposal comes from `user`."""
    proposals = Transition.objects.filter(application=OuterRef("pk"), to_state=State.PROPOSED).order_by("-at", "-pk")
    return (
        Application.objects.filter(pk__in=[application.pk for application in among], state__in=DECIDED_IN_SECRET)
        .alias(proposer=Subquery(proposals.values("by_id")[:1]))
        .filter(proposer=user.pk)
    )


def _refuse_after_order(applications: Collection[Application]) -> None:
    """Raise `ReleaseOrdered` when an event of these applications waits for its release; holds the events."""
    event_ids = sorted({application.event_id for application in applications})
    for event_id in event_ids:
        transitions.lock_event(event_id)
    if Release.objects.filter(event__in=event_ids, released_at=None).exists():
        raise ReleaseOrdered


@transaction.atomic
def order_release(event: Event, *, by: User, at: dt.datetime) -> Release:
    """Order that all decisions be released at the event's decision hour, once a second person has signed the order.

    Ordering twice is ordering once. Raises `NotReady`.
    """
    event = transitions.lock_event(event.pk)
    release, made = Release.objects.get_or_create(event=event, defaults={"ordered_by": by, "ordered_at": at})
    if made:
        _require_ready(preflight.look(event, now=at).findings)
    return release


@transaction.atomic
def sign_release(event: Event, *, by: User, at: dt.datetime) -> Release:
    """Sign the order to release, as a second person; where the decision hour is past, it is carried out at once.

    Signing twice is signing once. Raises `NotOrdered`, `SamePerson` or `NotReady`.
    """
    event = transitions.lock_event(event.pk)
    release = Release.objects.filter(event=event).first()
    if release is None:
        raise NotOrdered
    if release.signed_at is not None:
        return release
    if release.ordered_by_id == by.pk:
        raise SamePerson
    _require_ready(preflight.look(event, now=at).findings)
    release.signed_by, release.signed_at = by, at
    release.save(update_fields=["signed_by", "signed_at"])
    if event.decisions_at <= at:
        carry_out(release, at=at)
    return release


def _require_ready(findings: Collection[Finding]) -> None:
    if findings:
        raise NotReady(findings)


@transaction.atomic
def take_back_order(event: Event) -> bool:
    """Take back an order that was not carried out; return whether there was one."""
    transitions.lock_event(event.pk)
    deleted, _by_model = Release.objects.filter(event=event, released_at=None).delete()
    return deleted > 0


def release_due(*, at: dt.datetime) -> list[Release]:
    """Carry out each ordered and signed release whose hour has come; return those carried out.

    An event that is no longer ready raises `NotReady` only after the others had their turn.
    """
    waiting = Release.objects.filter(released_at=None, signed_at__isnull=False)
    due = waiting.filter(event__decisions_at__lte=at).order_by("event__decisions_at")
    done: list[Release] = []
    findings: list[Finding] = []
    for release in due:
        try:
            done.append(carry_out(release, at=at))
        except NotReady as error:
            findings.extend(error.findings)
    if findings:
        raise NotReady(findings)
    return done


@transaction.atomic
def carry_out(release: Release, *, at: dt.datetime) -> Release:
    """Move every signed-off application to its outcome and queue its letter: one transaction, once.

    Raises `NotReady` and changes nothing when something came between order and hour that nobody may let by.
    """
    event = transitions.lock_event(release.event_id)
    release.refresh_from_db()
    if release.released_at is not None:
        return release
    _require_ready(preflight.look(event, now=at).firm)
    queued: list[Letter] = []
    for outcome, state in RELEASES_TO.items():
        decided = event.applications.filter(state=State.SIGNED_OFF, outcome=outcome)
        moved = transitions.move(decided, state, at=at, by=release.ordered_by)
        queued += letters.queue_many(preflight.LETTER_OF[outcome], moved, at=at, release_at=event.decisions_at)
    waves.divide(event, queued, at=at)
    rules.reveal_seed(event)
    release.released_at = at
    release.letters = len(queued)
    release.save(update_fields=["released_at", "letters"])
    return release


def undecided(event: Event) -> QuerySet[Application]:
    """Return the applications that still wait for a released decision."""
    return event.applications.filter(state__in=UNDER_REVIEW)
