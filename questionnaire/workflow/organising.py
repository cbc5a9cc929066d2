"""What organisers keep for each other about applications: notes in a thread, and tags to find them again by.

Both are personal data of the applicant. Reviewers never see them; the applicant's pages never show them, and after the
release they are in the file of a person's data, without the names of those who wrote (`retention.everything`).
"""

import datetime as dt
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction

from events.models import Event
from questionnaire.models import Application, Note, Tag
from questionnaire.workflow import transitions

PORTION = 2000  # rows written at a time


def write_note(application: Application, text: str, *, by: User, at: dt.datetime) -> Note:
    """Add a note to the thread of an application."""
    return Note.objects.create(application=application, by=by, at=at, text=text)


@transaction.atomic
def add_tag(event: Event, name: str, applications: Collection[int]) -> int:
    """Tag applications of the event, by their ids; a tag is made where it is missing. Return how many had it not."""
    transitions.lock_event(event.pk)
    tag = find_tag(event, name) or Tag.objects.create(event=event, name=name)
    tagged = Tag.applications.through
    known = set(tagged.objects.filter(tag=tag, application__in=applications).values_list("application", flat=True))
    missing = [pk for pk in applications if pk not in known]
    tagged.objects.bulk_create((tagged(tag=tag, application_id=pk) for pk in missing), batch_size=PORTION)
    return len(missing)


@transaction.atomic
def remove_tag(event: Event, name: str, applications: Collection[int]) -> int:
    """Take a tag off applications; one that nothing has any more is gone. Return how many had it."""
    transitions.lock_event(event.pk)
    tag = find_tag(event, name)
    if tag is None:
        return 0
    removed, _by_model = Tag.applications.through.objects.filter(tag=tag, application__in=applications).delete()
    if not tag.applications.exists():
        tag.delete()
    return removed


def find_tag(event: Event, name: str) -> Tag | None:
    """Return the tag of a name, whatever its case."""
    return Tag.objects.filter(event=event, name__iexact=name).first()
