"""A release as two people order it."""

import datetime as dt

from django.contrib.auth.models import User

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Release
from questionnaire.workflow import decision


def release(event: Event, *, at: dt.datetime, by: User | None = None, second: User | None = None) -> Release:
    """Order the release of an event's decisions and have it signed; after the decision hour it is carried out."""
    decision.order_release(event, by=by or UserFactory(), at=at)
    return decision.sign_release(event, by=second or UserFactory(), at=at)
