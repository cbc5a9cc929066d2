"""What a process keeps of an event: never out of date, and of a few events alone."""

import pytest
from django.db import transaction

from events import publishing
from events.kept import MOST_KEPT, KeptByVersion
from events.models import Event
from events.tests.factories import EventFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def title() -> KeptByVersion[str]:
    """Return a memory for the titles of events."""
    return KeptByVersion(lambda event: Event.objects.get(pk=event.pk).title)


def rename(event: Event, title: str) -> None:
    """Change the title as a screen does, along with the version."""
    Event.objects.filter(pk=event.pk).update(title_en=title)
    publishing.touch(event)
    event.refresh_from_db()


def test_a_new_version_takes_the_place_of_the_old(title: KeptByVersion[str]) -> None:
    event = EventFactory(title_en="Paris")
    assert (title(event), len(title)) == ("Paris", 1)
    Event.objects.filter(pk=event.pk).update(title_en="Lyon")
    assert title(event) == "Paris", "read a second time, though the version is the same"
    rename(event, "Graz")
    assert (title(event), len(title)) == ("Graz", 1)


def test_what_a_transaction_reads_is_kept_once_it_commits(title: KeptByVersion[str]) -> None:
    event = EventFactory(title_en="Paris")
    with transaction.atomic():
        title(event)
        assert len(title) == 0
    assert len(title) == 1


def test_what_is_undone_is_never_kept(title: KeptByVersion[str]) -> None:
    event = EventFactory(title_en="Paris")
    with transaction.atomic():
        rename(event, "Nowhere")
        assert title(event) == "Nowhere"
        transaction.set_rollback(True)
    rename(event, "Graz")
    assert title(event) == "Graz", "the version that was undone is given again, to something else"


def test_of_many_events_only_some_are_kept(title: KeptByVersion[str]) -> None:
    for event in EventFactory.create_batch(MOST_KEPT + 3):
        title(event)
    assert len(title) == MOST_KEPT
