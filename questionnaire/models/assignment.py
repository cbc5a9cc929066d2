"""Who is to review which application."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from questionnaire.models.application import Application


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Assignments, by whether they still hold."""

    def standing(self) -> AssignmentQuerySet:
        """Select those that nobody took away."""
        return self.filter(taken_away_at=None)


class Assignment(models.Model):
    """An application given to a reviewer. Written by `workflow.assignment` alone.

    `shared` marks the applications that every reviewer reads, by which their severity is compared. One that an
    organiser took away stays as a row, so that it is not given to the same person again. `instead_of` is the
    colleague who declared a conflict of interest. `told_at` says when the reviewer was written to about it.
    """

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="assignments", verbose_name=_("application")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="assignments", verbose_name=_("reviewer")
    )
    shared = models.BooleanField(_("read by every reviewer"), default=False)
    made_at = models.DateTimeField(_("assigned"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("assigned by")
    )
    by_hand = models.BooleanField(_("by hand"), default=False)
    instead_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("instead of")
    )
    skipped_at = models.DateTimeField(_("put off"), null=True)
    taken_away_at = models.DateTimeField(_("taken away"), null=True)
    told_at = models.DateTimeField(_("told"), null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["application", "reviewer"]
        constraints = [models.UniqueConstraint(fields=["reviewer", "application"], name="assigned_once")]
        indexes = [
            models.Index(fields=["application"], condition=Q(shared=True), name="shared_assignment"),
            models.Index(fields=["application"], condition=Q(told_at=None), name="assignment_to_tell"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} → {self.reviewer_id}"
