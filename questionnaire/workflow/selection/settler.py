"""Settling one step of the selection by search."""

from collections.abc import Iterable

from .lexicographic import Settled
from .program import Program
from .proof import Proof
from .search import Budget, Search

MAX_NODES = 2000  # an ordinary selection takes 1 to 80


class NoPanel(Exception):
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
            return Settled(x, value, search.priced)
        priced, proof = search.proof(value)
        self.proofs.append(proof)
        return Settled(x, value, priced)
