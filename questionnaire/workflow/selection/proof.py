"""Proofs that no x of a program is worth more than a claimed value, and their checker.

The checker is plain integer arithmetic (standard library only) and trusts no solver. It rests on weak duality: for
any integer prices y, Σ(y⁺U − y⁻L) + Σ max over the box of (c − Σ y)·x is at least the optimum. Below value + 1 at
the root the claim is proven. Else every column that may not move without falling below value + 1 is fixed, and a
tree of branches over the others has to prove it leaf by leaf. An infeasible leaf is the same case: its prices can
be made large enough to push the bound below anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .program import Box, Priced, Prices, Program


@dataclass(frozen=True, slots=True)
class Branch:
    """Split a column: x ≤ at, and x ≥ at + 1; `up` says that the latter comes first in the list of nodes."""

    column: int
    at: int
    up: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """Prices that bound everything within the branches taken."""

    prices: Mapping[int, int]


Node = Branch | Leaf


@dataclass(frozen=True, slots=True)
class Proof:
    """No x is worth more than `value`: prices at the root, then the tree in depth-first order (empty: not needed).

    Columns in the tree are counted within the core that the root's prices leave.
    """

    value: int
    prices: Mapping[int, int]
    tree: tuple[Node, ...] = ()


def narrowed(program: Program, box: Box, branch: Branch) -> tuple[Box, Box]:
    """Give the boxes of a branch's two sides, the one to visit last first. Raises `ValueError` on an empty side."""
    low, high = box.get(branch.column, (program.lower[branch.column], program.upper[branch.column]))
    if not low <= branch.at < high:
        raise ValueError(branch)
    down = {**box, branch.column: (low, branch.at)}
    up = {**box, branch.column: (branch.at + 1, high)}
    return (down, up) if branch.up else (up, down)


def bounded(program: Program, box: Box, prices: Prices) -> int:
    """Give the exact dual bound within a box, in 1/scale."""
    return Priced.of(program.boxed(box), prices).bound


def proves(program: Program, proof: Proof) -> bool:
    """Tell whether the proof shows that no x of the program is worth more than its value."""
    return proves_from(Priced.of(program, proof.prices), proof)


def proves_from(root: Priced, proof: Proof) -> bool:
    """Do the same for a program that is already priced by the proof's prices."""
    ceiling = (proof.value + 1) * root.program.scale
    if root.bound < ceiling:
        return not proof.tree
    core = root.core(root.bound - ceiling)
    try:
        return _tree_holds(core.program, proof.tree, ceiling - core.constant * root.program.scale)
    except (ValueError, IndexError):  # a branch that splits nothing, a tree with too many nodes
        return False


def _tree_holds(program: Program, tree: Sequence[Node], ceiling: int) -> bool:
    open_boxes: list[Box] = [{}]
    for node in tree:
        box = open_boxes.pop()
        if isinstance(node, Branch):
            open_boxes.extend(narrowed(program, box, node))
        elif bounded(program, box, node.prices) >= ceiling:
            return False
    return not open_boxes
