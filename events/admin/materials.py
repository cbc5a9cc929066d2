"""The screen of the materials for those who take part."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import URLField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from events.admin.bilingual import BothLanguages, BothLanguagesForm, require_languages
from events.admin.event import CLOCK
from events.admin.filters import ByEvent
from events.admin.rights import EventFixed, OrganisersOnly
from events.models import Material


class MaterialForm(BothLanguagesForm):
    """A material, whose file keeps the name that it was given under."""

    def clean(self) -> dict[str, Any]:
        """Ask for a title in every language, and note the file's name."""
        cleaned = super().clean()
        require_languages(cleaned, ["title"], empty_is_fine=False)
        file = cleaned.get("file")
        if isinstance(file, UploadedFile):
            self.instance.name = (file.name or "")[-200:]
        return cleaned


@admin.register(Material)
class MaterialAdmin(EventFixed, BothLanguages, OrganisersOnly, TranslationAdmin[Material]):
    """What those who take part can read or take away."""

    form = MaterialForm
    list_display = ["title", "name", "url", "visible_from", "event"]
    list_filter = [ByEvent]
    list_select_related = ["event"]
    ordering = ["event", "order", "pk"]
    actions = None  # each deletion takes a file along
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    fieldsets = [
        (None, {"fields": ["event", "title", "order"]}),
        (_("Content"), {"fields": ["file", "url"], "description": _("Either a file or an address.")}),
        (_("When"), {"fields": ["visible_from"], "description": CLOCK}),
    ]

    def save_model(self, request: HttpRequest, obj: Material, form: Any, change: bool) -> None:
        """Remove the file whose place another one takes."""
        before = form.initial.get("file") if change and "file" in form.changed_data else None
        super().save_model(request, obj, form, change)
        _remove(before)

    def delete_model(self, request: HttpRequest, obj: Material) -> None:
        """Remove the file along."""
        super().delete_model(request, obj)
        _remove(obj.file)


def _remove(file: Any) -> None:
    if file:
        transaction.on_commit(partial(default_storage.delete, file.name))
