"""Solving: the panel that the rules single out, with its certificate."""

from collections.abc import Iterable
from dataclasses import replace

import highspy

from .certificate import panel_total, tolerance_units
from .diagnosis import diagnose_model
from .lexicographic import Settled, settle_in_order
from .lp import SolverFailure
from .model import Model, build
from .problem import Problem, seed_commitment
from .program import Program
from .proof import Proof
from .results import Certificate, Infeasible, NodeLimit, Suggestion
from .search import Budget, OutOfNodes, Search
from .serial import problem_sha256

MAX_NODES = 2000
RULES = 1  # raise it when the same problem may give another answer
SOLVER = f"ravisit-selection {RULES}, HiGHS {highspy.Highs().version()}"


class NoPanel(Exception):  # noqa: N818
    """No panel keeps all bounds and pins."""


class Settler:
    """Settles each step by search; keeps the proofs if they are wanted."""

    def __init__(self, budget: Budget, *, prove: bool, seeds: Iterable[int] | None = None) -> None:
        self.budget = budget
        self.prove = prove
        self.seeds = seeds  # columns to start the first step from
        self.proofs: list[Proof] = []
        self.best: list[int] | None = None  # the first step's x

    def __call__(self, program: Program, start: list[int] | None) -> Settled:
        search = Search(program, self.budget, self.seeds if start is None else None)
        x = search.best(start)
        if x is None or search.priced is None:
            raise NoPanel
        if start is None:
            self.best = x
        value = program.value(x)
        if not self.prove:
            return Settled(x, value, search.priced.prices)
        proof = search.proof(value)
        self.proofs.append(proof)
        return Settled(x, value, proof.prices)


def suggest(problem: Problem, *, max_nodes: int = MAX_NODES) -> Suggestion:
    """Give the best panel that keeps every bound, by the published rule, with a certificate.

    Where `max_nodes` do not suffice for the proof, HiGHS searches on its own and the suggestion says that it is
    not proven. Raises `InvalidProblem`, `ScoreMissing`, `PinConflict`, `Infeasible`, `NodeLimit` (no panel found at
    all within the limit), `SolverFailure`.
    """
    model = build(problem)
    tolerance = tolerance_units(problem, model)
    settler = Settler(Budget(max_nodes), prove=True)
    try:
        x = settle_in_order(model, model.program(), tolerance, settler)
    except NoPanel:
        raise _infeasible(model, max_nodes) from None
    except OutOfNodes as limit:
        return _unproven(problem, model, settler, limit)
    selected = model.panel(x)
    return _suggestion(problem, model, settler, selected, _certificate(model, settler, tolerance))


def _certificate(model: Model, settler: Settler, tolerance: int) -> Certificate:
    within = bool(tolerance and model.aims)
    peak = model.panel(settler.best[: model.size]) if within and settler.best else ()
    return Certificate(tuple(settler.proofs), peak)


def _suggestion(
    problem: Problem, model: Model, settler: Settler, selected: tuple[str, ...], certificate: Certificate | None
) -> Suggestion:
    total = panel_total(model, selected)
    bound = settler.proofs[0].value * model.unit if settler.proofs else total
    return Suggestion(
        selected=selected,
        total=total,
        bound=bound,
        proven=certificate is not None,
        certificate=certificate,
        input_sha256=problem_sha256(problem),
        solver=SOLVER,
        nodes=settler.budget.spent,
        seed_commitment=seed_commitment(problem.seed) if problem.seed else None,
    )


def _unproven(problem: Problem, model: Model, settler: Settler, limit: OutOfNodes) -> Suggestion:
    """Give the best known panel without a certificate. Raises `NodeLimit` if there is none."""
    known = limit.x if settler.best is None else settler.best
    bound = (settler.proofs[0].value if settler.proofs else limit.bound) * model.unit
    if known is None:
        raise NodeLimit(None, bound)
    return replace(_suggestion(problem, model, settler, model.panel(known), None), bound=bound)


def _infeasible(model: Model, max_nodes: int) -> Infeasible | SolverFailure:
    """Diagnose; a diagnosis that finds a panel after all contradicts the search."""
    diagnosis = diagnose_model(model, max_nodes)
    return SolverFailure("no panel found, yet one exists") if diagnosis.feasible else Infeasible(diagnosis)
