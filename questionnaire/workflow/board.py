"""What the selection board shows of a run: how each quota stands, and each person with the reason in or out."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, partial

from django.db.models import Q
from django.utils.translation import gettext as _

from events.countries import country_name
from events.models import Event
from questionnaire.models import Application, Option, Pin, Question, SelectionRun
from questionnaire.workflow import calibrating, candidates, panel, ranks, reasons, runs, selection
from questionnaire.workflow.panel import Bar, Counted, Wish
from questionnaire.workflow.reasons import Words
from questionnaire.workflow.selection import Candidate

logger = logging.getLogger(__name__)

SOLVED_IN_A_LIST = 1_000  # candidates up to which everyone in a list is explained by solving again


class Show(StrEnum):
    """Which people of a run are listed."""

    ALL = "all"
    SELECTED = "in"
    OTHERS = "out"
    PINNED = "pinned"


@dataclass(frozen=True)
class Mean:
    """A mean and its place, from 1; both None where there is none."""

    score: Decimal | None
    rank: int | None


@dataclass(frozen=True)
class Person:
    """A candidate on the board; `rank` is their place by the run's score and the rule for ties, from 1.

    `raw` and `adjusted` are today's means with the place that each has among all that was received.
    `reason` and `cost` are sentences, proved by solving again where `explained`;
    `successor` says who would take the place, should it become free.
    """

    id: str
    pk: int
    rank: int
    name: str
    score: str
    raw: Mean
    adjusted: Mean
    disagree: bool
    selected: bool
    country: str
    target_group: str
    organisation: str
    language: str
    reason: str
    explained: bool
    cost: str
    successor: str
    pin: Pin | None


@dataclass(frozen=True)
class Board:
    """A run as people read it; `people` are those asked for, in the order of their ranks.

    `given_up` is what the wished shares cost, of the `tolerance`; both are empty where nothing may be given up.
    """

    candidates: int
    selected: int
    total: str
    bound: str
    proven: bool
    left_out: int
    by_lot: bool
    tolerance: str
    given_up: str
    bars: tuple[Bar, ...]
    wishes: tuple[Wish, ...]
    people: tuple[Person, ...]


class RunView:
    """A run with its problem read once."""

    def __init__(self, run: SelectionRun) -> None:
        self.run = run
        self.problem = runs.problem_of(run)
        self.suggestion = runs.suggestion_of(run)
        self.points = runs.points_of(run)
        self.selected = frozenset(self.suggestion.selected)
        self.pinned = self.problem.pinned_in | self.problem.pinned_out

    @property
    def by_lot(self) -> bool:
        """Return whether equal scores are decided by lot."""
        return self.problem.tie == "lottery"

    @property
    def tolerance(self) -> str:
        """Return what may be given up for the wished shares, in points; empty for nothing."""
        return Words({}, self.points).score(self.problem.tolerance) if self.problem.tolerance else ""

    @property
    def is_large(self) -> bool:
        """Return whether there are too many candidates to solve anew for each person of a list."""
        return len(self.problem.candidates) > SOLVED_IN_A_LIST

    @cached_property
    def ranked(self) -> list[Candidate]:
        """Return the candidates by score, equal ones by the rule for ties: the order of the waiting list too."""
        return candidates.by_score(self.problem)

    @cached_property
    def counts(self) -> Counted:
        """Count the pool and the selected by value and by organisation."""
        return Counted(self.problem.candidates, self.selected)

    def full_for(self, candidate: Candidate) -> list[selection.Bound]:
        """Return the maxima at their edge that keep somebody out who is not selected."""
        if candidate.id in self.selected:
            return []
        bound = partial(selection.Bound, side="max")
        found = [
            bound(kind="quota", attribute=quota.attribute, value=quota.value, limit=quota.max)
            for quota in self.problem.quotas
            if quota.max is not None
            and quota.value in candidate.values.get(quota.attribute, ())
            and self.counts.selected[quota.attribute, quota.value] >= quota.max
        ]
        cap = self.problem.per_org
        if cap is not None and candidate.org and self.counts.chosen[candidate.org] >= cap:
            found.append(bound(kind="organisation", value=candidate.org, limit=cap))
        return found

    def ids(self, show: Show, among: Collection[str] | None = None) -> list[str]:
        """Return the public ids of the people asked for, by rank; `among` narrows them further.

        Of those not selected, whoever was placed out by hand comes last: they do not wait for a place.
        """
        everyone = [candidate.id for candidate in self.ranked]
        wanted = {
            Show.ALL: frozenset(everyone),
            Show.SELECTED: self.selected,
            Show.OTHERS: frozenset(everyone) - self.selected,
            Show.PINNED: self.pinned,
        }[show]
        found = [name for name in everyone if name in wanted and (among is None or name in among)]
        return sorted(found, key=self.problem.pinned_out.__contains__) if show == Show.OTHERS else found

    def reserves(self) -> list[str]:
        """Return those who wait for a place, by rank: not selected, and not placed out by hand."""
        return [name for name in self.ids(Show.OTHERS) if name not in self.problem.pinned_out]


def score(candidate: Candidate, words: Words) -> str:
    """Return a candidate's mean in points, or a dash where there is no mark."""
    return words.score(Fraction(sum(candidate.marks), len(candidate.marks))) if candidate.marks else "–"


