"""The screens of what guides the selection: the criteria of the review, and the balance of the group."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationTabularInline

from events.admin.bilingual import BothLanguages, BothLanguagesForm, SideBySide
from events.admin.filters import ByEvent
from events.admin.rights import EventFixed, OrganisersOnly, WithinTheEvent
from questionnaire.admin.keys import keys_to_count
from questionnaire.models import Criterion, CriterionStep, Quota, Target
from questionnaire.models.labels import values_label
from questionnaire.workflow.conditions import possible_values


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


class BalanceForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is wanted of the answers to a question of the same event."""

    def clean(self) -> dict[str, Any]:
        """Refuse a question of another event."""
        cleaned = super().clean() or self.cleaned_data
        question = cleaned.get("question")
        event_id = cleaned["event"].pk if cleaned.get("event") else self.instance.event_id
        if question is not None and question.event_id != event_id:
            raise ValidationError({"question": _("This question belongs to another event.")})
        return cleaned


class QuotaForm(BalanceForm):
    """A quota."""

    def clean(self) -> dict[str, Any]:
        """Refuse a quota that asks for nothing."""
        cleaned = super().clean()
        if not cleaned.get("minimum") and cleaned.get("maximum") is None:
            raise ValidationError(_("Name the least or the most people."))
        return cleaned


class CountsAnswers(EventFixed, OrganisersOnly):
    """The screen of what names answers to a question by their keys: each key with what it stands for."""

    list_filter: Any = [ByEvent]
    list_select_related: Any = ["question", "event"]
    empty_value_display = "–"

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the event out where the list is one event's."""
        columns = super().get_list_display(request)  # type: ignore[misc]
        return [name for name in columns if name != "event" or ByEvent.parameter_name not in request.GET]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows with what the words of their answers are made of."""
        return super().get_queryset(request).prefetch_related("question__options", "question__rows")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """List the keys that can be given, below the input that takes them."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if {"question", "values"} <= set(form.base_fields):
            questions = form.base_fields["question"].queryset
            offered = questions.filter(event=obj.event_id) if obj is not None else questions
            values = form.base_fields["values"]
            values.help_text = format_html("{} {}", values.help_text, keys_to_count(offered))
        return form

    @admin.display(description=_("values"), ordering="values")
    def answers(self, row: Quota | Target) -> str:
        """Return the answers that are counted, in words."""
        return values_label(row.question, row.values) or _t("each value")


@admin.register(Quota)
class QuotaAdmin(CountsAnswers, admin.ModelAdmin[Quota]):
    """The balance that is wanted among those selected."""

    form = QuotaForm
    list_display = ["question", "answers", "least", "maximum", "firm", "event"]
    fieldsets = [(None, {"fields": ["event", "question", "values", ("minimum", "maximum"), "firm"]})]

    @admin.display(description=_("at least"), ordering="minimum")
    def least(self, row: Quota) -> int | None:
        """Return the minimum, where there is one."""
        return row.minimum or None


class TargetForm(BalanceForm):
    """A wished share, of answers that can be given."""

    def clean(self) -> dict[str, Any]:
        """Refuse values that no answer has."""
        cleaned = super().clean()
        question, values = cleaned.get("question"), cleaned.get("values", "").split()
        possible = possible_values(question) if question is not None else None
        unknown = [value for value in values if possible is not None and value not in possible]
        if unknown:
            text = _t("No answer to this question has this key: %(keys)s") % {"keys": ", ".join(unknown)}
            raise ValidationError({"values": text})
        return cleaned


@admin.register(Target)
class TargetAdmin(CountsAnswers, admin.ModelAdmin[Target]):
    """Wished shares among those selected, after every quota and the score."""

    form = TargetForm
    list_display = ["question", "answers", "percent", "weight", "event"]
    fieldsets = [(None, {"fields": ["event", "question", "values", ("percent", "weight")]})]
