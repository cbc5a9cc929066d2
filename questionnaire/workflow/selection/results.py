"""What the selection answers: data with codes and numbers, never sentences, so that each edge can word them.

Points are in the unit of the marks: a candidate's mean, and for a panel the sum of its means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from .problem import Bound, BoundKind, SelectionError, Side
from .proof import Proof


@dataclass(frozen=True, slots=True)
class Certificate:
    """The proofs of each step in order: the score, the targets if any, the blocks of the tie order.

    `peak` is a panel of the greatest score; it stands only where a tolerance lets the selected one fall below it.
    """

    proofs: tuple[Proof, ...]
    peak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposed panel in tie order, with what is needed to check it and to run it again.

    `bound` is proven: no panel has more points. `proven` says that the whole rule (score, targets, ties) was
    carried through; otherwise bound − total is the gap. `nodes` counts the branch-and-bound nodes.
    """

    selected: tuple[str, ...]
    total: Fraction
    bound: Fraction
    proven: bool
    certificate: Certificate | None
    input_sha256: str
    solver: str
    nodes: int
    seed_commitment: str | None = None


ViolationCode = Literal[
    "input", "unknown", "repeated", "pinned_in", "pinned_out", "bound", "total", "refuted", "tie", "uncertified", "seed"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that a suggestion claims and that does not hold.

    `bound` comes with `count`, the people found; `ids` with the codes that concern people.
    """

    code: ViolationCode
    ids: tuple[str, ...] = ()
    bound: Bound | None = None
    count: int | None = None


FindingCode = Literal[
    "too_few_candidates",
    "min_above_pool",
    "min_above_pool_per_org",
    "minima_above_capacity",
    "maxima_below_capacity",
    "per_org_below_capacity",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A conflict that counting alone shows: `needed` people where only `available` can be had."""

    code: FindingCode
    attribute: str = ""
    value: str = ""
    needed: int
    available: int


@dataclass(frozen=True, slots=True, order=True)
class Family:
    """All bounds of one kind, attribute and side: "the minima by country"."""

    kind: BoundKind
    attribute: str
    side: Side

    @classmethod
    def of(cls, bound: Bound) -> "Family":
        """Give the family of a bound."""
        return cls(bound.kind, bound.attribute, bound.side)


@dataclass(frozen=True, slots=True)
class Change:
    """Move a bound to `to` people."""

    bound: Bound
    to: int


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Changes that together let the places be filled; `cost` is the weighted number of people moved."""

    changes: tuple[Change, ...]
    cost: Fraction

    @property
    def firm(self) -> bool:
        """Tell whether a bound that was marked as firm is among them."""
        return any(change.bound.firm for change in self.changes)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why no panel holds; all empty where one does (`feasible`).

    `families` is a smallest set of families of bounds that can't hold together; `bounds` an irreducible set within
    it (leave any one out and the rest can hold). `farkas` proves that those bounds can't hold together;
    `pins_matter` says that without the pins they could.
    """

    feasible: bool
    findings: tuple[Finding, ...] = ()
    families: tuple[Family, ...] = ()
    bounds: tuple[Bound, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    farkas: Proof | None = None
    pins_matter: bool = False


class Infeasible(SelectionError):
    """No panel keeps all bounds and pins; `diagnosis` says why and what would help."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(diagnosis)
        self.diagnosis = diagnosis


class NodeLimit(SelectionError):
    """The nodes ran out before an answer: `best` is the best panel known, if any, `bound` what none can exceed."""

    def __init__(self, best: Suggestion | None, bound: Fraction) -> None:
        super().__init__(best, bound)
        self.best = best
        self.bound = bound


ReasonCode = Literal["pinned_in", "pinned_out", "needed", "selected", "impossible", "tie", "target", "quota", "score"]


@dataclass(frozen=True, slots=True)
class FullQuota:
    """A limit that holds the candidate and is at its edge: a full maximum, or a minimum that a selected one keeps.

    `opens_at`: the first maximum, a few people up, with which the candidate would be selected.
    """

    bound: Bound
    opens_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why someone is in or out: the selection solved again with the opposite forced.

    `points_missing`: what the best panel loses by taking the candidate in (or, if selected, by leaving them out);
    None where no panel can. `displaced` leave and `entering` come (the candidate not counted) in the panel that
    would be selected then. `first_capacity`: the fewest places at which the candidate is in, the present panel kept.
    """

    id: str
    selected: bool
    code: ReasonCode
    points_missing: Fraction | None
    displaced: tuple[str, ...] = ()
    entering: tuple[str, ...] = ()
    full_quotas: tuple[FullQuota, ...] = ()
    first_capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """How a panel differs from the present one; `total` is None and the rest empty where no panel holds."""

    total: Fraction | None
    entering: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatStep:
    """The panel at another capacity: with the present panel kept, and chosen anew."""

    capacity: int
    kept: Shift
    anew: Shift


@dataclass(frozen=True, slots=True)
class QuotaStep:
    """The panel where a full limit gives way by one person; `gain` in points."""

    bound: Bound
    to: int
    gain: Fraction
    shift: Shift


@dataclass(frozen=True, slots=True)
class Sweep:
    """What more seats and each full limit would change; `first_in`: id → fewest places, the present panel kept."""

    seats: tuple[SeatStep, ...]
    quotas: tuple[QuotaStep, ...]
    first_in: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What to do about declined places.

    swap: `entering` take all the free places and every bound holds. hold: `entering` (perhaps nobody) come now,
    `held` places wait for the next decline, when a joint refill can work. relax: no one more decline would help;
    `relaxations` (also given for hold) say which limits would have to move, the present panel kept.
    """

    kind: Literal["swap", "hold", "relax"]
    declined: tuple[str, ...]
    entering: tuple[str, ...] = ()
    held: int = 0
    relaxations: tuple[Relaxation, ...] = ()
