"""Telling programs from people on the forms that send a letter to an address which anybody can type.

Programs fill in what no person sees, and within no time. Whoever is taken for one gets the form back with all that
was typed, and can send it again: a person loses some seconds, never a word.
"""

import datetime as dt
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.http import HttpRequest

TRAP = "page-topic"
OPENED = "page-opened"

_signer = signing.Signer(salt="questionnaire.opened")


class Doubt(StrEnum):
    """Why a form may have been sent by a program."""

    TRAPPED = "trapped"
    HURRIED = "hurried"


def doubt(request: HttpRequest, now: dt.datetime) -> Doubt | None:
    """Return why a form that was posted looks like the work of a program, or None."""
    if request.POST.get(TRAP):
        return Doubt.TRAPPED
    least = settings.MINIMUM_FILL_SECONDS
    opened = _opened_at(request) if least else None
    return Doubt.HURRIED if least and (opened is None or now.timestamp() - opened < least) else None


def stamp(request: HttpRequest, now: dt.datetime) -> str:
    """Return what a form carries so that it knows when it was opened: of one that comes back, the first time."""
    opened = _opened_at(request)
    return _signer.sign(str(now.timestamp() if opened is None else opened))


def context(request: HttpRequest, now: dt.datetime, found: Doubt | None = None) -> dict[str, object]:
    """Return what `questionnaire/_guard.html` and `_doubt.html` show."""
    return {"opened": stamp(request, now), "doubt": found, "trapped": request.POST.get(TRAP, "")}


def _opened_at(request: HttpRequest) -> float | None:
    """Return when the form that was posted was opened, in seconds; None where it does not say so, or not truly."""
    try:
        return float(_signer.unsign(request.POST.get(OPENED, "")))
    except signing.BadSignature:
        return None
