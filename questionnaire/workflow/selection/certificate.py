"""Checking a suggestion against its problem, with no solver and nothing but the standard library."""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from .aggregate import active_bounds, aggregated
from .lexicographic import Settled, settle_in_order
from .model import Model, build
from .problem import Problem
from .program import Priced, Program
from .proof import Proof, proves, proves_from
from .results import Diagnosis, Suggestion, Violation
from .serial import problem_sha256


class _Refuted(Exception):
    """A proof of the certificate does not show what it should."""


def verify(problem: Problem, suggestion: Suggestion) -> list[Violation]:
    """Give everything in a suggestion that does not hold for this problem; nothing where all of it does.

    Checks the input's hash, pins, bounds and total, then the certificate: that no panel has more points, and that
    among the best this one is singled out by the targets and the tie order.
    Raises `InvalidProblem`, `ScoreMissing`, `PinConflict` where the problem itself has no meaning.
    """
    model = build(problem)
    found = list(panel_violations(model, suggestion.selected))
    if suggestion.input_sha256 != problem_sha256(problem):
        found.append(Violation(code="input"))
    if any(violation.code in ("unknown", "repeated") for violation in found):
        return found
    total = panel_total(model, suggestion.selected)
    if suggestion.total != total or suggestion.bound < total:
        found.append(Violation(code="total"))
    if suggestion.certificate is None:
        return [*found, Violation(code="uncertified")] if suggestion.proven else found
    return found or _check_certificate(model, tolerance_units(problem, model), suggestion)


def verify_conflict(problem: Problem, diagnosis: Diagnosis) -> bool:
    """Tell whether the diagnosis proves that its bounds, with the pins, can't hold together."""
    model = build(problem)
    try:
        program = aggregated(model, active_bounds(model, diagnosis.bounds))
    except KeyError:
        return False
    return diagnosis.farkas is not None and diagnosis.farkas.value < 0 and proves(program, diagnosis.farkas)


def panel_total(model: Model, selected: Sequence[str]) -> Fraction:
    """Give the points of a panel."""
    return sum(model.scores[model.position[person]] for person in selected) * model.unit


def panel_violations(model: Model, selected: Sequence[str]) -> Iterator[Violation]:
    """Give the pins and bounds that a panel breaks."""
    unknown = tuple(sorted(set(selected) - model.position.keys()))
    repeated = tuple(sorted(person for person, times in Counter(selected).items() if times > 1))
    if unknown:
        yield Violation(code="unknown", ids=unknown)
    if repeated:
        yield Violation(code="repeated", ids=repeated)
    if not unknown and not repeated:
        yield from _broken_pins(model, set(model.columns(selected)))
        yield from _broken_bounds(model, selected)


def _broken_pins(model: Model, taken: set[int]) -> Iterator[Violation]:
    left_out = sorted(model.ids[column] for column, pin in model.pins.items() if pin and column not in taken)
    barred = sorted(model.ids[column] for column, pin in model.pins.items() if not pin and column in taken)
    if left_out:
        yield Violation(code="pinned_in", ids=tuple(left_out))
    if barred:
        yield Violation(code="pinned_out", ids=tuple(barred))


def _broken_bounds(model: Model, selected: Sequence[str]) -> Iterator[Violation]:
    for limit, count in zip(model.limits, model.occupancy(selected), strict=True):
        if count < limit.low:
            yield Violation(code="bound", bound=limit.bound("min"), count=count)
        if count > limit.high:
            yield Violation(code="bound", bound=limit.bound("max"), count=count)


def tolerance_units(problem: Problem, model: Model) -> int:
    """Give the tolerance in whole units of score, rounded down."""
    return int(problem.tolerance / model.unit)


def whole_x(model: Model, selected: Sequence[str]) -> list[int]:
    """Give the program's x for a panel, each target's steps taken in their order."""
    x = [0] * model.size
    for column in model.columns(selected):
        x[column] = 1
    row_totals = model.program().activities([*x, *[0] * (len(model.misses()) - model.size)])
    reached_by_aim = row_totals[len(model.limits) : len(model.limits) + len(model.aims)]
    x += reached_by_aim
    for aim, reached in zip(model.aims, reached_by_aim, strict=True):
        below, above = max(0, aim.seats - reached), max(0, reached - aim.seats)
        x += [int(step < below) for step in range(aim.seats)]
        x += [int(step < above) for step in range(aim.capacity - aim.seats)]
    return x


def _check_certificate(model: Model, tolerance: int, suggestion: Suggestion) -> list[Violation]:
    certificate = suggestion.certificate
    assert certificate is not None
    x = whole_x(model, suggestion.selected)
    peak = whole_x(model, certificate.peak) if certificate.peak else x
    if not certificate.proofs or list(panel_violations(model, model.panel(peak))):
        return [Violation(code="refuted")]
    claimed = certificate.proofs[0].value
    if suggestion.bound != claimed * model.unit or model.program().value(peak) != claimed:
        return [Violation(code="total")]
    checker = _Checker(certificate.proofs, x)
    try:
        singled_out = settle_in_order(model, model.program(), tolerance, checker)
    except _Refuted:
        return [Violation(code="tie" if checker.score_settled else "refuted")]
    if singled_out != x or checker.used != len(certificate.proofs):
        return [Violation(code="tie")]
    return []


class _Checker:
    """Settles each step by the next stored proof, for the panel that is claimed."""

    def __init__(self, proofs: Sequence[Proof], x: list[int]) -> None:
        self.proofs = proofs
        self.x = x
        self.used = 0
        self.score_settled = False

    def __call__(self, program: Program, start: list[int] | None) -> Settled:
        if self.used == len(self.proofs):
            raise _Refuted
        proof = self.proofs[self.used]
        self.used += 1
        x = self.x if start is None else start
        # The first step's value was held against the peak; a panel within the tolerance may be worth less.
        priced = Priced.of(program, proof.prices)
        if not proves_from(priced, proof) or (start is not None and program.value(x) != proof.value):
            raise _Refuted
        self.score_settled = True
        return Settled(x, proof.value, priced)
