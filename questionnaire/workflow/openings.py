"""Who opened an application, day by day, so that its applicant can know once the decisions are out."""

import datetime as dt

from django.contrib.auth.models import User

from events.models import Membership
from questionnaire.models import Application, Opening


def note(application: Application, by: User, role: Membership.Role, *, at: dt.datetime) -> None:
    """Note that a member of the team saw what somebody has answered; once a day is enough."""
    day = at.astimezone(application.event.zone).date()
    opening = Opening(application=application, by=by, role=role, day=day)
    Opening.objects.bulk_create([opening], ignore_conflicts=True)
