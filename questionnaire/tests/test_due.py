"""What happens by itself at its hour: releases first, then letters, and nothing that stops the rest."""

import datetime as dt
import logging

import pytest

from events.tests.factories import UserFactory
from questionnaire.models import Application, Letter, LetterStatus, Release
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    AFTER_RELEASE,
    DECISION_HOUR,
    ApplicationFactory,
    small_questionnaire,
)
from questionnaire.tests.releasing import release, sign_off
from questionnaire.tests.taking_part import accepted, kinds_to, released_event, waiting
from questionnaire.tests.test_outbox import Clock, ScriptedTransport
from questionnaire.workflow import decision, due, participation
from questionnaire.workflow.due import do_what_is_due
from ravisit.celery import BEAT

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


def ordered_release() -> Application:
    """Return an application whose acceptance is ordered to be released at the decision hour."""
    application = ApplicationFactory(event=small_questionnaire())
    first, second = UserFactory(), UserFactory()
    decision.propose([application], Outcome.ACCEPT, by=first, at=AFTER_CLOSE)
    sign_off([application], by=second, at=AFTER_CLOSE)
    release(application.event, by=second, second=first, at=AFTER_CLOSE)
    application.refresh_from_db()
    return application


def test_at_the_hour_the_decision_and_its_letter_leave_in_one_run() -> None:
    application = ordered_release()
    clock, transport = Clock(DECISION_HOUR - dt.timedelta(seconds=1)), ScriptedTransport()
    do_what_is_due(clock, lambda: transport)
    application.refresh_from_db()
    assert (application.state, transport.delivered) == (State.SIGNED_OFF, [])
    clock.move(dt.timedelta(seconds=1))
    for _ in range(3):
        do_what_is_due(clock, lambda: transport)
    application.refresh_from_db()
    assert application.state == State.ACCEPTED
    assert [envelope.recipient for envelope in transport.delivered] == [application.email]


def test_a_free_place_is_offered_and_the_letter_leaves_within_a_minute() -> None:
    event = released_event()
    leaving, *_staying = (accepted(event, name) for name in ("Ada", "Bea", "Cem"))
    reserve = waiting(event, "Dan", (5, 3))
    clock, transport = Clock(AFTER_RELEASE), ScriptedTransport()
    participation.turn_down(leaving, reason="", now=clock())
    clock.move(dt.timedelta(seconds=BEAT))
    do_what_is_due(clock, lambda: transport)
    assert BEAT <= 60
    assert kinds_to(reserve)[-1] == "promotion"
    assert reserve.email in [envelope.recipient for envelope in transport.delivered]


def test_a_release_that_is_refused_holds_up_no_letter_of_others(caplog: pytest.LogCaptureFixture) -> None:
    refused, ready = ordered_release(), ordered_release()
    ApplicationFactory(event=refused.event)  # came in between, and nobody decided on it
    transport = ScriptedTransport()
    with caplog.at_level(logging.ERROR):
        do_what_is_due(Clock(DECISION_HOUR), lambda: transport)
    assert [envelope.recipient for envelope in transport.delivered] == [ready.email]
    assert "the release of decisions was refused: undecided" in caplog.text
    assert Release.objects.filter(released_at=None).get().event == refused.event
    assert Letter.objects.get().status == LetterStatus.SENT


def test_a_step_that_breaks_is_heard_of_and_holds_up_neither_steps_nor_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    ready, transport = ordered_release(), ScriptedTransport()

    def divide(*, at: dt.datetime) -> float:
        return at.second / 0

    monkeypatch.setattr(due, "STEPS", (due.Step("arithmetic", divide), *due.STEPS))
    with pytest.raises(ExceptionGroup) as failure:
        do_what_is_due(Clock(DECISION_HOUR), lambda: transport)
    assert failure.group_contains(ZeroDivisionError)
    assert [envelope.recipient for envelope in transport.delivered] == [ready.email]


def test_a_step_that_breaks_is_heard_of_even_where_sending_breaks_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def divide(*, at: dt.datetime) -> float:
        return at.second / 0

    def fail(*_args: object, **_options: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(due, "STEPS", (due.Step("arithmetic", divide),))
    monkeypatch.setattr(due.outbox, "send_due", fail)
    with pytest.raises(ConnectionError):
        do_what_is_due(Clock(DECISION_HOUR), ScriptedTransport)
    assert "arithmetic failed" in caplog.text
