"""Two pages of one draft: nothing is overwritten unseen, nothing is asked that need not be."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaire.workflow.merging import Choice, fingerprint, fingerprints, merge, read_choice, read_shown

AT = dt.datetime(2021, 11, 10, 13, 2, tzinfo=dt.UTC)
CHANGED = {"q": AT.isoformat()}
CONTENTS = st.lists(st.text(max_size=3), max_size=2)


def merge_one(shown: str, here: str, saved: str, **choices: Choice) -> tuple[dict[str, list[str]], list[str]]:
    """Merge one input; return the changes and the names in conflict."""
    merged = merge({"q": [here]}, {"q": [saved]}, CHANGED, shown=fingerprints({"q": [shown]}, ["q"]), choices=choices)
    return merged.changes, list(merged.conflicts)


@pytest.mark.parametrize(
    ("shown", "here", "saved", "changes", "in_conflict"),
    [
        ("a", "a", "a", {}, []),
        ("a", "b", "a", {"q": ["b"]}, []),  # changed here alone
        ("a", "a", "b", {}, []),  # changed elsewhere alone
        ("a", "b", "b", {}, []),  # changed to the same
        ("a", "b", "c", {}, ["q"]),
        ("a", "", "c", {}, ["q"]),  # emptied here, changed there
        ("", "b", "c", {}, ["q"]),  # filled in twice
        ("a", "", "a", {"q": [""]}, []),
    ],
)
def test_three_contents_decide(
    shown: str, here: str, saved: str, changes: dict[str, list[str]], in_conflict: list[str]
) -> None:
    assert merge_one(shown, here, saved) == (changes, in_conflict)


def test_a_conflict_holds_both_and_when_the_other_was_saved() -> None:
    shown = fingerprints({"q": ["a"]}, ["q"])
    conflict = merge({"q": ["b"]}, {"q": ["c"]}, CHANGED, shown=shown, choices={}).conflicts["q"]
    assert (conflict.here, conflict.saved, conflict.saved_at) == (["b"], ["c"], AT)


@pytest.mark.parametrize(("keep", "changes"), [("here", {"q": ["b"]}), ("saved", {})])
def test_the_choice_of_the_person_counts(keep: str, changes: dict[str, list[str]]) -> None:
    choice = read_choice(f"{keep}-{fingerprint(['c'])}")
    assert choice is not None
    assert merge_one("a", "b", "c", q=choice) == (changes, [])


@pytest.mark.parametrize("keep", ["here", "saved"])
def test_a_choice_that_came_too_late_is_asked_again(keep: str) -> None:
    choice = read_choice(f"{keep}-{fingerprint(['c'])}")
    assert choice is not None
    assert merge_one("a", "b", "d", q=choice) == ({}, ["q"])


def test_a_program_that_says_nothing_of_what_it_was_shown_wins() -> None:
    assert merge({"q": ["b"]}, {"q": ["c"]}, {}, shown=None, choices={}).changes == {"q": ["b"]}


@pytest.mark.parametrize("text", [None, "", "[", "[1]", "1", '"a"', "null"])
def test_what_cannot_be_read_says_nothing(text: str | None) -> None:
    assert read_shown(text) is None


@pytest.mark.parametrize("text", ["", "-", "both-1", "herex"])
def test_a_choice_that_is_none_is_none(text: str) -> None:
    assert read_choice(text) is None


def test_line_ends_and_empty_values_make_no_difference() -> None:
    assert fingerprint(["a\r\nb"]) == fingerprint(["a\nb"])
    assert fingerprint([]) == fingerprint([""]) == ""


@given(CONTENTS, CONTENTS)
def test_fingerprints_tell_contents_apart(one: list[str], other: list[str]) -> None:
    said = [[value.replace("\r\n", "\n") for value in values if value] for values in (one, other)]
    if "\0" not in "".join(one + other):
        assert (fingerprint(one) == fingerprint(other)) is (said[0] == said[1])


def test_nothing_typed_on_any_page_is_lost_unseen() -> None:
    """Of all that two pages may show and hold: what is saved stays, goes by a change here, or is asked about."""
    for shown, here, saved in itertools.product(["", "a", "b", "c"], repeat=3):
        changes, in_conflict = merge_one(shown, here, saved)
        if changes:
            assert saved in {shown, here}
        elif not in_conflict:
            assert here in {shown, saved}
