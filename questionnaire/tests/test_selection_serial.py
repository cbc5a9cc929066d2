"""A stored run is the run: problems and suggestions come back as they were, and give the same answer again."""

import json
from dataclasses import replace

import pytest

from questionnaire.tests.selection_problems import person, random_problems
from questionnaire.workflow.selection import (
    Infeasible,
    PinConflict,
    Problem,
    load_problem,
    load_suggestion,
    problem_json,
    problem_sha256,
    seed_commitment,
    suggest,
    suggestion_json,
    verify,
)


def test_a_stored_run_gives_the_same_answer_again() -> None:
    for problem in random_problems(60, targets=True, start=40_000):
        stored = problem_json(problem)
        again = load_problem(stored)
        assert problem_json(again) == stored
        try:
            text = suggestion_json(suggest(problem))
        except (Infeasible, PinConflict):
            continue
        assert suggestion_json(suggest(again)) == text
        assert suggestion_json(load_suggestion(text)) == text
        assert verify(again, load_suggestion(text)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"capacity": 2},
        {"per_org": 1},
        {"pinned_in": frozenset("a")},
        {"pinned_out": frozenset("a")},
        {"tie": "submitted"},
        {"seed": b"other"},
        {"candidates": [person("a", 6), person("b", 5)]},
        {"candidates": [person("a", 5, org="u"), person("b", 5)]},
        {"candidates": [person("a", 5, minute=1), person("b", 5)]},
        {"candidates": [person("a", 5, country="x"), person("b", 5)]},
    ],
)
def test_whatever_the_answer_depends_on_changes_the_hash(change: dict[str, object]) -> None:
    problem = Problem(candidates=[person("a", 5), person("b", 5)], capacity=1, tie="lottery", seed=b"one")
    assert problem_sha256(problem) != problem_sha256(replace(problem, **change))  # type: ignore[arg-type]


def test_the_suggestion_holds_the_commitment_and_never_the_seed() -> None:
    problem = Problem(candidates=[person("a"), person("b")], capacity=1, tie="lottery", seed=b"a secret")
    suggestion = suggest(problem)
    assert suggestion.seed_commitment == seed_commitment(b"a secret")
    assert b"a secret".hex() not in suggestion_json(suggestion)
    assert "secret" not in repr(problem)


@pytest.mark.parametrize("load", [load_problem, load_suggestion])
def test_another_format_is_refused(load: object) -> None:
    assert callable(load)
    with pytest.raises(ValueError, match="format"):
        load(json.dumps({"format": 99}))
