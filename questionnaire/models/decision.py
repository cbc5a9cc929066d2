"""The decisions of an event as a whole: the balance that is wanted, and the order to tell everyone."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from events.models import Event
from questionnaire.models.question import Question


class Quota(models.Model):
    """How many of the selected must, or may, have given one of `values` to a question.

    Without `values`, the maximum holds for each value that occurs ("at most 12 from one country").
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="quotas", verbose_name=_("event"))
    question = models.ForeignKey(Question, models.CASCADE, related_name="quotas", verbose_name=_("question"))
    values = models.CharField(
        _("values"), max_length=400, blank=True, help_text=_("Keys of options, with spaces between.")
    )
    minimum = models.PositiveSmallIntegerField(_("at least"), default=0)
    maximum = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True)
    firm = models.BooleanField(
        _("firm"), default=True, help_text=_("Where not all quotas can hold, those that are not firm give way first.")
    )

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("balance")
        ordering = ["event", "question", "values"]
        constraints = [
            models.UniqueConstraint(fields=["event", "question", "values"], name="quota_once"),
            models.CheckConstraint(condition=Q(maximum=None) | Q(maximum__gte=F("minimum")), name="quota_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.question.key} {self.values}".strip()


class Target(models.Model):
    """A wished share of the places for those who gave one of `values`: sought after every quota and the score."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="targets", verbose_name=_("event"))
    question = models.ForeignKey(Question, models.CASCADE, related_name="targets", verbose_name=_("question"))
    values = models.CharField(_("values"), max_length=400, help_text=_("Keys of options, with spaces between."))
    percent = models.PositiveSmallIntegerField(
        _("wished share of the places, in percent"), validators=[MaxValueValidator(100)]
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Where not all wished shares can be had, those with more weight come first."),
    )

    class Meta:
        verbose_name = _("wished share")
        verbose_name_plural = _("wished shares")
        ordering = ["event", "question", "values"]
        constraints = [
            models.UniqueConstraint(fields=["event", "question", "values"], name="target_once"),
            models.CheckConstraint(condition=Q(percent__lte=100) & Q(weight__gte=1), name="target_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.question.key} {self.values}"


class Release(models.Model):
    """The order to release an event's decisions at its decision hour, and what came of it."""

    event = models.OneToOneField(Event, models.CASCADE, related_name="release", verbose_name=_("event"))
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("ordered by")
    )
    ordered_at = models.DateTimeField(_("ordered"))
    released_at = models.DateTimeField(_("released"), null=True)
    letters = models.PositiveIntegerField(_("letters"), default=0)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")

    def __str__(self) -> str:
        return str(self.event)
