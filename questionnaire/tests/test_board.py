"""What the selection board shows, in words."""

from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from events.models import Event
from events.tests.factories import EventFactory, UserFactory
from questionnaire.models import Pin
from questionnaire.tests.factories import AFTER_CLOSE
from questionnaire.tests.selecting import applicant, crowd, quota, selectable
from questionnaire.workflow import board, comparing, runs, selection
from questionnaire.workflow.board import RunView, Show
from questionnaire.workflow.panel import Bar

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event with three places, at most two of them for one country, and five people in order of score."""
    event = selectable(EventFactory())
    quota(event, "country", maximum=2)
    for place, (name, country) in enumerate({"Ada": "FR", "Ben": "FR", "Cleo": "FR", "Dan": "AT", "Eva": "DE"}.items()):
        applicant(event, name, (5 - place, 3), country=country, minutes=place, organisation=f"Service {name}")
    return event


def people(event: Event) -> dict[str, board.Person]:
    """Return everyone on the board after a suggestion, by name."""
    return {person.name: person for person in board.whole(runs.suggest(event, by=None, at=AFTER_CLOSE)).people}


def test_the_reason_names_the_full_quota_and_how_many_it_would_take(event: Event) -> None:
    cleo = people(event)["Cleo"]
    assert not cleo.selected
    assert cleo.rank == 3
    assert "Full: Country: France (2); would be in with 3." in cleo.reason
    assert "scores 1.33 points less" in cleo.reason
    assert cleo.cost == "1.33 points; Ben would leave."


def test_the_number_named_does_let_the_person_in(event: Event) -> None:
    event.quotas.update(maximum=3)
    assert people(event)["Cleo"].selected


def test_the_reason_out_by_score_names_the_places_that_it_would_take(event: Event) -> None:
    eva = people(event)["Eva"]
    assert "By the score" in eva.reason
    assert "Would be in with 4 places in all." in eva.reason
    event.places = 4
    event.save()
    assert people(event)["Eva"].selected


def test_who_would_follow_is_told(event: Event) -> None:
    shown = people(event)
    assert shown["Ada"].successor == "If this place becomes free: Cleo."
    assert shown["Dan"].successor == "If this place becomes free: Eva."  # a third from France is one too many
    assert shown["Cleo"].successor == ""


def test_a_place_that_nobody_could_take_is_told(event: Event) -> None:
    quota(event, "country", values="AT", minimum=1)
    dan = people(event)["Dan"]
    assert "Without this person the quotas could not all be kept" in dan.reason
    assert "Country: Austria: at least 1" in dan.reason
    assert "Nobody could take this place alone" in dan.successor


def test_equal_scores_are_told_apart_by_the_time_of_submission(event: Event) -> None:
    applicant(event, "Fay", (2, 3), country="IT", minutes=99)  # as good as Dan, later
    shown = people(event)
    assert "By the time of submission: the scores are equal." in shown["Fay"].reason
    assert "By the time of submission: another selection" in shown["Dan"].reason


def test_choices_made_by_hand_are_told_with_their_reason(event: Event) -> None:
    eva = event.applications.get(first_name="Eva")
    Pin.objects.create(application=eva, side="in", reason="leads PAIRS", by=UserFactory(), at=AFTER_CLOSE)
    shown = people(event)["Eva"]
    assert shown.reason == "Placed by hand."
    assert shown.pin
    assert shown.pin.reason == "leads PAIRS"


def test_bars_count_pool_selected_and_bounds(event: Event) -> None:
    quota(event, "country", values="AT DE", minimum=1)
    quota(event, "organisation", maximum=1)
    shown = board.whole(runs.suggest(event, by=None, at=AFTER_CLOSE))
    assert [(bar.label, bar.pool, bar.selected, bar.minimum, bar.maximum) for bar in shown.bars] == [
        ("Places", 5, 3, 3, 3),
        ("Country: Austria or Germany", 2, 1, 1, None),
        ("Country: France", 3, 2, 0, 2),
        ("The most from one organisation", 1, 1, 0, 1),
    ]
    assert all(bar.holds for bar in shown.bars)


def test_a_question_is_named_without_its_mark(event: Event) -> None:
    event.questions.filter(key="country").update(label_en="Where do you work?", label_fr="Où travaillez-vous\u202f?")
    run = runs.suggest(event, by=None, at=AFTER_CLOSE)
    assert board.whole(run).bars[1].label == "Where do you work: France"
    with translation.override("fr"):
        assert board.whole(run).bars[1].label.startswith("Où travaillez-vous\u00a0:")


def test_a_bar_tells_what_is_missing_and_what_is_too_much() -> None:
    few, many = Bar("x", 9, 1, 3, None), Bar("x", 9, 5, 0, 4)
    assert (few.missing, few.excess, few.holds) == (2, 0, False)
    assert (many.missing, many.excess, many.holds) == (0, 1, False)
    assert Bar("x", 9, 4, 0, 4).is_full


def test_broken_quotas_show_after_a_choice_that_breaks_them(event: Event) -> None:
    runs.suggest(event, by=None, at=AFTER_CLOSE)
    for name in ("Ada", "Ben", "Cleo"):
        application = event.applications.get(first_name=name)
        run = runs.move(application, Pin.Side.IN, reason="r", by=UserFactory(), at=AFTER_CLOSE).run
    shown = board.whole(run)
    assert [(bar.label, bar.excess) for bar in shown.bars if not bar.holds] == [("Places", 1), ("Country: France", 1)]
    assert not shown.proven
    assert {person.reason for person in shown.people} == {""}


def test_the_list_is_narrowed(event: Event) -> None:
    view = RunView(runs.suggest(event, by=None, at=AFTER_CLOSE))

    def names(show: Show, text: str = "") -> list[str]:
        ids = view.ids(show, board.search(event, text) if text else None)
        return [event.applications.get(public_id=name).first_name for name in ids]

    assert names(Show.ALL) == ["Ada", "Ben", "Cleo", "Dan", "Eva"]
    assert names(Show.SELECTED) == ["Ada", "Ben", "Dan"]
    assert names(Show.OTHERS) == ["Cleo", "Eva"]
    assert names(Show.PINNED) == []
    assert names(Show.ALL, "service DAN") == ["Dan"]
    assert names(Show.ALL, "nobody") == []


def test_an_erased_person_is_no_longer_shown(event: Event) -> None:
    run = runs.suggest(event, by=None, at=AFTER_CLOSE)
    event.applications.filter(first_name="Ada").update(public_id="new", first_name="")
    assert [person.name for person in board.whole(run).people] == ["Ben", "Cleo", "Dan", "Eva"]


def test_two_runs_are_compared(event: Event) -> None:
    one = runs.suggest(event, by=None, at=AFTER_CLOSE)
    cleo = event.applications.get(first_name="Cleo")
    other = runs.move(cleo, Pin.Side.IN, reason="r", by=UserFactory(), at=AFTER_CLOSE).run
    comparison = comparing.compare(one, other)
    assert [name for name, _score in comparison.one.alone] == ["Ben"]
    assert [name for name, _score in comparison.other.alone] == ["Cleo"]
    assert comparison.in_both == 2
    assert float(comparison.one.total) > float(comparison.other.total)


def test_a_conflict_is_told_with_ways_out(event: Event) -> None:
    quota(event, "country", values="AT", minimum=2)
    with pytest.raises(selection.Infeasible) as found:
        runs.suggest(event, by=None, at=AFTER_CLOSE)
    conflict = board.words_for(event, found.value).diagnosis(found.value.diagnosis)
    assert conflict.findings == ("Country: Austria: at least 2 wanted, and only 1 applied.",)
    assert conflict.bounds == ("Country: Austria: at least 2",)
    assert ("Country: Austria: at least 1 instead of 2",) in conflict.relaxations


def test_missing_scores_are_told_by_name(event: Event) -> None:
    applicant(event, "Unread")
    with pytest.raises(selection.ScoreMissing) as found:
        runs.suggest(event, by=None, at=AFTER_CLOSE, everyone=True)
    assert board.words_for(event, found.value).error(found.value) == "1 application has no finished review: Unread."


def test_choices_that_exclude_each_other_are_told_by_name(event: Event) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        application = event.applications.get(first_name=name)
        Pin.objects.create(application=application, side="in", reason="r", by=None, at=AFTER_CLOSE)
    with pytest.raises(selection.PinConflict) as found:
        runs.suggest(event, by=None, at=AFTER_CLOSE)
    text = board.words_for(event, found.value).error(found.value)
    assert "Country: France: at most 2" in text
    for name in ("Ada", "Ben", "Cleo"):
        assert name in text


def test_quotas_that_contradict_each_other_are_named(event: Event) -> None:
    quota(event, "country", values="FR", minimum=3)
    with pytest.raises(selection.InvalidProblem) as found:
        runs.suggest(event, by=None, at=AFTER_CLOSE)
    assert "Country: France: at least 3 and at most 2." in board.words_for(event, found.value).error(found.value)


def test_a_quota_that_admits_nobody_is_told(event: Event) -> None:
    quota(event, "organisation", maximum=0)
    with pytest.raises(selection.InvalidProblem) as found:
        runs.suggest(event, by=None, at=AFTER_CLOSE)
    assert "admits nobody" in board.words_for(event, found.value).error(found.value)


def test_scores_are_written_as_the_reader_writes_numbers(event: Event) -> None:
    with translation.override("fr"):
        assert people(event)["Ada"].score == "10,00"


def test_in_a_large_run_the_list_says_what_is_full_and_one_person_is_explained(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota(event, "organisation", maximum=1)
    event.applications.filter(first_name__in=("Dan", "Eva")).update(organisation="The same")
    exact = people(event)["Cleo"].reason
    monkeypatch.setattr(board, "SOLVED_IN_A_LIST", 4)
    listed = people(event)
    assert (listed["Cleo"].reason, listed["Cleo"].explained) == ("Full: Country: France (2).", False)
    assert listed["Eva"].reason == "Full: Organisation: The same (1)."
    assert listed["Ada"].reason == ""
    cleo = event.applications.get(first_name="Cleo").public_id
    run = runs.current(event)
    assert run
    [alone] = board.board(RunView(run), [cleo]).people
    assert (alone.reason, alone.explained) == (exact, True)


def test_a_solver_that_gives_up_leaves_the_board_standing(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(self: selection.Explainer, person: str) -> selection.Explanation:
        raise selection.NodeLimit(None, Fraction(0))

    monkeypatch.setattr(selection.Explainer, "explain", give_up)
    assert people(event)["Cleo"].reason == "Full: Country: France (2)."


def test_the_number_of_queries_is_the_same_for_any_number_of_people(event: Event) -> None:
    counts = set()
    for number in (1, 3, 20):
        crowd(event, number, country="IT")
        run = runs.suggest(event, by=None, at=AFTER_CLOSE)
        with CaptureQueriesContext(connection) as queries:
            board.whole(run)
        counts.add(len(queries))
    assert len(counts) == 1
