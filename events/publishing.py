"""The version of what is kept of an event: it changes with each save, so that no page outlives what it shows."""

import secrets

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, F, Max, Sum

from events.models import Event

CONTENT_VERSION_KEY = "content-version"


def touch(event: Event) -> None:
    """Record that something changed which is public of `event`, or kept of it; call it in the same transaction.

    The pages that are cached stop being served when that transaction commits. Another process without
    a shared cache follows within `CONTENT_VERSION_TTL` seconds.
    """
    Event.objects.filter(pk=event.pk).update(version=F("version") + 1)
    announce_change()


def announce_change() -> None:
    """Let every cached page lapse once the present transaction commits."""
    transaction.on_commit(_set_new_version, robust=True)


def content_version() -> str:
    """Return a text that differs after every change of anything public."""
    try:
        return str(cache.get_or_set(CONTENT_VERSION_KEY, _version_in_database, settings.CONTENT_VERSION_TTL))
    except settings.SHARED_CACHE_ERRORS:  # pages go on without the shared cache
        return _version_in_database()


def _set_new_version() -> None:
    # A fresh name rather than a recount: of two commits at once, neither can put back the other's state.
    cache.set(CONTENT_VERSION_KEY, secrets.token_hex(8), settings.CONTENT_VERSION_TTL)


def _version_in_database() -> str:
    found = Event.objects.aggregate(rows=Count("pk"), newest=Max("pk"), changes=Sum("version"))
    return "{rows}-{newest}-{changes}".format(**found)
