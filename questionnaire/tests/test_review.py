"""Reviewing: who sees what, when, and how the mean comes about."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Membership
from events.tests.factories import MembershipFactory, UserFactory
from questionnaire.models import Application, Criterion, Question
from questionnaire.states import State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    ApplicationFactory,
    AssignmentFactory,
    CriterionFactory,
    QuestionFactory,
    ReviewFactory,
)
from questionnaire.workflow import review

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    """Return an application to an event with two criteria, the second counting double."""
    application = ApplicationFactory()
    CriterionFactory(event=application.event, key="motivation")
    CriterionFactory(event=application.event, key="practice", weight=2, maximum=10)
    return application


@pytest.fixture
def reviewer(application: Application) -> User:
    """Return a reviewer of the application's event, to whom it is assigned."""
    reviewer: User = MembershipFactory(event=application.event, role=Membership.Role.REVIEWER).user
    AssignmentFactory(application=application, reviewer=reviewer)
    return reviewer


def scored(application: Application, reviewer: User, **scores: int | None) -> Application:
    """Score an application after declaring that there is no conflict; return it as stored."""
    review.declare(application, reviewer, conflict=False, at=AFTER_CLOSE)
    review.save_review(application, reviewer, scores=scores, note="", at=AFTER_CLOSE)
    return Application.objects.get(pk=application.pk)


def test_the_mean_weighs_criteria_on_a_scale_of_ten(application: Application, reviewer: User) -> None:
    # (1 · 4/5 + 2 · 5/10) / 3 · 10
    assert scored(application, reviewer, motivation=4, practice=5).mean_score == Decimal("6.00")


def test_the_mean_is_that_of_finished_reviews_alone(application: Application, reviewer: User) -> None:
    scored(application, reviewer, motivation=5, practice=10)
    unfinished = scored(application, UserFactory(), motivation=0, practice=None)
    assert (unfinished.mean_score, unfinished.review_count) == (Decimal("10.00"), 1)
    both = scored(application, UserFactory(), motivation=0, practice=0)
    assert (both.mean_score, both.review_count) == (Decimal("5.00"), 2)


@pytest.mark.parametrize("scores", [{"motivation": 6}, {"motivation": -1}, {"unknown": 1}])
def test_a_score_outside_the_scale_is_refused_and_names_its_criterion(
    application: Application, reviewer: User, scores: dict[str, int]
) -> None:
    review.declare(application, reviewer, conflict=False, at=AFTER_CLOSE)
    with pytest.raises(ValidationError) as caught:
        review.save_review(application, reviewer, scores=scores, note="", at=AFTER_CLOSE)
    assert caught.value.message_dict.keys() == scores.keys()


def test_scores_need_a_declaration_first_and_a_conflict_rules_them_out(
    application: Application, reviewer: User
) -> None:
    with pytest.raises(ValidationError):
        review.save_review(application, reviewer, scores={"motivation": 3}, note="", at=AFTER_CLOSE)
    review.declare(application, reviewer, conflict=True, at=AFTER_CLOSE)
    with pytest.raises(ValidationError):
        review.save_review(application, reviewer, scores={"motivation": 3}, note="", at=AFTER_CLOSE)


def test_a_conflict_declared_later_takes_the_scores_back(application: Application, reviewer: User) -> None:
    scored(application, reviewer, motivation=5, practice=10)
    review.declare(application, reviewer, conflict=True, at=AFTER_CLOSE)
    application.refresh_from_db()
    assert (application.mean_score, application.review_count) == (None, 0)


def test_a_reviewer_sees_answers_only_after_declaring_no_conflict(application: Application, reviewer: User) -> None:
    assert not review.may_see_content(reviewer, application)
    review.declare(application, reviewer, conflict=True, at=AFTER_CLOSE)
    assert not review.may_see_content(reviewer, application)
    review.declare(application, reviewer, conflict=False, at=AFTER_CLOSE)
    assert review.may_see_content(reviewer, application)


def test_others_scores_show_only_after_ones_own(application: Application, reviewer: User) -> None:
    scored(application, UserFactory(), motivation=1, practice=1)
    ReviewFactory(application=application, reviewer=reviewer)
    assert [r.reviewer for r in review.visible_reviews(reviewer, application)] == [reviewer]
    scored(application, reviewer, motivation=5, practice=5)
    assert review.visible_reviews(reviewer, application).count() == 2


def test_an_organiser_sees_everything_and_a_reviewer_nothing_for_organisers_alone(
    application: Application, reviewer: User
) -> None:
    organiser = MembershipFactory(event=application.event).user
    assert review.may_see_content(organiser, application)
    QuestionFactory(section__event=application.event, visibility=Question.Visibility.ORGANISERS)
    assert not Question.objects.filter(review.hidden_questions(organiser, application)).exists()
    assert Question.objects.filter(review.hidden_questions(reviewer, application)).exists()


def test_a_reviewer_finds_what_is_assigned_to_them_and_an_organiser_everything_received(
    application: Application, reviewer: User
) -> None:
    draft = ApplicationFactory(event=application.event, state=State.DRAFT)
    withdrawn = ApplicationFactory(event=application.event, state=State.WITHDRAWN, submitted_at=AFTER_CLOSE)
    others, elsewhere = ApplicationFactory(event=application.event), ApplicationFactory()
    for row in (draft, withdrawn, elsewhere):
        AssignmentFactory(application=row, reviewer=reviewer)
    AssignmentFactory(application=others, reviewer=reviewer, taken_away_at=AFTER_CLOSE)
    AssignmentFactory(application=others)
    assert list(review.applications_for(reviewer)) == [application]
    assert set(review.applications_for(MembershipFactory(event=application.event).user)) == {application, others}
    assert not review.applications_for(UserFactory()).exists()


def test_a_person_who_left_finds_nothing(application: Application, reviewer: User) -> None:
    reviewer.is_active = False
    reviewer.save()
    assert not review.applications_for(reviewer).exists()


def test_after_the_release_reviews_stay_as_they_are(application: Application, reviewer: User) -> None:
    scored(application, reviewer, motivation=5, practice=10)
    Application.objects.update(state=State.DECLINED)
    application.refresh_from_db()
    with pytest.raises(ValidationError):
        review.save_review(application, reviewer, scores={"motivation": 0, "practice": 0}, note="", at=AFTER_CLOSE)
    with pytest.raises(ValidationError):
        review.declare(application, reviewer, conflict=True, at=AFTER_CLOSE)
    application.refresh_from_db()
    assert application.mean_score == Decimal("10.00")


def test_without_criteria_there_is_no_mean() -> None:
    assert review.weighted_mean({}, {}) is None
    assert review.weighted_mean({"a": Criterion(key="a", weight=1, maximum=5)}, {}) is None


def test_a_declaration_holds_the_event_before_it_writes(application: Application, reviewer: User) -> None:
    """In the order of whoever computes severities meanwhile; a rehearsal found the two waiting for each other."""
    with CaptureQueriesContext(connection) as captured:
        review.declare(application, reviewer, conflict=True, at=AFTER_CLOSE)
    asked = [query["sql"] for query in captured]
    held = next(number for number, sql in enumerate(asked) if sql.startswith('SELECT "events_event"'))
    written = next(number for number, sql in enumerate(asked) if sql.startswith(("INSERT", "UPDATE")))
    assert held < written
