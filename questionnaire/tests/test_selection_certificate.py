"""The verifier believes nothing: every false claim about a panel, its points or its proof is refuted."""

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from questionnaire.tests.selection_problems import holding, person, points, random_problems
from questionnaire.workflow.selection import (
    Certificate,
    Infeasible,
    PinConflict,
    Problem,
    Quota,
    Suggestion,
    Target,
    suggest,
    verify,
    verify_conflict,
)
from questionnaire.workflow.selection.program import PRICE_SCALE, Program
from questionnaire.workflow.selection.proof import Branch, Leaf, Proof, proves


def solved(count: int) -> list[tuple[Problem, Suggestion]]:
    """Give random problems that have a panel."""
    found = []
    for problem in random_problems(count):
        try:
            found.append((problem, suggest(problem)))
        except (Infeasible, PinConflict):
            continue
    return found


def codes(problem: Problem, suggestion: Suggestion) -> set[str]:
    """Give the codes of what the verifier finds."""
    return {violation.code for violation in verify(problem, suggestion)}


def as_if_best(problem: Problem, suggestion: Suggestion, selected: tuple[str, ...]) -> Suggestion:
    """Claim another panel to be the best, the certificate's first value made to fit."""
    people = {c.id: c for c in problem.candidates}
    total = points(people[name] for name in selected)
    assert suggestion.certificate is not None
    first, *others = suggestion.certificate.proofs
    unit = suggestion.total / first.value if first.value else Fraction(1)
    claimed = replace(first, value=int(total / unit))
    certificate = Certificate((claimed, *others))
    return replace(suggestion, selected=selected, total=total, bound=total, certificate=certificate)


def test_a_lesser_panel_claimed_as_the_best_is_refuted() -> None:
    tried = 0
    for problem, suggestion in solved(80):
        lesser = [panel for panel in holding(problem) if points(panel) < suggestion.total]
        if lesser:
            panel = max(lesser, key=points)  # the smallest lie: the next best
            assert codes(problem, as_if_best(problem, suggestion, tuple(c.id for c in panel))) == {"refuted"}
            tried += 1
    assert tried > 10


def test_a_later_panel_of_the_same_points_is_no_answer() -> None:
    tried = 0
    for problem, suggestion in solved(300):
        equal = [panel for panel in holding(problem) if points(panel) == suggestion.total]
        for panel in equal[1:]:
            assert codes(problem, replace(suggestion, selected=tuple(c.id for c in panel))) == {"tie"}
            tried += 1
    assert tried > 10


def test_no_prices_at_all_can_prove_one_point_too_few() -> None:
    random = Random(1)
    program = Program([5, 4, 3], [0] * 3, [1] * 3, [0, 0, 0], [((0, 1),)], [(2, 2)])
    assert proves(program, Proof(9, {0: 4 * PRICE_SCALE}))
    for _ in range(300):
        prices = {0: random.randint(-10 * PRICE_SCALE, 10 * PRICE_SCALE)}
        assert not proves(program, Proof(8, prices))
        assert not proves(program, Proof(8, prices, (Branch(0, 0, True), Leaf(prices), Leaf(prices))))


ROOT = {0: PRICE_SCALE, 1: PRICE_SCALE, 2: PRICE_SCALE}
TAKEN, LEFT = Leaf({0: 2 * PRICE_SCALE, 2: 2 * PRICE_SCALE}), Leaf({1: 2 * PRICE_SCALE})


def triangle() -> Program:
    """Give three people worth 2 each, any two of whom exclude each other: the relaxation says 3, the truth is 2."""
    pairs = [((0, 1), (2, 1)), ((0, 1), (1, 1)), ((1, 1), (2, 1))]
    return Program([2] * 3, [0] * 3, [1] * 3, [0, 1, 2], pairs, [(0, 1)] * 3)


