"""Filling in, page by page. Whatever was typed is kept first; then the page says what it has to say."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.agenda import zone_name
from events.models import Window
from questionnaire.forms import marks as marking
from questionnaire.forms import plain_page
from questionnaire.forms.page import PageForm, Remarks, answers_elsewhere
from questionnaire.models import Application, Question, email_key
from questionnaire.views import access, bots, throttle
from questionnaire.views import place as places
from questionnaire.views.place import Place
from questionnaire.workflow import display, drafts, merging, progress
from questionnaire.workflow import questionnaire as questionnaires
from questionnaire.workflow.answers import CheckedAnswers, Posted
from questionnaire.workflow.questionnaire import Page

TEMPLATE = "questionnaire/section.html"
GO_TO_PAGE = re.compile(r"page-([1-9][0-9]?)\Z")


@never_cache
@require_safe
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Start, or go on at the first page on which something is missing."""
    event, application = access.current_for(request, slug)
    if application is None:
        return redirect("questionnaire:page", slug, 1)
    questionnaire = questionnaires.load(event)
    number = progress.first_unfinished(questionnaire, questionnaire.check(application.draft.values))
    return redirect("questionnaire:page", slug, number) if number else redirect("questionnaire:review")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a page of the questionnaire, or keep what was typed on it and go where the button says."""
    place = places.find(request, slug, number)
    if request.method == "POST":
        return _save(place)
    if not place.page.asks(place.checked.asked):  # a bookmark of a section that now asks nothing
        return _go_on(place, place.checked)
    errors = place.checked.errors if "check" in request.GET else {}
    return _show(place, place.typed, place.checked, Remarks(errors, warnings=_warnings(place.page, place.typed)))


@never_cache
@require_POST
def autosave(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Keep the inputs that were just typed into; say what the page now shows, or that it has to ask."""
    place = places.find(request, slug, number)
    application = place.application
    if application is None:
        if throttle.over_limit(request):
            return throttle.refusal(request)
        if not any(any(values) for name, values in place.posted.items() if name in place.page_as_opened.typed_names):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        try:
            application = _start(place)
        except drafts.WindowNotOpen:
            return JsonResponse({"closed": True}, status=HTTPStatus.CONFLICT)
    page = place.page_as_opened
    saved = drafts.autosave(application, page, place.given(), now=place.now)
    names = [name for name in place.posted if name in page.typed_names and name not in saved.conflicts]
    answer = {
        "revision": saved.draft.revision,
        "shown": {name: merging.fingerprint(saved.draft.values.get(name, ())) for name in names},
        "conflicts": sorted(saved.conflicts),
        "gone": place.unknown,
        "changed": bool(place.strays or place.unknown),
        "draft": access.sign_draft(application),
        "key": access.draft_key(application),
    }
    return JsonResponse(answer, status=HTTPStatus.CONFLICT if saved.conflicts else HTTPStatus.OK)


def _start(place: Place) -> Application:
    """Begin an application for this browser. Raises `drafts.WindowNotOpen`."""
    application = drafts.start(place.questionnaire.event, language=get_language() or "en", now=place.now)
    access.enter(place.request, application)
    return application


def _save(place: Place) -> HttpResponse:
    """Keep what was posted, then stay where something has to be said first, or go on."""
    page = place.page_as_opened
    if _addresses(page) and throttle.over_limit(place.request):
        return throttle.refusal(place.request)
    if _gives_new_address(place) and (doubt := bots.doubt(place.request, place.now)):
        return _ask_again(place, doubt)
    asked_before = place.checked.asked
    application = place.application
    if application is None:
        try:
            application = _start(place)
        except drafts.WindowNotOpen:
            typed = page.posted(place.posted)
            if page.is_untouched(typed) and (elsewhere := _elsewhere(place)):
                return elsewhere
            checked = place.questionnaire.check(typed)
            return _show(place, typed, checked, Remarks(), page=page, status=HTTPStatus.CONFLICT)
    saved = drafts.save_page(application, page, place.given(), now=place.now)
    place = Place(place.request, place.questionnaire, place.number, application, place.now)
    application.draft = saved.draft
    return _after_saving(place, saved, asked_before)


def _addresses(page: Page) -> list[str]:
    """Return the names of the inputs of a page that take the address to which letters go."""
    return [str(question.key) for question in page.questions if question.fills == Question.Fills.EMAIL]


