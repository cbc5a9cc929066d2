"""Severities and adjusted means beside the raw ones: computed after reviews change, and no change is lost."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from events.models import Event
from events.tests.factories import EventFactory, UserFactory
from questionnaire.models import Application, Severity
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_CLOSE, AFTER_RELEASE, ApplicationFactory, CriterionFactory
from questionnaire.workflow import calibrating, ranks, review

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def event() -> Event:
    """Return an event with one criterion from 0 to 10, so that a score is a mean."""
    event = EventFactory()
    CriterionFactory(event=event, key="worth", maximum=10)
    return event


@pytest.fixture
def mild() -> User:
    """Return a reviewer who gives much."""
    return UserFactory(username="mild")


@pytest.fixture
def severe() -> User:
    """Return a reviewer who gives little."""
    return UserFactory(username="severe")


def apply(event: Event, name: str, **scores: int) -> Application:
    """Return an application, reviewed by people of some logins."""
    application = ApplicationFactory(event=event, first_name=name)
    for username, score in scores.items():
        give(application, User.objects.get(username=username), score)
    return application


def give(application: Application, reviewer: User, score: int | None) -> None:
    """Score an application."""
    review.declare(application, reviewer, conflict=False, at=AFTER_CLOSE)
    review.save_review(application, reviewer, scores={"worth": score}, note="", at=AFTER_CLOSE)


def means(event: Event) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    """Return raw and adjusted means by name."""
    return {row.first_name: (row.mean_score, row.adjusted_score) for row in event.applications.all()}


@pytest.mark.usefixtures("mild", "severe")
def test_whom_severe_reviewers_read_is_raised_and_whom_mild_ones_read_is_lowered(event: Event) -> None:
    for number in range(3):
        apply(event, f"Both{number}", mild=8, severe=4)
    apply(event, "Severe", severe=6)
    apply(event, "Mild", mild=7)
    apply(event, "Unread")
    assert calibrating.refresh_due(at=AFTER_RELEASE) == 1
    assert means(event) == {
        **{f"Both{number}": (Decimal(6), Decimal(6)) for number in range(3)},
        "Severe": (Decimal(6), Decimal(8)),
        "Mild": (Decimal(7), Decimal(5)),
        "Unread": (None, None),
    }
    severities = {row.reviewer.username: row for row in Severity.objects.select_related("reviewer")}
    assert severities["mild"].severity == 2
    assert (severities["severe"].severity, severities["severe"].reviews, severities["severe"].shared) == (-2, 4, 3)
    assert severities["mild"].mean_score == Decimal("7.75")


def test_it_follows_reviews_and_nothing_is_computed_twice(event: Event, mild: User, severe: User) -> None:
    assert calibrating.is_current(event)
    shared = apply(event, "Ada", mild=8, severe=4)
    assert not calibrating.is_current(event)
    assert calibrating.refresh_due(at=AFTER_CLOSE) == 1
    assert calibrating.is_current(event)
    assert calibrating.refresh_due(at=AFTER_CLOSE) == 0
    give(shared, severe, 8)
    assert calibrating.refresh_due(at=AFTER_CLOSE) == 1
    assert set(Severity.objects.values_list("severity", flat=True)) == {0}
    review.declare(shared, mild, conflict=True, at=AFTER_CLOSE)
    assert calibrating.refresh_due(at=AFTER_CLOSE) == 1
    assert Severity.objects.get().reviewer == severe
    assert means(event) == {"Ada": (Decimal(8), Decimal(8))}


def test_a_change_while_it_is_computed_is_due_again(event: Event, mild: User, monkeypatch: pytest.MonkeyPatch) -> None:
    application = apply(event, "Ada", mild=8)
    fit = calibrating.calibrated

    def fit_while_somebody_saves(event: Event) -> object:
        fitted = fit(event)
        give(application, mild, 2)
        return fitted

    monkeypatch.setattr(calibrating, "calibrated", fit_while_somebody_saves)
    calibrating.refresh(event, at=AFTER_CLOSE)
    assert not calibrating.is_current(event)


@pytest.mark.usefixtures("mild", "severe")
def test_spread_is_the_difference_of_two_and_disagreement_begins_at_three_points(event: Event) -> None:
    given = {"One": {"mild": 9}, "Near": {"mild": 8, "severe": 6}, "Far": {"mild": 8, "severe": 5}}
    for name, scores in given.items():
        apply(event, name, **scores)
    spreads = {row.first_name: row.spread for row in event.applications.order_by("pk")}
    assert spreads == {"One": None, "Near": 2, "Far": 3}
    assert [calibrating.disagree(spread) for spread in spreads.values()] == [False, False, True]


@pytest.mark.usefixtures("mild")
def test_equal_means_share_a_place_and_who_withdrew_has_none(event: Event) -> None:
    for name, score in {"Ada": 9, "Ben": 7, "Cleo": 7, "Dan": 3}.items():
        apply(event, name, mild=score)
    ApplicationFactory(event=event, state=State.WITHDRAWN, mean_score=8)
    assert ranks.ranks(event).raw == {Decimal(9): 1, Decimal(7): 2, Decimal(3): 4}
    assert ranks.ranks(event).adjusted == {}
    calibrating.refresh_due(at=AFTER_CLOSE)
    assert ranks.ranks(event).adjusted == {Decimal(9): 1, Decimal(7): 2, Decimal(3): 4}


def test_events_are_calibrated_apart(event: Event, mild: User) -> None:
    other = EventFactory(title_en="Another")
    CriterionFactory(event=other, key="worth", maximum=10)
    apply(event, "Ada", mild=8)
    apply(other, "Ben", mild=4)
    assert calibrating.refresh_due(at=AFTER_CLOSE) == 2
    assert [row.mean_score for row in Severity.objects.order_by("event_id")] == [8, 4]
    assert set(Severity.objects.values_list("reviewer", flat=True)) == {mild.pk}
