"""Runs of the selection: kept, checked, changed by hand, restored."""

import pytest
from django.contrib.auth.models import User

from events.models import Event
from events.tests.factories import EventFactory, UserFactory
from questionnaire.models import Pin, SelectionRun
from questionnaire.tests.factories import AFTER_CLOSE, AFTER_RELEASE
from questionnaire.tests.selecting import applicant, crowd, quota, selectable
from questionnaire.workflow import retention, runs, selection

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def event() -> Event:
    """Return an event with three places for five people, at most two of them French; four are the best."""
    event = selectable(EventFactory())
    quota(event, "country", maximum=2)
    for place, (name, country) in enumerate({"Ada": "FR", "Ben": "FR", "Cleo": "FR", "Dan": "AT", "Eva": "DE"}.items()):
        applicant(event, name, (5 - place, 3), country=country, minutes=place)
    return event


@pytest.fixture
def person() -> User:
    """Return an organiser."""
    return UserFactory()


def names(event: Event, run: SelectionRun) -> set[str]:
    """Return who is selected, by first name."""
    selected = runs.suggestion_of(run).selected
    return set(event.applications.filter(public_id__in=selected).values_list("first_name", flat=True))


def place(event: Event, name: str, side: str | None, person: User, reason: str = "known") -> runs.Move:
    """Place somebody."""
    pin = None if side is None else Pin.Side(side)
    return runs.move(event.applications.get(first_name=name), pin, reason=reason, by=person, at=AFTER_RELEASE)


def test_a_run_keeps_all_that_it_takes_to_arrive_at_it_again(event: Event, person: User) -> None:
    run = runs.suggest(event, by=person, at=AFTER_CLOSE)
    assert names(event, run) == {"Ada", "Ben", "Dan"}
    event.applications.update(country="IT")
    run.refresh_from_db()
    assert selection.suggest(runs.problem_of(run)) == runs.suggestion_of(run)
    assert selection.problem_sha256(runs.problem_of(run)) == run.input_sha256
    assert runs.check(run) == runs.Check((), same_answer=True)


def test_a_problem_is_read_once_while_somebody_leafs_through_the_board(event: Event, person: User) -> None:
    run = runs.suggest(event, by=person, at=AFTER_CLOSE)
    assert runs.problem_of(SelectionRun.objects.get(pk=run.pk)) is runs.problem_of(run)


def test_a_run_that_was_tampered_with_does_not_hold(event: Event, person: User) -> None:
    run = runs.suggest(event, by=person, at=AFTER_CLOSE)
    left_out = event.applications.get(first_name="Eva").public_id
    chosen = runs.suggestion_of(run).selected[0]
    run.result = run.result.replace(chosen, left_out)
    run.save()
    check = runs.check(run)
    assert not check.holds
    assert check.violations
    assert check.same_answer is False


def test_inputs_that_were_tampered_with_show(event: Event, person: User) -> None:
    run = runs.suggest(event, by=person, at=AFTER_CLOSE)
    run.packed_inputs = SelectionRun.pack(run.inputs.replace('"AT"', '"DE"').replace('[["country",[]]]', "[]"))
    assert [violation.code for violation in runs.check(run).violations] == ["input"]


def test_the_same_input_gives_the_same_bytes(event: Event, person: User) -> None:
    one, other = (runs.suggest(event, by=person, at=AFTER_CLOSE) for _ in range(2))
    assert (one.inputs, one.result, one.input_sha256) == (other.inputs, other.result, other.input_sha256)


def test_moving_somebody_in_arranges_the_others_and_says_what_it_costs(event: Event, person: User) -> None:
    before = runs.suggest(event, by=person, at=AFTER_CLOSE)
    moved = place(event, "Cleo", "in", person, "speaks for the probation service")
    assert names(event, moved.run) == {"Ada", "Cleo", "Dan"}  # at most two French people
    assert moved.obstacle is None
    assert moved.cost * runs.points_of(before) == runs.suggestion_of(before).total * runs.points_of(
        before
    ) - runs.suggestion_of(moved.run).total * runs.points_of(before)
    assert moved.cost > 0
    pin = Pin.objects.get()
    assert (pin.reason, pin.by, pin.at) == ("speaks for the probation service", person, AFTER_RELEASE)
    assert runs.current(event) == moved.run


