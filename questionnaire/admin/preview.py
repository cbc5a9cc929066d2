"""The questionnaire as the applicant sees it, before it is published. Nothing is stored."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Layout
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from events.bilingual import CODES
from events.models import Event
from questionnaire.forms.page import Note, PageForm, Remarks
from questionnaire.models import Question
from questionnaire.workflow import answers, conditions, questionnaire
from questionnaire.workflow.questionnaire import Page, Questionnaire


def preview_view(request: HttpRequest, event: Event, context: dict[str, Any]) -> HttpResponse:
    """Show all sections on one page, in either language, with what was typed; check it where that was asked for."""
    language = request.GET.get("language", "")
    language = language if language in CODES else CODES[0]
    with translation.override(language):
        response = render(request, "admin/questionnaire/section/preview.html", context | _preview(request, event))
    response.headers["Content-Language"] = language
    return response


def _preview(request: HttpRequest, event: Event) -> dict[str, Any]:
    asked_for = questionnaire.load(event)
    typed = {name: list(map(str, values)) for name, values in request.POST.lists()}
    checked = asked_for.check(typed)
    everything = "all" in request.GET
    asked = {
        question.key for question in asked_for.questions if everything or answers.is_asked(question, checked.answers)
    }
    return {
        "form": _form(asked_for, typed, asked, Remarks(checked.errors if "check" in request.POST else {})),
        "everything": everything,
        "language": translation.get_language(),
        "languages": settings.LANGUAGES,
        "checked": "check" in request.POST,
    }


def _form(asked_for: Questionnaire, typed: answers.Posted, asked: set[str], remarks: Remarks) -> PageForm | None:
    """Return one form with the questions of all pages, a heading before each, and a note where it is conditional."""
    if not asked_for.pages:
        return None
    form = PageForm(Page(asked_for.pages[0].section, asked_for.questions), typed, asked=asked, remarks=remarks)
    blocks = dict(zip(asked_for.questions, form.helper.layout.fields, strict=True))
    for question, block in blocks.items():
        if question.conditions.all():
            block.fields.insert(0, _condition_note(question))
    parts: list[Any] = []
    for number, page in enumerate(asked_for.pages, 1):
        heading = {"number": number, "count": len(asked_for.pages), "section": page.section}
        parts.append(Note("admin/questionnaire/section/_preview_section.html", **heading))
        parts += [blocks[question] for question in page.questions]
    form.helper.layout = Layout(*parts)
    return form


def _condition_note(question: Question) -> Note:
    return Note(
        "admin/questionnaire/section/_preview_condition.html",
        match=question.match,
        conditions=[conditions.in_words(condition) for condition in question.conditions.all()],
    )
