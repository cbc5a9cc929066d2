"""The waiting list: a free place goes to the best who keeps the balance, in time, and never twice."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Application, LetterKind, LetterTemplate, Notice, Promotion, Standstill
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE
from questionnaire.tests.selecting import quota
from questionnaire.tests.taking_part import accepted, kinds_to, released_event, states, waiting
from questionnaire.workflow import candidates, letters, participation, places, promotion, submission
from questionnaire.workflow.transitions import MoveNotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

MINUTE = dt.timedelta(minutes=1)
GOOD, FAIR, POOR = (5, 3), (3, 2), (1, 0)


@pytest.fixture
def event() -> Event:
    """Return an event with three places, all given, and nobody waiting yet."""
    event = released_event()
    for name in ("Ada", "Bea", "Cem"):
        accepted(event, name, GOOD, country="FR")
    return event


def of(event: Event, name: str) -> Application:
    """Return somebody by first name."""
    return event.applications.get(first_name=name)


def turn_down(event: Event, *names: str, now: dt.datetime = AFTER_RELEASE) -> None:
    """Let people turn their places down."""
    for name in names:
        participation.turn_down(of(event, name), reason="", now=now)


class TestWho:
    """The one who is offered the place."""

    def test_the_best_score_goes_first_and_equal_ones_by_the_time_of_submission(self, event: Event) -> None:
        for name, marks in (("Dot", FAIR), ("Eve", GOOD), ("Fay", GOOD)):
            waiting(event, name, marks, country="DE")
        turn_down(event, "Ada")
        assert promotion.promote_due(at=AFTER_RELEASE + MINUTE) == 1
        assert states(event)["Eve"] == State.ACCEPTED
        assert states(event)["Fay"] == states(event)["Dot"] == State.WAITING_LIST
        assert kinds_to(of(event, "Eve")) == ["waiting_list", "promotion"]

    def test_one_whom_a_quota_needs_goes_before_a_better_one_and_it_is_recorded_why(self, event: Event) -> None:
        quota(event, "country", values="FR", minimum=3)
        waiting(event, "Dot", GOOD, country="DE")
        waiting(event, "Eve", POOR, country="FR")
        turn_down(event, "Ada")
        promotion.promote_due(at=AFTER_RELEASE)
        promoted = Promotion.objects.get()
        assert (promoted.application.first_name, promoted.rank, promoted.passed_over) == ("Eve", 2, 1)
        [bound] = promotion.bounds_of(promoted)
        assert (bound.attribute, bound.value, bound.side, bound.limit) == ("country", "FR", "min", 3)

    def test_a_full_quota_keeps_somebody_out(self, event: Event) -> None:
        accepted(event, "Gil", FAIR, country="DE")
        Event.objects.filter(pk=event.pk).update(places=4)
        quota(event, "country", values="DE", maximum=1)
        waiting(event, "Dot", GOOD, country="DE")
        waiting(event, "Eve", POOR, country="IT")
        turn_down(event, "Ada")
        promotion.promote_due(at=AFTER_RELEASE)
        [bound] = promotion.bounds_of(Promotion.objects.get(application=of(event, "Eve")))
        assert (bound.value, bound.side) == ("DE", "max")

    def test_one_without_a_finished_review_comes_last(self, event: Event) -> None:
        waiting(event, "Dot", country="DE")
        waiting(event, "Eve", POOR, country="DE")
        turn_down(event, "Ada")
        promotion.promote_due(at=AFTER_RELEASE)
        assert states(event)["Eve"] == State.ACCEPTED

    def test_several_places_are_filled_together_until_the_list_ends(self, event: Event) -> None:
        waiting(event, "Dot", GOOD)
        waiting(event, "Eve", FAIR)
        turn_down(event, "Ada", "Bea", "Cem")
        assert promotion.promote_due(at=AFTER_RELEASE) == 2
        assert promotion.promote_due(at=AFTER_RELEASE + MINUTE) == 0
        assert not Standstill.objects.exists()

    @pytest.mark.parametrize("leave", [
        lambda event: turn_down(event, "Ada"),
        lambda event: submission.withdraw(of(event, "Ada"), now=AFTER_RELEASE),
        lambda event: participation.lapse_due(at=event.answer_by),
    ], ids=["turned down", "withdrawn", "lapsed"])  # fmt: skip
    def test_a_place_is_free_however_it_came_back(self, event: Event, leave: Callable[[Event], object]) -> None:
        for name in ("Bea", "Cem"):
            participation.confirm(of(event, name), now=AFTER_RELEASE)
        waiting(event, "Dot", GOOD)
        leave(event)
        assert promotion.promote_due(at=event.answer_by) == 1

    def test_it_goes_on_again_and_again(self, event: Event) -> None:
        for name in ("Dot", "Eve"):
            waiting(event, name, GOOD)
        turn_down(event, "Ada")
        promotion.promote_due(at=AFTER_RELEASE)
        turn_down(event, "Dot")
        assert promotion.promote_due(at=AFTER_RELEASE + MINUTE) == 1
        assert states(event)["Eve"] == State.ACCEPTED
        turn_down(event, "Eve")
        assert promotion.promote_due(at=AFTER_RELEASE + 2 * MINUTE) == 0


class TestWhoNot:
    """Places that nobody is offered by itself."""

    def test_nobody_while_every_place_is_held(self, event: Event) -> None:
        waiting(event, "Dot", GOOD)
        assert promotion.promote_due(at=AFTER_RELEASE) == 0

    def test_nobody_gets_a_place_that_organisers_did_not_give_in_the_release(self, event: Event) -> None:
        Event.objects.filter(pk=event.pk).update(places=10)
        waiting(event, "Dot", GOOD)
        assert promotion.promote_due(at=AFTER_RELEASE) == 0

    def test_nobody_while_organisers_hold_the_list(self, event: Event) -> None:
        waiting(event, "Dot", GOOD)
        turn_down(event, "Ada")
        Event.objects.filter(pk=event.pk).update(promotions_held=True)
        assert promotion.promote_due(at=AFTER_RELEASE) == 0
        Event.objects.filter(pk=event.pk).update(promotions_held=False)
        assert promotion.promote_due(at=AFTER_RELEASE) == 1

    def test_a_place_that_no_one_may_take_waits_for_the_next_decline_and_then_both_are_filled(self) -> None:
        event = released_event(places=2)
        accepted(event, "Ada", GOOD, country="FR", organisation="Alpha")
        accepted(event, "Bea", GOOD, country="DE", organisation="Beta")
        quota(event, "country", values="DE", maximum=1)
        quota(event, "organisation", maximum=1)
        waiting(event, "Dot", GOOD, country="DE", organisation="Gamma")
        waiting(event, "Eve", GOOD, country="IT", organisation="Beta")
        turn_down(event, "Ada")
        assert promotion.promote_due(at=AFTER_RELEASE) == 0
        assert Standstill.objects.get().cause == Standstill.Cause.QUOTAS
        turn_down(event, "Bea")
        assert promotion.promote_due(at=AFTER_RELEASE) == 2

    def test_a_standstill_is_solved_again_only_when_something_changed(
        self, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        quota(event, "country", values="FR", minimum=3)
        waiting(event, "Dot", GOOD, country="DE")
        turn_down(event, "Ada")
        promotion.promote_due(at=AFTER_RELEASE)
        with monkeypatch.context() as solver:
            solver.setattr(promotion, "plan", None)
            promotion.promote_due(at=AFTER_RELEASE + MINUTE)
        event.quotas.update(minimum=2)
        assert promotion.promote_due(at=AFTER_RELEASE + 2 * MINUTE) == 1

    def test_the_smallest_relaxation_is_offered(self, event: Event) -> None:
        quota(event, "country", values="FR", minimum=3)
        waiting(event, "Dot", GOOD, country="DE")
        turn_down(event, "Ada")
        plan = promotion.plan(candidates.seats(event))
        [change] = plan.relaxations[0].changes
        assert (plan.choices, plan.held, change.bound.side, change.to) == ((), 1, "min", 2)

    def test_a_missing_letter_undoes_the_promotion(self, event: Event) -> None:
        waiting(event, "Dot", GOOD)
        turn_down(event, "Ada")
        LetterTemplate.objects.filter(event=event, kind="promotion").delete()
        with pytest.raises(letters.NoText):
            promotion.promote_due(at=AFTER_RELEASE)
        assert states(event)["Dot"] == State.WAITING_LIST


class TestUntilWhen:
    """The deadline is the person's own."""

    def test_it_is_so_many_hours_and_stands_in_the_letter(self, event: Event) -> None:
        waiting(event, "Dot", GOOD)
        turn_down(event, "Ada")
        LetterTemplate.objects.filter(kind="promotion").update(body_en="Until {answer_by}")
        promotion.promote_due(at=AFTER_RELEASE)
        dot = of(event, "Dot")
        assert dot.answers_until == AFTER_RELEASE + dt.timedelta(hours=48)
        letter = dot.letters.get(kind="promotion")
        assert b"Wednesday 1 December 2021, 13.00 CET" in bytes(letter.mime)

    def test_it_is_never_after_the_event_begins(self, event: Event) -> None:
        waiting(event, "Dot", GOOD)
        turn_down(event, "Ada")
        promotion.promote_due(at=event.begins_at - dt.timedelta(hours=20))
        assert of(event, "Dot").answers_until == event.begins_at

    def test_with_too_little_time_left_nobody_is_asked_and_it_is_noted(self, event: Event) -> None:
        waiting(event, "Dot", GOOD)
        turn_down(event, "Ada")
        assert promotion.promote_due(at=event.begins_at - dt.timedelta(hours=11)) == 0
        assert Standstill.objects.get().cause == Standstill.Cause.TOO_LATE

    def test_it_is_checked_when_the_answer_is_given_and_then_the_place_lapses(self, event: Event) -> None:
        waiting(event, "Dot", GOOD)
        turn_down(event, "Ada")
        promotion.promote_due(at=AFTER_RELEASE)
        dot = of(event, "Dot")
        with pytest.raises(participation.TooLate):
            participation.confirm(dot, now=dot.answers_until)
        participation.confirm(dot, now=dot.answers_until - dt.timedelta(seconds=1))
        assert states(event)["Dot"] == State.CONFIRMED


