"""Conflicts: named by the smallest set that can't hold together, proven, and with changes that do help."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import pytest

from questionnaire.tests.selection_problems import HOW_MANY, best, can_hold, holding, person, random_problems
from questionnaire.workflow.selection import (
    Change,
    Diagnosis,
    Family,
    PinConflict,
    Problem,
    Quota,
    diagnose,
    relaxed,
    suggest,
    verify_conflict,
)
from questionnaire.workflow.selection.aggregate import all_bounds
from questionnaire.workflow.selection.model import build

SMALL = 8  # candidates, for what tries every set of people for every set of bounds


def conflicts(count: int) -> list[tuple[Problem, Diagnosis]]:
    """Give random problems that have no panel, with their diagnosis."""
    found = []
    for problem in random_problems(count, start=10_000):
        try:
            diagnosis = diagnose(problem)
        except PinConflict:
            assert not holding(problem)
            continue
        assert diagnosis.feasible == bool(holding(problem))
        if not diagnosis.feasible:
            found.append((problem, diagnosis))
    return found


def test_conflicts_are_true_proven_and_minimal() -> None:
    tried = 0
    for problem, diagnosis in conflicts(HOW_MANY // 2):
        assert verify_conflict(problem, diagnosis)
        if len(problem.candidates) > SMALL:
            continue
        assert not can_hold(problem, diagnosis.bounds)
        for bound in diagnosis.bounds:
            assert can_hold(problem, [other for other in diagnosis.bounds if other != bound])
        assert_no_smaller_families(problem, diagnosis)
        without_pins = replace(problem, pinned_in=frozenset(), pinned_out=frozenset())
        assert diagnosis.pins_matter == can_hold(without_pins, diagnosis.bounds)
        tried += 1
    assert tried > 5


def assert_no_smaller_families(problem: Problem, diagnosis: Diagnosis) -> None:
    model = build(problem)
    bounds = [model.limits[row].bound(side) for row, side in all_bounds(model)]
    families = {Family.of(bound) for bound in bounds}
    assert {Family.of(bound) for bound in diagnosis.bounds} == set(diagnosis.families)
    for fewer in combinations(families, len(diagnosis.families) - 1):
        assert can_hold(problem, [bound for bound in bounds if Family.of(bound) in fewer])


def test_each_relaxation_lets_a_panel_hold() -> None:
    for problem, diagnosis in conflicts(HOW_MANY // 2):
        assert 1 <= len(diagnosis.relaxations) <= 3
        assert len(set(diagnosis.relaxations)) == len(diagnosis.relaxations)
        for relaxation in diagnosis.relaxations:
            assert best(relaxed(problem, relaxation)) is not None


def test_a_conflict_that_only_whole_people_have_is_found_too() -> None:
    members = {"a": ("x", "z"), "b": ("x", "y"), "c": ("y", "z")}  # halves of people would do
    people = [person(name, language=held) for name, held in members.items()] + [person(name) for name in "de"]
    quotas = [Quota(attribute="language", value=value, min=1, max=1) for value in "xyz"]
    problem = Problem(candidates=people, capacity=3, quotas=quotas)
    diagnosis = diagnose(problem)
    assert diagnosis.families == (Family("quota", "language", "max"), Family("quota", "language", "min"))
    assert verify_conflict(problem, diagnosis)
    assert not can_hold(problem, diagnosis.bounds)
    for bound in diagnosis.bounds:
        assert can_hold(problem, [other for other in diagnosis.bounds if other != bound])


def study_visit() -> Problem:
    """Give ten people, one from each of five countries and five from a sixth, for five places."""
    people = [person(country, country=country) for country in "abcde"]
    people += [person(f"f{number}", country="f") for number in range(5)]
    return Problem(candidates=people, capacity=4)


def test_minima_that_add_up_to_more_than_the_places() -> None:
    quotas = [Quota(attribute="country", value=country, min=1) for country in "abcde"]
    diagnosis = diagnose(replace(study_visit(), quotas=quotas))
    assert [(f.code, f.attribute, f.needed, f.available) for f in diagnosis.findings] == [
        ("minima_above_capacity", "country", 5, 4)
    ]
    assert diagnosis.families == (Family("capacity", "", "max"), Family("quota", "country", "min"))
    assert len(diagnosis.bounds) == 6
    assert [relaxation.cost for relaxation in diagnosis.relaxations] == [3, 3, 3]  # one country or another


@pytest.mark.parametrize(
    ("change", "code", "needed", "available"),
    [
        ({"capacity": 11}, "too_few_candidates", 11, 10),
        ({"quotas": [Quota(attribute="country", value="a", min=2)]}, "min_above_pool", 2, 1),
        ({"quotas": [Quota(attribute="country", value=c, max=0) for c in "abcdef"]}, "maxima_below_capacity", 4, 0),
    ],
)
def test_what_counting_shows(change: dict[str, object], code: str, needed: int, available: int) -> None:
    findings = diagnose(replace(study_visit(), **change)).findings  # type: ignore[arg-type]
    assert (code, needed, available) in [(f.code, f.needed, f.available) for f in findings]


def test_an_organisation_cap_alone_can_make_the_places_unreachable() -> None:
    people = [person(name, org=org, country=org) for name, org in zip("abcdef", "uuuvvv", strict=True)]
    problem = Problem(candidates=people, capacity=4, per_org=1)
    diagnosis = diagnose(problem)
    assert [(f.code, f.needed, f.available) for f in diagnosis.findings] == [("per_org_below_capacity", 4, 2)]
    fixes = [relaxation.changes for relaxation in diagnosis.relaxations]
    assert [(change.bound.kind, change.to) for (change,) in fixes] == [("organisation", 2), ("capacity", 2)]
    wanted = replace(problem, quotas=[Quota(attribute="country", value="u", min=2)])
    assert "min_above_pool_per_org" in [f.code for f in diagnose(wanted).findings]


def test_negotiable_quotas_give_way_before_firm_ones() -> None:
    quotas = [
        Quota(attribute="country", value="f", min=4, firm=False),
        Quota(attribute="country", value="a", min=1),
    ]
    problem = replace(study_visit(), quotas=quotas)
    (relaxation,) = diagnose(problem).relaxations
    assert [(change.bound.value, change.to) for change in relaxation.changes] == [("f", 3)]
    assert relaxation.cost == Fraction(3, 2)  # 1 + 2/4
    assert not relaxation.firm
    strict = replace(problem, quotas=[replace(quota, firm=True) for quota in quotas])
    assert all(relaxation.firm for relaxation in diagnose(strict).relaxations)


def test_relaxed_changes_the_problem_and_nothing_else() -> None:
    problem = replace(study_visit(), quotas=[Quota(attribute="country", value="a", min=2, max=3)], per_org=None)
    relaxation = diagnose(problem).relaxations[0]
    (change,) = relaxation.changes
    assert isinstance(change, Change)
    assert relaxed(problem, relaxation) == replace(problem, quotas=(replace(problem.quotas[0], min=1),))
    assert "a" in suggest(relaxed(problem, relaxation)).selected
