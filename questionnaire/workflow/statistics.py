"""An event in figures: how applications came in, from where, and how far the review and the selection are."""

import datetime as dt
import zoneinfo
from collections import Counter
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from events.countries import country_name
from events.models import Event, Membership
from events.team import name_of
from questionnaire.models import Application, Assignment, Option, Question, Review, Severity
from questionnaire.states import State
from questionnaire.workflow import balance, promise
from questionnaire.workflow.balance import Standing
from questionnaire.workflow.promise import Figures

MOST_DAYS = 62  # beyond, the curve is drawn by weeks


@dataclass(frozen=True)
class Share:
    """How many applications have one value; `key` is the value, `label` what people call it."""

    key: str
    label: str
    number: int


@dataclass(frozen=True)
class Period:
    """A day, or a week, and how many applications were begun and submitted in it."""

    first: dt.date
    last: dt.date
    begun: int
    submitted: int


@dataclass(frozen=True)
class Progress:
    """How far a reviewer is: `assigned` are to be reviewed by them, conflicts of interest left out.

    `severity` is None until it has been computed.
    """

    id: int
    name: str
    assigned: int
    begun: int
    done: int
    conflicts: int
    severity: Severity | None = None

    @property
    def to_do(self) -> int:
        """Return how many reviews are not finished."""
        return max(0, self.assigned - self.done)


@dataclass(frozen=True)
class Statistics:
    """The figures of an event. Countries, target groups and languages count what was received."""

    figures: Figures
    periods: list[Period]
    states: list[Share]
    countries: list[Share]
    target_groups: list[Share]
    languages: list[Share]
    reviewers: list[Progress]
    quotas: list[Standing]


def statistics(event: Event, *, now: dt.datetime) -> Statistics:
    """Return the figures of an event with labels in the active language; as many queries whatever their number."""
    [figures] = promise.figures([event], now=now)
    countries, groups, languages = _attributes(event)
    return Statistics(
        figures=figures,
        periods=periods(event, now=now),
        states=_states(figures),
        countries=_largest_first({code: country_name(code) for code in countries}, countries),
        target_groups=_in_order(_group_labels(event), groups),
        languages=_in_order({code: str(name) for code, name in settings.LANGUAGES}, languages),
        reviewers=reviewers(event),
        quotas=balance.standings(event),
    )


def periods(event: Event, *, now: dt.datetime) -> list[Period]:
    """Return each day, or week, from the opening to now or the close, and whatever lies outside of that."""
    begun = _by_day(event.applications.all(), "created_at", event.zone)
    submitted = _by_day(event.applications.filter(submitted_at__isnull=False), "submitted_at", event.zone)
    opens, closes, today = (moment.astimezone(event.zone).date() for moment in (event.opens_at, event.closes_at, now))
    days = sorted({*begun, *submitted, *([opens, min(today, closes)] if opens <= today else [])})
    if not days:
        return []
    step = dt.timedelta(days=1 if (days[-1] - days[0]).days < MOST_DAYS else 7)
    first = days[0]
    found = []
    while first <= days[-1]:
        last = first + step - dt.timedelta(days=1)
        found.append(Period(first, last, _within(begun, first, last), _within(submitted, first, last)))
        first += step
    return found


def _by_day(rows: QuerySet[Application], column: str, zone: zoneinfo.ZoneInfo) -> dict[dt.date, int]:
    days = rows.order_by().values_list(TruncDate(column, tzinfo=zone)).annotate(number=Count("pk"))
    return dict(days)


def _within(numbers: dict[dt.date, int], first: dt.date, last: dt.date) -> int:
    return sum(number for day, number in numbers.items() if first <= day <= last)


def _states(figures: Figures) -> list[Share]:
    numbers: Counter[str] = Counter()
    for (state, _outcome), number in figures.applications.items():
        numbers[state] += number
    return [Share(state, str(state.label), numbers[state]) for state in State if numbers[state]]


def _attributes(event: Event) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Count countries, target groups and languages in one query: there are few combinations of them."""
    countries, groups, languages = Counter[str](), Counter[str](), Counter[str]()
    rows = Application.objects.received().filter(event=event).order_by()
    for country, group, language, number in rows.values_list("country", "target_group", "language").annotate(
        number=Count("pk")
    ):
        countries[country] += number
        groups[group] += number
        languages[language] += number
    return countries, groups, languages


def _group_labels(event: Event) -> dict[str, str]:
    options = Option.objects.filter(question__event=event, question__fills=Question.Fills.TARGET_GROUP)
    return {option.key: option.label for option in options.order_by("order", "key")}


def _in_order(labels: dict[str, str], numbers: Counter[str]) -> list[Share]:
    """Return every value that there is, those without a number too, then what has no label."""
    others = sorted(numbers.keys() - labels.keys())
    return [Share(key, labels.get(key, key), numbers[key]) for key in [*labels, *others]]


def _largest_first(labels: dict[str, str], numbers: Counter[str]) -> list[Share]:
    shares = [Share(key, labels[key], number) for key, number in numbers.items()]
    return sorted(shares, key=lambda share: (-share.number, share.label))


def reviewers(event: Event) -> list[Progress]:
    """Return how far each reviewer of the event is, and whoever else has reviewed."""
    received = Application.objects.received().filter(event=event)
    reviews = Review.objects.filter(application__in=received).order_by()
    rows = reviews.values_list("reviewer").annotate(
        opened=Count("pk", filter=Q(conflict=False)),
        done=Count("pk", filter=Q(mean_score__isnull=False)),
        conflicts=Count("pk", filter=Q(conflict=True)),
    )
    by_person = {person: (opened, done, conflicts) for person, opened, done, conflicts in rows}
    standing = Assignment.objects.standing().filter(application__in=received).order_by()
    assigned = dict(standing.values_list("reviewer").annotate(number=Count("pk")))
    members = Membership.objects.filter(event=event, role=Membership.Role.REVIEWER).values("user")
    people = User.objects.filter(Q(pk__in=members) | Q(pk__in=by_person)).order_by("last_name", "first_name", "pk")
    severities = {row.reviewer_id: row for row in Severity.objects.filter(event=event)}
    progress = []
    for person in people:
        opened, done, conflicts = by_person.get(person.pk, (0, 0, 0))
        figures = (assigned.get(person.pk, 0), opened - done, done, conflicts)
        progress.append(Progress(person.pk, name_of(person), *figures, severities.get(person.pk)))
    return progress
