"""Filters that the screens share."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from events.admin.rights import rights_of
from events.models import Event


class ByEvent(admin.SimpleListFilter):
    """Choose one of the person's own events."""

    title = _("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the events that the person organises."""
        events = Event.objects.filter(pk__in=rights_of(request).organised)
        return [(str(event.pk), event.title) for event in events]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the chosen event; an unknown choice keeps nothing."""
        if self.value() is None:
            return queryset
        offered = {value for value, _title in self.lookup_choices}
        return queryset.filter(event=self.value()) if self.value() in offered else queryset.none()
