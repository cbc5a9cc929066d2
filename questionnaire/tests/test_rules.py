"""The rules of a selection: raw or adjusted scores, the lottery with its published hash, wished shares."""

import hashlib
import hmac
import json
from decimal import Decimal
from fractions import Fraction

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from events.models import Event
from events.tests.factories import EventFactory, UserFactory
from questionnaire.models import Question, Scores, SelectionRun, Target, Ties
from questionnaire.states import Outcome
from questionnaire.tests.factories import AFTER_CLOSE, AFTER_RELEASE, ReviewFactory, small_questionnaire
from questionnaire.tests.releasing import release, sign_off
from questionnaire.tests.selecting import add_review, applicant, quota, selectable
from questionnaire.workflow import board, candidates, decision, rules, runs, selection
from questionnaire.workflow.board import RunView
from questionnaire.workflow.rules import Choice

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def event() -> Event:
    """Return an event with three places."""
    return selectable(EventFactory())


@pytest.fixture
def person() -> User:
    """Return an organiser."""
    return UserFactory()


def choose(event: Event, person: User, *, scores: str = "raw", ties: str = "submitted", tolerance: str = "0") -> None:
    """Set the rules."""
    choice = Choice(Scores(scores), Ties(ties), Decimal(tolerance))
    rules.change(event, choice, by=person, at=AFTER_CLOSE)
    event.refresh_from_db()


def wish(event: Event, key: str, values: str, percent: int, weight: int = 1) -> Target:
    """Return a wished share on one of the event's questions."""
    question = Question.objects.get(event=event, key=key)
    return Target.objects.create(event=event, question=question, values=values, percent=percent, weight=weight)


def names(event: Event, run: SelectionRun) -> set[str]:
    """Return who is selected, by first name."""
    selected = runs.suggestion_of(run).selected
    return set(event.applications.filter(public_id__in=selected).values_list("first_name", flat=True))


class TestScores:
    """Raw or adjusted."""

    def test_adjusted_ones_are_whole_hundredths_and_every_run_says_which_it_had(
        self, event: Event, person: User
    ) -> None:
        mild, severe = UserFactory(), UserFactory()
        for name, given in {"Ada": (5, 2), "Ben": (4, 1), "Cleo": (3, None), "Dan": (None, 2)}.items():
            application = applicant(event, name)
            for reviewer, score in zip((mild, severe), given, strict=True):
                if score is not None:
                    made = add_review(application, (score, 3))
                    type(made).objects.filter(pk=made.pk).update(reviewer=reviewer)
        raw = runs.suggest(event, by=person, at=AFTER_CLOSE)
        assert names(event, raw) == {"Ada", "Ben", "Cleo"}  # Dan was read by the severe one alone
        choose(event, person, scores="adjusted")
        assert runs.is_outdated(raw)
        adjusted = runs.suggest(event, by=person, at=AFTER_CLOSE)
        assert names(event, adjusted) == {"Ada", "Ben", "Dan"}
        assert (raw.scores, adjusted.scores) == (Scores.RAW, Scores.ADJUSTED)
        assert runs.points_of(adjusted) == Fraction(1, 100)
        marks = sorted(candidate.marks for candidate in runs.problem_of(adjusted).candidates)
        assert [len(mark) for mark in marks] == [1, 1, 1, 1]
        assert runs.check(adjusted) == runs.Check((), same_answer=True)
        assert not runs.is_outdated(adjusted)


