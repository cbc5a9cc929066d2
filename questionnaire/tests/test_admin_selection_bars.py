"""The bars of the selection board."""

import re

from questionnaire.admin.selection_bars import WIDTH, draw
from questionnaire.workflow.panel import Bar


def rows(bar: Bar, *, pool: int = 200, places: int = 50) -> dict[str, tuple[int, int]]:
    """Return where each bar begins and how long it is, by class."""
    found = re.findall(r'class="(bar-\w+)" x="(\d+)" y="\d+" width="(\d+)"', draw(bar, pool=pool, places=places))
    return {name: (int(x), int(width)) for name, x, width in found}


def test_the_pool_is_a_share_of_the_candidates_the_rest_of_the_places() -> None:
    drawn = rows(Bar("x", pool=100, selected=10, minimum=5, maximum=20))
    assert drawn["bar-pool"] == (0, 500)
    assert drawn["bar-selected"] == (0, 200)
    assert drawn["bar-target"] == (100, 300)


def test_without_a_maximum_the_target_reaches_to_the_end() -> None:
    assert rows(Bar("x", pool=100, selected=10, minimum=5, maximum=None))["bar-target"] == (100, 900)


def test_a_broken_quota_has_another_colour() -> None:
    drawn = rows(Bar("x", pool=100, selected=30, minimum=0, maximum=20))
    assert "bar-broken" in drawn
    assert "bar-selected" not in drawn


def test_nothing_is_drawn_outside_of_the_picture() -> None:
    for bar in (
        Bar("all", pool=200, selected=60, minimum=50, maximum=50),
        Bar("none", pool=0, selected=0, minimum=0, maximum=0),
        Bar("wide", pool=200, selected=50, minimum=400, maximum=500),
    ):
        assert all(x + width <= WIDTH for x, width in rows(bar).values())
    assert rows(Bar("empty", pool=0, selected=0, minimum=0, maximum=0), pool=0, places=0)["bar-pool"] == (0, 0)
