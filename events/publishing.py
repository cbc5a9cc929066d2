"""The version of what is kept of an event: it changes with each save, so that no page outlives what it shows."""

import math
import secrets
from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, F, Max, Sum

from events.models import Event

CONTENT_VERSION_KEY = "content-version"


@dataclass
class Seen:
    """The version that this process saw last, and until when it trusts that without asking for it."""

    version: str = ""
    until: float = -math.inf


_seen = Seen()


def touch(event: Event) -> None:
    """Record that something changed which is public of `event`, or kept of it; call it in the same transaction.

    The pages that are cached stop being served when that transaction commits. Another process follows within
    `CONTENT_VERSION_TRUST` seconds, without a shared cache within `CONTENT_VERSION_TTL`.
    """
    Event.objects.filter(pk=event.pk).update(version=F("version") + 1)
    announce_change()


def announce_change() -> None:
    """Let every cached page lapse once the present transaction commits."""
    transaction.on_commit(_set_new_version, robust=True)


def content_version() -> str:
    """Return a text that differs after every change of anything public."""
    now = monotonic()
    if now >= _seen.until:
        _seen.version = _shared_version()
        _seen.until = now + settings.CONTENT_VERSION_TRUST
    return _seen.version


def _shared_version() -> str:
    try:
        return str(cache.get_or_set(CONTENT_VERSION_KEY, _version_in_database, settings.CONTENT_VERSION_TTL))
    except settings.SHARED_CACHE_ERRORS:  # pages go on without the shared cache
        return _version_in_database()


def _set_new_version() -> None:
    _seen.until = -math.inf
    # A fresh name rather than a recount: of two commits at once, neither can put back the other's state.
    cache.set(CONTENT_VERSION_KEY, secrets.token_hex(8), settings.CONTENT_VERSION_TTL)


def _version_in_database() -> str:
    found = Event.objects.aggregate(rows=Count("pk"), newest=Max("pk"), changes=Sum("version"))
    return "{rows}-{newest}-{changes}".format(**found)
