"""Reasons are true: each counterfactual is solved again by trying all panels, and gives what was said."""

from dataclasses import replace
from fractions import Fraction

import pytest

from questionnaire.tests.selection_problems import HOW_MANY, best, holding, ids, person, points, random_problems
from questionnaire.workflow.selection import (
    Bound,
    Candidate,
    Explainer,
    Explanation,
    Infeasible,
    PinConflict,
    Problem,
    Quota,
    Shift,
    Suggestion,
    Target,
    explain,
    suggest,
    sweep,
)


def solved(count: int) -> list[tuple[Problem, Suggestion]]:
    """Give random problems that have a panel."""
    found = []
    for problem in random_problems(count, start=20_000):
        try:
            found.append((problem, suggest(problem)))
        except (Infeasible, PinConflict):
            continue
    return found


def with_limit(problem: Problem, bound: Bound, limit: int) -> Problem:
    """Move one limit."""
    if bound.kind == "organisation":
        return replace(problem, per_org=limit)
    return replace(
        problem,
        quotas=[
            moved if (q.attribute, q.value) == (bound.attribute, bound.value) else q
            for q in problem.quotas
            for moved in [replace(q, min=limit) if bound.side == "min" else replace(q, max=limit)]
        ],
    )


def with_seats(problem: Problem, capacity: int, kept: tuple[str, ...] = ()) -> Problem:
    """Give other places, and some people who keep theirs."""
    return replace(problem, capacity=capacity, pinned_in=problem.pinned_in | set(kept))


