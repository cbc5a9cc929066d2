"""The waiting list: whoever moves up keeps the balance, and where nobody can, that is said before inviting."""

from dataclasses import replace

from questionnaire.tests.selection_problems import HOW_MANY, best, holding, ids, person, random_problems
from questionnaire.workflow.selection import (
    Infeasible,
    PinConflict,
    Problem,
    Quota,
    Suggestion,
    relaxed,
    replacement,
    replacement_table,
    suggest,
)


def solved(count: int) -> list[tuple[Problem, Suggestion]]:
    """Give random problems that have a panel."""
    found = []
    for problem in random_problems(count, start=30_000):
        try:
            found.append((problem, suggest(problem)))
        except (Infeasible, PinConflict):
            continue
    return found


def without(problem: Problem, panel: set[str], gone: set[str]) -> Problem:
    """Pin everyone who stays, and leave out those who are gone."""
    return replace(problem, pinned_in=frozenset(panel - gone), pinned_out=problem.pinned_out | gone)


def test_the_table_names_the_first_whose_swap_keeps_every_bound() -> None:
    swaps = 0
    for problem, suggestion in solved(HOW_MANY // 3):
        table = replacement_table(problem, suggestion)
        assert list(table) == list(suggestion.selected)
        for leaver, successor in table.items():
            panel = best(without(problem, set(suggestion.selected), {leaver}))
            assert {successor} - {None} == (ids(panel) - set(suggestion.selected) if panel else set())
            swaps += successor is not None
    assert swaps > 20


def test_one_free_place_is_swapped_held_or_relaxed_as_trying_all_shows() -> None:
    kinds = set()
    for problem, suggestion in solved(HOW_MANY // 6):
        present = set(suggestion.selected)
        table = replacement_table(problem, suggestion)
        for leaver in suggestion.selected:
            answer = replacement(problem, suggestion, leaver)
            kinds.add(answer.kind)
            if table[leaver] is not None:
                assert (answer.kind, answer.entering, answer.held) == ("swap", (table[leaver],), 0)
                continue
            assert (answer.entering, answer.held) == ((), 1)
            assert (answer.kind == "hold") == one_more_would_do(problem, present, leaver)
            for relaxation in answer.relaxations:
                assert holding(without(relaxed(problem, relaxation), present, {leaver}))
    assert kinds == {"swap", "hold", "relax"}


def one_more_would_do(problem: Problem, present: set[str], leaver: str) -> bool:
    """Tell whether some further decline makes a joint refill possible; whom the organiser pinned does not decline."""
    pinned = problem.pinned_in - {leaver}
    barred = replace(problem, pinned_out=problem.pinned_out | {leaver}, pinned_in=pinned)
    return any(
        holding(replace(barred, pinned_in=frozenset(present - {leaver, other}) | pinned))
        for other in present - {leaver} - pinned
    )


def test_several_places_are_refilled_together() -> None:
    for problem, suggestion in solved(HOW_MANY // 3):
        gone = set(suggestion.selected[:2])
        if len(gone) < 2:
            continue
        answer = replacement(problem, suggestion, gone)
        panel = best(without(problem, set(suggestion.selected), gone))
        assert (answer.kind == "swap") == (panel is not None)
        assert len(answer.entering) + answer.held == 2
        if panel is not None:
            assert set(answer.entering) == ids(panel) - set(suggestion.selected)


def visit() -> Problem:
    """Give four places, at least one for the only person from Malta."""
    people = [
        person("mt", 3, country="MT"),
        *(person(f"fr{n}", 9 - n, country="FR", org=f"o{n % 2}") for n in range(6)),
    ]
    return Problem(candidates=people, capacity=4, quotas=[Quota(attribute="country", value="MT", min=1)])


def test_the_only_one_of_a_minimum_has_no_successor() -> None:
    problem = visit()
    suggestion = suggest(problem)
    assert replacement_table(problem, suggestion) == {"fr0": "fr3", "fr1": "fr3", "fr2": "fr3", "mt": None}
    answer = replacement(problem, suggestion, "mt")
    assert (answer.kind, answer.entering, answer.held) == ("relax", (), 1)
    assert [(c.bound.value, c.to) for c in answer.relaxations[0].changes] == [("MT", 0)]


def test_a_held_place_does_not_hold_up_the_next_one() -> None:
    problem = visit()
    answer = replacement(problem, suggest(problem), ["mt", "fr0"])
    assert (answer.entering, answer.held) == (("fr3",), 1)


def test_who_comes_while_a_place_is_held_opens_no_second_gap() -> None:
    people = [
        person("malta", 5, country="MT", group="prison"),
        person("social", 5, country="FR", group="social"),
        person("stays", 5, country="FR", group="prison"),
        person("better", 9, country="FR", group="prison", minute=1),
        person("needed", 1, country="FR", group="social", minute=1),
    ]
    quotas = [Quota(attribute="country", value="MT", min=1), Quota(attribute="group", value="social", min=1)]
    problem = Problem(candidates=people, capacity=3, quotas=quotas)
    answer = replacement(problem, ("malta", "social", "stays"), ["malta", "social"])
    assert (answer.entering, answer.held) == (("needed",), 1)


def test_a_place_is_not_held_for_two_further_declines() -> None:
    people = [
        person("mt1", 5, country="MT", gender="f"),
        person("mt2", 4, country="MT", gender="m", language="x"),
        person("man", 9, country="FR", gender="m"),
        person("speaker", 8, country="FR", gender="f", language="x"),
        person("f1", 1, country="FR", gender="f"),
        person("f2", 1, country="FR", gender="f"),
    ]
    quotas = [
        Quota(attribute="country", value="MT", min=1),
        Quota(attribute="gender", value="m", max=1),
        Quota(attribute="language", value="x", max=1),
    ]
    problem = Problem(candidates=people, capacity=3, quotas=quotas)
    panel = ("mt1", "man", "speaker")
    assert replacement(problem, panel, "mt1").kind == "relax"
    assert replacement(problem, panel, ["mt1", "man"]).kind == "hold"
    assert replacement(problem, panel, panel).kind == "swap"


def test_the_next_decline_can_free_what_a_held_place_waits_for() -> None:
    people = [
        person("mt1", 5, country="MT", gender="f"),
        person("mt2", 4, country="MT", gender="m"),
        person("fr1", 9, country="FR", gender="m"),
        person("fr2", 8, country="FR", gender="f"),
    ]
    quotas = [Quota(attribute="country", value="MT", min=1), Quota(attribute="gender", value="m", max=1)]
    problem = Problem(candidates=people, capacity=2, quotas=quotas)
    suggestion = suggest(problem)
    assert set(suggestion.selected) == {"mt1", "fr1"}
    assert replacement(problem, suggestion, "mt1").kind == "hold"  # mt2 would be a second man
    both = replacement(problem, suggestion, ["mt1", "fr1"])
    assert (both.kind, set(both.entering)) == ("swap", {"mt2", "fr2"})


def test_a_panel_that_has_changed_since_is_taken_as_it_is() -> None:
    problem = visit()
    panel = ("mt", "fr1", "fr2", "fr3")
    answer = replacement(problem, panel, ["fr0", "fr1"])  # the first one declined before
    assert (answer.kind, answer.entering) == ("swap", ("fr4",))
