"""The problem of the selection, as it is read from the database."""

from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from events.tests.factories import EventFactory, UserFactory
from questionnaire.models import Answer, Pin, Question
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_CLOSE, CriterionFactory, QuestionFactory
from questionnaire.tests.selecting import add_review, applicant, crowd, quota, selectable
from questionnaire.workflow import candidates, selection

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def event() -> Event:
    """Return an event with three places."""
    return selectable(EventFactory())


def candidate(event: Event, name: str) -> selection.Candidate:
    """Return somebody as the solver sees them."""
    public_id = event.applications.get(first_name=name).public_id
    [found] = [c for c in candidates.pool(event).problem.candidates if c.id == public_id]
    return found


def test_marks_are_whole_and_weigh_as_the_mean_does(event: Event) -> None:
    ada = applicant(event, "Ada", (5, 2), (4, 3))
    pool = candidates.pool(event)
    [known] = pool.problem.candidates
    # weight 2 of 5 and weight 1 of 3, over 15: 2·3 and 1·5 for each step of the scale
    assert sorted(known.marks) == [2 * 3 * 4 + 5 * 3, 2 * 3 * 5 + 5 * 2]
    exact = [mark * pool.points for mark in known.marks]
    stored = sorted(float(review.mean_score or 0) for review in ada.reviews.all())
    assert [round(float(value), 2) for value in sorted(exact)] == stored
    assert sum(known.marks) * pool.points == Fraction(40 + 39, 45) * 10


def test_those_without_a_finished_review_are_left_out(event: Event) -> None:
    applicant(event, "Ada", (5, 2))
    applicant(event, "Ben", (5,))
    applicant(event, "Cleo")
    pool = candidates.pool(event)
    assert len(pool.problem.candidates) == 1
    assert pool.left_out == 2
    everyone = candidates.pool(event, everyone=True)
    assert len(everyone.problem.candidates) == 3
    with pytest.raises(selection.ScoreMissing) as missing:
        selection.suggest(everyone.problem)
    assert len(missing.value.ids) == 2


def test_a_review_by_former_criteria_is_not_finished(event: Event) -> None:
    applicant(event, "Ada", (5, 2))
    CriterionFactory(event=event, key="new")
    assert candidates.pool(event).left_out == 1


def test_conflicts_drafts_and_the_withdrawn_have_no_part(event: Event) -> None:
    applicant(event, "Ada", (5, 2), state=State.WITHDRAWN)
    applicant(event, "Ben", (5, 2), state=State.DECLINED)
    conflicted = applicant(event, "Cleo", (5, 2))
    conflicted.reviews.update(conflict=True, mean_score=None)
    assert candidates.pool(event).problem.candidates == []


def test_a_maximum_for_each_value_binds_those_that_could_exceed_it(event: Event) -> None:
    crowd(event, 3, country="FR")
    crowd(event, 1, country="AT")
    quota(event, "country", maximum=2)
    [bound] = candidates.pool(event).problem.quotas
    assert (bound.attribute, bound.value, bound.min, bound.max) == ("country", "FR", 0, 2)
    assert candidate(event, "FR0").values == {"country": frozenset({"FR"})}
    assert candidate(event, "AT0").values == {"country": frozenset()}


def test_several_values_of_one_quota_count_together(event: Event) -> None:
    for country in ("FR", "AT", "DE"):
        crowd(event, 1, country=country)
    quota(event, "country", values="FR AT", minimum=1, firm=False)
    [bound] = candidates.pool(event).problem.quotas
    assert (bound.value, bound.min, bound.max, bound.firm) == ("FR AT", 1, None, False)
    counted = [c for c in candidates.pool(event).problem.candidates if "FR AT" in c.values["country"]]
    assert len(counted) == 2


def test_two_quotas_on_one_value_are_one_with_the_narrower_bounds(event: Event) -> None:
    crowd(event, 4)
    quota(event, "country", values="FR", minimum=1, firm=False)
    quota(event, "country", maximum=2)
    [bound] = candidates.pool(event).problem.quotas
    assert (bound.min, bound.max, bound.firm) == (1, 2, True)