def test_a_choice_is_kept_by_the_next_suggestion_until_it_is_lifted(event: Event, person: User) -> None:
    runs.suggest(event, by=person, at=AFTER_CLOSE)
    place(event, "Ada", "out", person)
    assert names(event, runs.suggest(event, by=person, at=AFTER_RELEASE)) == {"Ben", "Cleo", "Dan"}
    lifted = place(event, "Ada", None, person)
    assert names(event, lifted.run) == {"Ada", "Ben", "Dan"}
    assert lifted.cost < 0
    assert Pin.objects.get().lifted_by == person


def test_a_choice_that_no_quota_allows_stands_all_the_same(event: Event, person: User) -> None:
    runs.suggest(event, by=person, at=AFTER_CLOSE)
    for name in ("Ada", "Ben"):
        place(event, name, "in", person)
    moved = place(event, "Cleo", "in", person)
    assert isinstance(moved.obstacle, selection.PinConflict)
    assert names(event, moved.run) == {"Ada", "Ben", "Cleo", "Dan"}
    assert moved.run.origin == SelectionRun.Origin.BY_HAND
    assert runs.check(moved.run) == runs.Check((), None)
    with pytest.raises(selection.PinConflict):
        runs.suggest(event, by=person, at=AFTER_RELEASE)


def test_a_panel_put_together_by_hand_is_checked_too(event: Event, person: User) -> None:
    runs.suggest(event, by=person, at=AFTER_CLOSE)
    for name in ("Ada", "Ben", "Cleo"):
        run = place(event, name, "in", person).run
    total = runs.suggestion_of(run).total
    run.result = run.result.replace(f'"total":"{total}"', '"total":"1000"')
    assert [violation.code for violation in runs.check(run).violations] == ["total"]


def test_nobody_is_moved_who_is_no_candidate(event: Event, person: User) -> None:
    runs.suggest(event, by=person, at=AFTER_CLOSE)
    applicant(event, "Unread")
    with pytest.raises(runs.NothingToChange):
        place(event, "Unread", "in", person)
    assert not Pin.objects.exists()


def test_nobody_is_moved_before_there_is_a_selection(event: Event, person: User) -> None:
    with pytest.raises(runs.NothingToChange):
        place(event, "Ada", "in", person)


def test_restoring_a_scenario_brings_its_choices_back(event: Event, person: User) -> None:
    runs.suggest(event, by=person, at=AFTER_CLOSE)
    scenario = place(event, "Cleo", "in", person, "first reason").run
    runs.name(scenario, "With Cleo")
    place(event, "Cleo", None, person)
    place(event, "Ada", "out", person)
    restored = runs.restore(runs.scenarios(event)[0], by=person, at=AFTER_RELEASE)
    assert restored == runs.current(event)
    assert names(event, restored) == names(event, scenario)
    active = Pin.objects.filter(lifted_at=None)
    assert [(pin.application.first_name, pin.side) for pin in active] == [("Cleo", "in")]
    assert "With Cleo" in active[0].reason
    assert not runs.is_outdated(restored)
    assert runs.scenarios(event) == [scenario]


def test_a_run_is_outdated_once_anything_that_it_rests_on_has_changed(event: Event, person: User) -> None:
    run = runs.suggest(event, by=person, at=AFTER_CLOSE)
    assert not runs.is_outdated(run)
    event.applications.filter(first_name="Ada").update(first_name="Adèle")
    assert not runs.is_outdated(run)
    event.quotas.update(maximum=1)
    assert runs.is_outdated(run)


def test_the_options_of_a_run_hold_for_what_follows(event: Event, person: User) -> None:
    runs.suggest(event, by=person, at=AFTER_CLOSE, places=2)
    moved = place(event, "Eva", "in", person)
    assert len(runs.suggestion_of(moved.run).selected) == 2


def test_of_an_erased_person_no_reason_stays_and_no_run_leads_to_them(event: Event, person: User) -> None:
    runs.suggest(event, by=person, at=AFTER_CLOSE)
    run = place(event, "Cleo", "in", person, "Cleo knows PAIRS").run
    cleo = event.applications.get(first_name="Cleo")
    retention.erase(cleo, now=AFTER_RELEASE)
    cleo.refresh_from_db()
    assert Pin.objects.get().reason == ""
    assert cleo.public_id not in run.inputs
    assert cleo.public_id not in run.result


def test_runs_stay_with_their_event(event: Event, person: User) -> None:
    other = selectable(EventFactory(title_en="Another"))
    crowd(other, 1)
    runs.suggest(other, by=person, at=AFTER_RELEASE)
    assert runs.current(event) is None
