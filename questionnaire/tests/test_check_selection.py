"""The command that checks the selections that were kept."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from events.models import Event
from events.tests.factories import EventFactory
from questionnaire.models import SelectionRun, Target
from questionnaire.tests.factories import AFTER_CLOSE
from questionnaire.tests.selecting import crowd, selectable
from questionnaire.workflow import runs

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event with two runs, of three people and of two out of four."""
    event = selectable(EventFactory())
    crowd(event, 4)
    for places in (3, 2):
        runs.suggest(event, by=None, at=AFTER_CLOSE, places=places)
    return event


def check(event: Event) -> str:
    """Run the command and return what it prints."""
    output = StringIO()
    call_command("check_selection", event.slug, stdout=output)
    return output.getvalue()


def test_every_run_that_was_kept_holds(event: Event) -> None:
    printed = check(event)
    assert printed.count(": holds") == 2
    for run in SelectionRun.objects.all():
        assert run.input_sha256 in printed


def test_one_that_was_tampered_with_ends_in_an_error(event: Event) -> None:
    run = SelectionRun.objects.all()[0]
    ids = {candidate.id for candidate in runs.problem_of(run).candidates}
    selected = runs.suggestion_of(run).selected
    run.result = run.result.replace(selected[0], min(ids - set(selected)))
    run.save()
    with pytest.raises(CommandError, match="do not hold: 1"):
        check(event)


def test_an_unknown_event_is_named() -> None:
    with pytest.raises(CommandError, match="There is no event nowhere"):
        call_command("check_selection", "nowhere")


def test_it_tells_the_rules_and_how_far_wished_shares_are_met(event: Event) -> None:
    country = event.questions.get(key="country")
    Target.objects.create(event=event, question=country, values="FR IT", percent=50)
    runs.suggest(event, by=None, at=AFTER_CLOSE, places=3)
    newest = check(event).splitlines()[0]
    assert (
        "holds; raw scores; ties by time of submission; tolerance 0.00 points; country FR IT: 3 of 2 wished" in newest
    )
