"""The selection as organisers arrive at it: each run that was made, and the people whom they placed themselves."""

from __future__ import annotations

import zlib
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.models import Event
from questionnaire.models.application import Application


class Scores(models.TextChoices):
    """Which scores the selection computes with."""

    RAW = "raw", _("means as reviewers gave them")
    ADJUSTED = "adjusted", _("means adjusted for the reviewers’ severity")


class Ties(models.TextChoices):
    """Who comes first where scores are equal."""

    SUBMITTED = "submitted", _("who submitted first")
    LOTTERY = "lottery", _("by lot")


class SelectionRules(models.Model):
    """By which rules an event's selection is computed. An event without a row has the defaults.

    `seed` is the lottery's, in hexadecimal digits, secret until the release; `Event.lottery_commitment` is its hash.
    `tolerance` is how much of the whole sum of scores, in points from 0 to 10, may be given up for the wished shares.
    """

    event = models.OneToOneField(Event, models.CASCADE, related_name="selection_rules", verbose_name=_("event"))
    scores = models.CharField(_("scores"), max_length=8, choices=Scores, default=Scores.RAW)
    ties = models.CharField(_("equal scores"), max_length=9, choices=Ties, default=Ties.SUBMITTED)
    seed = models.CharField(max_length=64, blank=True, editable=False)
    tolerance = models.DecimalField(_("tolerance"), max_digits=6, decimal_places=2, default=Decimal("0.00"))

    class Meta:
        verbose_name = _("rules of the selection")
        verbose_name_plural = _("rules of the selection")
        constraints = [
            models.CheckConstraint(condition=Q(tolerance__gte=0), name="tolerance_is_not_negative"),
            models.CheckConstraint(condition=~Q(ties=Ties.LOTTERY) | ~Q(seed=""), name="lottery_has_its_seed"),
        ]

    def __str__(self) -> str:
        return str(self.event)


class SelectionRun(models.Model):
    """A panel with all that is needed to arrive at it again. Never changed, but for the name of a scenario.

    `packed_inputs` is the problem as canonical JSON, compressed; `input_sha256` is the hash of that JSON. `result`
    is the suggestion as canonical JSON, with its certificate. A mark in them is worth `points` on the scale from 0
    to 10, a fraction. People stand in them under their public ids, organisations under that of the first applicant.
    """

    class Origin(models.TextChoices):
        """How the panel came about."""

        SOLVED = "solved", _("suggested")
        BY_HAND = "by_hand", _("changed by hand")

    event = models.ForeignKey(Event, models.CASCADE, related_name="selection_runs", verbose_name=_("event"))
    name = models.CharField(_("name of the scenario"), max_length=80, blank=True)
    origin = models.CharField(_("origin"), max_length=8, choices=Origin)
    everyone = models.BooleanField(_("everyone needs a finished review"), default=False)
    places = models.PositiveIntegerField(_("places to fill"), null=True)
    scores = models.CharField(_("scores"), max_length=8, choices=Scores, default=Scores.RAW)
    packed_inputs = models.BinaryField()
    input_sha256 = models.CharField(_("hash of the inputs"), max_length=64)
    points = models.CharField(max_length=40)
    result = models.TextField()
    solver = models.CharField(_("solver"), max_length=80)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("selection")
        verbose_name_plural = _("selection board")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["event", "-at", "-id"], name="newest_run_of_event")]

    def __str__(self) -> str:
        return self.name or _t("#%(number)d") % {"number": self.pk}

    @property
    def title(self) -> str:
        """Return what the run is called within a sentence."""
        return _t("“%(name)s”") % {"name": self.name} if self.name else str(self)

    @staticmethod
    def pack(inputs: str) -> bytes:
        """Return the JSON of a problem as it is stored."""
        return zlib.compress(inputs.encode())

    @staticmethod
    def unpack(packed: bytes | memoryview) -> str:
        """Return what `pack` stored."""
        return zlib.decompress(packed).decode()

    @property
    def inputs(self) -> str:
        """Return the problem as canonical JSON."""
        return self.unpack(self.packed_inputs)


class Pin(models.Model):
    """An organiser's choice about one person that every suggestion keeps, with its reason. Lifted, never deleted."""

    class Side(models.TextChoices):
        """Where the person is to be."""

        IN = "in", _("in")
        OUT = "out", _("out")

    application = models.ForeignKey(Application, models.CASCADE, related_name="pins", verbose_name=_("application"))
    side = models.CharField(_("placed"), max_length=3, choices=Side)
    reason = models.CharField(_("why"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"))
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("lifted by")
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True)

    class Meta:
        verbose_name = _("placed by hand")
        verbose_name_plural = _("placed by hand")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=Q(lifted_at=None), name="one_pin_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.side}"


class Signature(models.Model):
    """One signature under the decisions of an event as a whole. Written by `workflow.signing` alone, never changed.

    `packed_statement` is what was seen and signed, as canonical JSON, compressed; `sha256` is its fingerprint. People
    stand in it under their public ids, reasons under the ids of the records that hold them.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="signatures", verbose_name=_("event"))
    run = models.ForeignKey(
        SelectionRun, models.SET_NULL, null=True, related_name="signatures", verbose_name=_("selection")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"))
    signed = models.PositiveIntegerField(_("decisions signed"))
    sha256 = models.CharField(_("fingerprint (SHA-256)"), max_length=64)
    packed_statement = models.BinaryField()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["event", "-at", "-id"], name="newest_signature_of_event")]
        constraints = [models.CheckConstraint(condition=Q(signed__gt=0), name="signature_signs_something")]

    def __str__(self) -> str:
        return f"{self.by}: {self.at:%Y-%m-%d}"
