"""Quotas against the pool and those selected."""

from typing import Any

import pytest

from events.models import Event
from events.tests.factories import EventFactory
from questionnaire.models import Answer, Application, Question, Quota
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import ApplicationFactory, QuestionFactory, SectionFactory
from questionnaire.workflow.balance import Standing, Verdict, standings

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event."""
    return EventFactory()


def ask(event: Event, kind: str = "single_choice", options: tuple[str, ...] = ("a", "b")) -> Question:
    """Add a question."""
    return QuestionFactory(section=SectionFactory(event=event), kind=kind, options=options, key="work")


def apply(question: Question, value: Any, state: State = State.SUBMITTED, outcome: str = "") -> Application:
    """Add an application with an answer."""
    application = ApplicationFactory(event=question.event, state=state, outcome=outcome)
    Answer.objects.create(application=application, question=question, value=value)
    return application


def only(event: Event) -> Standing:
    """Return the standing of the one quota."""
    [standing] = standings(event)
    return standing


def test_the_selected_are_those_who_hold_a_place_or_will(event: Event) -> None:
    question = ask(event)
    Quota.objects.create(event=event, question=question, values="a", minimum=4)
    for state, outcome in (
        (State.PROPOSED, Outcome.ACCEPT),
        (State.SIGNED_OFF, Outcome.ACCEPT),
        (State.ACCEPTED, Outcome.ACCEPT),
        (State.CONFIRMED, Outcome.ACCEPT),
        (State.PROPOSED, Outcome.DECLINE),
        (State.SIGNED_OFF, Outcome.WAITING_LIST),
        (State.TURNED_DOWN, Outcome.ACCEPT),
        (State.WITHDRAWN, Outcome.ACCEPT),
        (State.DRAFT, ""),
        (State.SUBMITTED, ""),
    ):
        apply(question, "a", state, outcome)
    apply(question, "b", State.ACCEPTED, Outcome.ACCEPT)
    standing = only(event)
    assert (standing.pool, standing.selected) == (8, 4)
    assert standing.verdict is Verdict.MET
    assert standing.values == ("Option a",)


def test_too_few_and_too_many_are_counted(event: Event) -> None:
    question = ask(event)
    Quota.objects.create(event=event, question=question, values="a", minimum=3)
    Quota.objects.create(event=event, question=question, values="b", maximum=1)
    for value in ("a", "b", "b", "b"):
        apply(question, value, State.ACCEPTED)
    few, many = standings(event)
    assert (few.verdict, few.missing, few.is_out_of_reach) == (Verdict.TOO_FEW, 2, True)
    assert (many.verdict, many.excess, many.is_out_of_reach) == (Verdict.TOO_MANY, 2, False)


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("multiple_choice", ["a", "b"], "a b"),
        ("matrix", {"english": "speak"}, "english:speak"),
        ("yes_no", True, "yes"),
        ("country", "FR", "FR BE"),
    ],
)
def test_each_kind_of_answer_counts_once(event: Event, kind: str, value: Any, wanted: str) -> None:
    question = ask(event, kind)
    Quota.objects.create(event=event, question=question, values=wanted, minimum=1)
    apply(question, value, State.ACCEPTED)
    assert only(event).selected == 1


def test_a_quota_for_each_value_looks_at_the_fullest(event: Event) -> None:
    question = ask(event, "country")
    Quota.objects.create(event=event, question=question, maximum=2)
    for country in ("FR", "FR", "FR", "DE"):
        apply(question, country, State.ACCEPTED)
    for country in ("DE", "DE", "DE", "DE"):
        apply(question, country)
    standing = only(event)
    assert standing.for_each_value
    assert standing.values == ("France",)
    assert (standing.pool, standing.selected, standing.excess) == (3, 3, 1)


def test_two_spellings_of_one_organisation_are_one(event: Event) -> None:
    question = ask(event, "short_text")
    Quota.objects.create(event=event, question=question, maximum=1)
    apply(question, "Prison Service", State.ACCEPTED)
    apply(question, "prison  service ", State.ACCEPTED)
    apply(question, "Others")
    assert only(event).excess == 1


def test_nobody_selected_yet(event: Event) -> None:
    question = ask(event, "country")
    Quota.objects.create(event=event, question=question, maximum=2)
    apply(question, "FR")
    assert only(event) == Standing(question.label, (), 1, 0, 0, 2, True)
    assert only(event).verdict is Verdict.MET


def test_another_events_applications_do_not_count(event: Event) -> None:
    question = ask(event)
    Quota.objects.create(event=event, question=question, values="a", minimum=1)
    apply(ask(EventFactory()), "a", State.ACCEPTED)
    assert only(event).pool == 0
