"""Every page of the admin in a real browser, in both languages: nothing people typed runs, all is within reach."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Dialog, Page

from events.tests.admin_pages import client_of
from events.tests.test_admin import make_session
from questionnaire.models import Answer, Application, LetterKind, Question, Quota, Score, Section
from questionnaire.states import Outcome
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    ApplicationFactory,
    CriterionFactory,
    QuestionFactory,
    ReviewFactory,
    small_questionnaire,
)
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import decision, letters, runs
from ravisit.testing.browser import accessibility_problems
from ravisit.testing.routes import fill_in, parameters, routes
from ravisit.tests.roles import ROLES, read_matrix

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WRITTEN = {Question.Kind.SHORT_TEXT, Question.Kind.LONG_TEXT, Question.Kind.EMAIL, Question.Kind.PHONE}
NO_PAGE = re.compile("<path:object_id>/$|<str:upload>|/jsi18n/")  # leads on, or is a file or a script
FOR_BUTTONS = {
    route
    for (method, route), cells in read_matrix().items()
    if method == "GET" and cells[ROLES.index("operator")] == "405"
}


@pytest.fixture
def team() -> Team:
    """Return an event with one row of everything, in which all that people type is an attack."""
    team = make_team(small_questionnaire())
    section = Section.objects.filter(event=team.event).first()
    question = QuestionFactory(section=section, kind="single_choice", options=["a", "b+"])
    Quota.objects.create(event=team.event, question=question, minimum=1)
    criterion = CriterionFactory(event=team.event)
    make_session(team.event)
    application = ApplicationFactory(event=team.event, first_name=PAYLOAD, family_name=PAYLOAD, organisation=PAYLOAD)
    QuestionFactory(section=section, kind="long_text")
    for asked in team.event.questions.all():
        options = asked.options.values_list("key", flat=True)
        if asked.kind in WRITTEN:
            Answer.objects.create(application=application, question=asked, value=f"{PAYLOAD}\n{PAYLOAD}")
        elif options:
            Answer.objects.create(
                application=application, question=asked, value=options[len(options) - 1], text=PAYLOAD
            )
    review = ReviewFactory(application=application, note=PAYLOAD, mean_score=5)
    Score.objects.create(review=review, criterion=criterion, value=1)
    runs.suggest(team.event, by=team.second, at=AFTER_CLOSE)
    decision.propose([application], Outcome.ACCEPT, by=team.second, at=AFTER_CLOSE, reason=PAYLOAD)
    letters.queue(LetterKind.RECEIPT, application, at=AFTER_CLOSE)
    return team


def addresses(team: Team) -> Iterator[str]:
    """Yield every address of the admin, with the first row of everything where it names one."""
    rows = {model: model._default_manager.first() for model in admin.site._registry}
    firsts = {f"admin/{model._meta.app_label}/{model._meta.model_name}/": row.pk for model, row in rows.items() if row}
    run = team.event.selection_runs.get()
    application = Application.objects.get()
    yield from (f"/admin/{label}/" for label in {model._meta.app_label for model in rows})
    known = {"event_id": str(team.event.pk), "run_id": str(run.pk)}
    for route in routes("admin/"):
        pk = next((str(pk) for start, pk in firsts.items() if route.startswith(start)), "")
        is_page = route not in FOR_BUTTONS and not NO_PAGE.search(route)
        if is_page and (pk or not parameters(route)):
            yield fill_in(route, dict.fromkeys(parameters(route), pk) | known)
    template = team.event.letter_templates.get(kind=LetterKind.RECEIPT)
    preview = reverse("admin:questionnaire_lettertemplate_preview", args=[template.pk])
    yield from (f"{preview}?language={code}&application={application.pk}" for code, _name in settings.LANGUAGES)
    yield reverse("admin:questionnaire_selectionrun_board", args=[team.event.pk]) + f"?who={application.public_id}"


def enter(page: Page, site: str, person: User, language: str = "en") -> None:
    """Have the browser logged in, in a language."""
    cookies = {"sessionid": client_of(person).cookies["sessionid"].value, "django_language": language}
    page.context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("person", ["reviewer", "operator"])  # who sees least, and who sees all
def test_every_page(open_page: Callable[..., Page], site: str, team: Team, person: str, language: str) -> None:
    """The fixture adds what the console says, a violation of the content security policy among it."""
    page = open_page()
    enter(page, site, getattr(team, person), language)
    found: dict[str, list[str]] = {}

    def refuse(dialog: Dialog) -> None:
        found[page.url] = [f"a script of an applicant ran: {dialog.message}"]
        dialog.dismiss()

    page.on("dialog", refuse)
    for address in addresses(team):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status in {200, 403, 404}, address
        if answer.ok and (problems := accessibility_problems(page)):
            found[address] = problems
    assert found == {}


def test_choosing_and_confirming_by_keyboard(open_page: Callable[..., Page], site: str, team: Team) -> None:
    page = open_page()
    enter(page, site, team.organiser)
    page.goto(f"/admin/questionnaire/application/?event={team.event.pk}")
    page.locator("input.action-select").focus()
    page.keyboard.press("Space")
    page.locator("select[name=action]").select_option("propose_decline")
    page.locator("button[name=index]").first.press("Enter")
    page.get_by_label("Reason (optional)").fill("few places")
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Yes, propose").press("Enter")
    page.get_by_text("Decline: proposed for 1 application.").wait_for()
    assert Application.objects.get().outcome == Outcome.DECLINE
