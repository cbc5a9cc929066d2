"""Reviewing: scores by criteria, conflicts of interest, and what a reviewer may see."""

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Avg, Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from events import roles
from events.models import Membership
from questionnaire.models import Application, Assignment, Criterion, Question, Review, Score
from questionnaire.states import UNDER_REVIEW
from questionnaire.workflow import anonymity, assignment, calibrating, conflicts, transitions

MEAN_MAXIMUM = 10


def given_to(user: User) -> Q:
    """Return the condition for applications assigned to a reviewer, or for which they declared a conflict."""
    assigned = Assignment.objects.standing().filter(application=OuterRef("pk"), reviewer=user.pk)
    stepped_back = Review.objects.filter(application=OuterRef("pk"), reviewer=user.pk, conflict=True)
    return Q(Exists(assigned)) | Q(Exists(stepped_back))


def applications_for(user: User) -> QuerySet[Application]:
    """Return the received applications that a member of a team may open: organisers all, reviewers their own."""
    organised, reviewed = roles.organised_by(user), roles.events_with_role(user, Membership.Role.REVIEWER)
    theirs = Q(event__in=organised) | Q(given_to(user), event__in=reviewed)
    return Application.objects.received().filter(theirs)


def may_review(user: User, application: Application) -> bool:
    """Return whether `user` is asked for a review, or was and declared a conflict of interest."""
    if not roles.reviews(user, application.event_id):
        return False
    return Application.objects.received().filter(given_to(user), pk=application.pk).exists()


def hidden_questions(user: User, application: Application) -> Q:
    """Return the condition for the questions whose answers `user` must not see.

    Reviewers see nothing meant for organisers alone; in an anonymous review nothing that says who it is.
    """
    if roles.organises(user, application.event_id):
        return Q(pk=None)
    hidden = Q(visibility=Question.Visibility.ORGANISERS)
    return hidden | anonymity.TELLS_WHO if application.event.anonymous_review else hidden


def may_see_content(user: User, application: Application) -> bool:
    """Return whether answers may be shown: a reviewer first says that there is no conflict of interest."""
    if roles.organises(user, application.event_id):
        return True
    has_declared = application.reviews.filter(reviewer=user, conflict=False).exists()
    return has_declared and may_review(user, application)


def visible_reviews(user: User, application: Application) -> QuerySet[Review]:
    """Return the reviews that `user` may read: organisers all; a reviewer others' only after their own."""
    reviews = application.reviews.select_related("reviewer").prefetch_related("scores__criterion")
    if roles.organises(user, application.event_id):
        return reviews
    if reviews.filter(reviewer=user, mean_score__isnull=False).exists():
        return reviews
    return reviews.filter(reviewer=user)


@transaction.atomic
def declare(application: Application, reviewer: User, *, conflict: bool, because: str = "", at: dt.datetime) -> Review:
    """Record whether the reviewer has a conflict of interest. With one, scores given before are removed, and the
    application goes to a colleague at once; who takes that back gets it again.

    `because` says why there is none although reviewer and applicant have in common what rules a review out; it is
    needed then. Raises `ValidationError` without it, and once the decision has been released.
    """
    _refuse_after_release(application)
    if not conflict and not because and must_explain(reviewer, application):
        raise ValidationError({"because": _("Say why there is no conflict of interest.")})
    # First, as whoever computes severities does: in the other order the two wait for each other.
    transitions.lock_event(application.event_id)
    before = Review.objects.filter(application=application, reviewer=reviewer).first()
    review, _made = Review.objects.update_or_create(
        application=application,
        reviewer=reviewer,
        defaults={
            "conflict": conflict,
            "no_conflict_because": because,
            "saved_at": at,
            **({"mean_score": None} if conflict else {}),
        },
    )
    if conflict:
        review.scores.all().delete()
        _update_mean(application)
        assignment.hand_on(application, reviewer, at=at)
    elif before is not None and before.conflict:
        assignment.give_back(application, reviewer, at=at)
    return review


def must_explain(reviewer: User, application: Application) -> bool:
    """Return whether a conflict of interest is filled in beforehand: something rules a review out."""
    return bool(conflicts.between(reviewer, application) & conflicts.ruling_out(application.event))


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


@transaction.atomic
def save_part(
    application: Application,
    reviewer: User,
    *,
    scores: Mapping[str, int | None],
    note: str | None = None,
    at: dt.datetime,
) -> Review:
    """Store the scores that are named, None taking one back, and the note where it is given; the rest stays.

    Raises what `save_review` raises.
    """
    held = Review.objects.select_for_update().filter(application=application, reviewer=reviewer).first()
    before: dict[str, int | None] = {}
    if held is not None:
        before |= held.scores.values_list("criterion__key", "value")
        note = held.note if note is None else note
    return save_review(application, reviewer, scores={**before, **scores}, note=note or "", at=at)


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
