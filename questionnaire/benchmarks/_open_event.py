"""A published event that is open for applications, with every letter, for benchmarks that bring their own questions."""

import datetime as dt
from typing import Any

from events import bilingual
from events.models import Event
from questionnaire.models import LetterKind, LetterTemplate

DAY = dt.timedelta(days=1)


def in_both_languages(column: str, text: str) -> dict[str, Any]:
    """Return the columns of a text that is the same in every language."""
    return {f"{column}_{code}": text for code in bilingual.CODES}


def make(slug: str, *, now: dt.datetime) -> Event:
    """Return the event; it closes a day after `now`."""
    closes_at = now + DAY
    event = Event.objects.create(
        slug=slug,
        **in_both_languages("title", "Study visit"),
        first_day=(closes_at + 9 * DAY).date(),
        last_day=(closes_at + 9 * DAY).date(),
        daily_start=dt.time(9),
        daily_end=dt.time(12, 30),
        places=20,
        opens_at=now - DAY,
        closes_at=closes_at,
        decisions_at=closes_at + DAY,
        promised_by=(closes_at + 2 * DAY).date(),
        answer_by=closes_at + 5 * DAY,
        published=True,
    )
    texts = in_both_languages("subject", "s") | in_both_languages("body", "b")
    LetterTemplate.objects.bulk_create(LetterTemplate(event=event, kind=kind, **texts) for kind in LetterKind)
    return event