class TestLottery:
    """Ties by lot, bound by a hash before anybody has reviewed."""

    def test_the_hash_is_public_before_the_first_review_and_nothing_changes_after_it(
        self, event: Event, person: User
    ) -> None:
        choose(event, person, ties="lottery")
        seed = rules.seed_of(rules.of(event))
        assert seed is not None
        assert len(seed) == 32
        assert event.lottery_commitment == hashlib.sha256(seed).hexdigest()
        assert event.lottery_seed == ""
        assert event.lottery_commitment in LogEntry.objects.latest("pk").change_message
        ReviewFactory(application=applicant(event, "Ada"))
        with pytest.raises(rules.TiesAreFixed):
            choose(event, person)
        choose(event, person, scores="adjusted", ties="lottery")  # the rest may change
        assert rules.seed_of(rules.of(event)) == seed

    def test_before_it_a_lottery_can_be_taken_back_and_begins_anew(self, event: Event, person: User) -> None:
        choose(event, person, ties="lottery")
        first = event.lottery_commitment
        choose(event, person)
        assert event.lottery_commitment == ""
        choose(event, person, ties="lottery")
        assert event.lottery_commitment not in {"", first}

    def test_equal_scores_go_by_the_hmac_of_the_reference(self, event: Event, person: User) -> None:
        choose(event, person, ties="lottery")
        people = [applicant(event, f"P{number}", (3, 2), minutes=number) for number in range(9)]
        run = runs.suggest(event, by=person, at=AFTER_CLOSE)
        seed = rules.seed_of(rules.of(event))
        assert seed is not None
        order = sorted(people, key=lambda a: hmac.digest(seed, a.public_id.encode(), "sha256"))
        assert names(event, run) == {row.first_name for row in order[:3]}
        view = RunView(run)
        assert view.reserves() == [row.public_id for row in order[3:]]  # the waiting list too
        reasons = {shown.name: shown.reason for shown in board.whole(run).people}
        assert "By lot: another selection" in reasons[order[0].first_name]
        assert "By lot: the scores are equal." in reasons[order[8].first_name]
        assert runs.suggestion_of(run).seed_commitment == event.lottery_commitment

    def test_a_run_by_another_seed_does_not_hold(self, event: Event, person: User) -> None:
        choose(event, person, ties="lottery")
        applicant(event, "Ada", (3, 2))
        run = runs.suggest(event, by=person, at=AFTER_CLOSE)
        assert runs.check(run).holds
        run.event.lottery_commitment = hashlib.sha256(b"another").hexdigest()
        assert [violation.code for violation in runs.check(run).violations] == ["seed"]

    def test_the_seed_is_revealed_with_the_release_and_not_before(self, event: Event, person: User) -> None:
        event = selectable(small_questionnaire_without_country(), places=3)
        choose(event, person, ties="lottery")
        ada = applicant(event, "Ada", (3, 2))
        run = runs.suggest(event, by=person, at=AFTER_CLOSE)
        assert not runs.may_show_inputs(run)
        decision.propose([ada], Outcome.ACCEPT, by=person, at=AFTER_CLOSE)
        sign_off([ada], by=UserFactory(), at=AFTER_CLOSE)
        release(event, by=person, at=AFTER_CLOSE)
        event.refresh_from_db()
        assert event.lottery_seed == ""
        before = event.version
        decision.release_due(at=AFTER_RELEASE)
        run.event.refresh_from_db()
        assert hashlib.sha256(bytes.fromhex(run.event.lottery_seed)).hexdigest() == run.event.lottery_commitment
        assert json.loads(run.inputs)["seed"] == run.event.lottery_seed
        assert runs.may_show_inputs(run)
        assert run.event.version > before  # the cached public page lapses


def small_questionnaire_without_country() -> Event:
    """Return an event with letters, whose questions for the country and for the choice `selectable` brings."""
    event = small_questionnaire()
    event.questions.filter(key="country").delete()
    return event


class TestWishedShares:
    """Soft targets after the hard bounds."""

    @pytest.fixture
    def people(self, event: Event) -> Event:
        """Return five people: three from France, then one each from Austria and Italy, in order of score."""
        for place, (name, country) in enumerate(
            {"Ada": "FR", "Ben": "FR", "Cleo": "FR", "Dan": "AT", "Eva": "IT"}.items()
        ):
            applicant(event, name, (5 - place, 3), country=country, minutes=place)
        return event

    def test_score_comes_first_and_within_the_tolerance_the_shares(self, people: Event, person: User) -> None:
        wish(people, "country", "AT", 33)
        assert names(people, runs.suggest(people, by=person, at=AFTER_CLOSE)) == {"Ada", "Ben", "Cleo"}
        choose(people, person, tolerance="1.00")
        assert names(people, runs.suggest(people, by=person, at=AFTER_CLOSE)) == {"Ada", "Ben", "Cleo"}
        choose(people, person, tolerance="1.50")  # Dan costs 1.33 points
        run = runs.suggest(people, by=person, at=AFTER_CLOSE)
        assert names(people, run) == {"Ada", "Ben", "Dan"}
        assert runs.check(run) == runs.Check((), same_answer=True)
        shown = board.whole(run)
        assert (shown.tolerance, shown.given_up) == ("1.50", "1.33")
        [found] = shown.wishes
        assert (found.label, found.wanted, found.selected, found.percent) == ("Country: Austria", 1, 1, 33)
        assert "For the wished shares" in {row.name: row.reason for row in shown.people}["Cleo"]

    def test_equal_scores_are_free_for_them(self, people: Event, person: User) -> None:
        applicant(people, "Fay", (3, 3), country="AT", minutes=99)  # as good as Cleo, later
        assert names(people, runs.suggest(people, by=person, at=AFTER_CLOSE)) == {"Ada", "Ben", "Cleo"}
        wish(people, "country", "AT IT", 40)
        assert names(people, runs.suggest(people, by=person, at=AFTER_CLOSE)) == {"Ada", "Ben", "Fay"}

    def test_a_quota_on_the_same_value_stands_beside_it(self, people: Event, person: User) -> None:
        quota(people, "country", values="FR", maximum=1)
        wish(people, "country", "FR", 100)
        run = runs.suggest(people, by=person, at=AFTER_CLOSE)
        assert names(people, run) == {"Ada", "Dan", "Eva"}
        [found] = board.whole(run).wishes
        assert (found.missing, found.excess, found.pool) == (2, 0, 3)

    def test_who_has_several_of_the_values_counts_once(self, people: Event) -> None:
        wish(people, "country", "FR AT", 50)
        values = [candidate.values["country"] for candidate in candidates.pool(people).problem.candidates]
        assert sum("FR AT" in held for held in values) == 4


def test_an_event_without_rules_computes_as_before(event: Event) -> None:
    problem = candidates.pool(event).problem
    assert (problem.tie, problem.seed, list(problem.targets), problem.tolerance) == ("submitted", None, [], 0)
    assert selection.load_problem(selection.problem_json(problem)).tolerance == 0
