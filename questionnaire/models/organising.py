"""What a team keeps about applications beside its decisions: words between organisers, and who looked.

Reviewers see none of it; applicants do, once the decisions are out (`workflow.retention`).
"""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from events.models import Event, Membership
from questionnaire.models.application import Application


class Note(models.Model):
    """A note of one organiser to the others about an application. Personal data of the applicant."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="notes", verbose_name=_("application"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"))
    text = models.TextField(_("note"))

    class Meta:
        verbose_name = _("note between organisers")
        verbose_name_plural = _("notes between organisers")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.by}: {self.at:%Y-%m-%d}"


class Tag(models.Model):
    """A word by which the organisers of an event find applications again."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="tags", verbose_name=_("event"))
    name = models.CharField(_("tag"), max_length=40)
    applications = models.ManyToManyField(Application, related_name="tags", verbose_name=_("applications"))

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [models.UniqueConstraint("event", Lower("name"), name="tag_once_per_event")]

    def __str__(self) -> str:
        return self.name


class Opening(models.Model):
    """A member of the team opened an application, once for each person and day of the event's time zone."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="openings", verbose_name=_("application"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("who"))
    role = models.CharField(_("as"), max_length=10, choices=Membership.Role)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        ordering = ["day", "pk"]
        constraints = [models.UniqueConstraint(fields=["application", "by", "day"], name="opening_once_a_day")]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.role} {self.day}"
