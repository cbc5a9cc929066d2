"""Who may review which application, and why not: the team and the applications of an event at one moment."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from events.models import Event, Membership
from events.team import name_of
from questionnaire.models import Application, Assignment, Review
from questionnaire.states import UNDER_REVIEW
from questionnaire.workflow.conflicts import Person, Tie, ruling_out, ties

Pair = tuple[int, int]
"""An application and a reviewer, by their ids."""


class Bar(Enum):
    """Why somebody may not review an application."""

    UNKNOWN = _("organisation or country not known")
    THEMSELVES = _("own application")
    ORGANISATION = _("same organisation")
    COUNTRY = _("same country")
    CONFLICT = _("conflict of interest")
    TAKEN_AWAY = _("taken away by an organiser")


BAR_OF = {Tie.THEMSELVES: Bar.THEMSELVES, Tie.ORGANISATION: Bar.ORGANISATION, Tie.COUNTRY: Bar.COUNTRY}


@dataclass(frozen=True)
class Reviewer:
    """A member of the team who reviews."""

    id: int
    name: str
    person: Person

    @property
    def is_known(self) -> bool:
        """Return whether it is known where they work."""
        return bool(self.person.organisation_key and self.person.country)


@dataclass(frozen=True)
class Applicant:
    """An application under review."""

    id: int
    name: str
    submitted_at: dt.datetime
    person: Person


@dataclass(frozen=True)
class Held:
    """An assignment that stands; `begun` from the declaration on, `done` with the last score."""

    shared: bool
    by_hand: bool
    begun: bool
    done: bool


@dataclass(frozen=True)
class Situation:
    """The review of an event: `held` by application and reviewer; `loads` what each reviewer has in all."""

    event: Event
    reviewers: Mapping[int, Reviewer]
    applicants: Mapping[int, Applicant]
    held: Mapping[int, Mapping[int, Held]]
    loads: Mapping[int, int]
    marked: Mapping[Pair, Bar] = field(default_factory=dict)

    def bar(self, applicant: Applicant, reviewer: Reviewer) -> Bar | None:
        """Return why somebody may not review an application, or None where they may."""
        if not reviewer.is_known:
            return Bar.UNKNOWN
        in_the_way = ties(reviewer.person, applicant.person) & ruling_out(self.event)
        for tie, bar in BAR_OF.items():
            if tie in in_the_way:
                return bar
        return self.marked.get((applicant.id, reviewer.id))

    def bars(self, applicant: Applicant) -> dict[int, Bar | None]:
        """Return for each reviewer why they may not review an application, or None."""
        return {reviewer.id: self.bar(applicant, reviewer) for reviewer in self.reviewers.values()}


def situation(event: Event, *, only: Collection[int] | None = None) -> Situation:
    """Return the review of an event as it stands, in five queries; `only` names applications to look at alone."""
    applications = event.applications.filter(state__in=UNDER_REVIEW)
    looked_at = applications if only is None else applications.filter(pk__in=only)
    assignments = Assignment.objects.filter(application__in=looked_at).order_by()
    reviews = Review.objects.filter(application__in=looked_at).order_by()
    marked: dict[Pair, Bar] = {}
    begun: dict[Pair, bool] = {}
    for application, reviewer, conflict, mean in reviews.values_list(
        "application", "reviewer", "conflict", "mean_score"
    ):
        if conflict:
            marked[application, reviewer] = Bar.CONFLICT
        else:
            begun[application, reviewer] = mean is not None
    held: defaultdict[int, dict[int, Held]] = defaultdict(dict)
    for application, reviewer, shared, by_hand, taken_away_at in assignments.values_list(
        "application", "reviewer", "shared", "by_hand", "taken_away_at"
    ):
        pair = (application, reviewer)
        if taken_away_at is not None:
            marked.setdefault(pair, Bar.TAKEN_AWAY)
        else:
            held[application][reviewer] = Held(shared, by_hand, pair in begun, begun.get(pair, False))
    for (application, reviewer), is_done in begun.items():
        if is_done:  # finished before there were assignments: it counts all the same
            held[application].setdefault(reviewer, Held(shared=False, by_hand=False, begun=True, done=True))
    team = _reviewers(event)
    standing = Assignment.objects.standing().filter(application__in=applications).order_by()
    loads = dict(standing.values_list("reviewer").annotate(number=Count("pk")))
    return Situation(
        event=event,
        reviewers=team,
        applicants=_applicants(looked_at),
        held=held,
        loads=Counter({pk: loads.get(pk, 0) for pk in team}),
        marked=marked,
    )


def _applicants(applications: QuerySet[Application]) -> dict[int, Applicant]:
    columns = ("pk", "public_id", "first_name", "family_name", "submitted_at", "organisation", "country", "email")
    rows = applications.order_by("submitted_at", "pk").values_list(*columns)
    return {
        pk: Applicant(pk, f"{first} {family}".strip() or public_id, submitted_at, Person(organisation, country, email))
        for pk, public_id, first, family, submitted_at, organisation, country, email in rows
    }


def _reviewers(event: Event) -> dict[int, Reviewer]:
    members = Membership.objects.filter(event=event, role=Membership.Role.REVIEWER, user__is_active=True)
    people = members.select_related("user").order_by("user__last_name", "user__first_name", "user__username")
    return {
        member.user_id: Reviewer(
            member.user_id,
            name_of(member.user),
            Person(member.organisation, member.country, member.user.email),
        )
        for member in people
    }
