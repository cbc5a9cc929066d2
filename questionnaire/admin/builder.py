"""The page on which organisers build a questionnaire: all of it as an outline, its order, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.options import ModelAdmin
from django.core.exceptions import BadRequest
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events import bilingual, gates
from events.admin.rights import organised_event
from events.models import Bilingual, Event
from questionnaire.admin.copying import copy_view
from questionnaire.admin.guard import builder_url
from questionnaire.admin.preview import preview_view
from questionnaire.forms import posted
from questionnaire.models import Condition, MatrixRow, Option, Question, Section
from questionnaire.workflow import arranging, building, conditions, copying, outline
from questionnaire.workflow.arranging import Numbers, Order
from questionnaire.workflow.building import Problem
from questionnaire.workflow.outline import Outline

if TYPE_CHECKING:
    Mixin = ModelAdmin[Any]
else:
    Mixin = object

MOVE = re.compile(r"(section|question)-([0-9]{1,18})-(up|down)\Z")
PLACE = re.compile(r"(section|question)-([0-9]{1,18})\Z")
ANCHOR = re.compile(r"(section|question)-[0-9]{1,18}\Z")
STEPS = {"up": -1, "down": 1}
GROUPS = frozenset({"options", "rows", "conditions"})


@dataclass(frozen=True)
class Stale:
    """A text that fell behind its other language."""

    label: str
    url: str


@dataclass(frozen=True)
class QuestionItem:
    """A question in the outline."""

    question: Question
    conditions: list[str]
    problems: list[Problem]
    stale: list[Stale]


@dataclass(frozen=True)
class SectionItem:
    """A section in the outline."""

    section: Section
    questions: list[QuestionItem]
    problems: list[Problem]
    stale: list[Stale]


class QuestionnaireScreens(Mixin):
    """The pages about a questionnaire as a whole: the builder, the preview, the copy of another one."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages, each for one event."""
        pages = {"builder": builder_view, "preview": preview_view, "copy": copy_view}
        return [
            *(
                path(f"event/<int:event_id>/{name}/", self._page(view), name=f"questionnaire_section_{name}")
                for name, view in pages.items()
            ),
            *super().get_urls(),
        ]

    def _page(self, view: Callable[[HttpRequest, Event, dict[str, Any]], HttpResponseBase]) -> Any:
        """Return a view of an event of one's own, with what every page of the admin knows."""

        def page(request: HttpRequest, event_id: int) -> HttpResponseBase:
            event = organised_event(request, event_id)
            return view(request, event, {**self.admin_site.each_context(request), "opts": self.opts, "event": event})

        return self.admin_site.admin_view(page)

    @admin.display(description=_("questionnaire"))
    def builder(self, section: Section) -> SafeString:
        """Link to the page on which the whole questionnaire is built."""
        return format_html('<a href="{}">{}</a>', builder_url(section.event_id), _t("Build"))


def builder_view(request: HttpRequest, event: Event, context: dict[str, Any]) -> HttpResponseBase:
    """Show the outline; by POST, bring it into another order."""
    if request.method == "POST":
        return _rearrange(request, event)
    whole = outline.read(event)
    found = building.problems(whole)
    context |= {
        "title": _t("Questionnaire: %(event)s") % {"event": event},
        "items": list(_items(whole, found)),
        "problems": [{"text": building.in_full(problem), "url": problem_url(problem, event)} for problem in found],
        "of_whole": [problem for problem in found if building.place_of(problem) is None],
        "stale": [entry for row in whole.rows() for entry in _stale(row)],
        "can_take": copying.can_take(event),
    }
    return TemplateResponse(request, "admin/questionnaire/section/builder.html", context)


def _items(whole: Outline, found: list[Problem]) -> Iterator[SectionItem]:
    for part in whole.parts:
        questions = [
            QuestionItem(
                question,
                [conditions.in_words(condition) for condition in question.conditions.all()],
                _problems_at(question, found),
                [entry for row in outline.texts_of(question) for entry in _stale(row)],
            )
            for question in part.questions
        ]
        yield SectionItem(part.section, questions, _problems_at(part.section, found), list(_stale(part.section)))


def _problems_at(place: Model, found: list[Problem]) -> list[Problem]:
    return [problem for problem in found if building.place_of(problem) == place]


def _stale(row: Bilingual) -> Iterator[Stale]:
    for column in row.stale:
        label = {"place": row, "problem": bilingual.column_label(type(row), column)}
        yield Stale(_t("%(place)s: %(problem)s") % label, row_url(row, column))


def row_url(row: Model, name: str = "") -> str:
    """Return the address at which a part of the questionnaire is edited."""
    match row:
        case Section() | Question():
            url = reverse(f"admin:questionnaire_{row._meta.model_name}_change", args=[row.pk])
            return f"{url}#{name}-group" if name in GROUPS else f"{url}#id_{name}"
        case Option():
            return row_url(row.question, "options")
        case MatrixRow():
            return row_url(row.question, "rows")
        case Condition():
            return row_url(row.question, "conditions")
        case _:
            raise TypeError(f"{row._meta.label} is no part of a questionnaire that is edited by itself")


def problem_url(problem: Problem, event: Event) -> str:
    """Return the address at which a problem can be put right."""
    place = building.place_of(problem)
    if place is None:
        return builder_url(event.pk)
    return row_url(problem.row or place, problem.name)


@gates.gate
def questionnaire_is_whole(event: Event) -> Iterator[gates.Obstacle]:
    """Say what stands between the event's questionnaire and its publication."""
    for problem in building.problems(outline.read(event)):
        yield gates.Obstacle(building.in_full(problem), problem_url(problem, event))


def _rearrange(request: HttpRequest, event: Event) -> HttpResponseRedirect:
    """Move what was to be moved, or go by the numbers; say at the row, where the page then stands, what came of it."""
    plan, anchor = _plan(request.POST)
    try:
        arranging.arrange(event, plan)
    except building.WouldBreak as broken:
        messages.error(request, _t("The order stays as it is, since the questionnaire is published:"), anchor)
        for problem in broken.problems:
            messages.error(request, building.in_full(problem), anchor)
    else:
        messages.success(request, _t("The order is saved."), anchor)
    return HttpResponseRedirect(builder_url(event.pk, anchor))


def _plan(post: QueryDict) -> tuple[Callable[[Order], Order], str]:
    """Return what to do with the order, and the anchor of what moved."""
    move = post.get("move")
    if move is not None:
        return _move(move)
    anchor = post.get("moved", "")
    return arranging.by_numbers(_numbers(post)), anchor if ANCHOR.match(anchor) else ""


def _move(move: str) -> tuple[Callable[[Order], Order], str]:
    matched = MOVE.match(move)
    if matched is None:
        raise BadRequest("no such move")
    kind, pk, direction = matched.groups()
    moved = arranging.section_moved if kind == "section" else arranging.question_moved
    return moved(int(pk), STEPS[direction]), f"{kind}-{pk}"


def _numbers(post: QueryDict) -> Numbers:
    """Return the numbers that were typed; whatever is no number is left out, and stays where it is."""
    sections: dict[int, int] = {}
    questions: dict[int, tuple[int, int]] = {}
    for name in post:
        matched = PLACE.match(name)
        number = posted.number(post.get(name, "").strip())
        if matched is None or number is None:
            continue
        kind, pk = matched[1], int(matched[2])
        if kind == "section":
            sections[pk] = number
        else:
            questions[pk] = (posted.number(post.get(f"{name}-in", "").strip()) or 0, number)
    return Numbers(sections, questions)
