"""The screens on which organisers build the questionnaire: sections, questions with all that hangs on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, QuerySet
from django.forms import Script
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationTabularInline

from events.admin.bilingual import BothLanguages, BothLanguagesForm, SideBySide
from events.admin.filters import ByEvent
from events.admin.rights import EventFixed, OrganisersOnly, WithinTheEvent, rights_of
from events.admin.rows import NewAtTheEnd
from questionnaire.admin.builder import QuestionnaireScreens
from questionnaire.admin.guard import Guarded, given_problems, is_about, question_field
from questionnaire.admin.keys import keys_to_name
from questionnaire.forms import posted
from questionnaire.models import Condition, MatrixRow, Option, Question, Section
from questionnaire.workflow import answers, arranging, building, conditions, editing
from questionnaire.workflow.building import Problem

KEY_STAYS = _("It stays as it is, since somebody has answered.")


class KeyedForm(BothLanguagesForm):
    """A form whose `fixed` fields can no longer be changed."""

    fixed: Collection[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            return
        for name in self.fixed:
            self.fields[name].disabled = True
            self.fields[name].help_text = KEY_STAYS


class SectionForm(BothLanguagesForm):
    """A section, whose place must suit the conditions of its questions."""

    problems: Sequence[Problem] = ()

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        for problem in self.problems:
            if isinstance(problem.row, Section) and problem.name in self.fields:
                self.add_error(problem.name, problem.text)
            else:
                self.add_error("order", building.in_full(problem))


@admin.register(Section)
class SectionAdmin(QuestionnaireScreens, Guarded, EventFixed, BothLanguages, OrganisersOnly, TranslationAdmin[Section]):
    """The pages of a questionnaire."""

    form = SectionForm
    list_display = ["title", "builder", "order", "key", "event"]
    list_filter = [ByEvent]
    list_select_related = ["event"]
    ordering = ["event", "order", "key"]
    fieldsets = [(None, {"fields": ["event", ("key", "order"), "title", "introduction"]})]
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Section | None = None) -> bool:
        """Keep a section as long as it has questions."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.questions.exists())


class ChosenStays(NewAtTheEnd):
    """Options or rows of a question, of which those that somebody chose cannot be deleted."""

    model: type[Option] | type[MatrixRow]
    problems: Sequence[Problem] = ()

    def clean(self) -> None:
        """Refuse to delete what answers name; say what to do instead."""
        super().clean()
        name = "rows" if self.model is MatrixRow else "options"
        broken = [problem for problem in self.problems if question_field(problem, self.instance) == name]
        if broken:
            raise ValidationError([building.in_full(problem) for problem in broken])
        doomed = [form.instance for form in self.deleted_forms if form.instance.pk]
        if not doomed:
            return
        chosen = editing.chosen_rows if self.model is MatrixRow else editing.chosen_options
        stuck = [row.label for row in doomed if row.key in chosen(self.instance)]
        if stuck:
            raise ValidationError(
                _("Already chosen by somebody, so it cannot be deleted: %(labels)s. Retire it instead."),
                params={"labels": get_text_list(stuck, _("and"))},
            )


class KeyedInline(SideBySide, WithinTheEvent, TranslationTabularInline[Any, Question]):
    """What hangs on a question under a key of its own."""

    extra = 1
    formset = ChosenStays

    def get_formset(self, request: HttpRequest, obj: Question | None = None, **kwargs: Any) -> Any:
        """Fix the keys once somebody has answered the question."""
        fixed = ("key",) if obj is not None and editing.is_answered(obj) else ()
        kwargs["form"] = type("KeyedRowForm", (KeyedForm,), {"fixed": fixed})
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.problems = given_problems(request)
        return formset


class OptionInline(KeyedInline):
    """The choices of a question; for a matrix, the steps of its scale."""

    model = Option
    fields = ["order", "key", "label", "opens_text", "retired"]


class MatrixRowInline(KeyedInline):
    """The rows of a matrix."""

    model = MatrixRow
    fields = ["order", "key", "label"]
    verbose_name_plural = _("rows of a matrix")


class ConditionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A condition on the answer to an earlier question."""

    problems: Sequence[Problem] = ()

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        for problem in self.problems:
            if is_about(problem, self.instance):
                self.add_error(problem.name, problem.text)

    def clean(self) -> dict[str, Any]:
        """Refuse a condition that can never be true, or never be looked at."""
        cleaned = super().clean() or self.cleaned_data
        other, operator, values = (cleaned.get(name) for name in ("depends_on", "operator", "values"))
        if other is None or operator is None:
            return cleaned
        if operator in conditions.COUNTS_ANSWERS:
            cleaned["values"] = ""
        elif not values:
            self.add_error("values", _("Name at least one value."))
        elif unknown := conditions.unknown_values(Condition(depends_on=other, operator=operator, values=values)):
            self.add_error("values", _("Unknown: %(values)s.") % {"values": ", ".join(sorted(unknown))})
        return cleaned


class EarlierQuestions(BaseInlineFormSet):  # type: ignore[type-arg]
    """Conditions, each on a question that is asked before."""

    def clean(self) -> None:
        """Refuse a condition on a later question, whose answer would not be known yet."""
        super().clean()
        for form in self.forms:
            other = form.cleaned_data.get("depends_on") if form.is_valid() else None
            if other and self.instance.section_id and not conditions.comes_before(other, self.instance):
                form.add_error("depends_on", _("This question comes later; choose an earlier one."))


class ConditionInline(WithinTheEvent, admin.TabularInline[Condition, Question]):
    """When a question is asked at all."""

    model = Condition
    form = ConditionForm
    formset = EarlierQuestions
    fk_name = "question"
    fields = ["depends_on", "operator", "values"]
    extra = 1

    def get_formset(self, request: HttpRequest, obj: Question | None = None, **kwargs: Any) -> Any:
        """Offer the questions of the same event; as long as that is open, each with the name of its event."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        events = [obj.event_id] if obj is not None else _events_of_new(request)
        others = Question.objects.filter(event__in=events).select_related("section", "event")
        field = formset.form.base_fields["depends_on"]
        field.queryset = others.exclude(pk=obj.pk) if obj is not None else others
        if len(events) > 1:
            field.label_from_instance = lambda question: f"{question.event} – {question}"
        formset.form.problems = given_problems(request)
        return formset


