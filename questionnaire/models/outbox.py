"""What governs the outbox as a whole: holds, the memory by which a restored backup is noticed, the rate."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from events.models import Event


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds, by whether they still stand."""

    def standing(self) -> "HoldQuerySet":
        """Select those that nobody has ended, in the order in which they were made."""
        return self.filter(ended_at=None).order_by("made_at", "pk")


class Hold(models.Model):
    """Letters that must not leave: an event's, or everybody's where `event` is empty, until somebody lets go.

    One of `FIRST_LETTERS` holds only the second wave of an event's decisions, and ends by itself at `until`. Holds stay
    on record after their end. Written by `workflow.holds` alone.
    """

    class Cause(models.TextChoices):
        """Why letters are held."""

        PERSON = "person", _("held by a person")
        RESTORED = "restored", _("the database is a copy, or was restored from a backup")
        FIRST_LETTERS = "first_letters", _("the first letters have to arrive before the others leave")

    event = models.ForeignKey(Event, models.CASCADE, null=True, related_name="holds", verbose_name=_("event"))
    cause = models.CharField(_("cause"), max_length=16, choices=Cause)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("held by")
    )
    made_at = models.DateTimeField(_("held"))
    until = models.DateTimeField(_("ends by itself"), null=True)
    alarmed_at = models.DateTimeField(_("organisers told"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("let go by")
    )
    ended_at = models.DateTimeField(_("let go"), null=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold of letters")
        verbose_name_plural = _("holds of letters")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "cause"], condition=Q(ended_at=None, event__isnull=False), name="one_hold_per_event"
            ),
            models.UniqueConstraint(
                fields=["cause"], condition=Q(ended_at=None, event=None), name="one_hold_of_everything"
            ),
            models.CheckConstraint(
                condition=~Q(cause="first_letters") | Q(event__isnull=False), name="first_letters_of_an_event"
            ),
        ]

    def __str__(self) -> str:
        return self.get_cause_display()


class OutboxMemory(models.Model):
    """The one row by which the outbox knows itself again.

    `identity` says where the database lies, `runs` counts the runs of senders; the count is kept outside of the
    database too. A restored or copied database differs in one of them: see `workflow.restored`.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    installation = models.UUIDField(default=uuid.uuid4, editable=False)
    identity = models.CharField(max_length=100, blank=True)
    runs = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("memory of the outbox")
        verbose_name_plural = _("memory of the outbox")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_memory")]

    def __str__(self) -> str:
        return str(self.installation)


class SendingRate(models.Model):
    """How many letters were handed out in a minute, to a domain, or to all where `domain` is empty.

    `next_at` is when the next letter that finds the minute full may hope for a place.
    """

    domain = models.CharField(max_length=255, unique=True)
    minute = models.DateTimeField()
    letters = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rate of letters")
        verbose_name_plural = _("rates of letters")
        constraints = [models.CheckConstraint(condition=Q(next_at__gte=F("minute")), name="next_place_in_time")]

    def __str__(self) -> str:
        return f"{self.domain or '*'} {self.minute:%H:%M} {self.letters}"
