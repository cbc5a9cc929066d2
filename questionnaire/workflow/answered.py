"""Whether the promise was kept: when each answer was handed over to the mail server, and who still has none."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _t

from events.models import Event
from events.publishing import touch
from questionnaire.models import DECISION_KINDS, Application, Letter, LetterStatus, Transition
from questionnaire.states import State
from questionnaire.workflow.spreadsheet import Row, printable

MINUTE = dt.timedelta(minutes=1)
MOST_INTERVALS = 30
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)  # stands before every time


def answers() -> QuerySet[Letter]:
    """Return the letters by which applicants learn the decision, without those that were taken back."""
    return Letter.objects.filter(kind__in=DECISION_KINDS).exclude(status=LetterStatus.CANCELLED)


def _promised() -> QuerySet[Application]:
    """Return those who have an answer coming: who applied, and not who was sent in a colleague's place."""
    sent = Transition.objects.filter(application=OuterRef("pk"), from_state=State.DRAFT, to_state=State.ACCEPTED)
    return Application.objects.received().filter(~Exists(sent))


def note_due(*, at: dt.datetime) -> int:
    """Put on record, and on the event's page, that everybody has an answer; return for how many events."""
    handed_over = answers().filter(application=OuterRef("pk"), status=LetterStatus.SENT)
    without = _promised().filter(~Exists(handed_over), event=OuterRef("pk"))
    released = Event.objects.filter(answered_at=None, release__released_at__lte=at)
    return sum(_note(event) for event in released.exclude(Exists(without)))


@transaction.atomic
def _note(event: Event) -> bool:
    last = answers().filter(event=event, status=LetterStatus.SENT).aggregate(last=Max("sent_at"))["last"]
    if last is None:
        return False
    Event.objects.filter(pk=event.pk, answered_at=None).update(answered_at=last)
    touch(event)
    return True


@dataclass(frozen=True)
class Line:
    """A person and their answer: the letter, and when it was handed over; None while it was not, or is not written."""

    application: Application
    letter: Letter | None

    @property
    def sent_at(self) -> dt.datetime | None:
        """Return when the mail server took the letter, in UTC."""
        return self.letter.sent_at if self.letter is not None else None

    @property
    def kind(self) -> str:
        """Return which answer it is, in the active language."""
        return self.letter.get_kind_display() if self.letter is not None else _t("not written")

    @property
    def status(self) -> str:
        """Return how far the letter is, in the active language."""
        return self.letter.get_status_display() if self.letter is not None else ""


@dataclass(frozen=True)
class Interval:
    """A stretch of time from `begins` to before `ends`, and how many answers were handed over in it."""

    begins: dt.datetime
    ends: dt.datetime
    number: int
    so_far: int


@dataclass(frozen=True)
class Report:
    """When the answers of an event were handed over to the mail server; those that wait come first."""

    event: Event
    lines: list[Line]

    @cached_property
    def times(self) -> list[dt.datetime]:
        """Return when answers were handed over, in order."""
        return sorted(line.sent_at for line in self.lines if line.sent_at is not None)

    @property
    def missing(self) -> int:
        """Return how many people have an answer coming that was not handed over."""
        return len(self.lines) - len(self.times)

    @property
    def in_time(self) -> int:
        """Return how many answers were handed over before the promise ended."""
        return sum(time < self.event.promise_ends_at for time in self.times)

    @property
    def late(self) -> int:
        """Return how many answers were handed over after the promise had ended."""
        return len(self.times) - self.in_time

    @property
    def median(self) -> dt.datetime | None:
        """Return the time by which half of the answers had been handed over."""
        return self.times[(len(self.times) - 1) // 2] if self.times else None

    @cached_property
    def intervals(self) -> list[Interval]:
        """Return the time from the first answer to the last, in `MOST_INTERVALS` parts or fewer of whole minutes."""
        if not self.times:
            return []
        first = self.times[0].replace(second=0, microsecond=0)
        span = self.times[-1] - first
        step = dt.timedelta(minutes=span // (MOST_INTERVALS * MINUTE) + 1)
        numbers = Counter((time - first) // step for time in self.times)
        edges = [first + step * number for number in range(max(numbers) + 2)]
        totals = accumulate(numbers[number] for number in range(max(numbers) + 1))
        return [
            Interval(begins, ends, numbers[number], total)
            for number, ((begins, ends), total) in enumerate(zip(pairwise(edges), totals, strict=True))
        ]


def report(event: Event) -> Report:
    """Return how the promise was kept to each person who applied and did not withdraw, or was answered all the same."""
    letters = {letter.application_id: letter for letter in answers().filter(event=event).defer("mime")}
    concerned = Q(pk__in=_promised().filter(event=event)) | Q(pk__in=letters)
    people = Application.objects.filter(concerned).order_by("family_name", "first_name", "pk")
    lines = [Line(person, letters.get(person.pk)) for person in people]
    return Report(event, sorted(lines, key=lambda line: line.sent_at or NEVER))


def header() -> Row:
    """Return the names of the columns of the table, in the active language."""
    return [_t("number"), _t("family name"), _t("first name"), _t("answer"), _t("status"), _t("handed over (UTC)")]


def rows(found: Report) -> list[Row]:
    """Return the table as it is taken out, in the active language."""
    return [
        [
            line.application.public_id,
            printable(line.application.family_name),
            printable(line.application.first_name),
            line.kind,
            line.status,
            f"{line.sent_at:%Y-%m-%dT%H:%M:%SZ}" if line.sent_at else None,
        ]
        for line in found.lines
    ]