def search(event: Event, text: str) -> frozenset[str]:
    """Return the public ids of those in whose name or organisation each word of a text stands."""
    wanted = Q()
    for word in text.split():
        wanted &= Q(first_name__icontains=word) | Q(family_name__icontains=word) | Q(organisation__icontains=word)
    rows = Application.objects.received().filter(wanted, event=event)
    return frozenset(rows.values_list("public_id", flat=True))


def words_for(event: Event, error: selection.SelectionError) -> Words:
    """Return the words that an error needs."""
    return Words.of(event, Fraction(1), reasons.concerned(error))


def whole(run: SelectionRun) -> Board:
    """Return a run with all of its candidates."""
    view = RunView(run)
    return board(view, view.ids(Show.ALL))


def board(view: RunView, ids: Collection[str]) -> Board:
    """Return a run with the people in `ids`; as many queries however many they are."""
    explained = _explanations(view, ids)
    named = frozenset(ids).union(*(reasons.named_in(why) for why in explained.values()))
    named |= {candidate.org for candidate in view.problem.candidates if candidate.id in named and candidate.org}
    successors = _successors(view, ids)
    named |= {name for name in successors.values() if name}
    words = Words.of(view.run.event, view.points, named, by_lot=view.by_lot)
    suggestion = view.suggestion
    return Board(
        candidates=len(view.problem.candidates),
        selected=len(view.selected),
        total=words.score(suggestion.total),
        bound=words.score(suggestion.bound),
        proven=suggestion.proven,
        left_out=_left_out(view),
        by_lot=view.by_lot,
        tolerance=view.tolerance,
        given_up=words.score(suggestion.bound - suggestion.total) if view.tolerance and suggestion.proven else "",
        bars=tuple(panel.bars(view.problem, view.counts, words)),
        wishes=tuple(panel.wishes(view.problem, view.counts, words)),
        people=tuple(_people(view, ids, explained, successors, words)),
    )


def _left_out(view: RunView) -> int:
    known = {candidate.id for candidate in view.problem.candidates}
    waiting = view.run.event.applications.to_be_decided().values_list("public_id", flat=True)
    return sum(name not in known for name in waiting)


def _explanations(view: RunView, ids: Collection[str]) -> dict[str, selection.Explanation]:
    """Explain people, of a large run one alone; nothing follows from the bounds of a panel put together by hand.

    Where quotas are so intricate that the solver gives up, the others are told at a glance.
    """
    if not view.suggestion.proven or (view.is_large and len(ids) > 1):
        return {}
    found = {}
    try:
        explainer = selection.Explainer(view.problem, view.suggestion)
        for name in ids:
            found[name] = explainer.explain(name)
    except (selection.NodeLimit, selection.SolverFailure):
        logger.warning("run %s: explained %d of %d people", view.run.pk, len(found), len(ids))
    return found


def _successors(view: RunView, ids: Iterable[str]) -> dict[str, str | None]:
    """Return who would take each place alone so that every bound holds, by public id; None for nobody."""
    wanted = view.selected.intersection(ids)
    if not wanted or view.run.origin == SelectionRun.Origin.BY_HAND:
        return {}
    table = selection.replacement_table(view.problem, view.suggestion)
    return {name: table[name] for name in wanted}


def _people(
    view: RunView,
    ids: Collection[str],
    explained: dict[str, selection.Explanation],
    successors: dict[str, str | None],
    words: Words,
) -> Iterator[Person]:
    event = view.run.event
    applications = {row.public_id: row for row in Application.objects.filter(event=event, public_id__in=list(ids))}
    groups = _target_groups(event)
    pins = Pin.objects.filter(application__event=event, lifted_at=None).select_related("by")
    pin_of = {pin.application_id: pin for pin in pins}
    place = {candidate.id: (rank, candidate) for rank, candidate in enumerate(view.ranked, 1)}
    places = ranks.ranks(event)
    for name in ids:
        rank, candidate = place[name]
        application = applications.get(name)
        if application is None:  # erased since
            continue
        why = explained.get(name)
        yield Person(
            id=name,
            pk=application.pk,
            rank=rank,
            name=str(application),
            score=score(candidate, words),
            raw=_mean(application.mean_score, places.raw),
            adjusted=_mean(application.adjusted_score, places.adjusted),
            disagree=calibrating.disagree(application.spread),
            selected=name in view.selected,
            country=country_name(application.country),
            target_group=groups.get(application.target_group, application.target_group),
            organisation=application.organisation,
            language=application.get_language_display(),
            reason=words.reason(why) if why else words.at_a_glance(view.full_for(candidate)),
            explained=why is not None,
            cost=words.cost(why) if why else "",
            successor=_successor(name, successors, words),
            pin=pin_of.get(application.pk),
        )


def _mean(score: Decimal | None, places: Mapping[Decimal, int]) -> Mean:
    return Mean(score, None if score is None else places.get(score))


def _successor(name: str, successors: dict[str, str | None], words: Words) -> str:
    if name not in successors:
        return ""
    follower = successors[name]
    if follower is None:
        return _("Nobody could take this place alone so that every quota holds.")
    return _("If this place becomes free: %(name)s.") % {"name": words.people([follower])}


def _target_groups(event: Event) -> dict[str, str]:
    options = Option.objects.filter(question__event=event, question__fills=Question.Fills.TARGET_GROUP)
    return {option.key: option.label for option in options}


def total(run: SelectionRun) -> str:
    """Return the score of a run in points."""
    return Words({}, runs.points_of(run)).score(runs.suggestion_of(run).total)
