"""Every door of the site, tried by everybody: what each role gets stands in `role_matrix.txt`, and nothing else."""

from collections.abc import Iterator

import pytest
import time_machine
from pytest_django import Settings

from questionnaire.tests.factories import WHILE_OPEN
from ravisit.testing.routes import routes
from ravisit.tests.roles import ROLES, Scene, answer_to, browser_of, read_matrix, set_scene

MATRIX = read_matrix()
OUTSIDERS = ("anonymous", "owner", "applicant", "unverified")
# What shows nothing of any event: the login itself, and what leads there.
OPEN_IN_THE_ADMIN = {"admin/login/", "admin/logout/"}
# Of the event of the scene, organisers alone get these; reviewers get what is assigned to them, and their own queue.
FOR_REVIEWERS = {
    "admin/questionnaire/application/<path:object_id>/change/",
    "admin/questionnaire/application/<path:object_id>/autosave/",
    "admin/questionnaire/application/<path:object_id>/files/<str:upload>/",
    "admin/questionnaire/application/next/<int:event_id>/",
}


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Return an event with something behind every door, while applying is open."""
    with time_machine.travel(WHILE_OPEN, tick=False):
        yield set_scene()


def test_every_address_stands_in_the_matrix() -> None:
    named = {route or "-" for route in routes()}
    for method in ("GET", "POST"):
        assert {route for one, route in MATRIX if one == method} == named


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_matrix_says(scene: Scene, role: str, settings: Settings) -> None:
    settings.REQUIRE_2FA = role == "unverified"
    client = browser_of(role, scene)
    client.raise_request_exception = False
    column = ROLES.index(role)
    differing = {
        f"{method} {route}": (expected[column], got)
        for (method, route), expected in MATRIX.items()
        if (got := answer_to(client, method, scene.address("" if route == "-" else route))) != expected[column]
    }
    assert differing == {}, "expected, got"


def _cells(role: str) -> Iterator[tuple[str, str]]:
    for (_method, route), cells in MATRIX.items():
        yield route, cells[ROLES.index(role)]


def test_nobody_from_outside_enters_the_admin() -> None:
    for role in OUTSIDERS:
        for route, cell in _cells(role):
            if route.startswith("admin/") and route not in OPEN_IN_THE_ADMIN:
                assert cell == "in", (role, route)


def test_the_team_of_another_event_gets_nothing_of_this_one() -> None:
    for role in ("elsewhere", "other"):
        for route, cell in _cells(role):
            if route.startswith("admin/") and any(name in route for name in ("object_id", "event_id", "<int:pk>")):
                assert cell in {"302", "400", "403", "404", "405"}, (role, route)


def test_reviewers_get_no_screen_of_organisers() -> None:
    for role in ("assigned", "reviewer"):
        for route, cell in _cells(role):
            if route.startswith("admin/") and any(name in route for name in ("object_id", "event_id", "<int:pk>")):
                assert cell != "200" or (role == "assigned" and route in FOR_REVIEWERS), (role, route)


def test_nothing_breaks() -> None:
    known = {"200", "204", "302", "400", "403", "404", "405", "409", "in"}
    assert {cell for cells in MATRIX.values() for cell in cells} <= known