def test_a_tree_proves_what_prices_alone_cannot() -> None:
    assert not proves(triangle(), Proof(2, ROOT))
    assert proves(triangle(), Proof(2, ROOT, (Branch(0, 0, True), TAKEN, LEFT)))
    assert not proves(triangle(), Proof(1, ROOT, (Branch(0, 0, True), TAKEN, LEFT)))


@pytest.mark.parametrize(
    "tree",
    [
        (Branch(0, 0, True), TAKEN),  # one side is missing
        (Branch(0, 0, True), TAKEN, LEFT, LEFT),  # a leaf too many
        (Branch(0, 0, False), TAKEN, LEFT),  # the sides are swapped
        (Branch(0, 1, True), TAKEN, LEFT),  # splits nothing
        (TAKEN,),
    ],
)
def test_a_tree_that_leaves_something_out_proves_nothing(tree: tuple[Branch | Leaf, ...]) -> None:
    assert not proves(triangle(), Proof(2, ROOT, tree))


def worked_example() -> tuple[Problem, Suggestion]:
    """Give three people for two places, one of them from each country, and the suggestion."""
    people = [person("a", 9, country="x"), person("b", 8, country="x"), person("c", 7, country="y")]
    quotas = [Quota(attribute="country", value="x", min=1, max=1)]
    problem = Problem(candidates=people, capacity=2, quotas=quotas)
    return problem, suggest(problem)


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ({"selected": ("a", "b")}, "bound"),
        ({"selected": ("a",)}, "bound"),
        ({"selected": ("a", "z")}, "unknown"),
        ({"selected": ("a", "a")}, "repeated"),
        ({"total": Fraction(17)}, "total"),
        ({"bound": Fraction(15)}, "total"),
        ({"certificate": None}, "uncertified"),
        ({"certificate": Certificate(())}, "refuted"),
        ({"input_sha256": "0" * 64}, "input"),
    ],
)
def test_each_false_claim_has_its_code(claim: dict[str, object], code: str) -> None:
    problem, suggestion = worked_example()
    assert verify(problem, suggestion) == []
    assert code in codes(problem, replace(suggestion, **claim))  # type: ignore[arg-type]


def test_another_problem_is_noticed() -> None:
    problem, suggestion = worked_example()
    assert codes(replace(problem, pinned_out=frozenset("a")), suggestion) == {"input", "pinned_out"}
    assert "pinned_in" in codes(replace(problem, pinned_in=frozenset("b")), suggestion)


def test_a_panel_below_the_best_needs_the_tolerance_that_allows_it() -> None:
    people = [person("a", 9, gender="m"), person("b", 8, gender="m"), person("c", 7, gender="f")]
    wish = Target(attribute="gender", value="f", share=Fraction(1, 2))
    problem = Problem(candidates=people, capacity=2, targets=[wish], tolerance=Fraction(1))
    suggestion = suggest(problem)
    assert (suggestion.selected, suggestion.bound - suggestion.total) == (("a", "c"), 1)
    assert verify(problem, suggestion) == []
    strict = replace(problem, tolerance=Fraction(0))
    assert codes(strict, replace(suggestion, input_sha256=suggest(strict).input_sha256)) == {"tie"}


def test_a_conflict_is_checked_without_the_solver() -> None:
    people = [person(name, country="x") for name in "abc"]
    quotas = [Quota(attribute="country", value="x", max=1)]
    problem = Problem(candidates=people, capacity=2, quotas=quotas)
    with pytest.raises(Infeasible) as error:
        suggest(problem)
    diagnosis = error.value.diagnosis
    assert verify_conflict(problem, diagnosis)
    assert not verify_conflict(problem, replace(diagnosis, bounds=diagnosis.bounds[:1]))
    assert not verify_conflict(problem, replace(diagnosis, farkas=None))
    assert not verify_conflict(replace(problem, capacity=1), diagnosis)


def test_describing_and_verifying_load_no_solver() -> None:
    code = (
        "import sys; from questionnaire.workflow.selection import Problem, verify, problem_json, load_suggestion;"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'highspy', 'django')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
