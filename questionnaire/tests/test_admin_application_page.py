"""The page of one application: laid out to read, each part for those whom it concerns."""

import pytest
from django.test import Client

from events.tests.admin_pages import client_of
from questionnaire.models import Answer, Application, LetterKind, Question
from questionnaire.states import Outcome
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    ApplicationFactory,
    AssignmentFactory,
    ConditionFactory,
    QuestionFactory,
    ReviewFactory,
    SectionFactory,
    small_questionnaire,
)
from questionnaire.tests.releasing import sign_off
from questionnaire.tests.team import APPLICATIONS, PAYLOAD, Team, make_team
from questionnaire.workflow import decision, letters, review

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event with a questionnaire, and its team."""
    return make_team(small_questionnaire())


@pytest.fixture
def application(team: Team) -> Application:
    """Return a submitted application."""
    return ApplicationFactory(event=team.event, family_name="Müller")


def answer(application: Application, value: object, text: str = "", **question: object) -> Answer:
    """Answer a new question."""
    section = application.event.sections.first() or SectionFactory(event=application.event)
    asked = QuestionFactory(section=section, **question)
    return Answer.objects.create(application=application, question=asked, value=value, text=text)


def page(client: Client, application: Application) -> str:
    """Return the page of an application."""
    response = client.get(f"{APPLICATIONS}{application.pk}/change/")
    assert response.status_code == 200
    return response.content.decode()


def test_answers_stand_in_the_order_of_the_questionnaire(team: Team, application: Application) -> None:
    last = SectionFactory(event=team.event, order=99, title_en="At the end")
    late = QuestionFactory(section=last, label_en="The last question?")
    Answer.objects.create(application=application, question=late, value="last words")
    answer(application, ["a", "b"], "something else", kind="multiple_choice", options=["a", "b+"])
    shown = page(client_of(team.organiser), application)
    assert (
        shown.index("Option a") < shown.index("something else") < shown.index("At the end") < shown.index("last words")
    )


def test_who_did_not_prove_the_address_has_applied_all_the_same_and_organisers_see_that(
    team: Team, application: Application
) -> None:
    organiser = client_of(team.organiser)
    assert "not proved yet" not in page(organiser, application)
    Application.objects.update(email_proved_at=None)
    assert "not proved yet" in page(organiser, application)
    assert "Müller" in organiser.get(APPLICATIONS).content.decode()


def test_lines_stay_lines_and_markup_stays_text(team: Team, application: Application) -> None:
    answer(application, f"first line\nsecond line {PAYLOAD}", kind="long_text")
    shown = page(client_of(team.organiser), application)
    assert "<bdi>first line</bdi><br>" in shown
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


def test_a_question_that_was_not_asked_is_not_shown(team: Team, application: Application) -> None:
    gate = answer(application, False, kind="yes_no").question
    hidden = QuestionFactory(section=gate.section, order=999, label_en="Only after yes?")
    ConditionFactory(question=hidden, depends_on=gate, values="yes")
    assert "Only after yes?" not in page(client_of(team.organiser), application)


def test_a_retired_question_is_shown_where_it_was_answered(team: Team, application: Application) -> None:
    answer(application, "an old answer", retired=True)
    QuestionFactory(section=team.event.sections.first(), retired=True, label_en="Retired, never answered?")
    shown = page(client_of(team.organiser), application)
    assert "an old answer" in shown
    assert "Retired, never answered?" not in shown


def test_reviewers_never_see_what_is_for_organisers(team: Team, application: Application) -> None:
    answer(application, "wheelchair", visibility=Question.Visibility.ORGANISERS, label_en="Access needs?")
    answer(application, "my motivation")
    decision.propose([application], Outcome.ACCEPT, by=team.organiser, at=AFTER_CLOSE, reason="a secret reason")
    letters.queue(LetterKind.RECEIPT, application, at=AFTER_CLOSE)
    AssignmentFactory(application=application, reviewer=team.reviewer)
    review.declare(application, team.reviewer, conflict=False, at=AFTER_CLOSE)
    shown = page(client_of(team.reviewer), application)
    assert "my motivation" in shown
    for hidden in (
        "wheelchair",
        "Access needs?",
        "a secret reason",
        "accept",
        "proposed",
        "receipt",
        application.email,
    ):
        assert hidden not in shown
    everything = page(client_of(team.organiser), application)
    for visible in ("wheelchair", "a secret reason", "decision proposed", "Receipt", application.email):
        assert visible in everything


def test_organisers_read_the_history_and_the_letters(team: Team, application: Application) -> None:
    decision.propose([application], Outcome.WAITING_LIST, by=team.organiser, at=AFTER_CLOSE, reason="few places")
    letter = letters.queue(LetterKind.RECEIPT, application, at=AFTER_CLOSE)
    shown = page(client_of(team.second), application)
    assert "submitted → decision proposed: waiting list" in shown
    assert "olga" in shown
    assert "few places" in shown
    assert f"/admin/questionnaire/letter/{letter.pk}/change/" in shown


def test_organisers_read_every_review(team: Team, application: Application) -> None:
    ReviewFactory(application=application, note=PAYLOAD, mean_score="7.50")
    shown = page(client_of(team.organiser), application)
    assert "7.50 / 10" in shown
    assert "<script>alert" not in shown


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_change_nothing(team: Team, application: Application, method: str) -> None:
    response = getattr(client_of(team.organiser), method)(f"{APPLICATIONS}{application.pk}/change/")
    assert response.status_code in {200, 405}
    application.refresh_from_db()
    assert application.state == "submitted"


@pytest.mark.parametrize("data", [{}, {"do": "nonsense"}, {"state": "accepted", "outcome": "accept"}])
def test_a_post_that_asks_for_nothing_known(team: Team, application: Application, data: dict[str, str]) -> None:
    response = client_of(team.organiser).post(f"{APPLICATIONS}{application.pk}/change/", data)
    assert response.status_code == 400
    application.refresh_from_db()
    assert application.state == "submitted"


@pytest.mark.parametrize("deed", ["declare", "score", "propose", "sign_off"])
def test_a_stranger_can_do_nothing(team: Team, application: Application, deed: str) -> None:
    data = {"do": deed, "conflict": "no", "outcome": "accept"}
    response = client_of(team.stranger).post(f"{APPLICATIONS}{application.pk}/change/", data)
    assert response.status_code == 302  # to the start, as for an id that does not exist
    assert not application.transitions.exists()
    assert not application.reviews.exists()


def test_organisers_are_warned_of_an_answer_that_seems_to_name_an_offender(
    team: Team, application: Application
) -> None:
    answer(application, "I worked with the inmate Karim Haddad.", kind="long_text")
    warning = "This seems to name a person who is or was in custody. “inmate Karim Haddad”"
    assert warning in page(client_of(team.organiser), application)
    AssignmentFactory(application=application, reviewer=team.reviewer)
    review.declare(application, team.reviewer, conflict=False, at=AFTER_CLOSE)
    assert warning not in page(client_of(team.reviewer), application)


def test_another_proposal_is_said_to_take_the_signature_back(team: Team, application: Application) -> None:
    decision.propose([application], Outcome.ACCEPT, by=team.organiser, at=AFTER_CLOSE)
    assert "takes the signature back" not in page(client_of(team.organiser), application)
    sign_off([application], by=team.second, at=AFTER_CLOSE)
    assert "takes the signature back" in page(client_of(team.organiser), application)
