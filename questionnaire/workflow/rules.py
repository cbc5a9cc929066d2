"""The rules of an event's selection: which scores, how ties are decided, how much the wished shares may cost.

The lottery binds its organisers: the seed is drawn here, the public page shows its SHA-256 before anybody has
reviewed, and the seed itself with the release, so that the order can be checked and nobody could have chosen it.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _

from events import publishing
from events.models import Event
from questionnaire.models import Review, Scores, SelectionRules, Ties
from questionnaire.workflow import selection, transitions

SEED_BYTES = 32


class TiesAreFixed(Exception):
    """Somebody has reviewed: how ties are decided can no longer change."""


@dataclass(frozen=True)
class Choice:
    """What organisers choose; `tolerance` is in points of the whole sum of scores."""

    scores: Scores
    ties: Ties
    tolerance: Decimal


def of(event: Event) -> SelectionRules:
    """Return the rules of an event, those by default where nobody has set any."""
    return SelectionRules.objects.filter(event=event).first() or SelectionRules(event=event)


def ties_are_fixed(event: Event) -> bool:
    """Return whether the way of deciding ties can no longer change: a review, even one begun, exists."""
    return Review.objects.filter(application__event=event).exists()


@transaction.atomic
def change(event: Event, choice: Choice, *, by: User, at: dt.datetime) -> SelectionRules:
    """Set the rules and put on record who did. Raises `TiesAreFixed`."""
    event = transitions.lock_event(event.pk)
    rules = of(event)
    if choice.ties != rules.ties:
        if ties_are_fixed(event):
            raise TiesAreFixed
        _draw(event, rules, choice.ties)
    rules.scores, rules.tolerance = choice.scores, choice.tolerance
    rules.save()
    LogEntry.objects.create(
        user=by,
        action_time=at,
        content_type=ContentType.objects.get_for_model(Event),
        object_id=str(event.pk),
        object_repr=str(event)[:200],
        action_flag=CHANGE,
        change_message=_("Selection: %(scores)s; equal scores: %(ties)s; tolerance %(tolerance)s. %(commitment)s")
        % {
            "scores": Scores(rules.scores).label,
            "ties": Ties(rules.ties).label,
            "tolerance": rules.tolerance,
            "commitment": event.lottery_commitment,
        },
    )
    return rules


def _draw(event: Event, rules: SelectionRules, ties: Ties) -> None:
    """Draw a seed and publish its hash, or take both back."""
    seed = secrets.token_bytes(SEED_BYTES) if ties == Ties.LOTTERY else b""
    rules.ties, rules.seed = ties, seed.hex()
    event.lottery_commitment = selection.seed_commitment(seed) if seed else ""
    event.save(update_fields=["lottery_commitment"])
    publishing.touch(event)


def seed_of(rules: SelectionRules) -> bytes | None:
    """Return the lottery's seed, None where ties go by the time of submission."""
    return bytes.fromhex(rules.seed) if rules.ties == Ties.LOTTERY else None


def reveal_seed(event: Event) -> None:
    """Publish the lottery's seed; called with the release, in its transaction."""
    rules = of(event)
    if rules.ties == Ties.LOTTERY:
        event.lottery_seed = rules.seed
        event.save(update_fields=["lottery_seed"])
        publishing.touch(event)
