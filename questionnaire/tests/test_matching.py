"""Sharing applications out: nobody forbidden, nobody short without need, as even as can be."""

from collections import Counter
from itertools import combinations, product
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from questionnaire.workflow.matching import Task, share_out

REVIEWERS = range(4)
sets_of_reviewers = st.frozensets(st.sampled_from(REVIEWERS))
few_tasks = st.lists(st.tuples(st.integers(0, 3), sets_of_reviewers), max_size=5)
many_tasks = st.lists(st.tuples(st.integers(0, 3), sets_of_reviewers), max_size=60)
loads_before = st.fixed_dictionaries({reviewer: st.integers(0, 3) for reviewer in REVIEWERS})


def tasks_of(drawn: list[tuple[int, frozenset[int]]]) -> list[Task]:
    """Return tasks numbered from 100."""
    return [Task(100 + number, needed, eligible) for number, (needed, eligible) in enumerate(drawn)]


def loads_after(shares: dict[int, frozenset[int]], before: dict[int, int]) -> Counter[int]:
    """Return what everybody has in the end."""
    return Counter(before) + Counter(reviewer for share in shares.values() for reviewer in share)


@given(many_tasks, loads_before)
def test_nobody_forbidden_is_ever_chosen_and_nobody_is_missing_without_need(
    drawn: list[tuple[int, frozenset[int]]], before: dict[int, int]
) -> None:
    tasks = tasks_of(drawn)
    shares = share_out(tasks, before)
    for task in tasks:
        assert shares[task.id] <= task.eligible
        assert len(shares[task.id]) == min(task.needed, len(task.eligible))


@given(few_tasks, loads_before)
def test_no_other_way_is_more_even(drawn: list[tuple[int, frozenset[int]]], before: dict[int, int]) -> None:
    """Against every way that there is, by the sum of squares."""
    tasks = tasks_of(drawn)
    ways = product(*(combinations(sorted(t.eligible), min(t.needed, len(t.eligible))) for t in tasks))
    best = min(
        sum(number**2 for number in (Counter(before) + Counter(r for share in way for r in share)).values())
        for way in ways
    )
    assert sum(number**2 for number in loads_after(share_out(tasks, before), before).values()) == best


@given(st.integers(1, 6), st.integers(0, 60), st.integers(1, 6))
def test_where_everybody_may_review_everything_loads_differ_by_one_at_most(
    reviewers: int, tasks: int, needed: int
) -> None:
    everybody = frozenset(range(reviewers))
    shares = share_out([Task(number, needed, everybody) for number in range(tasks)], dict.fromkeys(everybody, 0))
    loads = loads_after(shares, {})
    numbers = [loads[reviewer] for reviewer in everybody]
    assert max(numbers) - min(numbers) <= 1


@given(many_tasks, loads_before, st.randoms())
def test_the_order_of_the_rows_changes_nothing(
    drawn: list[tuple[int, frozenset[int]]], before: dict[int, int], random: object
) -> None:
    tasks = tasks_of(drawn)
    shuffled = list(tasks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert share_out(tasks, before) == share_out(shuffled, dict(reversed(before.items())))


def test_a_chain_of_swaps_evens_out_what_no_single_swap_could() -> None:
    tasks = [
        Task(1, 1, frozenset({1, 2})),
        Task(2, 1, frozenset({1, 2})),
        Task(3, 1, frozenset({2, 3})),
        Task(4, 1, frozenset({1})),
        Task(5, 1, frozenset({1})),
    ]
    assert sorted(loads_after(share_out(tasks, {1: 0, 2: 0, 3: 0}), {}).values()) == [1, 2, 2]


def test_who_had_a_task_keeps_it_where_the_load_allows() -> None:
    everybody = frozenset(range(6))
    before = {number: frozenset({number % 6}) for number in range(30)}
    tasks = [Task(number, 1, everybody, had) for number, had in before.items()]
    kept = sum(share_out(tasks, dict.fromkeys(everybody, 0))[number] == had for number, had in before.items())
    assert kept == 30


def test_pairs_of_reviewers_mix() -> None:
    everybody = frozenset(range(4))
    shares = share_out([Task(number, 2, everybody) for number in range(60)], dict.fromkeys(everybody, 0))
    assert len(set(shares.values())) == 6


def test_thousands_are_shared_out_at_once() -> None:
    everybody = frozenset(range(20))
    tasks = [Task(number, 2, everybody - {number % 20}) for number in range(5000)]
    start = process_time()
    share_out(tasks, dict.fromkeys(everybody, 0))
    assert process_time() - start < 2
