"""What was posted or asked for beside a form, where no field checks it."""

from collections.abc import Iterable

from django.core.exceptions import BadRequest
from django.http import HttpRequest

MOST_DIGITS = 18
"""Of a number that every database takes as an id."""


def text(request: HttpRequest, name: str) -> str:
    """Return a text as a database takes it: without NUL, and without space around it; empty where there is none."""
    return request.POST.get(name, "").replace("\0", "").strip()


def number(written: str) -> int | None:
    """Return the number that is written, as a database takes it; None for anything else."""
    is_number = written.isascii() and written.isdecimal() and len(written) <= MOST_DIGITS
    return int(written) if is_number else None


def numbers(texts: Iterable[str]) -> frozenset[int]:
    """Return the numbers that are written. Raises `BadRequest` where one is none."""
    found = [number(written) for written in texts]
    if None in found:
        raise BadRequest("not a list of ids")
    return frozenset(pk for pk in found if pk is not None)
