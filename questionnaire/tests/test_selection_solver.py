"""The suggestion: the best panel, the one that the tie order singles out, and always the same one."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations, product
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaire.benchmarks._candidates import synthetic
from questionnaire.tests.selection_problems import (
    HOW_MANY,
    best,
    holding,
    in_order,
    person,
    points,
    random_problem,
    random_problems,
)
from questionnaire.workflow.selection import (
    Candidate,
    Infeasible,
    InvalidProblem,
    NodeLimit,
    PinConflict,
    Problem,
    Quota,
    ScoreMissing,
    Suggestion,
    Target,
    search,
    suggest,
    suggestion_json,
    verify,
)
from questionnaire.workflow.selection.problem import integer_scores
from questionnaire.workflow.selection.targets import aims, miss_penalty

FEW = settings(max_examples=40, deadline=None)
SEEDS = st.integers(0, 10**9)


def suggestion_for(problem: Problem) -> Suggestion | None:
    """Suggest, or give None where no panel holds."""
    try:
        return suggest(problem)
    except (Infeasible, PinConflict):
        return None


def test_every_small_problem_is_solved_as_by_trying_all_panels() -> None:
    solved = 0
    for problem in random_problems(HOW_MANY):
        panel, suggestion = best(problem), suggestion_for(problem)
        if panel is None:
            assert suggestion is None
            continue
        assert suggestion is not None
        assert suggestion.selected == tuple(c.id for c in panel)
        assert suggestion.total == suggestion.bound == points(panel)
        assert suggestion.proven
        assert verify(problem, suggestion) == []
        solved += 1
    assert HOW_MANY / 3 < solved < HOW_MANY  # both outcomes are among them


def test_targets_come_after_the_bounds_and_within_the_tolerance() -> None:
    for problem in random_problems(HOW_MANY // 3, targets=True):
        panels, suggestion = holding(problem), suggestion_for(problem)
        if suggestion is None:
            assert not panels
            continue
        most = max(map(points, panels))
        wished = aims(problem.targets, problem.capacity)

        def missed(panel: tuple[Candidate, ...]) -> int:
            return sum(miss_penalty(a, sum(a.value in c.values[a.attribute] for c in panel)) for a in wished)  # noqa: B023

        near = [panel for panel in panels if points(panel) >= most - (problem.tolerance if wished else 0)]
        first = min(near, key=lambda panel: (missed(panel), -points(panel)))
        assert suggestion.selected == tuple(c.id for c in first)
        assert (suggestion.total, suggestion.bound) == (points(first), most)
        assert verify(problem, suggestion) == []


@pytest.mark.parametrize("tolerance", [0, 5, 30, 100])
def test_wished_shares_of_an_ordinary_event_are_proven_within_few_nodes(tolerance: int) -> None:
    wishes = [
        Target(attribute="gender", value="f", share=Fraction(1, 2)),
        Target(attribute="gender", value="m", share=Fraction(9, 20)),
        Target(attribute="group", value="prison", share=Fraction(1, 5), weight=2),
        Target(attribute="language", value="fr", share=Fraction(1, 4)),
    ]
    problem = replace(synthetic(200, 60), targets=wishes, tolerance=Fraction(tolerance))
    suggestion = suggest(problem, max_nodes=200)
    assert suggestion.proven
    assert suggestion.bound - suggestion.total <= tolerance
    assert verify(problem, suggestion) == []


def test_without_tolerance_a_target_costs_no_point() -> None:
    people = [person("a", 9, gender="m"), person("b", 8, gender="m"), person("c", 8, gender="f", minute=9)]
    wish = Target(attribute="gender", value="f", share=Fraction(1, 2))
    problem = Problem(candidates=people, capacity=2, targets=[wish])
    assert suggest(replace(problem, targets=[])).selected == ("a", "b")
    assert suggest(problem).selected == ("a", "c")  # the tie goes to the target, not to the time
    people[2] = person("c", 7, gender="f", minute=9)
    assert suggest(problem).selected == ("a", "b")
    assert suggest(replace(problem, tolerance=Fraction(1))).selected == ("a", "c")


def test_two_exact_attributes_are_an_assignment_problem() -> None:
    random = Random(7)
    for _ in range(10):
        worth = {cell: random.randint(0, 100) for cell in product("abcde", "vwxyz")}
        people = [person(row + column, mark, row=row, column=column) for (row, column), mark in worth.items()]
        once = [
            Quota(attribute=a, value=v, min=1, max=1) for a, vs in (("row", "abcde"), ("column", "vwxyz")) for v in vs
        ]
        assigned = max(sum(worth[cell] for cell in zip("abcde", order, strict=True)) for order in permutations("vwxyz"))
        assert suggest(Problem(candidates=people, capacity=5, quotas=once)).total == assigned


def test_scores_are_means_whatever_the_number_of_reviews() -> None:
    people = [person("three", 7, 8, 8), person("two", 7, 8), person("one", 7)]
    suggestion = suggest(Problem(candidates=people, capacity=2))
    assert set(suggestion.selected) == {"three", "two"}
    assert suggestion.total == Fraction(23, 3) + Fraction(15, 2)


def test_scores_are_the_smallest_whole_numbers_with_their_unit() -> None:
    assert integer_scores([person("a", 10), person("b", 20), person("c", 40)]) == ([1, 2, 4], 10)
    assert integer_scores([person("a", 1, 2), person("b", 1, 1, 2)]) == ([9, 8], Fraction(1, 6))


def test_many_equal_people_are_told_apart_by_the_tie_order_alone() -> None:
    random = Random(5)
    for _ in range(30):
        people = [
            person(f"{random.random()}", 5, gender=random.choice("fm"), country=random.choice("ab")) for _ in range(11)
        ]
        quotas = [Quota(attribute="gender", value="f", min=2), Quota(attribute="country", value="a", min=1, max=3)]
        problem = Problem(candidates=people, capacity=5, quotas=quotas, tie="lottery", seed=b"hat")
        panel = best(problem)
        if panel is not None:
            assert suggest(problem).selected == tuple(c.id for c in panel)


def test_a_lottery_follows_its_seed_and_nothing_else() -> None:
    people = [person(f"p{number}", 5, minute=number) for number in range(30)]
    lottery = Problem(candidates=people, capacity=5, tie="lottery", seed=b"one")
    drawn = suggest(lottery)
    assert drawn.selected == tuple(c.id for c in in_order(lottery)[:5])
    assert drawn.selected != suggest(replace(lottery, seed=b"two")).selected
    assert suggest(replace(lottery, tie="submitted")).selected == tuple(f"p{number}" for number in range(5))


@FEW
@given(SEEDS)
def test_the_same_input_gives_the_same_bytes_in_any_order(seed: int) -> None:
    random = Random(seed)
    problem = random_problem(random, targets=True)
    suggestion = suggestion_for(problem)
    shuffled = replace(
        problem,
        candidates=[
            replace(c, marks=tuple(reversed(c.marks)), values=dict(reversed(list(c.values.items()))))
            for c in random.sample(problem.candidates, len(problem.candidates))
        ],
        quotas=random.sample(problem.quotas, len(problem.quotas)),
        targets=random.sample(problem.targets, len(problem.targets)),
    )
    again = suggestion_for(shuffled)
    assert (suggestion and suggestion_json(suggestion)) == (again and suggestion_json(again))


@FEW
@given(SEEDS)
def test_a_slack_quota_changes_nothing(seed: int) -> None:
    problem = random_problem(Random(seed))
    suggestion = suggestion_for(problem)
    slack = Quota(attribute="shoe size", value="43", max=len(problem.candidates))
    with_slack = suggestion_for(replace(problem, quotas=[*problem.quotas, slack]))
    assert (suggestion and suggestion.selected) == (with_slack and with_slack.selected)


@FEW
@given(SEEDS)
def test_a_raised_score_keeps_a_selected_person_in(seed: int) -> None:
    random = Random(seed)
    problem = random_problem(random)
    suggestion = suggestion_for(problem)
    if suggestion is None or not suggestion.selected:
        return
    lucky = random.choice(suggestion.selected)
    better = [replace(c, marks=tuple(m + 3 for m in c.marks)) if c.id == lucky else c for c in problem.candidates]
    assert lucky in suggest(replace(problem, candidates=better)).selected


@FEW
@given(SEEDS)
def test_relaxing_a_quota_never_lowers_the_total(seed: int) -> None:
    random = Random(seed)
    problem = random_problem(random)
    suggestion = suggestion_for(problem)
    if suggestion is None or not problem.quotas:
        return
    loose = random.choice(problem.quotas)
    wider = replace(loose, min=max(0, loose.min - 1), max=loose.max and loose.max + 1)
    relaxed = suggest(replace(problem, quotas=[wider if quota is loose else quota for quota in problem.quotas]))
    assert relaxed.total >= suggestion.total


@pytest.mark.parametrize("coarse", [False, True])
def test_thousands_of_candidates_are_solved_and_verified(coarse: bool) -> None:
    problem = synthetic(5_000, 60, exact=True, coarse=coarse)
    suggestion = suggest(problem)
    assert suggestion.proven
    assert verify(problem, suggestion) == []


def test_how_much_the_search_looks_at_first_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [synthetic(300, 30, exact=exact, seed=seed) for exact in (False, True) for seed in range(4)]
    expected = [suggest(problem).selected for problem in problems]
    monkeypatch.setattr(search, "FIRST_CORE", 0)
    monkeypatch.setattr(search, "SMALL", 0)
    monkeypatch.setattr(search, "BATCH", 5)
    assert [suggest(problem).selected for problem in problems] == expected


def hard_problem() -> Problem:
    """Give exact quotas on six independent attributes, which no solver proves in any time."""
    random = Random(3)
    people = [
        replace(
            person(str(number), random.randint(0, 100)),
            values={a: frozenset(random.choice("stuvwxyz")) for a in "abcdef"},
        )
        for number in range(600)
    ]
    panel = random.sample(people, 60)
    exact = [(a, v, sum(v in c.values[a] for c in panel)) for a in "abcdef" for v in "stuvwxyz"]
    quotas = [Quota(attribute=a, value=v, min=present, max=present) for a, v, present in exact]
    return Problem(candidates=people, capacity=60, quotas=quotas)


def test_what_is_unproven_shows_its_gap() -> None:
    problem = replace(hard_problem(), quotas=hard_problem().quotas[:28])
    suggestion = suggest(problem, max_nodes=1)
    assert not suggestion.proven
    assert suggestion.certificate is None
    assert suggestion.total < suggestion.bound
    assert verify(problem, suggestion) == []
    assert suggest(problem, max_nodes=1) == suggestion


def test_a_proof_that_needs_many_branches_is_found_and_holds() -> None:
    problem = replace(hard_problem(), quotas=hard_problem().quotas[:28])
    suggestion = suggest(problem)
    assert suggestion.proven
    assert suggestion.nodes > 10
    assert verify(problem, suggestion) == []


def test_no_panel_within_the_nodes_is_no_verdict() -> None:
    with pytest.raises(NodeLimit) as limit:
        suggest(hard_problem(), max_nodes=1)
    assert limit.value.best is None
    assert 0 < limit.value.bound <= 60 * 100


def base_problem() -> Problem:
    """Give four people for two places."""
    people = [person(name, 5, org="u", country=country) for name, country in zip("abcd", "xxyy", strict=True)]
    return Problem(candidates=people, capacity=2)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"capacity": -1}, "capacity"),
        ({"candidates": [person("a"), person("a")]}, "candidates"),
        (
            {"candidates": [replace(person("a"), submitted_at=person("a").submitted_at.replace(tzinfo=None))]},
            "submitted_at",
        ),
        ({"candidates": [replace(person("a"), marks=cast(Any, (1.5,)))]}, "marks"),
        ({"quotas": [Quota(attribute="country", value="x", min=2, max=1)]}, "quotas"),
        ({"quotas": [Quota(attribute="country", value="x")] * 2}, "quotas"),
        ({"per_org": 0}, "per_org"),
        ({"pinned_in": frozenset("z")}, "pinned_in"),
        ({"pinned_out": frozenset("z")}, "pinned_out"),
        ({"tie": "lottery"}, "seed"),
        ({"targets": [Target(attribute="country", value="x", share=Fraction(2))]}, "targets"),
        ({"tolerance": Fraction(-1)}, "tolerance"),
    ],
)
def test_a_problem_without_meaning_names_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidProblem) as error:
        suggest(replace(base_problem(), **change))
    assert error.value.field == field


def test_missing_scores_are_named_unless_the_person_is_out_anyway() -> None:
    problem = base_problem()
    unread = [replace(c, marks=()) if c.id in "bc" else c for c in problem.candidates]
    with pytest.raises(ScoreMissing) as error:
        suggest(replace(problem, candidates=unread))
    assert error.value.ids == ("b", "c")
    assert set(suggest(replace(problem, candidates=unread, pinned_out=frozenset("bc"))).selected) == {"a", "d"}


@pytest.mark.parametrize(
    ("change", "names", "limit"),
    [
        ({"pinned_in": frozenset("ab"), "quotas": [Quota(attribute="country", value="x", max=1)]}, ("a", "b"), 1),
        ({"pinned_out": frozenset("ab"), "quotas": [Quota(attribute="country", value="x", min=1)]}, ("a", "b"), 1),
        ({"pinned_in": frozenset("abc")}, ("a", "b", "c"), 2),
        ({"pinned_in": frozenset("ab"), "per_org": 1}, ("a", "b"), 1),
        ({"pinned_in": frozenset("ab"), "pinned_out": frozenset("bc")}, ("b",), None),
    ],
)
def test_pins_that_break_a_bound_are_named(change: dict[str, Any], names: tuple[str, ...], limit: int | None) -> None:
    with pytest.raises(PinConflict) as error:
        suggest(replace(base_problem(), **change))
    assert error.value.ids == names
    assert (error.value.quota and error.value.quota.limit) == limit