def _gives_new_address(place: Place) -> bool:
    """Return whether saving the page may send a letter to an address that had none from this application."""
    known = place.application.email_key if place.application else ""
    posted = ((place.posted.get(name) or [""])[-1] for name in _addresses(place.page_as_opened))
    return any(email_key(address) not in {"", known} for address in posted)


def _ask_again(place: Place, doubt: bots.Doubt) -> HttpResponse:
    """Hand back a page that a program may have sent. What belongs to a draft is kept in it; nobody is written to."""
    page, conflicts = place.page_as_opened, {}
    if place.application is not None:
        saved = drafts.autosave(place.application, page, place.given(), now=place.now)
        place.application.draft, conflicts = saved.draft, saved.conflicts
    typed = {**place.typed, **page.posted(place.posted)}
    remarks = Remarks(conflicts=conflicts)
    status = HTTPStatus.BAD_REQUEST
    return _show(place, typed, place.questionnaire.check(typed), remarks, page=page, doubt=doubt, status=status)


def _after_saving(place: Place, saved: drafts.Saved, asked_before: set[str]) -> HttpResponse:
    page = place.page_as_opened
    typed = {**saved.draft.values, **_as_posted(place, saved)}
    # Of two contents of a question that is no longer asked nobody has to choose.
    conflicts = {name: found for name, found in saved.conflicts.items() if not page.question_of[name].retired}
    checked = place.questionnaire.check(typed)
    seen = asked_before | set(place.request.POST.get("seen", "").split())
    appeared = (checked.asked & place.page.keys) - seen
    wrong = {key: errors for key, errors in checked.errors.items() if key in place.page.keys - appeared}
    if conflicts or saved.file_errors:
        goes_on = not conflicts and "go" not in place.request.POST
        remarks = Remarks((wrong if goes_on else {}) | saved.file_errors, conflicts, _warnings(page, typed))
        status = HTTPStatus.CONFLICT if conflicts else HTTPStatus.BAD_REQUEST
        return _show(place, typed, checked, remarks, page=page, status=status)
    has_changed = bool(place.moved or place.gone)
    if not place.questionnaire.event.published:
        return redirect("questionnaire:application")
    if not has_changed and (elsewhere := _elsewhere(place)):
        return elsewhere
    warnings = _warnings(place.page, typed)
    if wrong or appeared or has_changed or not warnings.keys() <= _warned(place, typed):
        status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
        return _show(place, typed, checked, Remarks(wrong, warnings=warnings), appeared=bool(appeared), status=status)
    return _go_on(place, checked)


def _go_on(place: Place, checked: CheckedAnswers) -> HttpResponse:
    """Lead to the next page that asks something, or to the check page."""
    if following := place.questionnaire.page_after(place.number, checked.asked):
        return redirect("questionnaire:page", place.questionnaire.event.slug, following)
    return redirect("questionnaire:review")


def _as_posted(place: Place, saved: drafts.Saved) -> Mapping[str, list[str]]:
    """Return what the page goes on showing: what was typed on it, but for what is now chosen to be otherwise."""
    posted = place.page_as_opened.posted(place.posted)
    # A character that no database takes is still in here, so that the page can say so.
    differs = {name for name, values in posted.items() if "\0" in "".join(values)}
    return {name: values for name, values in posted.items() if name in saved.conflicts or name in differs}


def _warnings(page: Page, typed: Posted) -> dict[str, list[str]]:
    """Return, by question key, why texts on the page seem to name an offender or a case."""
    texts = {question: typed.get(question.key) or [""] for question in page.questions}
    found = {question.key: display.warnings(question, text[-1]) for question, text in texts.items()}
    return {key: reasons for key, reasons in found.items() if reasons}


def _warned(place: Place, typed: Posted) -> set[str]:
    """Return the keys of the questions of which the page had already warned, with the same text."""
    marks = set(place.request.POST.getlist("warned"))
    return {key for key in place.page.keys if merging.fingerprint([key, *typed.get(key, ())]) in marks}


