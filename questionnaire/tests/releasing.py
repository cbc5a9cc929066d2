"""Decisions and their release as two people sign them."""

import datetime as dt
from collections.abc import Collection

from django.contrib.auth.models import User

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Application, Release
from questionnaire.workflow import decision


def sign_off(applications: Collection[Application], *, by: User, at: dt.datetime) -> list[Application]:
    """Sign decisions off as somebody does who has looked at them just now."""
    shown = Application.objects.filter(pk__in=[application.pk for application in applications])
    return decision.sign_off(applications, by=by, at=at, seen=decision.fingerprint(shown))


def release(event: Event, *, at: dt.datetime, by: User | None = None, second: User | None = None) -> Release:
    """Order the release of an event's decisions and have it signed; after the decision hour it is carried out."""
    decision.order_release(event, by=by or UserFactory(), at=at)
    return decision.sign_release(event, by=second or UserFactory(), at=at)
