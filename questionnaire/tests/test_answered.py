"""Whether the promise was kept: counted from what was handed over, said to the public only when it is true."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
import time_machine
from django.test import Client

from events.models import Event
from events.tests.admin_pages import client_of
from questionnaire.models import Application, Letter, LetterKind, LetterStatus
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import (
    AFTER_RELEASE,
    DECISION_HOUR,
    ApplicationFactory,
    released,
    small_questionnaire,
)
from questionnaire.tests.team import Team, make_team
from questionnaire.workflow import answered, letters, replacing

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
AFTER_THE_PROMISE = dt.datetime(2021, 11, 30, 12, tzinfo=dt.UTC)


@pytest.fixture
def team() -> Team:
    """Return an event whose decisions were released, without an application."""
    team = make_team(small_questionnaire())
    released(team.event, DECISION_HOUR)
    return team


def answer(event: Event, sent_at: dt.datetime | None, **person: str) -> Application:
    """Have an answer written to somebody, and handed over at a moment."""
    application: Application = ApplicationFactory(event=event, state=State.ACCEPTED, outcome=Outcome.ACCEPT, **person)
    [letter] = letters.queue_many(LetterKind.ACCEPTANCE, [application], at=DECISION_HOUR, release_at=DECISION_HOUR)
    if sent_at is not None:
        Letter.objects.filter(pk=letter.pk).update(status=LetterStatus.SENT, sent_at=sent_at)
    return application


def test_who_comes_in_a_colleagues_place_was_promised_nothing(team: Team) -> None:
    ada = answer(team.event, DECISION_HOUR)
    colleague = replacing.Colleague("Léa", "Østergård", "lea@example.org", "fr", "Psychologist")
    request = replacing.ask(ada, colleague, reason="x", now=AFTER_RELEASE)
    replacing.agree(request, reason="x", by=team.organiser, at=AFTER_RELEASE)
    replacing.sign(request, by=team.second, at=AFTER_RELEASE)
    assert answered.note_due(at=AFTER_RELEASE) == 1
    assert [line.application for line in answered.report(team.event).lines] == [ada]


def page(team: Team, by: str = "organiser", at: dt.datetime = AFTER_THE_PROMISE) -> Any:
    """Open the report."""
    with time_machine.travel(at, tick=False):
        return client_of(getattr(team, by)).get(f"/admin/questionnaire/release/{team.event.pk}/answers/")


def text_of(response: Any) -> str:
    """Return the words of a page, each apart by one space."""
    return " ".join(response.content.decode().split())


def public_page(event: Event, at: dt.datetime, language: str = "en") -> str:
    """Return what the public reads about an event."""
    with time_machine.travel(at, tick=False):
        response = Client().get(f"/{language}/events/{event.slug}/")
    return text_of(response)


@pytest.mark.every_database
def test_it_is_put_on_record_once_the_last_answer_was_handed_over(team: Team) -> None:
    answer(team.event, DECISION_HOUR + MINUTE)
    waiting = answer(team.event, None)
    ApplicationFactory(event=team.event, state=State.WITHDRAWN)
    ApplicationFactory(event=team.event, state=State.DRAFT)
    assert answered.note_due(at=AFTER_RELEASE) == 0
    Letter.objects.filter(application=waiting).update(status=LetterStatus.SENT, sent_at=DECISION_HOUR + 3 * MINUTE)
    assert [answered.note_due(at=AFTER_RELEASE) for _ in range(2)] == [1, 0]
    team.event.refresh_from_db()
    assert team.event.answered_at == DECISION_HOUR + 3 * MINUTE


def test_an_event_without_an_answer_or_without_a_release_is_never_answered(team: Team) -> None:
    ApplicationFactory(event=small_questionnaire())
    assert answered.note_due(at=AFTER_RELEASE) == 0
    answer(team.event, DECISION_HOUR + MINUTE)
    Letter.objects.update(status=LetterStatus.CANCELLED, due_at=None)
    assert answered.note_due(at=AFTER_RELEASE) == 0


def test_the_public_page_counts_the_days_and_says_what_is_true(
    team: Team, django_capture_on_commit_callbacks: Any
) -> None:
    day = dt.timedelta(days=1)
    assert "by 29 November 2021. <strong" in public_page(team.event, DECISION_HOUR - 4 * day)
    assert "That is in 4 days." in public_page(team.event, DECISION_HOUR - 4 * day)
    assert "C’est dans 4 jours." in public_page(team.event, DECISION_HOUR - 4 * day, "fr")
    assert "That is tomorrow." in public_page(team.event, DECISION_HOUR - day)
    assert "That is today." in public_page(team.event, DECISION_HOUR)
    over = public_page(team.event, AFTER_THE_PROMISE)
    assert "was promised an answer by 29 November 2021" in over
    assert "/en/application/link/" in over
    answer(team.event, DECISION_HOUR + MINUTE)
    with django_capture_on_commit_callbacks(execute=True):
        answered.note_due(at=AFTER_RELEASE)
    assert "has our answer. The last one left on 29 November 2021, 10.01 CET" in public_page(team.event, AFTER_RELEASE)


def test_the_report_counts_in_time_late_and_not_at_all(team: Team) -> None:
    for minutes in (0, 1, 1, 5):
        answer(team.event, DECISION_HOUR + minutes * MINUTE)
    late = answer(team.event, team.event.promise_ends_at)
    missing = answer(team.event, None)
    undecided = ApplicationFactory(event=team.event)
    found = answered.report(team.event)
    assert (found.in_time, found.late, found.missing) == (4, 1, 2)
    assert found.median == DECISION_HOUR + MINUTE
    assert {line.application for line in found.lines[:2]} == {missing, undecided}
    assert found.lines[-1].application == late
    assert "not kept to everybody" in text_of(page(team))


def test_the_picture_and_its_table_count_every_answer(team: Team) -> None:
    for minutes in (0, 1, 90, 300):
        answer(team.event, DECISION_HOUR + minutes * MINUTE)
    parts = answered.report(team.event).intervals
    assert len(parts) <= answered.MOST_INTERVALS
    assert (sum(part.number for part in parts), parts[-1].so_far) == (4, 4)
    assert parts[0].begins == DECISION_HOUR
    assert parts[-1].begins <= DECISION_HOUR + 300 * MINUTE < parts[-1].ends
    shown = text_of(page(team))
    assert shown.count("<rect") == len([part for part in parts if part.number])
    assert "It was kept to everybody." in shown


def test_an_event_of_which_nothing_was_handed_over_has_no_picture(team: Team) -> None:
    assert "Nobody applied." in text_of(page(team))
    answer(team.event, None)
    shown = text_of(page(team, at=DECISION_HOUR))
    assert "It can still be kept." in shown
    assert "<rect" not in shown


def test_the_table_is_taken_out_by_post_and_nothing_in_it_is_a_formula(team: Team) -> None:
    answer(team.event, DECISION_HOUR, family_name="=HYPERLINK(1)", first_name="Zoé")
    response = client_of(team.organiser).post(f"/admin/questionnaire/release/{team.event.pk}/answers/")
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    [_header, row] = csv.reader(io.StringIO(content))
    assert row[1:] == ["'=HYPERLINK(1)", "Zoé", "acceptance", "sent", "2021-11-29T09:00:00Z"]
    history = client_of(team.organiser).get(f"/admin/events/event/{team.event.pk}/history/")
    assert "exported as CSV: 1" in history.content.decode()


@pytest.mark.parametrize("person", ["stranger", "reviewer"])
def test_the_report_is_for_the_organisers_of_the_event(team: Team, person: str) -> None:
    assert page(team, by=person).status_code in {403, 404}


@pytest.mark.parametrize("number", [1, 3])
def test_the_queries_do_not_grow_with_the_answers(team: Team, number: int, django_assert_num_queries: Any) -> None:
    for _ in range(number):
        answer(team.event, DECISION_HOUR)
    with django_assert_num_queries(2):
        answered.report(team.event)