class TestByHand:
    """Organisers choose somebody themselves."""

    def test_a_place_is_offered_whatever_the_quotas_and_the_reason_is_kept(self, event: Event) -> None:
        quota(event, "country", values="FR", minimum=3)
        waiting(event, "Dot", POOR, country="DE")
        turn_down(event, "Ada")
        person = UserFactory()
        promotion.offer(of(event, "Dot"), reason="Speaks both languages", by=person, at=AFTER_RELEASE)
        promoted = Promotion.objects.get()
        assert (promoted.by, promoted.by_hand, promoted.reason) == (person, True, "Speaks both languages")
        change = of(event, "Dot").transitions.last()
        assert (change.to_state, change.by, change.reason) == (State.ACCEPTED, person, "Speaks both languages")

    @pytest.mark.parametrize("state", [State.LAPSED, State.TURNED_DOWN])
    def test_somebody_may_be_asked_again(self, event: Event, state: State) -> None:
        Application.objects.filter(pk=of(event, "Ada").pk).update(state=state)
        promotion.offer(of(event, "Ada"), reason="Was ill", by=UserFactory(), at=event.answer_by)
        assert of(event, "Ada").answers_until == event.answer_by + dt.timedelta(hours=48)
        assert participation.can_answer(of(event, "Ada"), event.answer_by)

    def test_never_more_people_than_places(self, event: Event) -> None:
        waiting(event, "Dot", GOOD)
        with pytest.raises(places.NoPlaceLeft):
            promotion.offer(of(event, "Dot"), reason="", by=UserFactory(), at=AFTER_RELEASE)

    @pytest.mark.parametrize(
        "state", [State.DECLINED, State.WITHDRAWN, State.SUBMITTED, State.SIGNED_OFF, State.CONFIRMED]
    )
    def test_only_to_whom_the_table_of_moves_allows_it(self, event: Event, state: State) -> None:
        turn_down(event, "Bea")
        Application.objects.filter(pk=of(event, "Ada").pk).update(state=state, outcome="accept")
        with pytest.raises(MoveNotAllowed):
            promotion.offer(of(event, "Ada"), reason="", by=UserFactory(), at=AFTER_RELEASE)

    def test_just_before_the_event_the_answer_is_possible_to_its_end_and_not_beyond(self, event: Event) -> None:
        waiting(event, "Dot", GOOD)
        turn_down(event, "Ada")
        promotion.offer(of(event, "Dot"), reason="", by=UserFactory(), at=event.begins_at)
        assert of(event, "Dot").answers_until == event.ends_at
        with pytest.raises(promotion.TooLate):
            promotion.offer(of(event, "Dot"), reason="", by=UserFactory(), at=event.ends_at)


