"""Filling in: page by page, the check page, the one clear submit. Whatever was typed is kept first."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from events.models import Event, Window
from questionnaire.forms.page import PageForm
from questionnaire.models import Application, Question
from questionnaire.views import access, throttle
from questionnaire.workflow import answers, display, submission
from questionnaire.workflow.submission import Page, Questionnaire

GO_TO_PAGE = re.compile(r"page-([1-9][0-9]?)\Z")


@dataclass(frozen=True)
class Step:
    """A page in the list of steps. `state`: done, current, problem or todo."""

    number: int
    title: str
    state: str


def _typed(application: Application | None) -> dict[str, list[str]]:
    return application.draft.values if application else {}


@never_cache
@require_safe
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Start, or go on at the first page on which something is missing."""
    event, application = access.current_for(request, slug)
    if application is None:
        return redirect("questionnaire:page", slug, 1)
    questionnaire = submission.load_questionnaire(event)
    errors = questionnaire.check(application.draft.values).errors
    number = next(
        (n for n, page in enumerate(questionnaire.pages, 1) if any(q.key in errors for q in page.questions)), None
    )
    return redirect("questionnaire:page", slug, number) if number else redirect("questionnaire:review")


@never_cache
def page(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a page of the questionnaire, or keep what was typed on it and go where the button says."""
    event, application = access.current_for(request, slug)
    questionnaire = submission.load_questionnaire(event)
    if not 1 <= number <= len(questionnaire.pages):
        raise Http404
    if request.method == "POST":
        return _save(request, questionnaire, number, application)
    errors = None
    if application and "check" in request.GET:
        errors = questionnaire.check(application.draft.values).errors
    return _show(request, questionnaire, number, application, _typed(application), errors=errors)


def _save(
    request: HttpRequest, questionnaire: Questionnaire, number: int, application: Application | None
) -> HttpResponse:
    now = timezone.now()
    this_page = questionnaire.pages[number - 1]
    if _asks_for_address(this_page) and throttle.over_limit(request):
        return throttle.refusal(request)
    posted = dict(request.POST.lists())
    before = _hidden(questionnaire, _typed(application))
    if application is None:
        try:
            application = submission.start(questionnaire.event, language=get_language() or "en", now=now)
        except submission.WindowNotOpen:
            return _show(request, questionnaire, number, None, posted, status=HTTPStatus.CONFLICT)
        access.enter(request, application)
    draft = submission.save_page(application, this_page, posted, now=now)
    destination = _destination(request, questionnaire, number)
    if destination is not None:
        return destination
    errors = questionnaire.check({**draft.values, **_only(this_page, posted)}).errors
    appeared = {question.key for question in this_page.questions} & (before - _hidden(questionnaire, draft.values))
    wrong_here = {key: error for key, error in errors.items() if key in _keys(this_page) and key not in appeared}
    if wrong_here or appeared:
        status = HTTPStatus.BAD_REQUEST if wrong_here else HTTPStatus.OK
        return _show(
            request,
            questionnaire,
            number,
            application,
            posted,
            errors=wrong_here,
            appeared=bool(appeared),
            status=status,
        )
    if number < len(questionnaire.pages):
        return redirect("questionnaire:page", questionnaire.event.slug, number + 1)
    return redirect("questionnaire:review")


def _destination(request: HttpRequest, questionnaire: Questionnaire, number: int) -> HttpResponse | None:
    """Return where a button other than "save and continue" leads; None for that one."""
    go = request.POST.get("go", "")
    slug = questionnaire.event.slug
    if go in dict(settings.LANGUAGES):
        with translation.override(go):
            return redirect("questionnaire:page", slug, number)
    if go == "later":
        return redirect("questionnaire:application")
    if match := GO_TO_PAGE.match(go):
        wanted = min(int(match[1]), len(questionnaire.pages))
        return redirect("questionnaire:page", slug, wanted)
    return None


def _show(
    request: HttpRequest,
    questionnaire: Questionnaire,
    number: int,
    application: Application | None,
    typed: answers.Posted,
    *,
    errors: dict[str, list[ValidationError]] | None = None,
    appeared: bool = False,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    now = timezone.now()
    event = questionnaire.event
    this_page = questionnaire.pages[number - 1]
    everything = {**_typed(application), **_only(this_page, typed)}
    context = {
        "event": event,
        "section": this_page.section,
        "form": PageForm(this_page, typed, errors=errors, hidden=_hidden(questionnaire, everything)),
        "steps": _steps(questionnaire, number, application),
        "step_number": number,
        "step_count": len(questionnaire.pages),
        "draft_reference": access.sign_draft(application),
        "is_open": event.window(now) is Window.OPEN,
        "window": event.window(now),
        "appeared": appeared,
        "saved_at": application.draft.saved_at if application and application.draft.revision else None,
    }
    return render(request, "questionnaire/section.html", context, status=status)


def _steps(questionnaire: Questionnaire, current: int, application: Application | None) -> list[Step]:
    typed = _typed(application)
    errors = questionnaire.check(typed).errors
    steps = []
    for number, this_page in enumerate(questionnaire.pages, 1):
        if number == current:
            state = "current"
        elif not any(any(typed.get(name, ())) for name in this_page.input_names()):
            state = "todo"
        else:
            state = "problem" if _keys(this_page) & errors.keys() else "done"
        steps.append(Step(number, this_page.section.title, state))
    return steps


def _keys(this_page: Page) -> set[str]:
    return {question.key for question in this_page.questions}


def _only(this_page: Page, posted: answers.Posted) -> dict[str, list[str]]:
    """Return what was posted for a page, with nothing for the inputs that a browser leaves out when empty."""
    return {name: list(posted.get(name, ())) for name in this_page.input_names()}


def _hidden(questionnaire: Questionnaire, typed: answers.Posted) -> set[str]:
    """Return the keys of the questions that are not asked, given what was typed."""
    checked = questionnaire.check(typed)
    return {question.key for question in questionnaire.questions if not answers.is_asked(question, checked.answers)}


def _asks_for_address(this_page: Page) -> bool:
    return any(question.fills == Question.Fills.EMAIL for question in this_page.questions)


@never_cache
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """Show every answer before submitting, with what is missing."""
    application = access.current_or_404(request)
    return _show_review(request, application)


def _show_review(request: HttpRequest, application: Application, *, status: int = HTTPStatus.OK) -> HttpResponse:
    now = timezone.now()
    questionnaire = submission.load_questionnaire(application.event)
    checked = questionnaire.check(application.draft.values)
    groups = display.groups(questionnaire, checked.answers, checked.errors)
    context = {
        "event": application.event,
        "application": application,
        "groups": groups,
        "problems": [
            {"text": row.label, "url": f"{_page_url(application.event, group.number)}?check#question-{row.key}"}
            for group in groups
            for row in group.rows
            if row.errors
        ],
        "can_submit": not checked.errors and submission.can_change(application, now),
        "can_change": submission.can_change(application, now),
        "window": application.event.window(now),
        "submitted_before": application.draft.submitted_revision is not None,
    }
    return render(request, "questionnaire/check.html", context, status=status)


def _page_url(event: Event, number: int) -> str:
    return reverse("questionnaire:page", args=[event.slug, number])


@never_cache
@require_POST
def submit(request: HttpRequest) -> HttpResponse:
    """Submit; whoever has not proved the address sees the same page whatever stood under it before."""
    application = access.current_or_404(request)
    if throttle.over_limit(request):
        return throttle.refusal(request)
    try:
        standing = submission.submit(application, now=timezone.now())
    except submission.AnswersIncomplete:
        return _show_review(request, application, status=HTTPStatus.BAD_REQUEST)
    except (submission.WindowNotOpen, submission.AlreadyDecided):
        return _show_review(request, application, status=HTTPStatus.CONFLICT)
    if access.is_proved(application) and standing.email_key == application.email_key:
        access.enter(request, standing)
    return redirect("questionnaire:application")
