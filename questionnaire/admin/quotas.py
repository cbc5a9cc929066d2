"""The screens of the balance that is wanted among those selected: quotas, and wished shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.admin.filters import ByEvent
from events.admin.rights import OrganisersOnly, rights_of
from questionnaire.admin.keys import answers_to_choose
from questionnaire.models import Question, Quota, Target
from questionnaire.models.labels import values_label
from questionnaire.workflow.candidates import COLUMNS, WRITTEN


class AnswersField(forms.MultipleChoiceField):
    """Answers to a question, chosen by their words; their keys are kept with spaces between, in the order offered."""

    widget = forms.CheckboxSelectMultiple(attrs={"class": "answers-on-offer"})

    def prepare_value(self, value: Any) -> Any:
        """Return the keys that are chosen."""
        return value.split() if isinstance(value, str) else value

    def clean(self, value: Any) -> Any:
        """Return the keys as one text, the same whatever the order in which they came."""
        chosen = set(super().clean(value))
        offered = (key for _name, answers in _groups(self.choices) for key, _label in answers)
        return " ".join(key for key in offered if key in chosen)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare keys with keys."""
        return super().has_changed(self.prepare_value(initial), data)


def _groups(choices: Any) -> list[tuple[Any, Sequence[tuple[Any, Any]]]]:
    """Return choices by group; one that stands alone is a group of its own."""
    return [(name, named if isinstance(named, list | tuple) else [(name, named)]) for name, named in choices]


class QuotaForm(forms.ModelForm):  # type: ignore[type-arg]
    """A quota."""

    def clean(self) -> dict[str, Any]:
        """Refuse a quota that asks for nothing, and a minimum of nobody in particular."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("minimum") and cleaned.get("maximum") is None:
            raise ValidationError(_("Name the least or the most people."))
        if cleaned.get("minimum") and not cleaned.get("values", "missing"):
            self.add_error("values", _t("Say which answers this minimum is for."))
        return cleaned


class CountsAnswers(OrganisersOnly):
    """The screen of what counts those who gave some of the answers to a question.

    The question is chosen on a page of its own, before the others: which answers are on offer follows from it.
    """

    list_filter: Any = [ByEvent]
    list_select_related: Any = ["question", "event"]
    empty_value_display = "–"
    help_of_answers: Any = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows with what the words of their answers are made of."""
        return super().get_queryset(request).prefetch_related("question__options", "question__rows")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask for the question, unless the address names one."""
        asked = request.GET.get("question", "")
        if asked.isdecimal() and self.countable(request).filter(pk=asked).exists():
            return super().add_view(request, form_url, extra_context)  # type: ignore[misc,no-any-return]
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _t("%(kind)s: which question is it about?") % {"kind": capfirst(self.opts.verbose_name)},
            "questions": self.countable(request),
        }
        return TemplateResponse(request, "admin/questionnaire/quota/question.html", context)

    def countable(self, request: HttpRequest) -> QuerySet[Question]:
        """Return the questions that can be counted of the person's events, in the order of the questionnaires."""
        counted = Q(for_balance=True) | Q(fills__in=COLUMNS)
        return (
            Question.objects.filter(counted, event__in=rights_of(request).organised, retired=False)
            .select_related("event")
            .prefetch_related("options", "rows")
            .order_by("event", "section__order", "section__key", "order", "key")
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Keep the question and its event as they are, and offer the answers to it."""
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        question = obj.question if obj is not None else self.countable(request).get(pk=request.GET["question"])
        for name, pk in (("event", question.event_id), ("question", question.pk)):
            form.base_fields[name].initial = pk
            form.base_fields[name].disabled = True
        form.base_fields["values"] = self._answers_to(question, form.base_fields["values"])
        return form

    def _answers_to(self, question: Question, typed: forms.Field) -> forms.Field:
        """Return the input for answers to a question: a choice in words, or what is typed; none for written texts."""
        choices = answers_to_choose(question)
        if choices is not None:
            return AnswersField(
                choices=choices, label=typed.label, required=typed.required, help_text=self.help_of_answers
            )
        typed.help_text = self.help_of_answers
        if question.kind in WRITTEN:
            typed.disabled = True
            typed.help_text = _t("Everybody words this answer: the maximum holds for each answer that occurs.")
        else:
            typed.label = _t("Answers, with spaces between")
        return typed

    @admin.display(description=_("answers"), ordering="values")
    def answers(self, row: Quota | Target) -> str:
        """Return the answers that are counted, in words."""
        return values_label(row.question, row.values) or _t("each value")


@admin.register(Quota)
class QuotaAdmin(CountsAnswers, admin.ModelAdmin[Quota]):
    """The balance that is wanted among those selected."""

    form = QuotaForm
    list_display = ["question", "answers", "least", "maximum", "firm", "event"]
    fieldsets = [(None, {"fields": ["event", "question", "values", ("minimum", "maximum"), "firm"]})]
    help_of_answers = _("Whoever gave one of these counts. None chosen: the maximum holds for each answer that occurs.")

    @admin.display(description=_("at least"), ordering="minimum")
    def least(self, row: Quota) -> int | None:
        """Return the minimum, where there is one."""
        return row.minimum or None


@admin.register(Target)
class TargetAdmin(CountsAnswers, admin.ModelAdmin[Target]):
    """Wished shares among those selected, after every quota and the score."""

    list_display = ["question", "answers", "percent", "weight", "event"]
    fieldsets = [(None, {"fields": ["event", "question", "values", ("percent", "weight")]})]
    help_of_answers = _("Whoever gave one of these counts.")

    def countable(self, request: HttpRequest) -> QuerySet[Question]:
        """Leave out what everybody words in their own way: no share of the places can go to such answers."""
        return super().countable(request).exclude(kind__in=WRITTEN)
