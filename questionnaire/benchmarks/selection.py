"""The selection: processor time, memory, size of the certificate, for problems of growing size.

Absolute figures, since nothing comparable exists to divide by. Each size runs in a process of its own, without
Django, so that the peak memory is that of Python, numpy, HiGHS, the problem and the solver.
"""

import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import TypeVar

from questionnaire.benchmarks._candidates import synthetic
from questionnaire.workflow.selection import (
    Explainer,
    Problem,
    Suggestion,
    certificate_json,
    diagnose,
    explain,
    replacement,
    replacement_table,
    suggest,
    sweep,
    verify,
)

SIZES = ((1_000, 60), (5_000, 60), (5_000, 200), (50_000, 60))
MOST_SECONDS = {(5_000, 60): 0.1, (50_000, 60): 2.0}  # of processor time for a suggestion
MOST_EXPLAINING = 0.1  # processor seconds for one person, up to …
MOST_EXPLAINED = 5_000  # … so many candidates
MOST_MEMORY = 150  # MB
PEOPLE_EXPLAINED = 12
MOST_LISTED = 1_000  # the greatest number of candidates for which everyone's loss is listed
NEAR = Fraction(3)  # points of a candidate's mean, of 100

Result = TypeVar("Result")


def run(write: Callable[[str], None]) -> None:
    """Measure each size in a process of its own and write the figures with their targets."""
    write("Processor seconds, medians over loose and exact quotas, fine and coarse scores.")
    for count, capacity in SIZES:
        command = [sys.executable, "-m", __name__, str(count), str(capacity)]
        root = Path(__file__).parents[2]
        done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
        for line in done.stdout.splitlines():
            write(line)


def measure(count: int, capacity: int, write: Callable[[str], None]) -> None:
    """Measure one size in this process."""
    suggest(synthetic(50, 5))  # loads the solver
    write(f"{count} candidates, {capacity} places")
    runs, checks = [], []
    for exact, coarse in product((False, True), repeat=2):
        problem = synthetic(count, capacity, exact=exact, coarse=coarse)
        suggestion, seconds = timed(partial(suggest, problem))
        runs.append((suggestion, seconds))
        checks.append(timed(partial(verify, problem, suggestion)))
        del problem  # the next one would count as memory of this one
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if any(violations for violations, _ in checks):
        raise RuntimeError("a suggestion does not hold")
    _write_seconds(write, "suggestion, tie-break, certificate", runs, MOST_SECONDS.get((count, capacity)))
    _write_seconds(write, "verification without the solver", checks)
    certificates = [len(certificate_json(s.certificate)) / 1000 for s, _ in runs if s.certificate]
    proven = sum(s.proven for s, _ in runs)
    write(f"  nodes {[s.nodes for s, _ in runs]}, certificates {certificates} kB, {proven} of {len(runs)} proven")
    write(f"  peak memory {memory:.0f} MB (target: at most {MOST_MEMORY})")
    _measure_answers(synthetic(count, capacity), runs[0][0], write)


def _measure_answers(problem: Problem, suggestion: Suggestion, write: Callable[[str], None]) -> None:
    people = Random(1).sample([candidate.id for candidate in problem.candidates], PEOPLE_EXPLAINED)
    _write_seconds(
        write,
        "explanation of one person",
        [timed(partial(explain, problem, suggestion, id=who)) for who in people],
        MOST_EXPLAINING if len(problem.candidates) <= MOST_EXPLAINED else None,
    )
    explainer, _ = timed(partial(Explainer, problem, suggestion))
    _write_seconds(write, "the same, after the first", [timed(partial(explainer.explain, who)) for who in people])
    if len(problem.candidates) <= MOST_LISTED:
        near = timed(lambda: list(explainer.points_missing(NEAR)))
        _write_seconds(write, f"loss of all {len(near[0])} within {NEAR} of 100 points", [near])
    _write_seconds(write, "replacement table", [timed(partial(replacement_table, problem, suggestion))])
    refilled = timed(partial(replacement, problem, suggestion, suggestion.selected[:4]))
    _write_seconds(write, "four seats refilled together", [refilled])
    _write_seconds(write, "sweep: 10 seats, every full limit", [timed(partial(sweep, problem, suggestion))])
    _write_seconds(write, "diagnosis with relaxations", [timed(partial(diagnose, _impossible(problem)))])


def _impossible(problem: Problem) -> Problem:
    """Ask for more people by country than there are places."""
    quotas = [replace(q, min=q.max or 0) if q.attribute == "country" else q for q in problem.quotas]
    return replace(problem, quotas=quotas)


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Do the work; give its result and the processor seconds that it took."""
    start = process_time()
    result = work()
    return result, process_time() - start


def _write_seconds(
    write: Callable[[str], None], name: str, runs: Sequence[tuple[object, float]], target: float | None = None
) -> None:
    seconds = [taken for _, taken in runs]
    aim = "" if target is None else f" (target: at most {target})"
    write(f"  {name}: {median(seconds):.3f} s, worst {max(seconds):.3f} s{aim}")


if __name__ == "__main__":
    measure(int(sys.argv[1]), int(sys.argv[2]), print)
