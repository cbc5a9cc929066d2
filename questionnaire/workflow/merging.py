"""Two pages of one draft, on two devices or in two tabs: what was typed on either is neither lost nor overwritten.

A page says what it had been shown, as one fingerprint an input. So for each input there are three contents to
compare, as with any three-way merge: the one shown, the one posted, the one saved meanwhile.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from questionnaire.workflow.answers import Posted

Values = dict[str, list[str]]
Shown = Mapping[str, str]
"""Fingerprints by input name; an input that stood empty has none."""


@dataclass(frozen=True)
class Conflict:
    """An input that was changed on this page and elsewhere: what stands here, and what was saved since."""

    name: str
    here: list[str]
    saved: list[str]
    saved_at: dt.datetime | None


@dataclass(frozen=True)
class Merged:
    """What to save, and what the person has to choose first."""

    changes: Values
    conflicts: dict[str, Conflict]


@dataclass(frozen=True)
class Choice:
    """Which of two contents the person wants, and what the saved one was when they looked."""

    keep: Literal["here", "saved"]
    seen: str


def fingerprint(values: Sequence[str]) -> str:
    """Return a short text that differs where the content of an input differs; for an empty one, nothing."""
    said = [value.replace("\r\n", "\n") for value in values if value]
    return blake2b("\0".join(said).encode(), digest_size=6).hexdigest() if said else ""


def fingerprints(values: Posted, names: Sequence[str]) -> dict[str, str]:
    """Return what a page says that it shows."""
    found = {name: fingerprint(values.get(name, ())) for name in names}
    return {name: mark for name, mark in found.items() if mark}


def read_shown(text: str | None) -> Shown | None:
    """Return what a page says that it had been shown; None where it says nothing that can be read."""
    try:
        shown = json.loads(text or "")
    except ValueError:
        return None
    return shown if isinstance(shown, dict) else None


def read_choice(text: str) -> Choice | None:
    """Return a choice as a page posts it: `here-` or `saved-` and the fingerprint of the saved content."""
    keep, _dash, seen = text.partition("-")
    match keep:
        case "here" | "saved":
            return Choice(keep, seen)
        case _:
            return None


def merge(
    posted: Values,
    saved: Posted,
    changed_at: Mapping[str, str],
    *,
    shown: Shown | None,
    choices: Mapping[str, Choice],
) -> Merged:
    """Return the changes that a page makes to a draft, and where it and the draft contradict each other.

    Without `shown`, as from a program that just posts, the last one wins.
    """
    changes: Values = {}
    conflicts = {}
    for name, here in posted.items():
        there = saved.get(name, [])
        mine, theirs = fingerprint(here), fingerprint(there)
        choice = choices.get(name)
        settled = choice is not None and choice.seen == theirs
        if mine == theirs or (settled and choice and choice.keep == "saved"):
            continue
        before = theirs if shown is None else shown.get(name, "")
        if before == theirs or settled:
            changes[name] = here
        elif mine != before:
            conflicts[name] = Conflict(name, here, list(there), _moment(changed_at.get(name)))
    return Merged(changes, conflicts)


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
