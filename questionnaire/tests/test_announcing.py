"""Telling people of a changed programme: whom it matters to, in their language, once, after reading it."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from events.tests.admin_pages import client_of
from questionnaire.models import Application, Letter, LetterKind, LetterTemplate
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE, ApplicationFactory, small_questionnaire
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import mime

pytestmark = pytest.mark.django_db

CHANGES = {"changes_en": "Day one begins\r\nlater.", "changes_fr": "Le premier jour commence plus tard."}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Start at noon of the promised day."""
    with time_machine.travel(AFTER_RELEASE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def team() -> Team:
    """Return the team of an event with somebody in each state that may be told, and one who is declined."""
    team = make_team(small_questionnaire())
    texts = {"body_en": "{first_name}: {changes}", "body_fr": "{first_name} : {changes}"}
    LetterTemplate.objects.filter(event=team.event, kind=LetterKind.PROGRAMME_CHANGED).update(**texts)
    for state, language in (("confirmed", "en"), ("accepted", "fr"), ("waiting_list", "en"), ("declined", "en")):
        ApplicationFactory(event=team.event, state=State(state), language=language)
    return team


def post(team: Team, by: str = "organiser", **posted: object) -> object:
    """Press a button, of a page that was opened at noon."""
    url = f"/admin/questionnaire/promotion/{team.event.pk}/programme/"
    data = {"audience": ["confirmed", "accepted"], "since": AFTER_RELEASE.isoformat(), **CHANGES, **posted}
    return client_of(getattr(team, by)).post(url, data)


def texts() -> dict[str, str]:
    """Return what was written, by the reader's state."""
    rows = Letter.objects.filter(kind=LetterKind.PROGRAMME_CHANGED).select_related("application")
    return {letter.application.state: mime.read(bytes(letter.mime)).text for letter in rows}


def test_everybody_chosen_is_told_once_in_their_language(team: Team, clock: time_machine.Traveller) -> None:
    for _twice in range(2):
        assert post(team, do="send").status_code == 302
        clock.shift(dt.timedelta(seconds=2))
    names = {person.state: person.first_name for person in Application.objects.all()}
    assert texts() == {
        "confirmed": f"{names['confirmed']}: Day one begins\nlater.",
        "accepted": f"{names['accepted']} : Le premier jour commence plus tard.",
    }
    assert Letter.objects.filter(kind=LetterKind.PROGRAMME_CHANGED).count() == 2


def test_another_change_is_another_letter(team: Team, clock: time_machine.Traveller) -> None:
    post(team, do="send")
    clock.shift(dt.timedelta(hours=1))
    post(team, do="send", since=(AFTER_RELEASE + dt.timedelta(hours=1)).isoformat())
    assert Letter.objects.filter(kind=LetterKind.PROGRAMME_CHANGED).count() == 4


def test_the_letter_is_shown_before_anything_is_sent(team: Team) -> None:
    shown = post(team, do="preview", changes_en=PAYLOAD).content.decode()
    assert "Send it to 2 people" in shown
    assert "Le premier jour commence plus tard." in shown
    assert PAYLOAD not in shown
    assert texts() == {}


def test_the_calendar_goes_along(team: Team) -> None:
    post(team, do="send")
    letter = Letter.objects.filter(kind=LetterKind.PROGRAMME_CHANGED).first()
    assert [attachment.filename[-4:] for attachment in mime.read(bytes(letter.mime)).attachments] == [".ics"]


@pytest.mark.parametrize("missing", [{"changes_fr": ""}, {"audience": []}, {"audience": ["declined"]}, {"since": "x"}])
def test_what_is_not_whole_is_not_sent_and_what_was_typed_stays(team: Team, missing: dict[str, object]) -> None:
    assert "Day one begins" in post(team, do="send", **missing).content.decode()
    assert texts() == {}


def test_a_missing_text_is_said(team: Team) -> None:
    LetterTemplate.objects.filter(kind=LetterKind.PROGRAMME_CHANGED).update(body_fr="")
    assert "has no text" in post(team, do="send").content.decode()
    assert texts() == {}


@pytest.mark.parametrize("by", ["stranger", "reviewer"])
def test_nobody_else_can_send_it(team: Team, by: str) -> None:
    assert post(team, by=by, do="send").status_code in {403, 404}
    assert texts() == {}
