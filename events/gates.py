"""What must be in order before an event is published. Apps that this one may not import register their checks here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from events.models import Event


@dataclass(frozen=True)
class Obstacle:
    """What stands between an event and its publication, in the active language, and the page that puts it right."""

    text: str
    url: str


Gate = Callable[[Event], Iterable[Obstacle]]
_gates: list[Gate] = []


def gate(check: Gate) -> Gate:
    """Decorate a function that says what stands between an event and its publication."""
    _gates.append(check)
    return check


def obstacles(event: Event) -> list[Obstacle]:
    """Return all that stands between an event and its publication."""
    return [obstacle for check in _gates for obstacle in check(event)]
