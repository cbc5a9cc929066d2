"""Runs of the selection: made, kept with their inputs, changed by hand, restored, made again to the same answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from events.models import Event
from questionnaire.models import Application, Pin, SelectionRun
from questionnaire.workflow import candidates, selection, transitions
from questionnaire.workflow.candidates import Pool

Origin = SelectionRun.Origin
BY_HAND = "by hand"  # instead of a solver's version


class NothingToChange(Exception):
    """There is no selection yet that somebody could be moved in or out of, or the person is no candidate."""


@dataclass(frozen=True)
class Check:
    """What a run is worth when it is looked at again.

    `violations` were found without a solver; `same_answer` says whether solving again gives the same, None where
    there was no solver.
    """

    violations: tuple[selection.Violation, ...]
    same_answer: bool | None

    @property
    def holds(self) -> bool:
        """Return whether the run is what it claims to be."""
        return not self.violations and self.same_answer is not False


@dataclass(frozen=True)
class Move:
    """What came of moving somebody: the run, the marks that it costs, who else moved.

    `obstacle` is set where no selection keeps every quota with this choice: then nobody else moved.
    """

    run: SelectionRun
    cost: Fraction
    entering: tuple[str, ...]
    leaving: tuple[str, ...]
    obstacle: selection.SelectionError | None = None


def problem_of(run: SelectionRun) -> selection.Problem:
    """Return the problem that a run answers."""
    return _unpacked(bytes(run.packed_inputs))


@lru_cache(maxsize=2)
def _unpacked(packed_inputs: bytes) -> selection.Problem:
    """Read a problem, the last ones from memory: each page of a board of thousands asks for the same one."""
    return selection.load_problem(SelectionRun.unpack(packed_inputs))


def suggestion_of(run: SelectionRun) -> selection.Suggestion:
    """Return the answer that a run gives."""
    return selection.load_suggestion(run.result)


def points_of(run: SelectionRun) -> Fraction:
    """Return what a mark of the run is worth on the scale from 0 to 10."""
    return Fraction(run.points)


def may_show_inputs(run: SelectionRun) -> bool:
    """Return whether the inputs may leave the house: they hold the lottery's seed, secret until it is published."""
    return problem_of(run).seed is None or bool(run.event.lottery_seed)


def current(event: Event) -> SelectionRun | None:
    """Return the run that the board shows: the last one made."""
    return event.selection_runs.select_related("by", "event").first()


def latest(event: Event, number: int) -> list[SelectionRun]:
    """Return the last runs made, the newest first, without what is long."""
    return list(event.selection_runs.select_related("by").defer("packed_inputs", "result")[:number])


def scenarios(event: Event) -> list[SelectionRun]:
    """Return the runs with a name, the newest first, without what is long."""
    return list(event.selection_runs.exclude(name="").select_related("by").defer("packed_inputs", "result"))


def suggest(
    event: Event, *, by: User | None, at: dt.datetime, everyone: bool = False, places: int | None = None
) -> SelectionRun:
    """Solve with what the database holds now and keep the run. Raises `selection.SelectionError`."""
    pool = candidates.pool(event, everyone=everyone, places=places)
    suggestion = selection.suggest(pool.problem)
    return _keep(event, pool, suggestion, Origin.SOLVED, by=by, at=at, everyone=everyone, places=places)


@transaction.atomic
def move(application: Application, side: Pin.Side | None, *, reason: str, by: User, at: dt.datetime) -> Move:
    """Place somebody in or out, or leave them to the suggestion again (None), and arrange the others around it.

    The choice always stands. Where no selection keeps every quota with it, this person alone is moved, and the
    board shows what is broken. Raises `NothingToChange`, or `selection.SelectionError` where not even that can be.
    """
    event = transitions.lock_event(application.event_id)
    before = current(event)
    if before is None:
        raise NothingToChange
    _pin(application, side, reason=reason, by=by, at=at)
    pool = candidates.pool(event, everyone=before.everyone, places=before.places)
    if application.public_id not in {candidate.id for candidate in pool.problem.candidates}:
        raise NothingToChange
    old = suggestion_of(before)
    obstacle: selection.SelectionError | None = None
    try:
        new = selection.suggest(pool.problem)
    except (selection.Infeasible, selection.PinConflict) as error:
        obstacle = error
        new = _by_hand(pool.problem, _moved(old.selected, application.public_id, side))
    origin = Origin.BY_HAND if obstacle else Origin.SOLVED
    run = _keep(event, pool, new, origin, by=by, at=at, everyone=before.everyone, places=before.places)
    return Move(
        run,
        cost=old.total * points_of(before) / pool.points - new.total,
        entering=tuple(person for person in new.selected if person not in old.selected),
        leaving=tuple(person for person in old.selected if person not in new.selected),
        obstacle=obstacle,
    )


def _moved(panel: Collection[str], person: str, side: Pin.Side | None) -> set[str]:
    return {*panel, person} if side == Pin.Side.IN else set(panel) - ({person} if side == Pin.Side.OUT else set())