def _elsewhere(place: Place) -> HttpResponse | None:
    """Return where a button other than "save and continue" leads; None for that one."""
    go = place.request.POST.get("go", "")
    slug = place.questionnaire.event.slug
    if go in dict(settings.LANGUAGES):
        with translation.override(go):
            return redirect("questionnaire:page", slug, place.number)
    if go == "later":
        return redirect("questionnaire:application")
    if match := GO_TO_PAGE.match(go):
        return redirect("questionnaire:page", slug, min(int(match[1]), len(place.questionnaire.pages)))
    return None


def _show(
    place: Place,
    typed: Posted,
    checked: CheckedAnswers,
    remarks: Remarks,
    *,
    page: Page | None = None,
    appeared: bool = False,
    doubt: bots.Doubt | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Show the page; as `page`, the one that the browser had opened, where a choice on it has to be made first."""
    changed = {"moved": place.moved, "gone": place.gone} if page is None else {}
    page = page or place.page
    context = _context(place, page, typed, checked, remarks) | {"appeared": appeared, **changed}
    texts = _texts(place, page, checked, remarks)
    if remarks != Remarks() or appeared or doubt or any(changed.values()) or page is not place.page:
        form = PageForm(page, typed, asked=checked.asked, remarks=remarks)
        context |= {**texts, "form": form, "form_html": form.html}
        context |= bots.context(place.request, place.now, doubt) if doubt else {}
        return render(place.request, TEMPLATE, context, status=status)
    version = place.questionnaire.event.version
    form_html = plain_page.render(page, typed, asked=checked.asked, version=version)
    texts |= {"form_html": form_html, "csrf_token": get_token(place.request)}
    return HttpResponse(_from_frame(place, context, texts), status=status)


def _from_frame(place: Place, context: dict[str, Any], texts: dict[str, str]) -> str:
    """Return a page on which nothing has to be said, from what was rendered before."""
    marks = {name: marking.mark(name) if text else "" for name, text in texts.items()}
    event = place.questionnaire.event
    key = ("page", event.pk, event.version, get_language(), context["window"], context["progress"], *marks.values())
    frame = marking.once(key, lambda: render_to_string(TEMPLATE, context | marks, place.request))
    return marking.fill(frame, texts)


def _context(place: Place, page: Page, typed: Posted, checked: CheckedAnswers, remarks: Remarks) -> dict[str, Any]:
    """Return what the page shows to everybody who has come as far, and what it has to say."""
    event = place.questionnaire.event
    window = event.window(place.now)
    return {
        "event": event,
        "section": page.section,
        "mark": place.mark if page is place.page else place.opened,
        "progress": progress.of(place.questionnaire, typed, checked, current=place.number),
        "number": place.number,
        "has_files": bool(page.files),
        "is_open": window is Window.OPEN,
        "window": window,
        "conflicts": _questions_in_conflict(page, remarks),
        "warned": [question for question in page.questions if question.key in remarks.warnings],
    }


def _texts(place: Place, page: Page, checked: CheckedAnswers, remarks: Remarks) -> dict[str, str]:
    """Return what the page shows to this visitor alone, by the name that it has in the template."""
    application = place.application
    draft = application.draft if application else None
    zone = place.questionnaire.event.zone
    return {
        "draft_reference": access.sign_draft(application),
        "draft_key": access.draft_key(application),
        "revision": str(draft.revision) if draft else "0",
        "shown": _shown(place, page, remarks),
        "opened": bots.stamp(place.request, place.now) if _addresses(page) else "",
        "answers_elsewhere": json.dumps(answers_elsewhere(page, checked)),
        "mailed_to": application.email if application and not access.is_proved(application) else "",
        "saved_at": _moment_in_words(draft.saved_at.astimezone(zone)) if draft and draft.revision else "",
    }


def _moment_in_words(moment: dt.datetime) -> str:
    return f"{date_format(moment, 'DATETIME_FORMAT')} {zone_name(moment)}"


def _shown(place: Place, page: Page, remarks: Remarks) -> str:
    """Return what the page says that it shows: what is saved, but for conflicts, which stay as they were posted."""
    names = [name for name in page.question_of if name not in remarks.conflicts]
    marks = merging.fingerprints(place.typed, names)
    before = merging.read_shown(place.request.POST.get("shown")) or {}
    return json.dumps(marks | {name: before[name] for name in remarks.conflicts if name in before})


def _questions_in_conflict(this_page: Page, remarks: Remarks) -> list[Question]:
    return [question for name, question in this_page.question_of.items() if name in remarks.conflicts]
