"""The history of an event, which organisers read in the administration."""

import json

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from events.models import Event


def record(event: Event, text: str, *, by: User, **values: object) -> None:
    """Write into the history of the event what somebody did: a text, kept in English, and what stands in it.

    `events.templatetags.history` tells it in the reader's language.
    """
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(Event),
        object_id=str(event.pk),
        object_repr=str(event)[:200],
        action_flag=CHANGE,
        change_message=json.dumps({"text": text, "values": values}),
    )
