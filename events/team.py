"""The people of an event's team, and what follows when a reviewer leaves it.

Apps that this one may not import register here what they do then.
"""

import datetime as dt
from collections.abc import Callable

from django.contrib.auth.models import User
from django.db.models import Q

from events.models import Event, Membership

Handover = Callable[[Event, User, dt.datetime], None]
_handovers: list[Handover] = []


def name_of(person: User) -> str:
    """Return what people call somebody of the team: the name, or the login where they gave none."""
    return person.get_full_name() or person.get_username()


def handover(act: Handover) -> Handover:
    """Decorate a function that hands on what somebody leaves unfinished who no longer reviews for an event."""
    _handovers.append(act)
    return act


def reviewers(event: Event) -> set[User]:
    """Return who reviews for the event."""
    reviewing = Q(memberships__event=event, memberships__role=Membership.Role.REVIEWER)
    return set(User.objects.filter(reviewing, is_active=True))


def hand_over(event: Event, gone: set[User], *, at: dt.datetime) -> None:
    """Hand on what these people leave unfinished; the caller's transaction has taken them out of the team."""
    for person in sorted(gone, key=lambda person: person.pk):
        for act in _handovers:
            act(event, person, at)
