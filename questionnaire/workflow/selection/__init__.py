"""The selection: an optimal panel within the bounds, with its reasons and a proof. Pure: it knows no database.

The names below are the whole interface. Describing, storing and verifying a problem needs the standard library
only; the names in `_SOLVING` load numpy and HiGHS when they are first used, so that a web process that never
solves doesn't carry them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .certificate import verify, verify_conflict
from .model import tie_order
from .problem import (
    Bound,
    Candidate,
    InvalidProblem,
    PinConflict,
    Problem,
    Quota,
    ScoreMissing,
    SelectionError,
    Target,
    seed_commitment,
)
from .results import (
    Certificate,
    Change,
    Diagnosis,
    Explanation,
    Family,
    Finding,
    FullQuota,
    Infeasible,
    NodeLimit,
    QuotaStep,
    Relaxation,
    Replacement,
    SeatStep,
    Shift,
    Suggestion,
    Sweep,
    Violation,
)
from .serial import (
    certificate_json,
    load_problem,
    load_suggestion,
    problem_json,
    problem_sha256,
    suggestion_json,
)

if TYPE_CHECKING:
    from .diagnosis import diagnose
    from .explanation import Explainer, explain
    from .lp import SolverFailure
    from .relaxation import relaxed
    from .solver import suggest
    from .sweeps import sweep
    from .waiting_list import replacement, replacement_table

__all__ = [
    "Bound",
    "Candidate",
    "Certificate",
    "Change",
    "Diagnosis",
    "Explainer",
    "Explanation",
    "Family",
    "Finding",
    "FullQuota",
    "Infeasible",
    "InvalidProblem",
    "NodeLimit",
    "PinConflict",
    "Problem",
    "Quota",
    "QuotaStep",
    "Relaxation",
    "Replacement",
    "ScoreMissing",
    "SeatStep",
    "SelectionError",
    "Shift",
    "SolverFailure",
    "Suggestion",
    "Sweep",
    "Target",
    "Violation",
    "certificate_json",
    "diagnose",
    "explain",
    "load_problem",
    "load_suggestion",
    "problem_json",
    "problem_sha256",
    "relaxed",
    "replacement",
    "replacement_table",
    "seed_commitment",
    "suggest",
    "suggestion_json",
    "sweep",
    "tie_order",
    "verify",
    "verify_conflict",
]

_SOLVING = {
    "Explainer": ".explanation",
    "SolverFailure": ".lp",
    "diagnose": ".diagnosis",
    "explain": ".explanation",
    "relaxed": ".relaxation",
    "replacement": ".waiting_list",
    "replacement_table": ".waiting_list",
    "suggest": ".solver",
    "sweep": ".sweeps",
}


def __getattr__(name: str) -> Any:
    if name not in _SOLVING:
        raise AttributeError(name)
    return getattr(import_module(_SOLVING[name], __name__), name)
