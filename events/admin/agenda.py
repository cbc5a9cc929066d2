"""The screen of the agenda, a page for each session: it gets too long to stand on the event's own page."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format, time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from events.admin.bilingual import BothLanguages, BothLanguagesForm
from events.admin.event import CLOCK
from events.admin.filters import ByEvent
from events.admin.rights import EventFixed, OrganisersOnly, VersionedContent
from events.models import Session


@admin.register(Session)
class SessionAdmin(VersionedContent, EventFixed, BothLanguages, OrganisersOnly, TranslationAdmin[Session]):
    """The sessions of the agenda in the order of time."""

    form = BothLanguagesForm
    list_display = ["title", "day", "hours", "kind", "floor_language", "interpretation", "event"]
    list_filter = [ByEvent, "kind"]
    list_select_related = ["event"]
    search_fields = ["title_en", "title_fr", "speakers_en", "speakers_fr"]
    ordering = ["starts_at", "key"]
    save_as = True
    fieldsets = [
        (None, {"fields": ["event", "key", "kind"]}),
        (_("When"), {"fields": [("starts_at", "ends_at")], "description": CLOCK}),
        (_("Texts"), {"fields": ["title", "description", "speakers"]}),
        (_("Languages"), {"fields": [("floor_language", "interpretation")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        """Fetch the event along, whose address a deletion needs."""
        return super().get_queryset(request).select_related("event")

    @admin.display(description=_("day"), ordering="starts_at")
    def day(self, session: Session) -> str:
        """Write the day on the clocks of the admin."""
        return date_format(localtime(session.starts_at), "l j F Y")

    @admin.display(description=_("hours (Europe/Paris)"))
    def hours(self, session: Session) -> str:
        """Write start and end on the clocks of the admin."""
        return f"{time_format(localtime(session.starts_at))} – {time_format(localtime(session.ends_at))}"
