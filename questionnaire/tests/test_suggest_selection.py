"""The command that suggests a selection."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from events.models import Event
from events.tests.factories import EventFactory
from questionnaire.models import SelectionRun
from questionnaire.states import State
from questionnaire.tests.selecting import applicant, crowd, quota, selectable

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event with three places and four applicants, at most two of one country."""
    event = selectable(EventFactory())
    quota(event, "country", maximum=2)
    crowd(event, 3)
    applicant(event, "Zita", (1, 0), country="AT")
    return event


def run(event: Event, *options: str) -> str:
    """Run the command and return what it prints."""
    output = StringIO()
    call_command("suggest_selection", event.slug, *options, stdout=output)
    return output.getvalue()


def test_it_prints_everyone_with_rank_and_reason_and_each_quota(event: Event) -> None:
    printed = run(event)
    assert "3 of 4 candidates" in printed
    assert "Proven to be the best." in printed
    assert "A human decides" in printed
    assert "Country: France: 3 in the pool, 2 selected, wanted 0 to 2" in printed
    assert "Full: Country: France (2); would be in with 3." in printed
    kept = SelectionRun.objects.get()
    assert kept.input_sha256 in printed
    assert not event.applications.exclude(state=State.SUBMITTED).exists()


def test_json_is_for_a_program_to_read(event: Event) -> None:
    data = json.loads(run(event, "--json"))
    selected = {person["id"] for person in data["people"] if person["selected"]}
    assert data["feasible"] is True
    assert selected == set(data["suggestion"]["selected"])
    assert data["suggestion"]["certificate"]["proofs"]
    assert [person["rank"] for person in data["people"]] == [1, 2, 3, 4]


def test_an_impossible_balance_ends_with_the_conflict_and_ways_out(event: Event) -> None:
    quota(event, "country", values="AT", minimum=2)
    with pytest.raises(CommandError) as error:
        run(event)
    assert "only 1 applied" in str(error.value)
    assert "Way out 1: Country: Austria: at least 1 instead of 2" in str(error.value)
    assert error.value.returncode == 1
    assert not SelectionRun.objects.exists()


def test_so_does_json(event: Event) -> None:
    quota(event, "country", values="AT", minimum=2)
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("suggest_selection", event.slug, "--json", stdout=output)
    data = json.loads(output.getvalue())
    assert data["feasible"] is False
    assert data["conflict"] == ["Country: Austria: at least 2"]
    assert 1 <= len(data["relaxations"]) <= 3


def test_everyone_refuses_while_a_review_is_missing(event: Event) -> None:
    applicant(event, "Unread")
    assert "Left out, without a finished review: 1." in run(event)
    with pytest.raises(CommandError, match="no finished review: Unread"):
        run(event, "--everyone")


def test_places_narrow_the_selection(event: Event) -> None:
    assert "1 of 4 candidates" in run(event, "--places", "1")


def test_an_unknown_event_is_named() -> None:
    with pytest.raises(CommandError, match="There is no event nowhere"):
        call_command("suggest_selection", "nowhere")
