"""Reviewing: scores by criteria, conflicts of interest, and what a reviewer may see."""

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Avg, Count, Max, Min, QuerySet
from django.utils.translation import gettext_lazy as _

from events import roles
from events.models import Membership
from questionnaire.models import Application, Criterion, Question, Review, Score
from questionnaire.states import UNDER_REVIEW
from questionnaire.workflow import calibrating

MEAN_MAXIMUM = 10


def applications_for(user: User) -> QuerySet[Application]:
    """Return the applications that a member of an event's team may open: all received ones of the event."""
    events = roles.events_with_role(user, Membership.Role.ORGANISER, Membership.Role.REVIEWER)
    return Application.objects.received().filter(event__in=events)


def hidden_kinds_of_answer(user: User, application: Application) -> frozenset[str]:
    """Return the visibilities that `user` must not see: reviewers see nothing meant for organisers alone."""
    if roles.organises(user, application.event_id):
        return frozenset()
    return frozenset({Question.Visibility.ORGANISERS})


def may_see_content(user: User, application: Application) -> bool:
    """Return whether answers may be shown: a reviewer first says that there is no conflict of interest."""
    if roles.organises(user, application.event_id):
        return True
    return application.reviews.filter(reviewer=user, conflict=False).exists()


def visible_reviews(user: User, application: Application) -> QuerySet[Review]:
    """Return the reviews that `user` may read: organisers all; a reviewer others' only after their own."""
    reviews = application.reviews.select_related("reviewer").prefetch_related("scores__criterion")
    if roles.organises(user, application.event_id):
        return reviews
    if reviews.filter(reviewer=user, mean_score__isnull=False).exists():
        return reviews
    return reviews.filter(reviewer=user)


@transaction.atomic
def declare(application: Application, reviewer: User, *, conflict: bool, at: dt.datetime) -> Review:
    """Record whether the reviewer has a conflict of interest; with one, scores given before are removed.

    Raises `ValidationError` once the decision has been released.
    """
    _refuse_after_release(application)
    review, _made = Review.objects.update_or_create(
        application=application,
        reviewer=reviewer,
        defaults={"conflict": conflict, "saved_at": at, **({"mean_score": None} if conflict else {})},
    )
    if conflict:
        review.scores.all().delete()
        _update_mean(application)
    return review


@transaction.atomic
def save_review(
    application: Application, reviewer: User, *, scores: Mapping[str, int | None], note: str, at: dt.datetime
) -> Review:
    """Store scores by criterion key and the note; the review counts once every criterion has its score.

    Raises `ValidationError`, by criterion key, for a score outside the scale or an unknown criterion, and
    without a key when the reviewer has a conflict of interest or has not declared that there is none, or
    once the decision has been released.
    """
    _refuse_after_release(application)
    review = Review.objects.select_for_update().filter(application=application, reviewer=reviewer).first()
    if review is None or review.conflict:
        raise ValidationError(_("Say first that you have no conflict of interest."))
    criteria = {criterion.key: criterion for criterion in application.event.criteria.all()}
    given = {key: value for key, value in scores.items() if value is not None}
    _check_scores(criteria, given)
    review.scores.all().delete()
    Score.objects.bulk_create(
        [Score(review=review, criterion=criteria[key], value=value) for key, value in given.items()]
    )
    review.mean_score = weighted_mean(criteria, given)
    review.note = note
    review.saved_at = at
    review.save()
    _update_mean(application)
    return review


def _refuse_after_release(application: Application) -> None:
    """Raise `ValidationError` where the decision rests on the reviews as they are."""
    if application.state not in UNDER_REVIEW:
        raise ValidationError(_("The decision has been released: reviews can no longer change."))


def _check_scores(criteria: Mapping[str, Criterion], given: Mapping[str, int]) -> None:
    """Raise `ValidationError` for what does not fit the criteria."""
    errors = {
        key: _("Choose a score from the scale.")
        for key, value in given.items()
        if key not in criteria or not 0 <= value <= criteria[key].maximum
    }
    if errors:
        raise ValidationError(errors)


def weighted_mean(criteria: Mapping[str, Criterion], given: Mapping[str, int]) -> Decimal | None:
    """Return the mean on a scale from 0 to 10, or None while a criterion has no score.

    Σ weight · score / maximum over Σ weight, times 10, rounded half up to two places.
    """
    if not criteria or given.keys() != criteria.keys():
        return None
    total = sum(Decimal(criterion.weight) * given[key] / criterion.maximum for key, criterion in criteria.items())
    weights = sum(criterion.weight for criterion in criteria.values())
    return round_half_up(Decimal(MEAN_MAXIMUM * total / weights))


def round_half_up(score: Decimal) -> Decimal:
    """Return a score with two decimal places."""
    return score.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _update_mean(application: Application) -> None:
    """Keep the application's mean, spread and number of finished reviews beside it, for lists and their order."""
    finished = application.reviews.filter(mean_score__isnull=False)
    figures = finished.aggregate(
        mean=Avg("mean_score"), number=Count("pk"), least=Min("mean_score"), most=Max("mean_score")
    )
    mean, number = figures["mean"], figures["number"]
    Application.objects.filter(pk=application.pk).update(
        mean_score=None if mean is None else round_half_up(Decimal(mean)),
        review_count=number,
        spread=figures["most"] - figures["least"] if number > 1 else None,
    )
    calibrating.note_change(application.event_id)