@pytest.mark.parametrize(("column", "value"), [("country", "AT"), ("target_group", "social"), ("language", "fr")])
def test_a_quota_counts_what_a_column_of_the_application_holds(event: Event, column: str, value: str) -> None:
    if column != "country":
        QuestionFactory(section=event.sections.get(), key=column, fills=column)
    applicant(event, "Ada", (5, 2), **{column: value})
    applicant(event, "Ben", (5, 2), **{column: "XX"})
    quota(event, column, values=value, minimum=1)
    assert candidate(event, "Ada").values == {column: frozenset({value})}
    assert candidate(event, "Ben").values == {column: frozenset()}


def test_answers_count_where_no_column_holds_them(event: Event) -> None:
    question = QuestionFactory(
        section=event.sections.get(), key="stages", kind=Question.Kind.MULTIPLE_CHOICE, options=["prison", "probation"]
    )
    ada, ben = applicant(event, "Ada", (5, 2)), applicant(event, "Ben", (5, 2))
    Answer.objects.create(application=ada, question=question, value=["prison", "probation"])
    Answer.objects.create(application=ben, question=question, value=["probation"])
    quota(event, "stages", values="prison", minimum=1)
    assert candidate(event, "Ada").values == {"stages": frozenset({"prison"})}
    assert candidate(event, "Ben").values == {"stages": frozenset()}


def test_what_was_written_freely_is_compared_whole_and_without_case(event: Event) -> None:
    question = QuestionFactory(section=event.sections.get(), key="job")
    for name, job in {"Ada": "Probation officer", "Ben": "probation  OFFICER", "Cleo": "officer"}.items():
        Answer.objects.create(application=applicant(event, name, (5, 2)), question=question, value=job)
    quota(event, "job", maximum=1)
    [bound] = candidates.pool(event).problem.quotas
    assert bound.value == "probation officer"
    assert candidate(event, "Ben").values == {"job": frozenset({"probation officer"})}
    assert candidate(event, "Cleo").values == {"job": frozenset()}


def test_an_organisation_is_known_however_it_is_spelt_and_not_by_name(event: Event) -> None:
    ada = applicant(event, "Ada", (5, 2), organisation="Service pénitentiaire, Lyon")
    applicant(event, "Ben", (5, 2), minutes=1, organisation="SERVICE PENITENTIAIRE LYON")
    applicant(event, "Cleo", (5, 2), minutes=2, organisation="")
    quota(event, "organisation", maximum=1)
    problem = candidates.pool(event).problem
    assert (problem.per_org, list(problem.quotas)) == (1, [])
    assert [c.org for c in problem.candidates] == [ada.public_id, ada.public_id, None]
    assert "lyon" not in selection.problem_json(problem).casefold()


def test_people_placed_by_hand_are_pinned_and_a_lifted_choice_is_not(event: Event) -> None:
    ada, ben = applicant(event, "Ada", (5, 2)), applicant(event, "Ben", (5, 2))
    person = UserFactory()
    Pin.objects.create(application=ada, side="in", reason="knows PAIRS", by=person, at=AFTER_CLOSE)
    Pin.objects.create(application=ben, side="out", reason="?", by=person, at=AFTER_CLOSE, lifted_at=AFTER_CLOSE)
    problem = candidates.pool(event).problem
    assert (problem.pinned_in, problem.pinned_out) == ({ada.public_id}, frozenset())


def test_no_more_places_are_filled_than_there_are_people_for(event: Event) -> None:
    crowd(event, 2)
    assert candidates.pool(event).problem.capacity == 2
    crowd(event, 4, country="AT")
    assert candidates.pool(event).problem.capacity == 3
    assert candidates.pool(event, places=1).problem.capacity == 1


def test_another_event_has_no_part(event: Event) -> None:
    other = selectable(EventFactory(title_en="Another"))
    applicant(other, "Ada", (5, 2))
    assert candidates.pool(event).problem.candidates == []


def test_the_number_of_queries_is_the_same_for_any_number_of_people(event: Event) -> None:
    quota(event, "country", maximum=1)
    counts = set()
    for number in (1, 3, 20):
        add_review(crowd(event, number)[0], (1, 1))
        with CaptureQueriesContext(connection) as queries:
            candidates.pool(event)
        counts.add(len(queries))
    assert counts == {7}
