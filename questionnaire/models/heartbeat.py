"""A sign of life of the processes that do what is due."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """When a kind of process last gave a sign of life. Written by `workflow.heartbeat`, once a minute at most."""

    class Source(models.TextChoices):
        """Who looked for what is due, or had it looked for."""

        WORKER = "worker", _("Celery worker")
        BEAT = "beat", _("Celery beat")
        TIMER = "timer", _("send_due_letters")

    source = models.CharField(_("process"), max_length=8, choices=Source, unique=True)
    at = models.DateTimeField(_("last sign of life"))

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")
        ordering = ["source"]

    def __str__(self) -> str:
        return self.get_source_display()