def _by_hand(problem: selection.Problem, panel: Collection[str]) -> selection.Suggestion:
    """Return a panel as it was put together, in the order of submission, with its total and no claim to be the best."""
    chosen = sorted(
        (candidate for candidate in problem.candidates if candidate.id in panel),
        key=lambda candidate: (candidate.submitted_at, candidate.id),
    )
    if unscored := [candidate.id for candidate in chosen if not candidate.marks]:
        raise selection.ScoreMissing(tuple(sorted(unscored)))
    total = sum((Fraction(sum(candidate.marks), len(candidate.marks)) for candidate in chosen), Fraction(0))
    return selection.Suggestion(
        selected=tuple(candidate.id for candidate in chosen),
        total=total,
        bound=total,
        proven=False,
        certificate=None,
        input_sha256=selection.problem_sha256(problem),
        solver=BY_HAND,
        nodes=0,
    )


def _pin(application: Application, side: Pin.Side | None, *, reason: str, by: User, at: dt.datetime) -> None:
    application.pins.filter(lifted_at=None).update(lifted_at=at, lifted_by=by)
    if side is not None:
        Pin.objects.create(application=application, side=side, reason=reason, by=by, at=at)


def _keep(
    event: Event,
    pool: Pool,
    suggestion: selection.Suggestion,
    origin: SelectionRun.Origin,
    *,
    by: User | None,
    at: dt.datetime,
    everyone: bool,
    places: int | None,
) -> SelectionRun:
    return SelectionRun.objects.create(
        event=event,
        origin=origin,
        everyone=everyone,
        places=places,
        packed_inputs=SelectionRun.pack(selection.problem_json(pool.problem)),
        input_sha256=suggestion.input_sha256,
        points=str(pool.points),
        scores=pool.scores,
        result=selection.suggestion_json(suggestion),
        solver=suggestion.solver,
        by=by,
        at=at,
    )


def name(run: SelectionRun, title: str) -> None:
    """Keep a run as a scenario under a name."""
    run.name = title
    run.save(update_fields=["name"])


@transaction.atomic
def restore(run: SelectionRun, *, by: User, at: dt.datetime) -> SelectionRun:
    """Make an earlier run the one that the board shows, with those placed by hand in it."""
    transitions.lock_event(run.event_id)
    problem = problem_of(run)
    wanted = {
        **dict.fromkeys(problem.pinned_in, Pin.Side.IN),
        **dict.fromkeys(problem.pinned_out, Pin.Side.OUT),
    }
    active = Pin.objects.filter(application__event=run.event_id, lifted_at=None).select_related("application")
    for pin in active:
        if wanted.get(pin.application.public_id) == pin.side:
            del wanted[pin.application.public_id]
        else:
            _pin(pin.application, None, reason="", by=by, at=at)
    reason = _("Restored with the scenario “%(name)s”.") % {"name": run}
    for application in Application.objects.filter(event=run.event_id, public_id__in=wanted):
        _pin(application, wanted[application.public_id], reason=reason, by=by, at=at)
    copy = SelectionRun.objects.get(pk=run.pk)
    copy.pk, copy.name, copy.by, copy.at = None, "", by, at
    copy.save(force_insert=True)
    return copy


def is_outdated(run: SelectionRun) -> bool:
    """Return whether applications, scores, quotas, rules or people placed by hand have changed since the run."""
    return not is_made_of(run, candidates.pool(run.event, everyone=run.everyone, places=run.places))


def is_made_of(run: SelectionRun, pool: Pool) -> bool:
    """Return whether a run answers exactly this problem, with marks that are worth the same."""
    if (pool.points, pool.scores) != (points_of(run), run.scores):
        return False
    return selection.problem_sha256(pool.problem) == run.input_sha256


def check(run: SelectionRun) -> Check:
    """Look at a run again: its bounds, its total and its proof without the solver, then solve it once more."""
    problem, kept = problem_of(run), suggestion_of(run)
    published = _check_seed(problem, run.event)
    if run.origin == Origin.BY_HAND:
        return Check((*published, *_check_by_hand(problem, kept)), None)
    violations = (*published, *selection.verify(problem, kept))
    try:
        again = selection.suggest(problem)
    except selection.SelectionError:
        return Check(violations, same_answer=False)
    return Check(violations, same_answer=replace(again, solver=kept.solver) == kept)


def _check_seed(problem: selection.Problem, event: Event) -> tuple[selection.Violation, ...]:
    """Compare the lottery's seed with the hash that was published before the reviews."""
    if problem.tie != "lottery" or problem.seed is None:
        return ()
    as_published = selection.seed_commitment(problem.seed) == event.lottery_commitment
    return () if as_published else (selection.Violation(code="seed"),)


def _check_by_hand(problem: selection.Problem, kept: selection.Suggestion) -> tuple[selection.Violation, ...]:
    """Compare with the panel put together again: it claims a total and nothing more."""
    again = _by_hand(problem, kept.selected)
    found = []
    if again.input_sha256 != kept.input_sha256:
        found.append(selection.Violation(code="input"))
    if (again.selected, again.total) != (kept.selected, kept.total):
        found.append(selection.Violation(code="total"))
    return tuple(found)
