"""Severities of reviewers: against least squares by numpy, and how they move with the scores."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from questionnaire.workflow.calibration import FEW, Calibration, calibrate, rounded

Scores = list[tuple[int, str, int]]


def drawn(rng: Random, *, applications: int = 12, reviewers: int = 5) -> Scores:
    """Return scores in hundredths, each application read by some of the reviewers."""
    severity = {chr(ord("a") + number): rng.randrange(-150, 150) for number in range(reviewers)}
    scores = []
    for application in range(applications):
        quality = rng.randrange(200, 900)
        readers = rng.sample(sorted(severity), rng.randint(1, min(3, reviewers)))
        scores += [(application, name, quality + severity[name] + rng.randrange(-60, 60)) for name in readers]
    return scores


def by_numpy(scores: Scores, circles: dict[str, int]) -> tuple[dict[str, float], dict[int, float], float | None]:
    """Return severities, qualities and the standard error of a score as a general solver finds them."""
    applications = sorted({application for application, _, _ in scores})
    reviewers = sorted({reviewer for _, reviewer, _ in scores})
    width = len(applications)
    matrix = np.zeros((len(scores) + len(set(circles.values())), width + len(reviewers)))
    for row, (application, reviewer, _) in enumerate(scores):
        matrix[row, applications.index(application)] = matrix[row, width + reviewers.index(reviewer)] = 1
    for reviewer, circle in circles.items():  # severities of a circle add up to 0
        matrix[len(scores) + circle - 1, width + reviewers.index(reviewer)] = 1000
    right = np.array([score for _, _, score in scores] + [0] * len(set(circles.values())), dtype=float)
    found, _, rank, _ = np.linalg.lstsq(matrix, right, rcond=None)
    left = len(scores) + len(set(circles.values())) - rank
    error = None if left <= 0 else float(np.sqrt(np.sum((matrix @ found - right) ** 2) / left))
    return dict(zip(reviewers, found[width:], strict=True)), dict(zip(applications, found, strict=False)), error


@pytest.mark.parametrize("seed", range(60))
def test_a_general_solver_finds_the_same(seed: int) -> None:
    scores = drawn(Random(seed), applications=Random(seed).randint(1, 14), reviewers=Random(seed).randint(1, 6))
    fitted = calibrate(scores)
    severities, qualities, error = by_numpy(scores, {name: effect.circle for name, effect in fitted.effects.items()})
    for reviewer, effect in fitted.effects.items():
        assert float(effect.severity) == pytest.approx(severities[reviewer], abs=1e-6)
    for application, quality in fitted.adjusted.items():
        assert float(quality) == pytest.approx(qualities[application], abs=1e-6)
    assert (fitted.error is None) == (error is None)
    if error is not None and error > 1e-6:
        assert fitted.error == pytest.approx(error)


def test_standard_errors_are_those_of_the_pseudo_inverse() -> None:
    scores = drawn(Random(7), applications=30, reviewers=4)
    fitted = calibrate(scores)
    assert fitted.circles == 1
    reviewers = sorted(fitted.effects)
    laplacian = np.zeros((4, 4))
    for application in {application for application, _, _ in scores}:
        readers = [reviewers.index(reviewer) for at, reviewer, _ in scores if at == application]
        for one in readers:
            laplacian[one, one] += 1
            for other in readers:
                laplacian[one, other] -= 1 / len(readers)
    spreads = np.sqrt(np.diag(np.linalg.pinv(laplacian)))
    assert fitted.error is not None
    for reviewer, spread in zip(reviewers, spreads, strict=True):
        assert fitted.effects[reviewer].error == pytest.approx(fitted.error * spread)


def severities(fitted: Calibration[int, str]) -> dict[str, Fraction]:
    """Return the severities by reviewer."""
    return {reviewer: effect.severity for reviewer, effect in fitted.effects.items()}


@pytest.mark.parametrize("seed", range(20))
def test_who_gives_more_throughout_is_that_much_less_severe_and_nobody_gains_by_it(seed: int) -> None:
    scores = drawn(Random(seed), applications=20, reviewers=4)
    before = calibrate(scores)
    assert before.circles == 1
    raised = calibrate([(a, reviewer, score + 100 * (reviewer == "b")) for a, reviewer, score in scores])
    change = {name: severity - severities(before)[name] for name, severity in severities(raised).items()}
    assert change == {"a": -25, "b": 75, "c": -25, "d": -25}
    differences = {raised.adjusted[name] - before.adjusted[name] for name in before.adjusted}
    assert differences == {25}  # all alike: no rank changes
    assert raised.error == pytest.approx(before.error)


@pytest.mark.parametrize("seed", range(20))
def test_neither_order_nor_names_matter(seed: int) -> None:
    scores = drawn(Random(seed))
    shuffled = Random(seed + 1).sample(scores, len(scores))
    assert severities(calibrate(shuffled)) == severities(calibrate(scores))
    renamed = calibrate([(-application, reviewer.upper(), score) for application, reviewer, score in shuffled])
    assert {name.lower(): severity for name, severity in severities(renamed).items()} == severities(calibrate(scores))
    assert {-name: mean for name, mean in renamed.adjusted.items()} == calibrate(scores).adjusted


def test_scores_without_chance_are_taken_apart_exactly() -> None:
    quality, severity = {1: 700, 2: 500, 3: 400}, {"mild": 60, "severe": -60}
    fitted = calibrate([(a, r, quality[a] + severity[r]) for a in quality for r in severity if (a, r) != (3, "mild")])
    assert severities(fitted) == severity
    assert fitted.adjusted == quality
    assert fitted.error == pytest.approx(0)


def test_circles_that_share_no_application_are_told_apart() -> None:
    fitted = calibrate([(1, "a", 500), (1, "b", 700), (2, "c", 100), (2, "d", 200), (3, "d", 300), (4, "alone", 900)])
    assert fitted.circles == 3
    assert severities(fitted) == {"a": -100, "b": 100, "c": -50, "d": 50, "alone": 0}
    assert {name: effect.circle for name, effect in fitted.effects.items()} == {
        "a": 1, "b": 1, "c": 2, "d": 2, "alone": 3,
    }  # fmt: skip
    assert fitted.error is None  # as many unknowns as scores
    assert fitted.adjusted[4] == 900


def test_a_severity_that_rests_on_few_shared_reviews_says_so() -> None:
    shared = [(number, reviewer, 500 + 10 * number) for number in range(FEW) for reviewer in "ab"]
    effects = calibrate([*shared, (0, "c", 300), *((number, "c", 400) for number in range(100, 120))]).effects
    assert {name: effect.rests_on_few for name, effect in effects.items()} == {"a": False, "b": False, "c": True}
    assert (effects["c"].reviews, effects["c"].shared) == (21, 1)


def test_nobody_has_reviewed() -> None:
    assert calibrate([]) == Calibration({}, {}, None, 0)


@pytest.mark.parametrize(("score", "whole"), [("1/2", 1), ("-1/2", 0), ("-3/4", -1), ("49/100", 0), ("7", 7)])
def test_halves_are_rounded_up(score: str, whole: int) -> None:
    assert rounded(Fraction(score)) == whole