class TestOvertaken:
    """Something happens between the plan and the lock."""

    def test_a_plan_that_was_overtaken_is_made_anew(self, event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("Dot", "Eve"):
            waiting(event, name, GOOD)
        turn_down(event, "Ada")
        plan, planned = promotion.plan, []

        def plan_and_then_dot_withdraws(seats: candidates.Seats) -> promotion.Plan:
            planned.append(plan(seats))
            if len(planned) == 1:
                submission.withdraw(of(event, "Dot"), now=AFTER_RELEASE)
            return planned[-1]

        monkeypatch.setattr(promotion, "plan", plan_and_then_dot_withdraws)
        assert promotion.promote_due(at=AFTER_RELEASE) == 1
        assert states(event)["Eve"] == State.ACCEPTED
        assert len(planned) == 2

    def test_the_queries_do_not_grow_with_the_people(self, event: Event) -> None:
        numbers = []
        for name in ("Dot", "Eve", "Fay"):
            waiting(event, name, GOOD)
        for leaving in (["Ada"], ["Bea", "Cem"]):
            turn_down(event, *leaving)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                promotion.promote_due(at=AFTER_RELEASE)
            numbers.append(len(queries))
        assert numbers[0] == numbers[1]


class TestOrganisersAreTold:
    """By letter, through the notices."""

    def noted(self, event: Event, kind: LetterKind) -> int:
        """Count what organisers are to be told."""
        return Notice.objects.filter(event=event, kind=kind).count()

    def test_of_each_place_that_is_given_up(self, event: Event) -> None:
        turn_down(event, "Ada")
        submission.withdraw(of(event, "Bea"), now=AFTER_RELEASE)
        participation.lapse_due(at=event.answer_by)
        assert self.noted(event, LetterKind.PLACE_GIVEN_UP) == 3

    def test_of_a_free_place_that_waits_once(self, event: Event) -> None:
        quota(event, "country", values="FR", minimum=3)
        dot = waiting(event, "Dot", GOOD, country="DE")
        turn_down(event, "Ada")
        for minutes in range(3):
            promotion.promote_due(at=AFTER_RELEASE + minutes * MINUTE)
        assert self.noted(event, LetterKind.PLACE_WAITING) == 1
        promotion.promote_due(at=event.begins_at - dt.timedelta(hours=11))
        assert self.noted(event, LetterKind.PLACE_WAITING) == 2
        submission.withdraw(dot, now=AFTER_RELEASE)
        assert self.noted(event, LetterKind.PLACE_GIVEN_UP) == 1
