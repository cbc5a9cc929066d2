"""What a rehearsal copies of an event: all that organisers set up, and nobody who applied."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from math import ceil, floor
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core import serializers
from django.db import transaction
from django.db.models import Model
from django.utils import translation

from events.models import Event, Membership
from questionnaire.models import Quota, SelectionRules, Target
from questionnaire.study_visit import WAY_TO_EVENT

Role = Membership.Role

CONTENT: dict[type[Model], str] = {**WAY_TO_EVENT, Target: "event", SelectionRules: "event"}
"""The tables that are copied, each after those that it points to, with the way from a row to its event."""

LEAST = {Role.ORGANISER: 2, Role.REVIEWER: 2}
"""How many people each role needs: a decision takes two pairs of eyes, and a score its counterpart."""


COUNTRIES = ("LU", "MT", "CY", "EE", "IS")
"""Where the team works: colleagues of no applicant."""

CHOICE = 2
"""How many apply for each place at least."""


@dataclass(frozen=True)
class Team:
    """The people who run the copy, invented; the real team lends them nothing but its number."""

    organisers: tuple[User, ...]
    reviewers: tuple[User, ...]
    password: str = field(repr=False)


def dump(event: Event) -> dict[str, Any]:
    """Return the content of an event, and how many people have which role on it, as plain data."""
    roles = list(event.memberships.values_list("role", flat=True))
    with translation.override("en"):
        rows = serializers.serialize("json", map(_without_secrets, _rows(event)))
    return {"rows": rows, "team": {role.value: max(roles.count(role), least) for role, least in LEAST.items()}}


def _rows(event: Event) -> Iterator[Model]:
    yield event
    for model, way in CONTENT.items():
        yield from model._default_manager.filter(**{way: event}).order_by("pk")


def _without_secrets(row: Model) -> Model:
    """Leave the seed of the lottery where it is: the copy draws lots by one that is no secret."""
    if isinstance(row, SelectionRules) and row.seed:
        row.seed = sha256(b"rehearsal").hexdigest()
    return row


@transaction.atomic
def load(content: dict[str, Any], *, applicants: int) -> tuple[Event, Team]:
    """Bring the content into this empty database, published, with an invented team.

    Where fewer people apply than twice the places, places and quotas shrink along: there must be a choice to make.
    """
    with translation.override("en"):
        for row in serializers.deserialize("json", content["rows"]):
            row.save()
    Event.objects.update(published=True, lottery_commitment="", lottery_seed="")
    event = Event.objects.get()
    share = Fraction(applicants, CHOICE * event.places)
    if share < 1:
        _shrink(event, share)
    password = secrets.token_urlsafe()
    people = {f"{role}s": _invite(event, Role(role), count, password) for role, count in content["team"].items()}
    return event, Team(**people, password=password)


def _shrink(event: Event, share: Fraction) -> None:
    event.places = max(1, floor(event.places * share))
    event.save(update_fields=["places"])
    for quota in Quota.objects.filter(event=event):
        quota.minimum = floor(quota.minimum * share)
        quota.maximum = None if quota.maximum is None else max(1, ceil(quota.maximum * share))
        quota.save(update_fields=["minimum", "maximum"])


def _invite(event: Event, role: Membership.Role, count: int, password: str) -> tuple[User, ...]:
    people, hashed = [], make_password(password)
    for number in range(1, count + 1):
        name = f"{role.value}{number}"
        person = User.objects.create(username=name, email=f"{name}@rehearsal.example", is_staff=True, password=hashed)
        place = {"organisation": f"Institute {role.value} {number}", "country": COUNTRIES[number % len(COUNTRIES)]}
        Membership.objects.create(event=event, user=person, role=role, **place)
        people.append(person)
    return tuple(people)
