"""The screen of the release: what is missing, what will happen, and who may order it."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from events.tests.admin_pages import client_of
from questionnaire.models import Letter, LetterStatus, LetterTemplate, Release
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    AFTER_RELEASE,
    DECISION_HOUR,
    WHILE_OPEN,
    ApplicationFactory,
    small_questionnaire,
)
from questionnaire.tests.releasing import release
from questionnaire.tests.team import Team, make_team
from questionnaire.workflow import decision

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event with one decision of each kind signed off, and its team."""
    team = make_team(small_questionnaire())
    for outcome in Outcome:
        ApplicationFactory(event=team.event, state=State.SIGNED_OFF, outcome=outcome)
    return team


def ask(team: Team, by: str = "organiser", at: dt.datetime = AFTER_CLOSE, query: str = "") -> Any:
    """Open the screen."""
    with time_machine.travel(at, tick=False):
        return client_of(getattr(team, by)).get(f"/admin/questionnaire/release/{team.event.pk}/{query}")


def do(team: Team, deed: str, by: str = "organiser", at: dt.datetime = AFTER_CLOSE) -> Any:
    """Press a button on the screen."""
    url = f"/admin/questionnaire/release/{team.event.pk}/"
    with time_machine.travel(at, tick=False):
        return client_of(getattr(team, by)).post(url, {"do": deed}, follow=True)


def test_the_hour_is_told_in_paris(team: Team) -> None:
    shown = ask(team).content.decode()
    assert "29 November 2021, 10.00" in shown
    assert "CET (UTC+1) (Europe/Paris)" in shown


def test_what_is_missing_is_named(team: Team) -> None:
    ApplicationFactory(event=team.event)
    ApplicationFactory(event=team.event, state=State.PROPOSED, outcome=Outcome.ACCEPT)
    LetterTemplate.objects.filter(kind="decline").update(body_fr="")
    shown = ask(team, at=WHILE_OPEN).content.decode()
    for finding in ("Applying is still open", "without a proposed decision: 1", "by a second person: 1", "decline"):
        assert finding in shown
    assert "Yes, order the release" not in ask(team, at=WHILE_OPEN, query="?confirm").content.decode()


def test_ordering_asks_first(team: Team) -> None:
    shown = ask(team, query="?confirm").content.decode()
    assert "1 acceptances, 1 for the waiting list, 1 refusals" in shown
    assert "Until then the order can be taken back." in shown
    assert not Release.objects.exists()


def test_the_order_waits_for_the_hour(team: Team) -> None:
    assert "The release is ordered." in do(team, "order").content.decode()
    assert Release.objects.get().ordered_by == team.organiser
    assert not Letter.objects.exists()
    shown = ask(team).content.decode()
    assert "Take the order back" in shown
    assert "olga" in shown


def test_the_order_can_be_taken_back(team: Team) -> None:
    do(team, "order")
    assert "The order is taken back" in do(team, "take_back").content.decode()
    assert not Release.objects.exists()
    assert "There is no order" in do(team, "take_back").content.decode()


def test_after_the_hour_it_happens_with_the_signature(team: Team) -> None:
    assert "the letters leave at once" in ask(team, at=AFTER_RELEASE, query="?confirm").content.decode()
    do(team, "order", at=AFTER_RELEASE)
    assert not Letter.objects.exists()
    assert "the letters leave at once" in ask(team, by="second", at=AFTER_RELEASE).content.decode()
    shown = do(team, "sign", by="second", at=AFTER_RELEASE).content.decode()
    assert "Released: the letters are on their way." in shown
    assert Letter.objects.count() == 3


def test_a_second_person_signs_the_order(team: Team) -> None:
    assert "no order that could be signed" in do(team, "sign").content.decode()
    do(team, "order")
    assert 'value="sign"' not in ask(team).content.decode()
    assert "another person signs it" in do(team, "sign").content.decode()
    assert Release.objects.get().signed_at is None
    assert 'value="sign"' in ask(team, by="second").content.decode()
    assert "The release is signed." in do(team, "sign", by="second").content.decode()
    shown = ask(team).content.decode()
    assert "The release is ordered and signed" in shown
    assert 'value="sign"' not in shown
    assert Release.objects.get().signed_by == team.second


def test_nothing_is_signed_that_is_not_ready_any_more(team: Team) -> None:
    do(team, "order")
    LetterTemplate.objects.filter(kind="decline").update(body_fr="")
    shown = ask(team, by="second").content.decode()
    assert "the release would stop at the hour" in shown
    assert 'value="sign"' not in shown
    assert "Nothing was changed." in do(team, "sign", by="second").content.decode()
    assert Release.objects.get().signed_at is None


def test_afterwards_it_tells_what_became_of_the_letters(team: Team) -> None:
    release(team.event, by=team.organiser, second=team.second, at=AFTER_CLOSE)
    decision.release_due(at=DECISION_HOUR)
    first, second, _third = Letter.objects.order_by("pk")
    Letter.objects.filter(pk=first.pk).update(status=LetterStatus.SENT, sent_at=DECISION_HOUR)
    Letter.objects.filter(pk=second.pk).update(status=LetterStatus.FAILED)
    sending = ask(team, at=AFTER_RELEASE).context["sending"]
    assert (sending.sent, sending.waiting, sending.failed) == (1, 1, 1)
    shown = ask(team, at=AFTER_RELEASE).content.decode()
    assert "3 letters" in shown
    assert f'/application/?event={team.event.pk}&amp;state=received">3</a>' in shown  # those withdrawn are not counted
    assert "Order the release" not in shown


def test_a_broken_promise_is_said(team: Team) -> None:
    after_the_day = dt.datetime(2021, 11, 30, 12, tzinfo=dt.UTC)
    shown = ask(team, at=after_the_day).content.decode()
    assert "the promise is broken" in shown
    assert "Everyone was promised an answer by Monday 29 November 2021." in shown
    assert "the release is not ordered" in shown


def test_an_alarm_stands_on_the_start_page_and_on_the_page_of_the_release(team: Team) -> None:
    ApplicationFactory(event=team.event)
    pages = ("/admin/", f"/admin/questionnaire/release/{team.event.pk}/")
    for now, is_time in ((AFTER_CLOSE, False), (DECISION_HOUR - dt.timedelta(days=2), True)):
        with time_machine.travel(now, tick=False):
            shown = [client_of(team.organiser).get(page).content.decode() for page in pages]
        assert ["left to keep the promise." in text for text in shown] == [is_time, is_time]
        assert ["applications without a decision: 1" in text for text in shown] == [is_time, is_time]


def test_an_order_that_is_not_ready_is_refused(team: Team) -> None:
    ApplicationFactory(event=team.event)
    assert "Nothing was changed." in do(team, "order").content.decode()
    assert not Release.objects.exists()


@pytest.mark.parametrize("person", ["stranger", "reviewer"])
def test_others_have_no_say(team: Team, person: str) -> None:
    assert ask(team, by=person).status_code == 404
    assert do(team, "order", by=person).status_code == 404
    assert not Release.objects.exists()


def test_the_list_names_ones_own_events(team: Team) -> None:
    shown = client_of(team.stranger).get("/admin/questionnaire/release/").content.decode()
    assert "Another event" in shown
    assert team.event.title not in shown
    assert client_of(team.reviewer).get("/admin/questionnaire/release/").status_code in {200, 403}


def test_an_unknown_button_is_refused(team: Team) -> None:
    assert do(team, "nonsense").status_code == 400


def test_an_id_of_forty_digits(team: Team) -> None:
    assert client_of(team.organiser).get(f"/admin/questionnaire/release/{'9' * 40}/").status_code == 404
