"""An event's reviews calibrated: severities and adjusted means kept beside the raw ones, for lists of any length.

They all move a little with each review, so they are not computed anew by whoever saves one: a change is counted, and
the next beat, or an organiser who does not want to wait, makes good. The selection asks `calibrated` itself and so
never computes with old ones.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import F

from events.models import Event
from questionnaire.models import Application, Calibration, Review, Severity
from questionnaire.workflow import calibration, transitions

HUNDREDTHS = 100
PORTION = 500  # applications written at a time

DISAGREE_FROM = Decimal("3.00")
"""Reviewers disagree where their scores of an application lie this many points of ten or more apart: on a scale from
0 to 5 one step by each criterion is two points, which is usual; three are a step and a half by each."""


def calibrated(event: Event) -> calibration.Calibration[int, int]:
    """Fit the finished reviews of an event, in hundredths of a point, by ids of applications and of people.

    Reviews of applications that were withdrawn count: what they say of the reviewers stays true.
    """
    rows = Review.objects.filter(application__event=event, mean_score__isnull=False).order_by("pk")
    scores = rows.values_list("application", "reviewer", "mean_score").iterator()
    return calibration.calibrate(
        (application, reviewer, int(mean * HUNDREDTHS)) for application, reviewer, mean in scores if mean is not None
    )


def adjusted_hundredths(fitted: calibration.Calibration[int, int]) -> dict[int, int]:
    """Return the adjusted means in whole hundredths of a point, halves rounded up: exact numbers for the selection."""
    return {application: calibration.rounded(mean) for application, mean in fitted.adjusted.items()}


def note_change(event_id: int) -> None:
    """Count a change of the event's reviews, in the transaction that makes it and after it touched the application."""
    if not Calibration.objects.filter(event=event_id).update(changes=F("changes") + 1):
        Calibration.objects.get_or_create(event_id=event_id)
        Calibration.objects.filter(event=event_id).update(changes=F("changes") + 1)


def is_current(event: Event) -> bool:
    """Return whether severities and adjusted means are those of today's reviews."""
    return not Calibration.objects.filter(event=event).exclude(counted=F("changes")).exists()


def refresh_due(*, at: dt.datetime) -> int:
    """Refresh each event whose reviews have changed; return how many."""
    due = list(Calibration.objects.exclude(counted=F("changes")).select_related("event"))
    for row in due:
        refresh(row.event, at=at)
    return len(due)


@transaction.atomic
def refresh(event: Event, *, at: dt.datetime) -> None:
    """Compute severities and adjusted means anew and write what differs.

    How much has changed is read before the reviews: what comes in between is counted, and due again.
    """
    transitions.lock_event(event.pk)
    state = Calibration.objects.filter(event=event).first()
    if state is None:
        return
    fitted = calibrated(event)
    _write_severities(event, fitted)
    _write_adjusted(event, adjusted_hundredths(fitted))
    Calibration.objects.filter(pk=state.pk).update(counted=state.changes, at=at)


def _write_severities(event: Event, fitted: calibration.Calibration[int, int]) -> None:
    Severity.objects.filter(event=event).delete()
    Severity.objects.bulk_create(
        Severity(
            event=event,
            reviewer_id=reviewer,
            reviews=effect.reviews,
            shared=effect.shared,
            mean_score=points(effect.mean),
            severity=points(effect.severity),
            uncertainty=None if effect.error is None else Decimal(effect.error / HUNDREDTHS).quantize(Decimal("0.01")),
            circle=effect.circle,
        )
        for reviewer, effect in fitted.effects.items()
    )


def points(hundredths: Fraction) -> Decimal:
    """Return hundredths as points with two decimal places."""
    return Decimal(calibration.rounded(hundredths)) / HUNDREDTHS


def _write_adjusted(event: Event, adjusted: Mapping[int, int]) -> None:
    changed = []
    rows = event.applications.order_by("pk").only("pk", "adjusted_score")
    for row in rows.iterator():
        score = adjusted.get(row.pk)
        wanted = None if score is None else Decimal(score) / HUNDREDTHS
        if row.adjusted_score != wanted:
            row.adjusted_score = wanted
            changed.append(row)
    Application.objects.bulk_update(changed, ["adjusted_score"], batch_size=PORTION)


def disagree(spread: Decimal | None) -> bool:
    """Return whether the reviewers of an application disagree, by the spread of their scores."""
    return spread is not None and spread >= DISAGREE_FROM


def severities_behind(application: Application) -> list[Severity]:
    """Return the severities, as last computed, of those who have reviewed an application."""
    finished = application.reviews.filter(mean_score__isnull=False)
    rows = Severity.objects.filter(event=application.event_id, reviewer__in=finished.values("reviewer"))
    return list(rows.select_related("reviewer").order_by("reviewer__last_name", "reviewer__first_name", "reviewer"))
