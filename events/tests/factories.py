"""Events to test with: the dates are those of the Paris visit."""

import datetime as dt

import factory
from django.contrib.auth.models import User
from factory.django import DjangoModelFactory

from events.models import Contact, Event, GuidingQuestion, Membership, Reference, Session, TargetGroup

PARIS = dt.timezone(dt.timedelta(hours=1))  # in November and December


class UserFactory(DjangoModelFactory[User]):
    """A member of the staff."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    is_staff = True


class EventFactory(DjangoModelFactory[Event]):
    """A published event, open from 2 to 19 November 2021, decided on the 29th."""

    class Meta:
        model = Event

    slug = factory.Sequence(lambda n: f"event-{n}")
    title_en = "Study visit to Paris"
    title_fr = "Visite d’étude à Paris"
    summary_en = "Two mornings on the prison-exit continuum."
    summary_fr = "Deux matinées sur la sortie de prison."
    publisher_en = "European Commission"
    publisher_fr = "Commission européenne"
    organiser_en = "Radicalisation Awareness Network"
    organiser_fr = "Réseau de sensibilisation à la radicalisation"
    first_day = dt.date(2021, 12, 7)
    last_day = dt.date(2021, 12, 8)
    daily_start = dt.time(9)
    daily_end = dt.time(12, 30)
    venue_en = "Digital meeting"
    venue_fr = "Réunion en ligne"
    languages_en = "English, with English–French interpretation"
    languages_fr = "Anglais, avec interprétation anglais-français"
    places = 60
    opens_at = dt.datetime(2021, 11, 2, 9, tzinfo=PARIS)
    closes_at = dt.datetime(2021, 11, 19, 18, tzinfo=PARIS)
    decisions_at = dt.datetime(2021, 11, 29, 10, tzinfo=PARIS)
    promised_by = dt.date(2021, 11, 29)
    answer_by = dt.datetime(2021, 12, 3, 18, tzinfo=PARIS)
    published = True


class SessionFactory(DjangoModelFactory[Session]):
    """A half-hour of the first morning in French, interpreted into English."""

    class Meta:
        model = Session

    event = factory.SubFactory(EventFactory)
    key = factory.Sequence(lambda n: f"session-{n}")
    title_en = "Preparing a release"
    title_fr = "Préparer une sortie"
    speakers_en = "A probation officer"
    speakers_fr = "Une conseillère de probation"
    starts_at = dt.datetime(2021, 12, 7, 9, tzinfo=PARIS)
    ends_at = dt.datetime(2021, 12, 7, 9, 30, tzinfo=PARIS)
    floor_language = "fr"
    interpretation = "fr_en"


class ContactFactory(DjangoModelFactory[Contact]):
    """A person to ask."""

    class Meta:
        model = Contact

    event = factory.SubFactory(EventFactory)
    name = factory.Sequence(lambda n: f"Contact {n}")


class TargetGroupFactory(DjangoModelFactory[TargetGroup]):
    """A group of practitioners."""

    class Meta:
        model = TargetGroup

    event = factory.SubFactory(EventFactory)
    key = factory.Sequence(lambda n: f"group-{n}")
    label_en = "Psychologists"
    label_fr = "Psychologues"


class GuidingQuestionFactory(DjangoModelFactory[GuidingQuestion]):
    """A question that the event answers."""

    class Meta:
        model = GuidingQuestion

    event = factory.SubFactory(EventFactory)
    number = factory.Sequence(lambda n: n + 1)
    text_en = "How are cases handed over?"
    text_fr = "Comment les dossiers sont-ils transmis\u202f?"


class ReferenceFactory(DjangoModelFactory[Reference]):
    """A numbered source."""

    class Meta:
        model = Reference

    event = factory.SubFactory(EventFactory)
    number = factory.Sequence(lambda n: n + 1)
    text_en = "*Prisons and Terrorism*, 2020"
    text_fr = "*Prisons et terrorisme*, 2020"


class MembershipFactory(DjangoModelFactory[Membership]):
    """A member of an event's team, an organiser unless said otherwise; each works elsewhere, in Malta."""

    class Meta:
        model = Membership

    event = factory.SubFactory(EventFactory)
    user = factory.SubFactory(UserFactory)
    role = Membership.Role.ORGANISER
    organisation = factory.Sequence(lambda n: f"Review board {n}")
    country = "MT"
