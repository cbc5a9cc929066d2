"""What reviewers say of an application."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models import Bilingual, Event
from questionnaire.models.application import Application
from questionnaire.models.question import key_field


class Criterion(Bilingual):
    """A criterion by which applications are scored, from 0 to `maximum`."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="criteria", verbose_name=_("event"))
    key = key_field()
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("what it is about"), blank=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    maximum = models.PositiveSmallIntegerField(_("highest score"), default=5)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["event", "order", "key"]
        constraints = [
            models.UniqueConstraint(fields=["event", "key"], name="criterion_key_once_per_event"),
            models.CheckConstraint(condition=Q(weight__gte=1) & Q(maximum__gte=1), name="criterion_counts"),
        ]

    def __str__(self) -> str:
        return self.name


class CriterionStep(Bilingual):
    """What earns one score of a criterion, shown beside it to the reviewer."""

    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="steps", verbose_name=_("criterion"))
    score = models.PositiveSmallIntegerField(_("score"))
    description = models.CharField(_("what earns it"), max_length=250)

    class Meta:
        verbose_name = _("step of the scale")
        verbose_name_plural = _("steps of the scale")
        ordering = ["criterion", "score"]
        constraints = [models.UniqueConstraint(fields=["criterion", "score"], name="step_described_once")]

    def __str__(self) -> str:
        return f"{self.score} – {self.description}"


class Review(models.Model):
    """One reviewer's view of one application: a conflict of interest, or scores and a note."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="reviews", verbose_name=_("application"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reviews", verbose_name=_("reviewer")
    )
    conflict = models.BooleanField(_("conflict of interest"), default=False)
    no_conflict_because = models.CharField(_("why there is no conflict of interest"), max_length=500, blank=True)
    note = models.TextField(_("note for the organisers"), blank=True)
    mean_score = models.DecimalField(_("mean score"), max_digits=5, decimal_places=2, null=True, editable=False)
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["saved_at"]
        constraints = [
            models.UniqueConstraint(fields=["application", "reviewer"], name="one_review_per_reviewer"),
            models.CheckConstraint(condition=Q(conflict=False) | Q(mean_score=None), name="conflict_has_no_score"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.mean_score}"


class Score(models.Model):
    """The score of a review by one criterion."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="scores")
    value = models.PositiveSmallIntegerField(_("score"))

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = [models.UniqueConstraint(fields=["review", "criterion"], name="one_score_per_criterion")]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value}"
