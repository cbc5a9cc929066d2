"""Statements for the last minute: a query finds what it finds as Django runs it, and what is inserted is all there."""

import datetime as dt

import pytest
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from events import prepared
from events.models import Event, Membership
from events.prepared import PreparedQuery
from events.tests.factories import EventFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def published(slug: str) -> QuerySet[Event]:
    """Return an event by its slug, with a few of its columns."""
    return Event.objects.filter(slug=slug, published=True).only("slug", "opens_at")


def of_user(username: str) -> QuerySet[Membership]:
    """Return the memberships of a user, with what stands in two other tables."""
    return Membership.objects.filter(user__username=username).select_related("user", "event").order_by("pk")


def test_each_text_finds_its_own_row() -> None:
    paris, graz = EventFactory(published=True), EventFactory(published=True)
    query = PreparedQuery(published)
    assert [query.first(slug) for slug in (paris.slug, graz.slug, "none", "")] == [paris, graz, None, None]


def test_a_row_is_found_as_it_stands_now() -> None:
    event = EventFactory(published=True)
    query = PreparedQuery(published)
    assert query.first(event.slug).opens_at == event.opens_at
    earlier = event.opens_at - dt.timedelta(hours=1)
    Event.objects.filter(pk=event.pk).update(opens_at=earlier)
    assert query.first(event.slug).opens_at == earlier
    Event.objects.filter(pk=event.pk).update(published=False)
    assert query.first(event.slug) is None


def test_a_row_is_what_the_query_itself_returns(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Joined rows are there, and what was left out is read when it is asked for."""
    membership, event = MembershipFactory(), EventFactory(published=True)
    username = membership.user.username
    with django_assert_num_queries(1):
        found = PreparedQuery(of_user).first(username)
        assert (found, found.user.username, found.event.slug) == (membership, username, membership.event.slug)
    with django_assert_num_queries(1):
        lean = PreparedQuery(published).first(event.slug)
    assert lean.get_deferred_fields() == published(event.slug).get().get_deferred_fields()
    with django_assert_num_queries(1):
        assert lean.title_en == event.title_en


def test_the_sql_is_made_once() -> None:
    made: list[str] = []

    def noted(slug: str) -> QuerySet[Event]:
        made.append(slug)
        return published(slug)

    query = PreparedQuery(noted)
    for slug in ("one", "two", "three"):
        query.first(slug)
    assert len(made) == 1


ON_POSTGRESQL = [pytest.param(number, marks=pytest.mark.postgres) for number in (0, 1, 3)]


@pytest.mark.parametrize("number", [0, 1, 3, *ON_POSTGRESQL])
def test_all_that_is_inserted_is_there(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    event, users = EventFactory(), UserFactory.create_batch(number)
    rows = [(event.pk, user.pk, "reviewer", f'Prison {{{user.pk}}}, "né"', "FR", "fr") for user in users]
    columns = ("event", "user", "role", "organisation", "country", "language")
    with django_assert_num_queries(min(number, 1)):
        prepared.insert(Membership, columns, rows)
    stored = Membership.objects.order_by("user")
    assert [tuple(getattr(one, Membership._meta.get_field(name).attname) for name in columns) for one in stored] == rows
    assert len({one.pk for one in stored}) == number


@pytest.mark.parametrize("number", [0, 1, 3, *ON_POSTGRESQL])
def test_all_that_is_updated_has_changed_and_nothing_else(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other, *members = MembershipFactory.create_batch(1 + number)
    event = EventFactory()
    with django_assert_num_queries(min(number, 1)):
        prepared.update(Membership, [one.pk for one in members], {"event": event.pk, "organisation": "100 % {né}"})
    changed = Membership.objects.filter(event=event, organisation="100 % {né}").order_by("pk")
    assert list(changed) == members
    assert [one.user for one in changed] == [one.user for one in members]
    assert Membership.objects.get(pk=other.pk).organisation == other.organisation
