"""Events to test with: the dates are those of the Paris visit."""

import datetime as dt

import factory
from django.contrib.auth.models import User
from factory.django import DjangoModelFactory

from events.models import Event, Membership

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


class MembershipFactory(DjangoModelFactory[Membership]):
    """A member of an event's team, an organiser unless said otherwise."""

    class Meta:
        model = Membership

    event = factory.SubFactory(EventFactory)
    user = factory.SubFactory(UserFactory)
    role = Membership.Role.ORGANISER
