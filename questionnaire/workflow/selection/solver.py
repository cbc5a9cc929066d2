"""Solving: the panel that the rules single out, with its certificate."""

from dataclasses import replace

import highspy

from .certificate import panel_total, tolerance_units
from .diagnosis import diagnose_model
from .lexicographic import settle_in_order
from .lp import SolverFailure
from .model import Model, build
from .problem import Problem, seed_commitment
from .results import Certificate, Infeasible, NodeLimit, Suggestion
from .search import Budget, OutOfNodes
from .serial import problem_sha256
from .settler import MAX_NODES, NoPanel, Settler

RULES = 1  # raise it when the same problem may give another answer
SOLVER = f"ravisit-selection {RULES}, HiGHS {highspy.Highs().version()}"


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
