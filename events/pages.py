"""Pages that are the same for everyone: what they show, and how long each holds."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Self

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from events import agenda, markup, promise
from events.models import Event, Reference, Window
from events.publishing import content_version

TEXTS = ("why", "aim", "practical")

MAX_RENDERED = 256
RENDERED: dict[tuple[object, ...], str] = {}
"""What `page_of_event` rendered in this process, by everything that it depends on."""


class PublicPage(HttpResponse):
    """A page that depends on nothing but its address, its language and the public content.

    It may be kept and served to anyone without asking the database while the content has `version`
    and until `valid_until` (UTC); None means that time alone does not change it.
    """

    version: str
    valid_until: dt.datetime | None

    @classmethod
    def from_template(
        cls, request: HttpRequest, template: str, context: dict[str, Any], valid_until: dt.datetime | None = None
    ) -> Self:
        """Render a template as a page that holds until `valid_until`."""
        return cls.from_text(render_to_string(template, context, request), valid_until)

    @classmethod
    def from_text(cls, text: str, valid_until: dt.datetime | None) -> Self:
        """Make a page of what was rendered."""
        page = cls(text)
        page.valid_until = valid_until
        return page


def public(view: Callable[..., PublicPage]) -> Callable[..., PublicPage]:
    """Decorate a view that makes public pages: it answers GET and HEAD alone, and notes the version."""

    @require_safe
    @wraps(view)
    def noting_version(request: HttpRequest, **kwargs: Any) -> PublicPage:
        # Before the content is read: a change in between makes the page lapse at once.
        version = content_version()
        page = view(request, **kwargs)
        page.version = version
        return page

    return noting_version


def next_change(events: Iterable[Event], now: dt.datetime) -> dt.datetime | None:
    """Return the next moment after `now` at which the page of one of `events` changes by itself."""
    return min((moment for event in events for moment in _changes(event, now)), default=None)


def _changes(event: Event, now: dt.datetime) -> list[dt.datetime]:
    """Return the moments after `now` at which the page of an event changes: with each day while it counts them."""
    moments = [event.opens_at, event.closes_at, event.promise_ends_at]
    if Offer(event, now).days_left is not None:
        moments.append(promise.next_midnight(event, now))
    return [moment for moment in moments if moment > now]


@dataclass(frozen=True)
class Offer:
    """An event as it stands at one moment."""

    event: Event
    now: dt.datetime

    @property
    def window(self) -> Window:
        """Return whether one can apply."""
        return self.event.window(self.now)

    @property
    def is_open(self) -> bool:
        """Return whether one can apply now."""
        return self.window == Window.OPEN

    @property
    def promise_holds(self) -> bool:
        """Return whether the promised day is still to come, or today."""
        return self.now < self.event.promise_ends_at

    @property
    def days_left(self) -> int | None:
        """Return the days until the promised day; None where nothing is left to promise."""
        is_due = self.promise_holds and self.event.answered_at is None
        return promise.days_left(self.event, self.now) if is_due else None


def page_of_event(
    request: HttpRequest, template: str, offer: Offer, make_context: Callable[[Offer], dict[str, Any]]
) -> PublicPage:
    """Return a page of one event, rendered once for each version and standing of the event.

    So it costs one query, the one that found the event, after changes to others and when time alone
    makes the page lapse.
    """
    event = offer.event
    key = (template, get_language(), event.pk, event.version, offer.window, offer.promise_holds, offer.days_left)
    if key not in RENDERED:
        if len(RENDERED) >= MAX_RENDERED:
            RENDERED.clear()
        RENDERED[key] = render_to_string(template, make_context(offer), request)
    return PublicPage.from_text(RENDERED[key], next_change([event], offer.now))


@dataclass(frozen=True)
class Note:
    """A numbered note, with the places in the texts that point to it."""

    reference: Reference
    text: SafeString
    places: tuple[str, ...]


def event_context(offer: Offer) -> dict[str, Any]:
    """Return what the page of an event shows, in the active language."""
    event = offer.event
    references = list(event.references.all())
    numbers = frozenset(reference.number for reference in references)
    texts = {name: markup.render(getattr(event, name) or "", name, numbers) for name in TEXTS}
    links = [link for text in texts.values() for link in text.note_links]
    return {
        "event": event,
        "offer": offer,
        "hours": agenda.opening_hours(event),
        "contacts": list(event.contacts.all()),
        "guiding_questions": list(event.guiding_questions.all()),
        "target_groups": list(event.target_groups.all()),
        "notes": [
            Note(reference, markup.render(reference.text, "notes").html, _places(reference, links))
            for reference in references
        ],
        **{name: text.html for name, text in texts.items()},
    }


def _places(reference: Reference, links: Iterable[markup.NoteLink]) -> tuple[str, ...]:
    return tuple(link.id for link in links if link.number == reference.number)


def agenda_context(offer: Offer) -> dict[str, Any]:
    """Return what the agenda page of an event shows, in the active language."""
    event = offer.event
    return {
        "event": event,
        "offer": offer,
        "hours": agenda.opening_hours(event),
        "days": agenda.days(event.sessions.all(), event.zone),
    }
