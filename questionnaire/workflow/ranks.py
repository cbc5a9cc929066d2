"""The places of an event's applications by their means, raw and adjusted, for lists of any length."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db.models import Count

from events.models import Event
from questionnaire.models import Application

Column = Literal["mean_score", "adjusted_score"]


@dataclass(frozen=True)
class Ranks:
    """The place that a mean has, from 1; equal means share it. Means have two decimal places, so these are few."""

    raw: Mapping[Decimal, int]
    adjusted: Mapping[Decimal, int]


def ranks(event: Event) -> Ranks:
    """Return the places of all that was received, in two queries."""
    return Ranks(_places(event, "mean_score"), _places(event, "adjusted_score"))


def _places(event: Event, column: Column) -> dict[Decimal, int]:
    rows = Application.objects.received().filter(event=event).exclude(**{column: None}).order_by(f"-{column}")
    places: dict[Decimal, int] = {}
    before = 0
    for mean, number in rows.values_list(column).annotate(number=Count("pk")):
        places[mean] = before + 1
        before += number
    return places
