"""Rehearsals of an event: who ordered which, how far it has come, and what it found."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models import Event

MOST_APPLICANTS = 20_000


class Fault(models.TextChoices):
    """What a rehearsal can break on purpose."""

    SMTP = "smtp", _("a mail server that refuses and cuts connections")
    WORKER = "worker", _("workers killed in the middle")
    BROKER = "broker", _("a broker that forgets everything")


class Rehearsal(models.Model):
    """One rehearsal. Written by `workflow.rehearsing` alone.

    `share` is the part that is done, from 0 to 1; `alive_at` the last moment at which its process was heard of.
    `outcome` is what `questionnaire.rehearsal.report` reads; `complaint` says why there is none.
    """

    class Status(models.TextChoices):
        """Where a rehearsal stands."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("under way")
        KEPT = "kept", _("every promise kept")
        BROKEN = "broken", _("a promise broken")
        FAILED = "failed", _("ended early")

    event = models.ForeignKey(Event, models.CASCADE, related_name="rehearsals", verbose_name=_("event"))
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("ordered by")
    )
    ordered_at = models.DateTimeField(_("ordered"))
    applicants = models.PositiveIntegerField(
        _("applicants"), default=300, validators=[MinValueValidator(1), MaxValueValidator(MOST_APPLICANTS)]
    )
    seed = models.PositiveIntegerField(_("seed"), default=1, help_text=_("Another number gives other people."))
    faults = models.JSONField(_("broken on purpose"), default=list, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    act = models.CharField(_("act"), max_length=40, blank=True)
    share = models.FloatField(_("done"), default=0.0)
    alive_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    outcome = models.JSONField(null=True)
    complaint = models.CharField(_("why it ended early"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("rehearsal")
        verbose_name_plural = _("rehearsals")
        ordering = ["-ordered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event"], condition=Q(status__in=["waiting", "running"]), name="one_rehearsal_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["kept", "broken"]) | Q(outcome__isnull=False), name="rehearsed_has_an_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.ordered_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Return whether it has not come to an end."""
        return self.status in {self.Status.WAITING, self.Status.RUNNING}

    @property
    def percent(self) -> int:
        """Return how much of it is done."""
        return round(100 * self.share)
