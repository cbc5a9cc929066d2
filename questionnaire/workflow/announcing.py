"""Tell people that the programme has changed: organisers write what, choose to whom, read it, and send it once."""

import datetime as dt
from collections.abc import Collection, Mapping

from django.db import models, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from events.models import Event
from questionnaire.models import Application, Letter, LetterKind, LetterStatus
from questionnaire.states import State
from questionnaire.workflow import letters, mime, transitions, wording

KIND = LetterKind.PROGRAMME_CHANGED


class Audience(models.TextChoices):
    """To whom it matters; the values are those of the states."""

    CONFIRMED = State.CONFIRMED.value, _("those who have confirmed")
    UNANSWERED = State.ACCEPTED.value, _("those who hold a place and have not answered yet")
    WAITING = State.WAITING_LIST.value, _("the waiting list")


def recipients(event: Event, audience: Collection[str], *, since: dt.datetime) -> QuerySet[Application]:
    """Return to whom the letter goes: not to those who had one since it was prepared, so that twice is once."""
    told = Letter.objects.filter(application=OuterRef("pk"), kind=KIND, created_at__gte=since)
    people = event.applications.filter(state__in=audience, erased_at=None).select_related("event")
    return people.exclude(Exists(told.exclude(status=LetterStatus.CANCELLED))).order_by("pk")


def preview(event: Event, changes: Mapping[str, str], *, language: str, at: dt.datetime) -> mime.Reading:
    """Return the letter as somebody would get it. Raises `letters.NoText`."""
    template = event.letter_templates.filter(kind=KIND).first()
    if template is None:
        raise letters.NoText(event, KIND, language)
    reader = Application(event=event, first_name="Zoé", family_name="O’Hara-Müller", email="zoe.ohara@example.org")
    values = {wording.CHANGES: changes[language]}
    return letters.preview(template, reader, language=language, at=at, values=values)


@transaction.atomic
def announce(
    event: Event, audience: Collection[str], changes: Mapping[str, str], *, since: dt.datetime, at: dt.datetime
) -> int:
    """Write to everybody in their language, prepared at `since`; return to how many. Raises `letters.NoText`."""
    event = transitions.lock_event(event.pk)
    people = list(recipients(event, audience, since=since))
    for language, text in changes.items():
        readers = [person for person in people if person.language == language]
        letters.queue_many(KIND, readers, at=at, release_at=at, values={wording.CHANGES: text})
    return len(people)
