"""What happens after the release: places offered later, free ones that wait, and what people said afterwards."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models import Event
from questionnaire.models.application import Application


class Promotion(models.Model):
    """A place offered after the release. Written by `workflow.promotion` alone.

    By the rule, `rank` is the person's place on the waiting list by score, from 1, of `passed_over` better placed
    ones none kept the quotas, and `bounds` holds the limits in their way, as `[attribute, value, side, limit, kind]`.
    By hand, `by` and `reason` say who gave it and why.
    """

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="promotions", verbose_name=_("application")
    )
    at = models.DateTimeField(_("when"))
    answer_by = models.DateTimeField(_("confirms until"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    by_hand = models.BooleanField(_("by hand"))
    reason = models.CharField(_("why"), max_length=500, blank=True)
    rank = models.PositiveIntegerField(null=True)
    passed_over = models.PositiveIntegerField(default=0)
    bounds = models.JSONField(default=list)

    class Meta:
        verbose_name = _("place offered later")
        verbose_name_plural = _("participation")
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(by_hand=True) | Q(rank__isnull=False), name="ruled_has_rank")]

    def __str__(self) -> str:
        return f"{self.application} {self.at:%Y-%m-%d}"


class Replacement(models.Model):
    """Somebody with a place asks that a colleague may come instead. Written by `workflow.replacing` alone.

    `agreed_by` is the first organiser who agreed, `decided_by` the second, or whoever refused. Once it is settled,
    nothing of the colleague is kept here: whoever comes has an application of their own, `colleague`.
    """

    class Status(models.TextChoices):
        """Where the request stands."""

        ASKED = "asked", _("asked")
        AGREED = "agreed", _("agreed by one organiser")
        ARRANGED = "arranged", _("arranged")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("no longer wanted")

    OPEN = (Status.ASKED, Status.AGREED)

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="replacements", verbose_name=_("application")
    )
    colleague = models.ForeignKey(
        Application, models.SET_NULL, null=True, related_name="stands_in", verbose_name=_("colleague")
    )
    first_name = models.CharField(_("first name"), max_length=200, blank=True)
    family_name = models.CharField(_("family name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    role = models.CharField(_("role"), max_length=200, blank=True)
    reason = models.CharField(_("why"), max_length=500, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.ASKED)
    asked_at = models.DateTimeField(_("asked"))
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("agreed by")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    answer = models.CharField(_("reason of the organisers"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("colleague who comes instead")
        verbose_name_plural = _("colleagues who come instead")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(status__in=["asked", "agreed"]), name="one_open_replacement"
            ),
            models.CheckConstraint(
                condition=~Q(status="arranged") | ~Q(decided_by=models.F("agreed_by")), name="replacement_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.asked_at:%Y-%m-%d}"

    @property
    def full_name(self) -> str:
        """Return first and family name of the colleague; empty once it is settled."""
        return f"{self.first_name} {self.family_name}".strip()


class Standstill(models.Model):
    """Why an event's free places cannot be given by themselves; gone as soon as they can.

    `situation` is the hash of who holds places, who waits and the quotas: while it is the same, nobody solves again.
    """

    class Cause(models.TextChoices):
        """What is in the way."""

        QUOTAS = "quotas", _("Nobody on the waiting list keeps every quota.")
        INTRICATE = "intricate", _("The quotas are too intricate for a proven answer.")
        TOO_LATE = "too_late", _("The event begins so soon that nobody could answer in time.")

    event = models.OneToOneField(Event, models.CASCADE, related_name="standstill", verbose_name=_("event"))
    cause = models.CharField(_("cause"), max_length=12, choices=Cause)
    places = models.PositiveIntegerField(_("places"))
    situation = models.CharField(max_length=64)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("free places that wait")
        verbose_name_plural = _("free places that wait")

    def __str__(self) -> str:
        return f"{self.event_id}: {self.cause}"


class Feedback(models.Model):
    """What somebody said of an event afterwards. It leads to nobody: no person, no time, and ids in no order.

    Ratings run from 1 to 5; one is empty where nothing was said.
    """

    RATINGS = {
        "programme": _("The programme"),
        "speakers": _("The speakers"),
        "usefulness": _("The use for your own work"),
        "interpretation": _("The interpretation"),
        "organisation": _("The organisation"),
    }
    TEXTS = {
        "liked": _("What was most useful to you?"),
        "missed": _("What should we do differently?"),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="feedback", verbose_name=_("event"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    programme = models.PositiveSmallIntegerField(RATINGS["programme"], null=True)
    speakers = models.PositiveSmallIntegerField(RATINGS["speakers"], null=True)
    usefulness = models.PositiveSmallIntegerField(RATINGS["usefulness"], null=True)
    interpretation = models.PositiveSmallIntegerField(RATINGS["interpretation"], null=True)
    organisation = models.PositiveSmallIntegerField(RATINGS["organisation"], null=True)
    liked = models.TextField(TEXTS["liked"], blank=True)
    missed = models.TextField(TEXTS["missed"], blank=True)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(**{f"{name}__range": (1, 5)}) | Q(**{name: None}), name=f"{name}_1_to_5")
            for name in ("programme", "speakers", "usefulness", "interpretation", "organisation")
        ]

    def __str__(self) -> str:
        return str(self.id)