def test_each_reason_holds_when_solved_again() -> None:
    seen = set()
    for problem, suggestion in solved(HOW_MANY // 6):
        for candidate in problem.candidates:
            why = explain(problem, suggestion, candidate.id)
            seen.add(why.code)
            assert why.selected == (candidate.id in suggestion.selected)
            if not why.code.startswith("pinned"):
                assert_forced_panel(problem, suggestion, candidate, why)
            if not why.selected and why.code != "pinned_out":
                assert_limits_open(problem, why)
                assert_first_capacity(problem, suggestion, why)
    assert seen >= {"pinned_in", "pinned_out", "needed", "selected", "impossible", "score"}


def assert_forced_panel(problem: Problem, suggestion: Suggestion, candidate: Candidate, why: Explanation) -> None:
    """Force the person the other way: the loss and the panel are as they were said to be."""
    side = "pinned_out" if why.selected else "pinned_in"
    panel = best(replace(problem, **{side: getattr(problem, side) | {candidate.id}}))
    if panel is None:
        assert why.points_missing is None
        return
    assert why.points_missing == suggestion.total - points(panel)
    assert ids(panel) == (set(suggestion.selected) - set(why.displaced) | set(why.entering)) ^ {candidate.id}


def assert_limits_open(problem: Problem, why: Explanation) -> None:
    """Raise each full limit step by step: the person is in at the number that was given, and not before."""
    for full in why.full_quotas:
        last = full.opens_at or full.bound.limit + 3
        for limit in range(full.bound.limit + 1, last + 1):
            panel = best(with_limit(problem, full.bound, limit))
            assert panel is not None
            assert (why.id in ids(panel)) == (limit == full.opens_at)


def assert_first_capacity(problem: Problem, suggestion: Suggestion, why: Explanation) -> None:
    """Add places one by one, the present panel kept."""
    for capacity in range(problem.capacity + 1, (why.first_capacity or len(problem.candidates)) + 1):
        panel = best(with_seats(problem, capacity, suggestion.selected))
        assert (panel is not None and why.id in ids(panel)) == (capacity == why.first_capacity)


def test_the_loss_of_everyone_is_that_of_each() -> None:
    for problem, suggestion in solved(HOW_MANY // 10):
        within = Fraction(3)
        listed = dict(Explainer(problem, suggestion).points_missing(within))
        for candidate in problem.candidates:
            missing = explain(problem, suggestion, candidate.id).points_missing
            assert listed.get(candidate.id) == (missing if missing is not None and missing <= within else None)


def test_sweeps_hold_when_solved_again() -> None:
    gains = 0
    for problem, suggestion in solved(HOW_MANY // 6):
        swept = sweep(problem, suggestion, range(1, 4))
        for step in swept.seats:
            assert_shift(suggestion, step.anew, with_seats(problem, step.capacity))
            assert_shift(suggestion, step.kept, with_seats(problem, step.capacity, suggestion.selected))
            assert not step.kept.leaving
        assert len({quota.bound for quota in swept.quotas}) == len(swept.quotas)
        for quota in swept.quotas:
            moved = with_limit(problem, quota.bound, quota.to)
            assert quota.gain == max(map(points, holding(moved))) - suggestion.total
            if quota.gain:
                assert_shift(suggestion, quota.shift, moved)
                gains += 1
        for id, capacity in swept.first_in.items():  # noqa: A001
            assert capacity == min(step.capacity for step in swept.seats if id in step.kept.entering)
    assert gains > 5


def assert_shift(suggestion: Suggestion, shift: Shift, problem: Problem) -> None:
    panel = best(problem)
    if panel is None:
        assert shift == Shift(None)
        return
    assert shift.total == points(panel)
    assert ids(panel) == set(suggestion.selected) - set(shift.leaving) | set(shift.entering)


def two_countries() -> Problem:
    """Give the case of the board: one country is full, another has to be there."""
    people = [person(f"fr{n}", 9, country="FR", minute=n) for n in range(3)]
    people += [person("de1", 6, country="DE"), person("de2", 5, country="DE"), person("it1", 4, country="IT")]
    quotas = [Quota(attribute="country", value="FR", max=2), Quota(attribute="country", value="IT", min=1)]
    return Problem(candidates=people, capacity=4, quotas=quotas)


def test_full_quota_tie_and_need_have_their_own_codes() -> None:
    problem = two_countries()
    suggestion = suggest(problem)
    assert suggestion.selected == ("de1", "fr0", "it1", "fr1")  # in tie order
    third = explain(problem, suggestion, "fr2")
    assert (third.code, third.points_missing, third.displaced) == ("tie", 0, ("fr1",))
    assert [(full.bound.value, full.bound.limit, full.opens_at) for full in third.full_quotas] == [("FR", 2, 3)]
    needed = explain(problem, suggestion, "it1")
    assert (needed.code, needed.points_missing) == ("needed", None)
    assert [full.bound.side for full in needed.full_quotas] == ["min"]
    second = explain(problem, suggestion, "de2")
    assert (second.code, second.points_missing, second.first_capacity) == ("score", 1, 5)


def test_a_better_person_behind_a_full_quota() -> None:
    problem = two_countries()
    people = [replace(c, marks=(8,)) if c.id == "fr2" else c for c in problem.candidates]
    problem = replace(problem, candidates=people)
    why = explain(problem, suggest(problem), "fr2")
    assert (why.code, why.points_missing) == ("quota", 1)


def test_a_cap_by_organisation_is_raised_for_all_of_them() -> None:
    marks = {"u1": 9, "v1": 8, "w1": 1, "u2": 6, "v2": 7}
    people = [person(name, mark, org=name[0]) for name, mark in marks.items()]
    problem = Problem(candidates=people, capacity=3, per_org=1)
    suggestion = suggest(problem)
    opening = {name: explain(problem, suggestion, name).full_quotas[0].opens_at for name in ("u2", "v2")}
    assert opening == {"u2": None, "v2": 2}  # a second person from each: v2 comes, and u2 stays behind
    (step,) = sweep(problem, suggestion).quotas
    assert (step.bound.kind, step.bound.value, step.to, step.gain) == ("organisation", "", 2, 6)
    assert (step.shift.entering, step.shift.leaving) == (("v2",), ("w1",))


def test_a_target_as_the_reason() -> None:
    people = [person("a", 9, gender="m"), person("b", 8, gender="m"), person("c", 8, gender="f", minute=9)]
    wish = Target(attribute="gender", value="f", share=Fraction(1, 2))
    problem = Problem(candidates=people, capacity=2, targets=[wish])
    assert explain(problem, suggest(problem), "b").code == "target"


def test_nobody_unknown_is_explained() -> None:
    problem = two_countries()
    with pytest.raises(KeyError):
        explain(problem, suggest(problem), "nobody")
