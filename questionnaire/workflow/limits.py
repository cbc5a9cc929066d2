"""At most so many letters a minute, in all and to one domain, however many senders there are.

The database counts, in the transaction that claims; without limits nothing is asked and nothing is locked. A letter
that finds its domain's minute full is due again when one may hope for a place, in the order of the queue, and lets
the others pass.
"""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

from questionnaire.models import Letter, SendingRate

MINUTE = dt.timedelta(minutes=1)
ALL = ""


def are_set() -> bool:
    """Return whether there is any limit."""
    return bool(settings.LETTERS_PER_MINUTE or settings.LETTERS_PER_MINUTE_PER_DOMAIN)


def left(now: dt.datetime, most: int) -> int:
    """Return how many letters may still leave in this minute, `most` at the most; other senders wait for the answer.

    Called in the transaction of the claim.
    """
    if not settings.LETTERS_PER_MINUTE:
        return most
    return int(min(most, max(0, settings.LETTERS_PER_MINUTE - _rate(ALL, now).letters)))


def admit(letters: Sequence[Letter], now: dt.datetime) -> list[Letter]:
    """Return those of the letters that may leave now, counted; the others are put off until a later minute."""
    admitted = list(letters)
    if settings.LETTERS_PER_MINUTE_PER_DOMAIN:
        # Locked in one order by all senders, so that no two wait for each other.
        rates = {domain: _rate(domain, now) for domain in sorted(map(_domain, letters))}
        admitted = [letter for letter in letters if _has_room(letter, rates[_domain(letter)])]
        for rate in rates.values():
            rate.save(update_fields=["minute", "letters", "next_at"])
    if settings.LETTERS_PER_MINUTE:
        total = _rate(ALL, now)
        total.letters += len(admitted)
        total.save(update_fields=["minute", "letters", "next_at"])
    return admitted


def forget(before: dt.datetime) -> None:
    """Forget to which domains letters went, but for those that a count is still kept for at a moment."""
    SendingRate.objects.exclude(domain=ALL).filter(minute__lt=before - MINUTE, next_at__lt=before).delete()


def _has_room(letter: Letter, rate: SendingRate) -> bool:
    """Count a letter for its domain, or put it off where the minute is full; return which."""
    if rate.letters < settings.LETTERS_PER_MINUTE_PER_DOMAIN:
        rate.letters += 1
        return True
    rate.next_at = max(rate.next_at + MINUTE / settings.LETTERS_PER_MINUTE_PER_DOMAIN, rate.minute + MINUTE)
    Letter.objects.filter(pk=letter.pk).update(due_at=rate.next_at)
    return False


def _domain(letter: Letter) -> str:
    return letter.recipient.rpartition("@")[2].lower()


def _rate(domain: str, now: dt.datetime) -> SendingRate:
    """Return the count of a domain for this minute, locked until the transaction ends."""
    minute = now.replace(second=0, microsecond=0)
    locked = SendingRate.objects.select_for_update().filter(domain=domain)
    rate = locked.first()
    if rate is None:
        new = SendingRate(domain=domain, minute=minute, next_at=minute)
        SendingRate.objects.bulk_create([new], ignore_conflicts=True)
        rate = locked.get()
    if rate.minute != minute:
        rate.minute, rate.letters, rate.next_at = minute, 0, max(rate.next_at, minute)
    return rate
