"""What ties a reviewer to an applicant, and which of it rules a review out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from events.models import Event, Membership
from questionnaire.models import Application, email_key
from questionnaire.workflow.organisations import organisation_key


class Tie(Enum):
    """What a reviewer and an applicant have in common."""

    THEMSELVES = _("This application is your own.")
    ORGANISATION = _("You both work at %(organisation)s.")
    COUNTRY = _("You both work in %(country)s.")
    ADDRESS = _("The applicant writes from your own organisation’s address: @%(domain)s.")


@dataclass(frozen=True)
class Person:
    """Where somebody works, as far as it is known."""

    organisation: str
    country: str
    email: str

    @cached_property
    def organisation_key(self) -> str:
        """Return what all spellings of the organisation have in common."""
        return organisation_key(self.organisation)

    @cached_property
    def email_key(self) -> str:
        """Return what all spellings of the address have in common."""
        return email_key(self.email)

    @property
    def domain(self) -> str:
        """Return what stands behind the @ of the address."""
        return self.email_key.rpartition("@")[2]


def ties(reviewer: Person, applicant: Person) -> frozenset[Tie]:
    """Return what the two have in common."""
    same = {
        Tie.THEMSELVES: (reviewer.email_key, applicant.email_key),
        Tie.ORGANISATION: (reviewer.organisation_key, applicant.organisation_key),
        Tie.COUNTRY: (reviewer.country, applicant.country),
        Tie.ADDRESS: (reviewer.domain, applicant.domain),
    }
    return frozenset(tie for tie, (one, other) in same.items() if one and one == other)


def ruling_out(event: Event) -> frozenset[Tie]:
    """Return what keeps somebody from reviewing for the event. An address alone does not: many share a provider."""
    country = {Tie.COUNTRY} if event.reviewers_from_other_countries else set()
    return frozenset({Tie.THEMSELVES, Tie.ORGANISATION} | country)


def person_of_reviewer(user: User, event: Event) -> Person:
    """Return where a reviewer of the event works."""
    member = Membership.objects.filter(event=event, user=user, role=Membership.Role.REVIEWER).first()
    return Person(member.organisation if member else "", member.country if member else "", user.email)


def person_of_applicant(application: Application) -> Person:
    """Return where an applicant works."""
    return Person(application.organisation, application.country, application.email)


def between(user: User, application: Application) -> frozenset[Tie]:
    """Return what a reviewer of the event and an applicant have in common."""
    return ties(person_of_reviewer(user, application.event), person_of_applicant(application))
