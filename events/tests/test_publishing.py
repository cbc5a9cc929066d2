"""The version of the public content."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import transaction
from pytest_django import Settings
from redis import RedisError

from events import publishing
from events.models import Event
from events.publishing import content_version, touch
from events.tests.factories import EventFactory

pytestmark = pytest.mark.django_db
Capture = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]


def test_it_stays_while_nothing_changes(django_assert_num_queries: Any) -> None:
    EventFactory()
    first = content_version()
    with django_assert_num_queries(0):
        assert content_version() == first


def test_it_changes_when_the_change_is_committed(django_capture_on_commit_callbacks: Capture) -> None:
    event = EventFactory()
    before = content_version()
    with django_capture_on_commit_callbacks(execute=True):
        touch(event)
        assert content_version() == before
    assert content_version() != before
    event.refresh_from_db()
    assert event.version == 2


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_changes_nothing() -> None:
    event = EventFactory()
    before = content_version()
    with transaction.atomic():
        touch(event)
        transaction.set_rollback(True)
    assert content_version() == before


def test_another_process_sees_the_change_in_the_database() -> None:
    event = EventFactory()
    before = content_version()
    touch(event)  # committed elsewhere: this process hears nothing
    cache.clear()  # the time to live has passed
    assert content_version() != before


@pytest.mark.parametrize("change", [EventFactory, lambda: Event.objects.all().delete()])
def test_events_that_come_or_go_count(change: Callable[[], object]) -> None:
    EventFactory()
    before = content_version()
    change()
    cache.clear()
    assert content_version() != before


def test_a_shared_cache_that_is_down_takes_no_page_with_it(settings: Settings) -> None:
    settings.SHARED_CACHE_ERRORS = (RedisError,)
    EventFactory()
    with mock.patch.object(cache, "get_or_set", side_effect=RedisError):
        down = content_version()
    assert down == content_version()


@pytest.fixture
def _trusting(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CONTENT_VERSION_TRUST = 1
    monkeypatch.setattr(publishing, "_seen", publishing.Seen())


@pytest.mark.usefixtures("_trusting")
def test_for_a_second_the_shared_cache_is_not_even_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(publishing, "monotonic", lambda: now)
    before = content_version()
    cache.set(publishing.CONTENT_VERSION_KEY, "changed by another process")
    assert content_version() == before
    now += 1
    assert content_version() == "changed by another process"


@pytest.mark.usefixtures("_trusting")
def test_what_a_process_changes_itself_shows_there_at_once(django_capture_on_commit_callbacks: Capture) -> None:
    event = EventFactory()
    before = content_version()
    with django_capture_on_commit_callbacks(execute=True):
        touch(event)
    assert content_version() != before
