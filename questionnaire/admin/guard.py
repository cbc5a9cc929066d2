"""Edits of a questionnaire held against the gate: one that would break a published one is shown again, with errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.options import ModelAdmin
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from questionnaire.models import Condition, Question
from questionnaire.workflow import building
from questionnaire.workflow.building import Problem

if TYPE_CHECKING:
    Mixin = ModelAdmin[Any]
else:
    Mixin = object

WATCH = "_watch"
PROBLEMS = "_problems"


def builder_url(event_id: int, anchor: str = "") -> str:
    """Return the address of the page on which an event's questionnaire is built."""
    return reverse("admin:questionnaire_section_builder", args=[event_id]) + (f"#{anchor}" if anchor else "")


def given_problems(request: HttpRequest) -> list[Problem]:
    """Return the problems that the edit in this request was found to cause, for the forms that show it again."""
    found: list[Problem] = request.__dict__.get(PROBLEMS, [])
    return found


class Guarded(Mixin):
    """A screen of a part of the questionnaire, from which one returns to the builder.

    An edit is saved first and then looked at as a whole. Where it broke something it is undone, and the page comes
    again with what was typed: its forms take `given_problems`, so that nothing is saved the second time.
    """

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Save, or show what would break."""
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except building.WouldBreak as broken:
            request.__dict__[PROBLEMS] = broken.problems
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Delete, or say what would break."""
        try:
            with transaction.atomic():
                return super().delete_view(request, object_id, extra_context)
        except building.WouldBreak as broken:
            for problem in broken.problems:
                messages.error(request, building.in_full(problem))
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id])
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Give the form the problems that it has to show."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.problems = given_problems(request)  # type: ignore[attr-defined]
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Begin to watch before anything is saved."""
        request.__dict__[WATCH] = building.watch(self._event_id(obj))
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Look at the whole once all of it is saved."""
        super().save_related(request, form, formsets, change)
        request.__dict__[WATCH].verify()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete under the same watch."""
        request.__dict__[WATCH] = watching = building.watch(self._event_id(obj))
        super().delete_model(request, obj)
        watching.verify()

    def _event_id(self, obj: Any) -> int:
        event_id: int = obj.event_id
        return event_id

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Return to the builder, where the new row stands."""
        return HttpResponseRedirect(builder_url(obj.event_id, f"{self.opts.model_name}-{obj.pk}"))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Return to the builder, where the row stands."""
        return self.response_post_save_add(request, obj)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponseRedirect:
        """Return to the builder."""
        super().response_delete(request, obj_display, obj_id)  # says what was deleted
        return HttpResponseRedirect(builder_url(request.__dict__[WATCH].event.pk))


def question_field(problem: Problem, question: Question) -> str | None:
    """Return the field of a question at which a problem is shown, or None for the top of its page."""
    if isinstance(problem.row, Question) and problem.row.key == question.key:
        return problem.name
    if problem.other is not None and problem.other.key == question.key:
        return problem.other_name
    if problem.row is None:
        return "retired" if question.retired else "fills"
    return None


def is_about(problem: Problem, condition: Condition) -> bool:
    """Return whether a problem lies in a condition, which may have been saved and undone in between."""
    row = problem.row
    return (
        isinstance(row, Condition)
        and row.question.key == condition.question.key
        and row.depends_on_id == condition.depends_on_id
    )
