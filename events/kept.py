"""What a process keeps in memory of an event, as long as the event stays as it is."""

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from django.db import transaction

from events.models import Event

MOST_KEPT = 32
"""Events of which something is kept at once."""

Content = TypeVar("Content")


class KeptByVersion(Generic[Content]):
    """Content of events, read once for each `Event.version`; called as a function, it returns that of an event.

    What is read must never change without the version (see `events.publishing`). What a transaction reads is kept
    once it commits: before, it may be what nobody else ever sees.
    """

    def __init__(self, read: Callable[[Event], Content]) -> None:
        self._read = read
        self._kept: dict[tuple[int, int], Content] = {}

    def __call__(self, event: Event) -> Content:
        """Return the content of an event, as it stands at its version."""
        key = (event.pk, event.version)
        content = self._kept.get(key)
        if content is None:
            content = self._read(event)
            transaction.on_commit(partial(self._keep, key, content))
        return content

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Keep nothing any more."""
        self._kept.clear()

    def _keep(self, key: tuple[int, int], content: Content) -> None:
        """Keep the content in place of the event's former one, or of those kept longest."""
        for other in [other for other in list(self._kept) if other[0] == key[0]]:
            self._kept.pop(other, None)
        self._kept[key] = content
        for other in list(self._kept)[:-MOST_KEPT]:
            self._kept.pop(other, None)
