"""The decisions of an event as a whole: the balance that is wanted, and the order to tell everyone."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from events.models import Event
from questionnaire.models.application import Application
from questionnaire.models.labels import group_label
from questionnaire.models.letter import Letter
from questionnaire.models.question import Question
from questionnaire.states import Outcome


class Quota(models.Model):
    """How many of the selected must, or may, have given one of `values` to a question.

    Without `values`, the maximum holds for each value that occurs ("at most 12 from one country").
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="quotas", verbose_name=_("event"))
    question = models.ForeignKey(Question, models.CASCADE, related_name="quotas", verbose_name=_("question"))
    values = models.CharField(_("answers"), max_length=400, blank=True)
    minimum = models.PositiveSmallIntegerField(_("at least"), default=0)
    maximum = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True)
    firm = models.BooleanField(
        _("firm"), default=True, help_text=_("Where not all quotas can hold, those that are not firm give way first.")
    )

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ["event", "question", "values"]
        constraints = [
            models.UniqueConstraint(fields=["event", "question", "values"], name="quota_once"),
            models.CheckConstraint(condition=Q(maximum=None) | Q(maximum__gte=F("minimum")), name="quota_in_order"),
        ]

    def __str__(self) -> str:
        return group_label(self.question, self.values)

    @property
    def key(self) -> str:
        """Return what the quota counts, in no language."""
        return f"{self.question.key} {self.values}".strip()


class Target(models.Model):
    """A wished share of the places for those who gave one of `values`: sought after every quota and the score."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="targets", verbose_name=_("event"))
    question = models.ForeignKey(Question, models.CASCADE, related_name="targets", verbose_name=_("question"))
    values = models.CharField(_("answers"), max_length=400)
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
        return group_label(self.question, self.values)


class Release(models.Model):
    """The order to release an event's decisions at its hour, signed by a second person, and what came of it."""

    event = models.OneToOneField(Event, models.CASCADE, related_name="release", verbose_name=_("event"))
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("ordered by")
    )
    ordered_at = models.DateTimeField(_("ordered"))
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("signed by")
    )
    signed_at = models.DateTimeField(_("signed"), null=True)
    released_at = models.DateTimeField(_("released"), null=True)
    letters = models.PositiveIntegerField(_("letters"), default=0)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.CheckConstraint(condition=~Q(signed_by=F("ordered_by")), name="release_by_four_eyes"),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None) | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="signature_has_its_time",
            ),
            models.CheckConstraint(condition=Q(released_at=None) | Q(signed_at__isnull=False), name="released_signed"),
        ]

    def __str__(self) -> str:
        return str(self.event)


class ReleaseException(models.Model):
    """Something that the preflight found for a person, and that does not stop the release: who said so, and why."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="release_exceptions", verbose_name=_("application")
    )
    check_name = models.CharField(_("finding"), max_length=20)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("exception from the preflight")
        verbose_name_plural = _("exceptions from the preflight")
        constraints = [
            models.UniqueConstraint(fields=["application", "check_name"], name="one_exception_per_finding"),
            models.CheckConstraint(condition=~Q(reason=""), name="exception_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.check_name}"


class Correction(models.Model):
    """A decision changed after its letter left: proposed with a reason, signed by a second person, told by letter."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="corrections", verbose_name=_("application")
    )
    former = models.CharField(_("former decision"), max_length=12, choices=Outcome)
    outcome = models.CharField(_("decision"), max_length=12, choices=Outcome)
    reason = models.CharField(_("reason"), max_length=500)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("signed by")
    )
    signed_at = models.DateTimeField(_("signed"), null=True)
    letter = models.OneToOneField(Letter, models.SET_NULL, null=True, related_name="correction")

    class Meta:
        verbose_name = _("correction of a decision")
        verbose_name_plural = _("corrections of decisions")
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=Q(signed_at=None), name="one_open_correction"),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_a_reason"),
            models.CheckConstraint(condition=~Q(former=F("outcome")), name="correction_changes_something"),
            models.CheckConstraint(condition=~Q(signed_by=F("proposed_by")), name="correction_by_four_eyes"),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.get_outcome_display()}"
