"""An event with its team."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from events.models import Event, Membership
from events.tests.factories import EventFactory, MembershipFactory, UserFactory

PAYLOAD = """<script>alert(1)</script><img src=x onerror="alert(1)">"""
APPLICATIONS = "/admin/questionnaire/application/"


@dataclass(frozen=True)
class Team:
    """The people of one event, and two who have nothing to do with it."""

    event: Event
    organiser: User
    second: User
    reviewer: User
    stranger: User
    operator: User


def make_team(event: Event | None = None) -> Team:
    """Return a team: two organisers, a reviewer, an organiser of another event, and the operator."""
    event = event or EventFactory()
    reviewer = MembershipFactory(event=event, role=Membership.Role.REVIEWER).user
    return Team(
        event=event,
        organiser=MembershipFactory(event=event, user__username="olga").user,
        second=MembershipFactory(event=event, user__username="second").user,
        reviewer=reviewer,
        stranger=MembershipFactory(event=EventFactory(title_en="Another event"), user__username="stranger").user,
        operator=UserFactory(is_superuser=True),
    )
