"""What pages show, and for how long."""

import datetime as dt

import pytest
from django.utils import translation

from events import pages
from events.models import Event, Window
from events.tests.factories import PARIS, EventFactory, ReferenceFactory

BEFORE = dt.datetime(2021, 11, 1, tzinfo=PARIS)
OPEN = dt.datetime(2021, 11, 10, tzinfo=PARIS)
CLOSED = dt.datetime(2021, 11, 25, tzinfo=PARIS)
ON_THE_PROMISED_DAY = dt.datetime(2021, 11, 29, 23, 59, 59, tzinfo=PARIS)
AFTER = dt.datetime(2021, 11, 30, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("now", "changes_at"),
    [
        (BEFORE, dt.datetime(2021, 11, 2, tzinfo=PARIS)),  # a day less to the promise
        (dt.datetime(2021, 11, 2, tzinfo=PARIS), dt.datetime(2021, 11, 2, 9, tzinfo=PARIS)),
        (dt.datetime(2021, 11, 19, 9, tzinfo=PARIS), dt.datetime(2021, 11, 19, 18, tzinfo=PARIS)),
        (CLOSED, dt.datetime(2021, 11, 26, tzinfo=PARIS)),
        (ON_THE_PROMISED_DAY, AFTER),
        (AFTER, None),
    ],
)
def test_a_page_holds_until_it_would_read_differently(now: dt.datetime, changes_at: dt.datetime | None) -> None:
    assert pages.next_change([EventFactory.build()], now) == changes_at


def test_a_page_counts_no_days_once_everybody_has_an_answer() -> None:
    answered = EventFactory.build(answered_at=CLOSED)
    assert pages.Offer(answered, CLOSED).days_left is None
    assert pages.next_change([answered], CLOSED) == AFTER


def test_a_page_of_several_events_changes_with_the_first_of_them() -> None:
    now = dt.datetime(2021, 11, 10, 12, tzinfo=PARIS)
    later = EventFactory.build(opens_at=dt.datetime(2021, 11, 10, 15, tzinfo=PARIS))
    assert pages.next_change([EventFactory.build(), later], now) == later.opens_at
    assert pages.next_change([], now) is None


@pytest.mark.parametrize(
    ("now", "window", "promise_holds"),
    [
        (BEFORE, Window.NOT_YET, True),
        (OPEN, Window.OPEN, True),
        (CLOSED, Window.CLOSED, True),
        (ON_THE_PROMISED_DAY, Window.CLOSED, True),
        (AFTER, Window.CLOSED, False),
    ],
)
def test_offer(now: dt.datetime, window: Window, promise_holds: bool) -> None:
    offer = pages.Offer(EventFactory.build(), now)
    assert (offer.window, offer.is_open, offer.promise_holds) == (window, window == Window.OPEN, promise_holds)


@pytest.mark.django_db
def test_notes_know_every_place_that_points_to_them() -> None:
    event = EventFactory(why_en="One[^1], two[^2], one again[^1].", aim_en="And in the aim[^1].")
    for number in (1, 2, 3):
        ReferenceFactory(event=event, number=number)
    context = pages.event_context(pages.Offer(Event.objects.get(), OPEN))
    assert [len(note.places) for note in context["notes"]] == [3, 1, 0]
    for note in context["notes"]:
        for place in note.places:
            assert f'id="{place}"' in context["why"] + context["aim"]


@pytest.mark.django_db
def test_texts_are_those_of_the_active_language() -> None:
    EventFactory(why_en="Why", why_fr="Pourquoi")
    with translation.override("fr"):
        assert pages.event_context(pages.Offer(Event.objects.get(), OPEN))["why"] == "<p>Pourquoi</p>"
