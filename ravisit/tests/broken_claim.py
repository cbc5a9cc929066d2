"""A worker of a rehearsal whose claim is broken on purpose: it looks, waits, and takes what another may have taken."""

import datetime as dt
import time
import uuid

import django

from ravisit.rehearsal.worker import app

django.setup()

from questionnaire.models import Letter, LetterStatus  # noqa: E402 - as the worker itself would, after the set-up
from questionnaire.workflow import outbox  # noqa: E402

__all__ = ["app"]


def claim_without_a_lock(now: dt.datetime, limit: int) -> outbox.Claim:
    """Return letters that are due, whoever else may be sending them."""
    token = uuid.uuid4()
    rows = Letter.objects.filter(due_at__lte=now).exclude(status=LetterStatus.SENT).select_related("access_token")
    letters = tuple(rows.order_by("due_at", "pk")[:limit])
    time.sleep(0.3)
    lease = now + dt.timedelta(minutes=15)
    ids = [letter.pk for letter in letters]
    Letter.objects.filter(pk__in=ids).update(status=LetterStatus.SENDING, due_at=lease, claim_token=token)
    return outbox.Claim(token, letters)


def always_ours(claim: outbox.Claim, letter: Letter, now: dt.datetime) -> bool:
    """Never ask whether somebody else has the letter."""
    return True


outbox.claim = claim_without_a_lock
outbox._is_still_ours = always_ours
