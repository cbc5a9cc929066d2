"""What those who take part can read or take away."""

from __future__ import annotations

import secrets

from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.event import Bilingual, Event

MATERIAL_TYPES = ("pdf", "odt", "odp", "ods", "docx", "pptx", "xlsx", "png", "jpg", "jpeg", "zip", "mp3", "mp4", "txt")


def random_material_name(material: Material, name: str) -> str:  # noqa: ARG001 - Django passes what the file is called
    """Return where a file is stored: a place that says nothing of it and cannot be guessed."""
    return f"material-{secrets.token_hex(16)}"


class Material(Bilingual):
    """Something to read for those who take part: a file or an address. Whoever may have a file asks for it each time.

    `name` is that of the file as it was given.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="materials", verbose_name=_("event"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    title = models.CharField(_("title"), max_length=250)
    file = models.FileField(
        _("file"), upload_to=random_material_name, blank=True, validators=[FileExtensionValidator(MATERIAL_TYPES)]
    )
    name = models.CharField(max_length=200, blank=True, editable=False)
    url = models.URLField(_("address"), max_length=500, blank=True)
    visible_from = models.DateTimeField(_("visible from"))

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(file="") ^ Q(url=""), name="material_is_a_file_or_an_address")
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse both a file and an address, or neither."""
        if bool(self.file) == bool(self.url):
            raise ValidationError(_("Give either a file or an address."))
