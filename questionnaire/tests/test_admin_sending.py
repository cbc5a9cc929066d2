"""The progress of a release on the screen, holding letters and letting them go."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from events.tests.admin_pages import client_of
from questionnaire.models import Hold, Letter, LetterStatus
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, DECISION_HOUR, ApplicationFactory, small_questionnaire
from questionnaire.tests.releasing import release
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.tests.test_outbox import LATER, REFUSED, Clock, ScriptedTransport
from questionnaire.workflow import decision, holds, sending
from questionnaire.workflow.due import do_what_is_due

pytestmark = pytest.mark.django_db

LATER_ON = DECISION_HOUR + dt.timedelta(minutes=1)


def released(count: int) -> Team:
    """Return an event whose decisions have just been released, and its team."""
    team = make_team(small_questionnaire())
    ApplicationFactory.create_batch(count, event=team.event, state=State.SIGNED_OFF, outcome=Outcome.ACCEPT)
    release(team.event, by=team.organiser, second=team.second, at=AFTER_CLOSE)
    decision.release_due(at=DECISION_HOUR)
    return team


def ask(team: Team, part: str = "progress/", by: str = "organiser") -> Any:
    """Open the page, or the part that moves."""
    with time_machine.travel(LATER_ON, tick=False):
        return client_of(getattr(team, by)).get(f"/admin/questionnaire/release/{team.event.pk}/{part}")


def do(team: Team, deed: str, by: str = "organiser", **data: Any) -> Any:
    """Press a button."""
    with time_machine.travel(LATER_ON, tick=False):
        url = f"/admin/questionnaire/release/{team.event.pk}/"
        return client_of(getattr(team, by)).post(url, {"do": deed, **data}, follow=True)


def on_all(team: Team, by: str = "operator", **data: Any) -> Any:
    """Press a button on the operators' page."""
    return client_of(getattr(team, by)).post("/admin/questionnaire/letter/holds/", data, follow=True)


def test_it_tells_how_far_the_letters_are_and_when_they_will_be_done() -> None:
    team = released(8)
    Hold.objects.update(ended_at=DECISION_HOUR)
    ids = list(Letter.objects.order_by("pk").values_list("pk", flat=True))
    Letter.objects.filter(pk__in=ids[:4]).update(status=LetterStatus.SENT, sent_at=DECISION_HOUR, due_at=None)
    Letter.objects.filter(pk=ids[4]).update(status=LetterStatus.FAILED, due_at=None)
    Letter.objects.filter(pk=ids[5]).update(status=LetterStatus.RETRY)
    found = sending.look(team.event, now=LATER_ON)
    assert (found.total, found.sent, found.waiting, found.retrying, found.failed) == (8, 4, 2, 1, 1)
    assert found.per_minute == 4
    assert found.finishes_at == LATER_ON + dt.timedelta(seconds=30)
    shown = ask(team).content.decode()
    assert "4 of 8 letters sent, 1 failed." in shown
    assert "expected on 29 November 2021, 10.01" in shown
    assert 'aria-live="polite"' in shown
    assert "<html" not in shown
    whole = ask(team, "").content.decode()
    assert "4 of 8 letters sent, 1 failed." in whole
    assert "release-progress.js" in whole


def test_while_nothing_leaves_no_end_is_foretold() -> None:
    team = released(8)
    found = sending.look(team.event, now=LATER_ON)
    assert (found.per_minute, found.finishes_at, found.is_first_wave) == (0, None, True)
    assert "not known yet" in ask(team).content.decode()


@pytest.mark.parametrize("count", [1, 8])
def test_the_queries_do_not_grow(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    team = released(count)
    with django_assert_num_queries(2):
        sending.look(team.event, now=LATER_ON)


def test_organisers_see_that_the_first_letters_went_wrong_and_decide() -> None:
    team = released(8)
    do_what_is_due(Clock(), lambda: ScriptedTransport([REFUSED]))
    shown = ask(team).content.decode()
    assert "The first letters did not all arrive: the others are held." in shown
    assert "If nobody decides, they leave by themselves on 29 November 2021, 12.00." in shown
    hold = Hold.objects.get()
    assert "Held: the letters stay" in do(team, "keep", hold=hold.pk).content.decode()
    assert Hold.objects.get().until is None
    assert "Let go: the letters leave" in do(team, "let_go", hold=hold.pk).content.decode()
    assert Hold.objects.get().ended_by == team.organiser
    assert "Somebody else has let these letters go" in do(team, "let_go", hold=hold.pk).content.decode()


def test_an_organiser_holds_the_letters_of_the_event_with_a_reason() -> None:
    team = released(2)
    assert "Held: no letter of this event leaves" in do(team, "hold", reason=f"{PAYLOAD}\0").content.decode()
    hold = Hold.objects.get()
    assert (hold.event, hold.made_by, hold.cause) == (team.event, team.organiser, Hold.Cause.PERSON)
    assert hold.reason == PAYLOAD
    shown = ask(team).content.decode()
    assert shown.count("The letters of this event are held.") == 1
    assert "Leaving now" not in shown
    assert "<script>alert" not in shown


def test_letters_that_only_have_to_be_tried_again_are_no_alarm() -> None:
    team = released(8)
    do_what_is_due(Clock(), lambda: ScriptedTransport([LATER]))
    assert "the others follow once these have arrived" in ask(team).content.decode()


def test_only_operators_hold_and_free_everybodys_letters() -> None:
    team = released(2)
    hold = holds.begin(None, by=team.operator, at=DECISION_HOUR, reason="mail server moves")
    shown = ask(team).content.decode()
    assert "All letters are held." in shown
    assert "An operator lets them go." in shown
    assert do(team, "let_go", hold=hold.pk).status_code == 403
    assert on_all(team, by="organiser", do="let_go").status_code == 403
    assert Hold.objects.standing().exists()
    assert "Let go: the letters leave" in on_all(team, do="let_go").content.decode()
    assert not Hold.objects.standing().exists()
    assert "Held: no letter leaves" in on_all(team, do="hold", reason="x").content.decode()


def test_after_a_restore_the_operator_cancels_what_had_left_and_lets_the_rest_go() -> None:
    team = released(2)
    Hold.objects.create(event=None, cause=Hold.Cause.RESTORED, made_at=DECISION_HOUR)
    page = client_of(team.operator).get("/admin/questionnaire/letter/holds/").content.decode()
    assert "restored from a backup" in page
    assert "Enter the moment as in" in on_all(team, do="write_off", before="yesterday").content.decode()
    assert Hold.objects.standing().exists()
    shown = on_all(team, do="write_off", before="2021-11-29T10:00").content.decode()
    assert "2 letters cancelled." in shown
    assert not Hold.objects.standing().exists()
    assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.CANCELLED}


@pytest.mark.parametrize("person", ["stranger", "reviewer"])
def test_others_see_and_stop_nothing(person: str) -> None:
    team = released(8)
    assert ask(team, by=person).status_code == 404
    for deed in ("hold", "let_go", "keep"):
        assert do(team, deed, by=person, hold=Hold.objects.get().pk).status_code == 404
    other = holds.begin(small_questionnaire(), by=None, at=DECISION_HOUR)
    assert do(team, "let_go", hold=other.pk).status_code == 404
    assert Hold.objects.standing().count() == 2


@pytest.mark.parametrize("hold", ["", "one", "9" * 40])
def test_a_hold_that_is_none(hold: str) -> None:
    assert do(released(2), "let_go", hold=hold).status_code == 400
