"""The alarms of the promise clock: what is still open, told to organisers while there is time to put it right.

Seven, three and one days before the promise ends, at the beginning of that day in the event's zone; what would come
in a weekend comes on the Friday before, at noon. Two hours before the end comes the last one, whatever the day is.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events import promise
from events.models import Event
from questionnaire.models import LetterKind, LetterTemplate, Notice, Release
from questionnaire.states import State
from questionnaire.workflow import event_texts, letters, outbox, preflight, transitions, turns, wording
from questionnaire.workflow.promise import Figures, figures

NOON = dt.time(12)
HORIZON = dt.timedelta(days=12)
"""Days before the promised day from which an event is looked at: more than the first alarm and a weekend."""


class Stage(StrEnum):
    """The alarms, in their order."""

    SEVEN_DAYS = "7 days"
    THREE_DAYS = "3 days"
    ONE_DAY = "1 day"
    TWO_HOURS = "2 hours"


DAYS_BEFORE = {Stage.SEVEN_DAYS: 7, Stage.THREE_DAYS: 3, Stage.ONE_DAY: 1}


class Open(StrEnum):
    """What can still be open."""

    UNDECIDED = "undecided"
    UNSIGNED = "unsigned"
    UNTRANSLATED = "untranslated"
    NOT_ORDERED = "not_ordered"
    ORDER_UNSIGNED = "order_unsigned"
    UNSENT = "unsent"


_TEXTS = {
    Open.UNDECIDED: _("applications without a decision: %(number)d"),
    Open.UNSIGNED: _("decisions that no second person has signed: %(number)d"),
    Open.UNTRANSLATED: _("letters without an up-to-date text in every language: %(number)d"),
    Open.NOT_ORDERED: _("the release is not ordered"),
    Open.ORDER_UNSIGNED: _("no second person has signed the order to release"),
    Open.UNSENT: _("decision letters that failed or are late: %(number)d"),
}


@dataclass(frozen=True)
class Item:
    """Something that is open, how often, and the page of the administration where it is put right."""

    code: Open
    number: int
    url: str

    @property
    def text(self) -> str:
        """Return what is open, in the active language."""
        return str(_TEXTS[self.code]) % {"number": self.number}


@dataclass(frozen=True)
class Standing:
    """An event whose first alarm is past, with what is open. `stage` None: the promise has ended."""

    event: Event
    now: dt.datetime
    stage: Stage | None
    items: tuple[Item, ...]

    @property
    def time_left(self) -> str:
        """Return how long the promise can still be kept, in the active language."""
        return written_span(self.event.promise_ends_at - self.now)

    @property
    def last_working_day(self) -> dt.date:
        """Return the promised day, or the Friday before it where it lies in a weekend."""
        return promise.last_working_day(self.event.promised_by)


def moments(event: Event) -> dict[Stage, dt.datetime]:
    """Return when each alarm is due, in UTC and in order."""
    following_day = event.promised_by + dt.timedelta(days=1)
    due = {stage: _morning(event, following_day - dt.timedelta(days=days)) for stage, days in DAYS_BEFORE.items()}
    return {**due, Stage.TWO_HOURS: event.promise_ends_at - dt.timedelta(hours=2)}


def _morning(event: Event, day: dt.date) -> dt.datetime:
    """Return the beginning of a day, or noon of the Friday before where people are not at work on it."""
    working_day = promise.last_working_day(day)
    time = dt.time() if working_day == day else NOON
    return dt.datetime.combine(working_day, time, event.zone).astimezone(dt.UTC)


def stage_at(event: Event, now: dt.datetime) -> Stage | None:
    """Return the last alarm whose moment has come; None before the first and once the promise has ended."""
    passed = [stage for stage, moment in moments(event).items() if moment <= now < event.promise_ends_at]
    return passed[-1] if passed else None


def standings(rows: Iterable[Figures], *, now: dt.datetime) -> list[Standing]:
    """Return the events whose promise is at risk or broken, of those in `rows`; few queries, however many there are."""
    pressing = [row for row in rows if row.is_broken or stage_at(row.event, now)]
    events = [row.event for row in pressing]
    untranslated, unsent = _untranslated(events), _unsent(events, now)
    found = [
        Standing(row.event, now, stage_at(row.event, now), tuple(_open(row, untranslated, unsent))) for row in pressing
    ]
    return [standing for standing in found if standing.items or standing.stage is None]


def _open(row: Figures, untranslated: Counter[int], unsent: Counter[int]) -> list[Item]:
    """Return what is open for an event; nothing where nobody applied."""
    event, release = row.event, row.release
    to_release = row.received > 0 and (release is None or release.released_at is None)
    candidates = [
        Item(Open.UNDECIDED, row.undecided, _list("application", event, state=State.SUBMITTED)),
        Item(Open.UNSIGNED, row.unsigned, _list("application", event, state=State.PROPOSED)),
        Item(Open.UNTRANSLATED, untranslated[event.pk] if to_release else 0, _list("lettertemplate", event)),
        Item(Open.NOT_ORDERED, int(to_release and release is None), _release_page(event)),
        Item(Open.ORDER_UNSIGNED, int(to_release and _waits_for_signature(release)), _release_page(event)),
        Item(Open.UNSENT, unsent[event.pk], _list("letter", event, at_risk="decisions")),
    ]
    return [item for item in candidates if item.number]


def _waits_for_signature(release: Release | None) -> bool:
    return release is not None and release.signed_at is None


def _untranslated(events: Collection[Event]) -> Counter[int]:
    """Count the letters of the release, by event, that lack a language or in which one fell behind."""
    written = LetterTemplate.objects.filter(event__in=events, kind__in=preflight.NEEDED_LETTERS)
    whole = Counter(text.event_id for text in written if event_texts.is_complete(text) and not text.stale)
    return Counter({event.pk: len(preflight.NEEDED_LETTERS) - whole[event.pk] for event in events})


def _unsent(events: Collection[Event], now: dt.datetime) -> Counter[int]:
    """Count the decision letters that failed or are late, by event."""
    late = outbox.decisions_at_risk(events, now).order_by()
    return Counter(dict(late.values_list("event").annotate(number=Count("pk"))))


def _list(model: str, event: Event, **filters: str) -> str:
    """Return the address of a list of the administration, of one event."""
    address = reverse(f"admin:questionnaire_{model}_changelist")
    return f"{address}?{urlencode({'event': str(event.pk), **filters})}"


def _release_page(event: Event) -> str:
    return reverse("admin:questionnaire_release_event", args=[event.pk])


def sound_due(*, at: dt.datetime) -> int:
    """Write each alarm that is due and not told yet to the event's organisers; return how many letters.

    After an outage only the last alarm is told that was missed. Raises `letters.NoText` where the text lacks a
    language; the other events have had their turn then.
    """
    today = at.date()
    near = Event.objects.filter(promised_by__gte=today - dt.timedelta(days=2), promised_by__lte=today + HORIZON)
    waiting = [event for event in near if stage_at(event, at) is not None]
    if not waiting:
        return 0
    told = set(Notice.objects.filter(event__in=waiting, kind=LetterKind.PROMISE_AT_RISK).values_list("event", "key"))
    untold = [event for event in waiting if (event.pk, _key(event, at)) not in told]
    return turns.take(standings(figures(untold, now=at), now=at), _sound)


def _key(event: Event, at: dt.datetime) -> str:
    """Return what names an alarm: a promise that is moved has alarms of its own."""
    return f"{event.promised_by} {stage_at(event, at)}"


@transaction.atomic
def _sound(standing: Standing) -> int:
    """Write an alarm once, and put on record that it was told."""
    event, now = transitions.lock_event(standing.event.pk), standing.now
    _notice, is_new = Notice.objects.get_or_create(
        event=event,
        kind=LetterKind.PROMISE_AT_RISK,
        key=_key(standing.event, now),
        defaults={"noted_at": now, "told_at": now},
    )
    if not is_new:
        return 0
    return len(letters.queue_to_organisers(LetterKind.PROMISE_AT_RISK, event, lambda: _values(standing), at=now))


def _values(standing: Standing) -> dict[str, str]:
    """Return what the letter says, in the active language."""
    return {
        "time_left": standing.time_left,
        "last_working_day": event_texts.written_day(standing.last_working_day),
        "open_items": "\n".join(f"– {item.text}" for item in standing.items),
        wording.ADMIN_LINK: settings.BASE_URL + _release_page(standing.event),
    }


def written_span(span: dt.timedelta) -> str:
    """Write a time to come in its largest unit, rounded down, in the active language: days from two on."""
    hours, minutes = divmod(max(0, int(span.total_seconds()) // 60), 60)
    if hours >= 48:
        days = hours // 24
        return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}
    if hours:
        return ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours}
    return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}