def _events_of_new(request: HttpRequest) -> list[int]:
    """Return the event of the section in which a new question comes to stand; before one is chosen, all that may be."""
    organised = rights_of(request).organised
    section = posted.number(request.POST.get("section") or request.GET.get("section", "")) or 0
    chosen = Section.objects.filter(pk=section, event__in=organised).values_list("event_id", flat=True)
    return list(chosen) or list(organised)


class QuestionForm(KeyedForm):
    """A question, which belongs to the event of its section."""

    problems: Sequence[Problem] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say for the script which types have options, which have rows, and which lets choose how options are shown."""
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            has = {
                "data-options": " ".join(sorted(answers.CHOICE_KINDS)),
                "data-rows": str(Question.Kind.MATRIX),
                "data-display": str(Question.Kind.SINGLE_CHOICE),
            }
            self.fields["kind"].widget.attrs.update(has)

    def clean(self) -> dict[str, Any]:
        """Take the event over from the section."""
        cleaned = super().clean()
        section = cleaned.get("section")
        if section is not None:
            if self.instance.pk and section.event_id != self.instance.event_id:
                self.add_error("section", _("This section belongs to another event."))
            self.instance.event = section.event
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            for problem in building.own_problems(self.instance):
                self.add_error(problem.name, problem.text)
        for problem in self.problems:
            name = question_field(problem, self.instance)
            own = isinstance(problem.row, Question) and problem.row.key == self.instance.key
            self.add_error(name if name in self.fields else None, problem.text if own else building.in_full(problem))

    def _get_validation_exclusions(self) -> set[str]:
        # The event comes with the section, so the constraints on it are to be checked all the same.
        chosen = {"event"} if self.instance.event_id else set()
        return super()._get_validation_exclusions() - chosen  # type: ignore[misc,no-any-return]


class BySection(ByEvent):
    """Choose a section of one of the person's events."""

    title = _("section")
    parameter_name = "section"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the sections of the person's events, those of the chosen event where one is chosen."""
        sections = Section.objects.filter(event__in=rights_of(request).organised).select_related("event")
        chosen = posted.number(request.GET.get("event", ""))
        if chosen is not None:
            sections = sections.filter(event=chosen)
        return [(str(section.pk), section.title) for section in sections]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the questions of the chosen section; an unknown choice keeps nothing."""
        if self.value() is None:
            return queryset
        offered = {value for value, _title in self.lookup_choices}
        return queryset.filter(section=self.value()) if self.value() in offered else queryset.none()


@admin.register(Question)
class QuestionAdmin(Guarded, BothLanguages, OrganisersOnly, TranslationAdmin[Question]):
    """The questions of the questionnaire, in its order."""

    form = QuestionForm
    inlines = [OptionInline, MatrixRowInline, ConditionInline]
    list_display = ["label", "section", "kind", "required", "visibility", "retired"]
    list_filter = [ByEvent, BySection, "kind", "visibility", "retired"]
    list_select_related = ["section"]
    search_fields = ["label_en", "label_fr", "key"]
    ordering = ["event", "section__order", "order", "key"]
    list_per_page = 200
    actions = None  # a deletion looks at the answers of one question, not of many
    fieldsets = [
        (None, {"fields": ["section", ("key", "order"), ("kind", "display"), "label", "help"]}),
        (_("Answer"), {"fields": [("required", "retired"), ("minimum", "maximum"), "fills"]}),
        (_("Review and balance"), {"fields": [("visibility", "for_balance")]}),
        (
            _("Conditions"),
            {"fields": ["match", "keys"], "description": _("The conditions themselves stand below.")},
        ),
    ]
    readonly_fields = ["keys"]

    class Media:
        """The script that keeps out of the way what a type does not have."""

        js = [Script("js/question-type.js", defer=True)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        """Fetch the section along, by whose order conditions are checked."""
        return super().get_queryset(request).select_related("section", "event")

    def get_form(self, request: HttpRequest, obj: Question | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Fix key and type once somebody has answered: the answers were checked by them."""
        fixed = ("key", "kind") if obj is not None and editing.is_answered(obj) else ()
        kwargs["form"] = type("FixedQuestionForm", (QuestionForm,), {"fixed": fixed})
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None and "section" in form.base_fields:
            section = form.base_fields["section"]
            section.queryset = section.queryset.filter(event=obj.event_id)
        return form

    def save_model(self, request: HttpRequest, obj: Question, form: Any, change: bool) -> None:
        """Let a new question stand where it was added: what follows moves on."""
        if not change:
            arranging.make_room(obj.section, obj.order)
        super().save_model(request, obj, form, change)

    @admin.display(description=_("keys to name in conditions"))
    def keys(self, question: Question) -> SafeString:
        """List the answers to other questions that a condition can name."""
        return keys_to_name(question)

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Name the event beside each section, where there are several."""
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "section" and len(rights_of(request).organised) > 1:
            field.queryset = field.queryset.select_related("event")
            field.label_from_instance = lambda section: f"{section.event} – {section}"
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Question | None = None) -> bool:
        """Keep a question that somebody has answered: it can be retired."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not editing.is_answered(obj))
