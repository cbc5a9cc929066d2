"""Problems and suggestions as canonical JSON and back: the same input gives the same bytes, whatever its order.

The hash of a problem covers everything that the answer depends on, the lottery's seed included.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from fractions import Fraction
from operator import itemgetter
from typing import Any

from .problem import Candidate, Problem, Quota, Target
from .proof import Branch, Leaf, Node, Proof
from .results import Certificate, Suggestion

FORMAT = 1
CHUNK = 500  # candidates encoded at a time

_dumps = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _problem_pieces(problem: Problem) -> Iterator[str]:
    """Give the canonical JSON in pieces, so that a large problem is hashed without being held twice."""
    head = _dumps(
        {
            "capacity": problem.capacity,
            "format": FORMAT,
            "per_org": problem.per_org,
            "pinned_in": sorted(problem.pinned_in),
            "pinned_out": sorted(problem.pinned_out),
            "quotas": sorted(
                ([q.attribute, q.value, q.min, q.max, q.firm] for q in problem.quotas), key=lambda q: q[:2]
            ),
            "seed": problem.seed.hex() if problem.seed is not None else None,
            "targets": sorted([t.attribute, t.value, str(Fraction(t.share)), t.weight] for t in problem.targets),
            "tie": problem.tie,
            "tolerance": str(Fraction(problem.tolerance)),
        }
    )
    yield '{"candidates":['
    candidates = sorted(problem.candidates, key=lambda c: c.id)
    values = _SortedValues()
    for start in range(0, len(candidates), CHUNK):
        chunk = [_candidate_data(candidate, values) for candidate in candidates[start : start + CHUNK]]
        yield f"{',' if start else ''}{_dumps(chunk)[1:-1]}"
    yield f"],{head[1:]}"


Items = tuple[tuple[str, frozenset[str]], ...]


class _SortedValues(dict[Items, list[list[Any]]]):
    """Values as sorted pairs, one list for all candidates who share them: few are distinct."""

    def __missing__(self, items: Items) -> list[list[Any]]:
        value = self[items] = [[attribute, sorted(own)] for attribute, own in sorted(items, key=itemgetter(0))]
        return value


def _candidate_data(c: Candidate, values: _SortedValues) -> list[Any]:
    at = c.submitted_at if c.submitted_at.tzinfo is UTC else c.submitted_at.astimezone(UTC)
    return [c.id, sorted(c.marks), c.org, at.isoformat(), values[tuple(c.values.items())]]


def problem_json(problem: Problem) -> str:
    """Give a problem as canonical JSON. It holds the lottery's seed: keep it from applicants until it is published."""
    return "".join(_problem_pieces(problem))


def problem_sha256(problem: Problem) -> str:
    """Give the hash of the canonical JSON."""
    digest = hashlib.sha256()
    for piece in _problem_pieces(problem):
        digest.update(piece.encode())
    return digest.hexdigest()


def load_problem(text: str) -> Problem:
    """Read back what `problem_json` wrote. Raises `ValueError` on another format."""
    data = _loads(text)
    return Problem(
        candidates=tuple(_candidate(entry) for entry in data["candidates"]),
        capacity=data["capacity"],
        quotas=tuple(
            Quota(attribute=attribute, value=value, min=low, max=high, firm=firm)
            for attribute, value, low, high, firm in data["quotas"]
        ),
        per_org=data["per_org"],
        pinned_in=frozenset(data["pinned_in"]),
        pinned_out=frozenset(data["pinned_out"]),
        tie=data["tie"],
        seed=None if data["seed"] is None else bytes.fromhex(data["seed"]),
        targets=tuple(
            Target(attribute=attribute, value=value, share=Fraction(share), weight=weight)
            for attribute, value, share, weight in data["targets"]
        ),
        tolerance=Fraction(data["tolerance"]),
    )


def _candidate(entry: list[Any]) -> Candidate:
    person, marks, org, submitted_at, values = entry
    return Candidate(
        id=person,
        marks=tuple(marks),
        values={attribute: frozenset(own) for attribute, own in values},
        org=org,
        submitted_at=datetime.fromisoformat(submitted_at),
    )


def suggestion_json(suggestion: Suggestion) -> str:
    """Give a suggestion with its certificate as canonical JSON."""
    data = {
        "bound": str(suggestion.bound),
        "certificate": suggestion.certificate and _certificate_data(suggestion.certificate),
        "format": FORMAT,
        "input_sha256": suggestion.input_sha256,
        "nodes": suggestion.nodes,
        "proven": suggestion.proven,
        "seed_commitment": suggestion.seed_commitment,
        "selected": suggestion.selected,
        "solver": suggestion.solver,
        "total": str(suggestion.total),
    }
    return _dumps(data)


def load_suggestion(text: str) -> Suggestion:
    """Read back what `suggestion_json` wrote. Raises `ValueError` on another format."""
    data = _loads(text)
    return Suggestion(
        selected=tuple(data["selected"]),
        total=Fraction(data["total"]),
        bound=Fraction(data["bound"]),
        proven=data["proven"],
        certificate=data["certificate"] and _certificate(data["certificate"]),
        input_sha256=data["input_sha256"],
        solver=data["solver"],
        nodes=data["nodes"],
        seed_commitment=data["seed_commitment"],
    )


def _loads(text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(text)
    if data.get("format") != FORMAT:
        raise ValueError("unknown format")
    return data


def certificate_json(certificate: Certificate) -> str:
    """Give a certificate on its own as canonical JSON."""
    return _dumps(_certificate_data(certificate))


def _certificate_data(certificate: Certificate) -> dict[str, Any]:
    return {"peak": certificate.peak, "proofs": [_proof_data(proof) for proof in certificate.proofs]}


def _certificate(data: dict[str, Any]) -> Certificate:
    return Certificate(tuple(_proof(proof) for proof in data["proofs"]), tuple(data["peak"]))


def _proof_data(proof: Proof) -> list[Any]:
    return [proof.value, _pairs(proof.prices), [_node_data(node) for node in proof.tree]]


def _proof(data: list[Any]) -> Proof:
    value, prices, tree = data
    return Proof(value, dict(prices), tuple(_node(node) for node in tree))


def _node_data(node: Node) -> dict[str, Any]:
    return asdict(node) if isinstance(node, Branch) else {"prices": _pairs(node.prices)}


def _node(data: dict[str, Any]) -> Node:
    if "prices" in data:
        return Leaf(dict(data["prices"]))
    return Branch(data["column"], data["at"], data["up"])


def _pairs(prices: Mapping[int, int]) -> list[list[int]]:
    return [[row, prices[row]] for row in sorted(prices)]
