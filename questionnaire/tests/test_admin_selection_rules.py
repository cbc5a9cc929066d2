"""The rules of a selection as organisers set them, and what the board, a run and the public page tell of them."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client

from events.models import Event
from events.tests.admin_pages import client_of
from events.tests.factories import EventFactory
from questionnaire.models import Target
from questionnaire.tests.factories import AFTER_CLOSE
from questionnaire.tests.team import Team
from questionnaire.tests.test_admin_selection import BOARDS, do, look, selected, team
from questionnaire.workflow import rules, runs

__all__ = ["team"]  # the fixture
pytestmark = pytest.mark.django_db


def rules_page(team: Team, by: str = "organiser", **data: object) -> str:
    """Look at the rules, or set them."""
    client, url = client_of(getattr(team, by)), f"{BOARDS}{team.event.pk}/rules/"
    with time_machine.travel(AFTER_CLOSE, tick=False):
        response = client.post(url, data, follow=True) if data else client.get(url)
    assert response.status_code == 200
    return response.content.decode()


RULES = {"scores": "adjusted", "ties": "lottery", "tolerance": "0.50"}


def test_rules_are_set_and_the_lottery_is_public_at_once(
    team: Team, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    team.event.applications.all().delete()  # nobody has reviewed
    client, address = Client(), f"/en/events/{team.event.slug}/"
    before = client.get(address).content.decode()
    assert "Places" in before
    assert "Equal scores" not in before
    with django_capture_on_commit_callbacks(execute=True):
        assert "The rules are kept." in rules_page(team, **RULES)
    team.event.refresh_from_db()
    assert team.event.lottery_commitment in rules_page(team)
    shown = client.get(address).content.decode()
    assert team.event.lottery_commitment in shown
    assert "The seed will stand here" in shown
    assert rules.of(team.event).seed not in shown


def test_once_somebody_reviews_ties_stay_as_they_are(team: Team) -> None:
    assert "this can no longer change" in rules_page(team)
    rules_page(team, **RULES)
    kept = rules.of(team.event)
    assert (kept.scores, kept.ties, str(kept.tolerance)) == ("adjusted", "submitted", "0.50")


@pytest.mark.parametrize("wrong", [{"scores": "x"}, {"tolerance": "-1"}, {"tolerance": ""}, {"tolerance": "1.234"}])
def test_wrong_rules_are_refused_and_shown_again(team: Team, wrong: dict[str, str]) -> None:
    assert "Please correct the error below." in rules_page(team, **{**RULES, **wrong})
    assert rules.of(team.event).pk is None


@pytest.mark.parametrize("by", ["reviewer", "stranger"])
def test_others_set_no_rules(team: Team, by: str) -> None:
    client = client_of(getattr(team, by))
    assert client.post(f"{BOARDS}{team.event.pk}/rules/", RULES).status_code == 404
    assert client.get(f"{BOARDS}{team.event.pk}/rules/").status_code == 404


def test_the_board_tells_how_it_was_computed_and_how_far_wishes_are_met(team: Team) -> None:
    Target.objects.create(
        event=team.event, question=team.event.questions.get(key="country"), values="DE", percent=34, weight=2
    )
    rules_page(team, scores="raw", ties="submitted", tolerance="2.00")
    do(team, "suggest")
    shown = look(team)
    assert "Computed with raw means." in shown
    assert "Equal scores: by the time of submission." in shown
    assert selected(team) == {"Ada", "Ben", "Eva"}
    assert "1.33 points were given up for the wished shares, of 2.00 allowed" in shown
    assert "as wished" in shown
    first = runs.current(team.event)
    rules_page(team, scores="adjusted", ties="submitted", tolerance="0")
    assert "have changed since this selection was made" in look(team)
    do(team, "suggest")
    shown = look(team)
    assert "Computed with means adjusted for the reviewers’ severity." in shown
    assert "1 fewer than wished" in shown
    last = runs.current(team.event)
    assert first is not None
    assert last is not None
    compared = look(team, f"compare/?a={first.pk}&b={last.pk}")
    assert "Country: Germany (wished share)" in compared
    assert "0 of 1" in compared
    assert "means adjusted" in compared


def test_the_inputs_stay_closed_while_they_hold_a_secret_seed(team: Team) -> None:
    rules.SelectionRules.objects.create(event=team.event, ties="lottery", seed="ab" * 32)
    run = runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    client = client_of(team.organiser)
    inputs = f"{BOARDS}{team.event.pk}/runs/{run.pk}/inputs.json"
    assert client.get(inputs).status_code == 404
    assert client.get(inputs.replace("inputs", "result")).status_code == 200
    shown = look(team, f"runs/{run.pk}/")
    assert "The inputs hold the lottery’s seed" in shown
    assert "ab" * 32 not in shown
    Event.objects.update(lottery_seed="ab" * 32)
    assert client.get(inputs).json()["seed"] == "ab" * 32


def test_the_public_page_tells_of_the_lot_as_it_stands() -> None:
    event = EventFactory(lottery_commitment="cd" * 32)
    before = render_to_string("events/_lottery.html", {"event": event})
    assert "stays secret until" in before
    event.lottery_seed = "ab" * 32
    after = render_to_string("events/_lottery.html", {"event": event})
    assert "stayed secret until" in after
    assert "ab" * 32 in after
