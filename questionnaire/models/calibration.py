"""How severe each reviewer of an event is, as it was last computed. Written by `workflow.calibrating` alone."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models import Event


class Calibration(models.Model):
    """Whether an event's severities are those of today's reviews.

    `changes` counts what happened to reviews, `counted` is how much of it the severities know: no change is lost that
    comes while they are computed.
    """

    event = models.OneToOneField(Event, models.CASCADE, related_name="calibration", verbose_name=_("event"))
    changes = models.PositiveIntegerField(default=0)
    counted = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(_("computed"), null=True)

    class Meta:
        verbose_name = _("calibration")
        verbose_name_plural = _("calibration")

    def __str__(self) -> str:
        return str(self.event)


class Severity(models.Model):
    """What a reviewer gives more (above 0) or less (below 0) than others do, in points from 0 to 10.

    `uncertainty` is its standard error, null where nothing is left to tell it from; `shared` counts the reviews of
    applications that others reviewed too. Severities can be compared within a `circle` alone.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="severities", verbose_name=_("event"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="severities", verbose_name=_("reviewer")
    )
    reviews = models.PositiveIntegerField(_("reviews"))
    shared = models.PositiveIntegerField(_("of them shared"))
    mean_score = models.DecimalField(_("mean score"), max_digits=5, decimal_places=2)
    severity = models.DecimalField(_("severity"), max_digits=5, decimal_places=2)
    uncertainty = models.DecimalField(_("uncertainty"), max_digits=5, decimal_places=2, null=True)
    circle = models.PositiveIntegerField(_("circle of reviewers"))

    class Meta:
        verbose_name = _("severity")
        verbose_name_plural = _("severities")
        ordering = ["event", "circle", "severity", "reviewer"]
        constraints = [models.UniqueConstraint(fields=["event", "reviewer"], name="one_severity_per_reviewer")]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.severity}"
