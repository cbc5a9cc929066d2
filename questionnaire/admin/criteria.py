"""The screens of the criteria of the review."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationTabularInline

from events.admin.bilingual import BothLanguages, BothLanguagesForm, SideBySide
from events.admin.filters import ByEvent
from events.admin.rights import EventFixed, OrganisersOnly, WithinTheEvent
from questionnaire.models import Criterion, CriterionStep


class StepForm(BothLanguagesForm):
    """A step within the scale."""

    def clean(self) -> dict[str, Any]:
        """Refuse a step above the highest score."""
        cleaned = super().clean()
        criterion = cleaned.get("criterion")  # that of the form above, which need not be stored yet
        score, highest = cleaned.get("score"), getattr(criterion, "maximum", None)
        if score is not None and highest is not None and score > highest:
            self.add_error("score", _t("The highest score is %(maximum)d.") % {"maximum": highest})
        return cleaned


class StepInline(SideBySide, WithinTheEvent, TranslationTabularInline[CriterionStep, Criterion]):  # type: ignore[misc]
    """What earns which score, in both languages side by side."""

    model = CriterionStep
    form = StepForm
    fields = ["score", "description"]
    extra = 3


@admin.register(Criterion)
class CriterionAdmin(EventFixed, BothLanguages, OrganisersOnly, TranslationAdmin[Criterion]):
    """The criteria of the review; those already scored by keep their weight and scale."""

    form = BothLanguagesForm
    list_display = ["name", "order", "weight", "maximum", "event"]
    list_filter = [ByEvent]
    list_select_related = ["event"]
    ordering = ["event", "order", "key"]
    inlines = [StepInline]
    actions = None
    fieldsets = [
        (
            None,
            {
                "fields": ["event", ("key", "order"), "name", "description", ("weight", "maximum")],
                "description": _(
                    "Reviewers give each application a score from 0 to the highest, and read beside each score "
                    "what earns it. In the mean a criterion counts as many times as its weight says."
                ),
            },
        )
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Criterion | None = None) -> Any:
        """Keep what the means were computed by."""
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "key", "weight", "maximum") if obj is not None and obj.scores.exists() else fixed

    def has_delete_permission(self, request: HttpRequest, obj: Criterion | None = None) -> bool:
        """Keep a criterion by which somebody has scored."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.scores.exists())
