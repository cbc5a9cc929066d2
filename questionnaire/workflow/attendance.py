"""Who was there: marked by organisers, and shown by a certificate that anybody can verify by its code."""

import datetime as dt
import secrets
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from events.models import Event
from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.workflow import transitions


class TooEarly(Exception):
    """The event has not begun."""


def participants(event: Event) -> QuerySet[Application]:
    """Return those who take part, by name."""
    return event.applications.filter(state=State.CONFIRMED).order_by("family_name", "first_name", "pk")


@transaction.atomic
def mark(event: Event, present: Collection[str], *, now: dt.datetime) -> tuple[int, int]:
    """Note who was present, by public id, and that the others were not; return how many of each.

    A certificate keeps its code; who is no longer marked as present has none. Raises `TooEarly`.
    """
    event = transitions.lock_event(event.pk)
    if now < event.begins_at:
        raise TooEarly
    people = list(participants(event))
    for person in people:
        person.attended = person.public_id in present
        person.certificate_code = (person.certificate_code or secrets.token_urlsafe(12)) if person.attended else ""
    Application.objects.bulk_update(people, ["attended", "certificate_code"], batch_size=500)
    number = sum(bool(person.attended) for person in people)
    return number, len(people) - number


def has_certificate(application: Application, now: dt.datetime) -> bool:
    """Return whether somebody can have a certificate: they were there, and the event is over."""
    return bool(application.certificate_code) and now >= application.event.ends_at


def find_certificate(code: str, now: dt.datetime) -> Application | None:
    """Return whose certificate a code verifies, None for nobody's."""
    certified = Application.objects.exclude(certificate_code="").select_related("event")
    found = certified.filter(certificate_code=code).first()
    return found if found is not None and has_certificate(found, now) else None
