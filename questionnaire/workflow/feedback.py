"""What participants say of an event once it is over: asked once, kept without the person, shown as figures."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from events.models import Event
from questionnaire.models import Application, Feedback
from questionnaire.states import State
from questionnaire.workflow import transitions
from questionnaire.workflow.spreadsheet import Row, printable

SCALE = (1, 2, 3, 4, 5)
LEAST_SHOWN = 3
"""With fewer answers organisers see none: they could guess from whom they are."""


class CannotGive(Exception):
    """The event is not over, the person did not take part, or has said what they think before."""


@dataclass(frozen=True)
class Rating:
    """How often each mark was given, from 1 to 5, and their mean."""

    key: str
    label: str
    numbers: tuple[int, ...]

    @property
    def given(self) -> int:
        """Return how many people gave a mark."""
        return sum(self.numbers)

    @property
    def mean(self) -> float | None:
        """Return the mean mark, None where nobody gave one."""
        if not self.given:
            return None
        return sum(mark * number for mark, number in zip(SCALE, self.numbers, strict=True)) / self.given


@dataclass(frozen=True)
class Summary:
    """What was said of an event; the texts by question, in no order of time."""

    answers: int
    invited: int
    ratings: tuple[Rating, ...]
    texts: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def is_shown(self) -> bool:
        """Return whether there are enough answers for nobody to be recognised."""
        return self.answers >= LEAST_SHOWN


def can_give(application: Application, now: dt.datetime) -> bool:
    """Return whether somebody can say now what they think."""
    took_part = application.state == State.CONFIRMED
    return took_part and not application.feedback_given and now >= application.event.ends_at


@transaction.atomic
def give(application: Application, said: Mapping[str, int | str | None], *, language: str, now: dt.datetime) -> None:
    """Keep what somebody says, and that they have said it, with nothing that leads from one to the other.

    Raises `CannotGive`.
    """
    [current] = transitions.lock([application.pk])
    if not can_give(current, now):
        raise CannotGive
    Application.objects.filter(pk=current.pk).update(feedback_given=True)
    Feedback.objects.create(event=current.event, language=language, **said)


def summary(event: Event) -> Summary:
    """Return what was said of an event, in two queries."""
    rows = list(Feedback.objects.filter(event=event))
    shown = rows if len(rows) >= LEAST_SHOWN else []
    return Summary(
        answers=len(rows),
        invited=event.applications.filter(state=State.CONFIRMED).count(),
        ratings=tuple(_rating(key, str(label), shown) for key, label in Feedback.RATINGS.items()),
        texts=tuple(
            (str(label), tuple(text for row in shown if (text := getattr(row, key))))
            for key, label in Feedback.TEXTS.items()
        ),
    )


def _rating(key: str, label: str, rows: Iterable[Feedback]) -> Rating:
    marks = Counter(getattr(row, key) for row in rows)
    return Rating(key, label, tuple(marks[mark] for mark in SCALE))


def table(event: Event) -> tuple[Row, list[Row]]:
    """Return what was said as a table: its header and its rows, none where they are too few to be shown."""
    header: Row = [_("Language"), *map(str, Feedback.RATINGS.values()), *map(str, Feedback.TEXTS.values())]
    rows = list(Feedback.objects.filter(event=event))
    if len(rows) < LEAST_SHOWN:
        return header, []
    return header, [
        [
            row.language,
            *(getattr(row, key) for key in Feedback.RATINGS),
            *(printable(getattr(row, key)) for key in Feedback.TEXTS),
        ]
        for row in rows
    ]
