"""Which interpretation each session needs: counted from the answers of those who take part, against the agenda."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event, Interpretation, Session
from events.tests.admin_pages import client_of
from events.tests.factories import EventFactory, SessionFactory
from questionnaire.models import Answer, Question
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory, QuestionFactory, SectionFactory
from questionnaire.tests.team import APPLICATIONS, PAYLOAD, make_team
from questionnaire.workflow import interpreting, promise
from questionnaire.workflow.interpreting import Plan, Verdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def question() -> Question:
    """Return the question that asks for interpretation, on an event of its own."""
    return QuestionFactory(
        section=SectionFactory(event=EventFactory()),
        kind=Question.Kind.SINGLE_CHOICE,
        options=["none", "en_fr", "fr_en"],
        label_en="Do you need interpretation?",
    )


def answered(question: Question, state: State, value: str, outcome: str = "") -> None:
    """Let somebody who stands there say what they need."""
    application = ApplicationFactory(event=question.event, state=state, outcome=outcome)
    Answer.objects.create(application=application, question=question, value=value)


def plan(event: Event) -> Plan:
    """Return the plan."""
    [figures] = promise.figures([event], now=AFTER_CLOSE)
    found = interpreting.plan(event, figures)
    assert found is not None
    return found


def test_each_session_needs_what_leads_from_its_floor(question: Question) -> None:
    SessionFactory(event=question.event, key="a", floor_language="en", interpretation=Interpretation.EN_FR)
    SessionFactory(event=question.event, key="b", floor_language="fr", interpretation=Interpretation.NONE)
    SessionFactory(event=question.event, key="c", floor_language="", interpretation=Interpretation.BOTH)
    SessionFactory(event=question.event, key="d", kind=Session.Kind.BREAK)
    for state, value, outcome in (
        (State.CONFIRMED, "en_fr", ""),
        (State.ACCEPTED, "en_fr", ""),
        (State.SIGNED_OFF, "en_fr", Outcome.ACCEPT),
        (State.SIGNED_OFF, "en_fr", Outcome.WAITING_LIST),
        (State.PROPOSED, "en_fr", Outcome.DECLINE),
        (State.WAITING_LIST, "fr_en", ""),
        (State.CONFIRMED, "fr_en", ""),
        (State.CONFIRMED, "none", ""),
        (State.SUBMITTED, "en_fr", ""),
        (State.TURNED_DOWN, "en_fr", ""),
        (State.WITHDRAWN, "en_fr", ""),
    ):
        answered(question, state, value, outcome)
    found = plan(question.event)
    assert [
        [(need.direction.value, need.confirmed, need.accepted, need.waiting) for need in row.needs]
        for row in found.rows
    ] == [[("en_fr", 1, 2, 1)], [("fr_en", 1, 0, 1)], [("en_fr", 1, 2, 1), ("fr_en", 1, 0, 1)]]
    assert [row.verdict for row in found.rows] == [Verdict.COVERED, Verdict.MISSING, Verdict.COVERED]
    assert found.highest == 4
    assert found.silent == 0


@pytest.mark.parametrize(
    ("planned", "needed", "verdict"),
    [
        (Interpretation.NONE, "none", Verdict.NOT_NEEDED),
        (Interpretation.EN_FR, "none", Verdict.UNUSED),
        (Interpretation.EN_FR, "en_fr", Verdict.COVERED),
        (Interpretation.FR_EN, "en_fr", Verdict.MISSING),
    ],
)
def test_what_is_planned_is_held_against_what_is_needed(
    question: Question, planned: Interpretation, needed: str, verdict: Verdict
) -> None:
    SessionFactory(event=question.event, floor_language="en", interpretation=planned)
    answered(question, State.CONFIRMED, needed)
    assert [row.verdict for row in plan(question.event).rows] == [verdict]


def test_who_waits_alone_does_not_make_it_missing(question: Question) -> None:
    SessionFactory(event=question.event, floor_language="en", interpretation=Interpretation.NONE)
    answered(question, State.WAITING_LIST, "en_fr")
    assert plan(question.event).rows[0].verdict == Verdict.NOT_NEEDED


@pytest.mark.every_database
def test_who_attends_one_day_alone_is_counted_on_that_day(question: Question) -> None:
    event, day = question.event, dt.timedelta(days=1)
    for key, later in (("a", day * 0), ("b", day)):
        session = SessionFactory(event=event, key=key, floor_language="en")
        Session.objects.filter(pk=session.pk).update(
            starts_at=session.starts_at + later, ends_at=session.ends_at + later
        )
    of_days = QuestionFactory(section=question.section, kind=Question.Kind.SINGLE_CHOICE, options=["first", "second"])
    for attended in ("first", "second", "second", None):
        application = ApplicationFactory(event=event, state=State.CONFIRMED)
        Answer.objects.create(application=application, question=question, value="en_fr")
        if attended:
            Answer.objects.create(application=application, question=of_days, value=attended)
    assert [row.needs[0].confirmed for row in plan(event).rows] == [2, 3]


def test_who_holds_a_place_and_said_nothing_is_counted_apart(question: Question) -> None:
    SessionFactory(event=question.event)
    ApplicationFactory(event=question.event, state=State.CONFIRMED)
    ApplicationFactory(event=question.event, state=State.WAITING_LIST)
    assert plan(question.event).silent == 1


def test_several_choices_count_for_each(question: Question) -> None:
    Question.objects.update(kind=Question.Kind.MULTIPLE_CHOICE)
    SessionFactory(event=question.event, floor_language="")
    application = ApplicationFactory(event=question.event, state=State.CONFIRMED)
    Answer.objects.create(application=application, question=question, value=["en_fr", "fr_en"])
    assert [need.confirmed for need in plan(question.event).rows[0].needs] == [1, 1]


def test_without_such_a_question_there_is_no_plan(question: Question) -> None:
    question.options.filter(key="fr_en").update(retired=True)
    [figures] = promise.figures([question.event], now=AFTER_CLOSE)
    assert interpreting.plan(question.event, figures) is None


def test_the_dashboard_shows_it_in_both_languages_at_one_cost(question: Question) -> None:
    team = make_team(question.event)
    client, address = client_of(team.organiser), f"{APPLICATIONS}dashboard/{team.event.pk}/"
    assert "The agenda has no session yet." in client.get(address).content.decode()
    SessionFactory(event=team.event, title_en=PAYLOAD, floor_language="en", interpretation=Interpretation.NONE)
    answered(question, State.CONFIRMED, "en_fr")
    with CaptureQueriesContext(connection) as one:
        page = client.get(address).content.decode()
    assert "missing: English into French, for 1 person" in page
    assert "<script>alert" not in page
    SessionFactory.create_batch(2, event=team.event)
    answered(question, State.CONFIRMED, "fr_en")
    with CaptureQueriesContext(connection) as three:
        client.get(address)
    assert len(one) == len(three)
    client.cookies["django_language"] = "fr"
    assert "il manque" in client.get(address).content.decode()
    assert client_of(team.reviewer).get(address).status_code == 404
