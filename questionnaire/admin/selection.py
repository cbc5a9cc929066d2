"""The selection board: how the balance stands, who is in and out and why, and what a choice would cost."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET

from events.admin.rights import OrganisersOnly, organised_event, organised_events, person_of
from events.models import Event
from questionnaire.admin import selection_deeds, selection_rules, signing
from questionnaire.admin.selection_bars import draw, draw_wish
from questionnaire.admin.selection_forms import NameForm, ProposeForm, SuggestForm
from questionnaire.forms import posted
from questionnaire.models import SelectionRun
from questionnaire.workflow import board, comparing, runs
from questionnaire.workflow.board import RunView, Show
from questionnaire.workflow.reasons import Conflict
from questionnaire.workflow.signing import standing

PEOPLE_ON_A_PAGE = 25
RESERVES_ON_PAPER = 20
RUNS_LISTED = 20
LONGEST_SEARCH = 100  # characters


@admin.register(SelectionRun)
class SelectionRunAdmin(OrganisersOnly, admin.ModelAdmin[SelectionRun]):
    """The selection of each event, for those who organise it."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a run is made on the board."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SelectionRun | None = None) -> bool:
        """Refuse: every run is kept."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Have a list of events, a board for each, and a page for each run."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="questionnaire_selectionrun_changelist"),
            path("<int:event_id>/", view(self.board_view), name="questionnaire_selectionrun_board"),
            path("<int:event_id>/rules/", view(self.rules_view), name="questionnaire_selectionrun_rules"),
            path("<int:event_id>/signature/", view(self.signature_view), name="questionnaire_selectionrun_signature"),
            path("<int:event_id>/compare/", view(self.compare_view), name="questionnaire_selectionrun_compare"),
            path("<int:event_id>/runs/<int:run_id>/", view(self.run_view), name="questionnaire_selectionrun_run"),
            path(
                "<int:event_id>/runs/<int:run_id>/<slug:part>.json",
                view(require_GET(self.file_view)),
                name="questionnaire_selectionrun_file",
            ),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """List the person's events."""
        events = organised_events(request)
        return self._render(request, "change_list.html", title=_t("Selection board"), events=list(events))

    def board_view(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Show the board of an event, or do what was asked for on it."""
        event = organised_event(request, event_id)
        if request.method != "POST":
            return self._board(request, event)
        handler = selection_deeds.HANDLERS.get(request.POST.get("do", ""))
        if handler is None:
            raise BadRequest("nothing that can be done")
        deed = handler(request, event)
        for level, text in deed.messages:
            messages.add_message(request, level, text)
        if deed.conflict or deed.forms:
            return self._board(request, event, deed.conflict, **deed.forms)
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)

    def _board(
        self, request: HttpRequest, event: Event, conflict: Conflict | None = None, **forms: Any
    ) -> TemplateResponse:
        run = runs.current(event)
        initial = {"places": run.places, "everyone": run.everyone} if run else None
        context = {
            "title": _t("Selection board: %(event)s") % {"event": event},
            "event": event,
            "run": run,
            "conflict": conflict,
            "suggest_form": SuggestForm(initial=initial),
            "standing": standing(event),
            "on_paper": "print" in request.GET,
        }
        if run is not None:
            context |= self._of_run(request, run)
        return self._render(request, "board.html", **context | forms)

    def _of_run(self, request: HttpRequest, run: SelectionRun) -> dict[str, Any]:
        view = RunView(run)
        show, text = _show(request), request.GET.get("q", "").strip()[:LONGEST_SEARCH]
        found = view.ids(show, _among(request, run.event, text))
        pages = Paginator(found, PEOPLE_ON_A_PAGE)
        page = pages.get_page(request.GET.get("p", "1"))
        on_paper = [*view.ids(Show.SELECTED), *view.reserves()[:RESERVES_ON_PAPER]]
        shown = board.board(view, on_paper if "print" in request.GET else list(page))
        return {
            "board": shown,
            "bars": [
                {"bar": bar, "svg": draw(bar, pool=shown.candidates, places=view.problem.capacity)}
                for bar in shown.bars
            ],
            "wish_bars": [
                {"wish": wish, "svg": draw_wish(wish, pool=shown.candidates, places=view.problem.capacity)}
                for wish in shown.wishes
            ],
            "page": page,
            "found": len(found),
            "parts": _on_paper(shown) if "print" in request.GET else [("", shown.people)],
            "shows": [(value, label, value == show) for value, label in _shows()],
            "show": show,
            "q": text,
            "outdated": runs.is_outdated(run),
            "propose_form": ProposeForm(),
            "name_form": NameForm(initial={"name": run.name}),
            "scenarios": runs.scenarios(run.event),
            "latest": list(
                run.event.selection_runs.select_related("by").defer("packed_inputs", "result")[:RUNS_LISTED]
            ),
        }

    def rules_view(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Show, or set, how the selection of an event is computed."""
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return selection_rules.rules_view(request, organised_event(request, event_id), context)

    def signature_view(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Show all that is proposed for an event, or sign it."""
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return signing.signature_view(request, organised_event(request, event_id), context)

    def compare_view(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Show two runs side by side."""
        event = organised_event(request, event_id)
        one, other = (_run(event, request.GET.get(name, "")) for name in ("a", "b"))
        return self._render(
            request,
            "compare.html",
            title=_t("Two selections compared: %(event)s") % {"event": event},
            event=event,
            comparison=comparing.compare(one, other),
        )

    def run_view(self, request: HttpRequest, event_id: int, run_id: int) -> HttpResponseBase:
        """Show what a run is made of; by POST check it, restore it, or take it off the scenarios."""
        event = organised_event(request, event_id)
        run = _run(event, str(run_id))
        check = None
        if request.method == "POST":
            match request.POST.get("do"):
                case "check":
                    check = runs.check(run)
                case "restore":
                    runs.restore(run, by=person_of(request), at=timezone.now())
                    messages.success(request, _t("Restored, with the people placed by hand in it."))
                    return HttpResponseRedirect(reverse("admin:questionnaire_selectionrun_board", args=[event.pk]))
                case "forget":
                    runs.name(run, "")
                    messages.success(request, _t("No longer a scenario."))
                    return HttpResponseRedirect(reverse("admin:questionnaire_selectionrun_board", args=[event.pk]))
                case _:
                    raise BadRequest("nothing that can be done with a run")
        return self._render(
            request,
            "run.html",
            title=_t("Selection %(run)s: %(event)s") % {"run": run.title, "event": event},
            event=event,
            run=run,
            view=RunView(run),
            inputs_are_secret=not runs.may_show_inputs(run),
            total=board.total(run),
            check=check,
            is_current=run == runs.current(event),
        )

    def file_view(self, request: HttpRequest, event_id: int, run_id: int, part: str) -> HttpResponseBase:
        """Give the inputs or the answer of a run as they are kept, byte for byte; the inputs once no seed is secret."""
        run = _run(organised_event(request, event_id), str(run_id))
        if part == "inputs" and not runs.may_show_inputs(run):
            raise Http404("the lottery's seed is secret")
        content = {"inputs": run.inputs, "result": run.result}.get(part)
        if content is None:
            raise Http404
        name = f"selection-{run.pk}-{part}.json"
        return HttpResponse(
            content,
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
        )

    def _render(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/questionnaire/selectionrun/{template}", context)


def _run(event: Event, number: str) -> SelectionRun:
    """Return a run of the event. Raises `Http404` for any other number."""
    pk = posted.number(number)
    run = event.selection_runs.select_related("by", "event").filter(pk=pk).first() if pk is not None else None
    if run is None:
        raise Http404("no run of this event")
    return run


def _among(request: HttpRequest, event: Event, text: str) -> frozenset[str] | None:
    """Return whom the list is narrowed to: one person, or those whom a text finds; None for nobody in particular."""
    if who := request.GET.get("who"):
        return frozenset({who})
    return board.search(event, text) if text else None


def _on_paper(shown: board.Board) -> list[tuple[str, list[board.Person]]]:
    """Return the people of the board for the meeting, under two titles."""
    sides: dict[bool, list[board.Person]] = {True: [], False: []}
    for person in shown.people:
        sides[person.selected].append(person)
    return [(_t("Selected"), sides[True]), (_t("The first of the waiting list, in its order"), sides[False])]


def _show(request: HttpRequest) -> Show:
    asked = request.GET.get("show", "")
    return Show(asked) if asked in list(Show) else Show.ALL


def _shows() -> list[tuple[Show, str]]:
    return [
        (Show.ALL, _t("everyone")),
        (Show.SELECTED, _t("selected")),
        (Show.OTHERS, _t("not selected, in the order of the waiting list")),
        (Show.PINNED, _t("placed by hand")),
    ]
