"""In the admin, the side of a text that fell behind is flagged until it is edited or said to be right."""

from typing import Any

import pytest
from django.test import Client

from events.models import Event, TargetGroup
from events.tests.admin_pages import client_of, form_of
from events.tests.factories import EventFactory, MembershipFactory, TargetGroupFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/events/event/"


@pytest.fixture
def event() -> Event:
    """Return an event."""
    return EventFactory()


@pytest.fixture
def client(event: Event) -> Client:
    """Return the organiser's browser."""
    return client_of(MembershipFactory(event=event).user)


def save(client: Client, event: Event, **changes: Any) -> None:
    """Save the event's page with changes."""
    url = f"{LIST}{event.pk}/change/"
    response = client.post(url, {**form_of(client, url), **changes})
    assert response.status_code == 302, response.context["errors"]
    event.refresh_from_db()


def test_the_other_language_falls_behind_and_catches_up(event: Event, client: Client) -> None:
    save(client, event, title_en="A visit to Paris")
    assert event.stale == ["title_fr"]
    save(client, event, title_fr="Une visite à Paris")
    assert event.stale == []


def test_both_changed_at_once_are_level(event: Event, client: Client) -> None:
    save(client, event, title_en="A visit to Paris", title_fr="Une visite à Paris")
    assert event.stale == []


def test_what_is_still_right_can_be_said_to_be(event: Event, client: Client) -> None:
    save(client, event, title_en="A visit to Paris")
    shown = client.get(f"{LIST}{event.pk}/change/").content.decode()
    assert shown.count("This text fell behind") == 1
    save(client, event, **{"title_fr-still-right": "on"})
    assert event.stale == []


def test_saving_something_else_leaves_the_flag(event: Event, client: Client) -> None:
    save(client, event, title_en="A visit to Paris")
    save(client, event, places="61")
    assert event.stale == ["title_fr"]


def test_line_ends_alone_are_no_change(event: Event, client: Client) -> None:
    Event.objects.update(why_en="One\nTwo", why_fr="Un\nDeux")
    save(client, event, why_en="One\r\nTwo", why_fr="Un\r\nDeux\r\nTrois")
    assert event.stale == ["why_en"]
    Event.objects.update(stale=[])
    save(client, event, why_en="One\r\nTwo")
    assert event.stale == []


def test_an_optional_text_that_is_empty_has_not_fallen_behind(event: Event, client: Client) -> None:
    Event.objects.update(published=False)
    save(client, event, why_en="Because", why_fr="")
    assert event.stale == []


def test_rows_below_are_flagged_too(event: Event, client: Client) -> None:
    group = TargetGroupFactory(event=event)
    save(client, event, **{"target_groups-0-label_fr": "Psys"})
    assert TargetGroup.objects.get().stale == ["label_en"]
    save(client, event, **{"target_groups-0-label_en-still-right": "on"})
    group.refresh_from_db()
    assert group.stale == []


def test_a_new_row_is_level(event: Event, client: Client) -> None:
    new = {"target_groups-0-key": "new", "target_groups-0-label_en": "New", "target_groups-0-label_fr": "Neuf"}
    save(client, event, **new)
    assert TargetGroup.objects.get().stale == []


def test_the_list_names_and_finds_them(event: Event, client: Client) -> None:
    save(client, event, title_en="A visit to Paris")
    level = EventFactory(title_en="Level")
    MembershipFactory(event=level, user=event.memberships.get().user)
    assert "Title (French)" in client.get(LIST).content.decode()
    assert "missing" not in client.get(LIST).content.decode()
    Event.objects.filter(pk=event.pk).update(venue_fr="")
    assert "Title (French) and Venue (French): missing" in client.get(LIST).content.decode()
    for choice, seen, unseen in (("behind", "A visit to Paris", "Level"), ("level", "Level", "A visit to Paris")):
        shown = client.get(f"{LIST}?translation={choice}").content.decode()
        assert f">{seen}</a>" in shown
        assert f">{unseen}</a>" not in shown
