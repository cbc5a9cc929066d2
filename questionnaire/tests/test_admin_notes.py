"""Notes between organisers and tags: written and found by organisers, unseen by everybody else."""

import json

import pytest

from events.tests.admin_pages import client_of
from questionnaire.models import Application, Note, Review, Tag
from questionnaire.states import State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    AFTER_RELEASE,
    ApplicationFactory,
    AssignmentFactory,
    ReviewFactory,
)
from questionnaire.tests.team import APPLICATIONS, PAYLOAD, Team, make_team
from questionnaire.workflow import organising, retention

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


@pytest.fixture
def application(team: Team) -> Application:
    """Return an application that the reviewer has reviewed."""
    application = ApplicationFactory(event=team.event)
    AssignmentFactory(application=application, reviewer=team.reviewer)
    ReviewFactory(application=application, reviewer=team.reviewer, mean_score=5)
    return application


def page(application: Application) -> str:
    """Return the address of an application's page."""
    return f"{APPLICATIONS}{application.pk}/change/"


def test_a_thread_of_notes_with_who_and_when(team: Team, application: Application) -> None:
    organising.write_note(application, f"first {PAYLOAD}", by=team.second, at=AFTER_CLOSE)
    client_of(team.organiser).post(page(application), {"do": "note", "text": "I agree"})
    shown = client_of(team.organiser).get(page(application)).content.decode()
    assert shown.index("first &lt;script&gt;") < shown.index("I agree")
    assert [(note.by, note.text.split()[0]) for note in Note.objects.all()] == [
        (team.second, "first"),
        (team.organiser, "I"),
    ]


def test_an_empty_note_is_refused_in_words(team: Team, application: Application) -> None:
    response = client_of(team.organiser).post(page(application), {"do": "note", "text": " "})
    assert "This field is required." in response.content.decode()
    assert not Note.objects.exists()


def test_tags_are_put_on_and_taken_off(team: Team, application: Application) -> None:
    client = client_of(team.organiser)
    client.post(page(application), {"do": "add_tag", "name": "  call   back "})
    client.post(page(application), {"do": "add_tag", "name": "Call back"})
    assert [str(tag) for tag in application.tags.all()] == ["call back"]
    client.post(page(application), {"do": "remove_tag", "name": "call back\0"})
    assert not Tag.objects.exists()


def test_reviewers_see_and_do_none_of_it(team: Team, application: Application) -> None:
    organising.write_note(application, "a secret note", by=team.organiser, at=AFTER_CLOSE)
    organising.add_tag(team.event, "secret-tag", [application.pk])
    Application.objects.update(adjusted_score="6.66", spread="7.77")
    shown = client_of(team.reviewer).get(page(application)).content.decode()
    assert "You" in shown
    for secret in ("a secret note", "secret-tag", "6.66", "7.77", "Between organisers"):
        assert secret not in shown
    for deed in (
        {"do": "note", "text": "mine"},
        {"do": "add_tag", "name": "mine"},
        {"do": "remove_tag", "name": "secret-tag"},
    ):
        assert client_of(team.reviewer).post(page(application), deed).status_code == 403
    assert (Note.objects.count(), Tag.objects.get().name) == (1, "secret-tag")


@pytest.mark.parametrize("side", ["add", "remove"])
def test_several_are_tagged_at_once_and_nobody_elses(team: Team, application: Application, side: str) -> None:
    other, foreign = (
        ApplicationFactory(event=team.event),
        ApplicationFactory(event=team.stranger.memberships.get().event),
    )
    organising.add_tag(team.event, "late", [other.pk])
    client = client_of(team.organiser)
    asked = client.post(APPLICATIONS, {"action": "tag", "_selected_action": [application.pk, other.pk]})
    assert "2 applications are chosen" in asked.content.decode()
    data = {"ids": f"{application.pk},{other.pk}", "name": "late", "side": side, "back": "state=submitted"}
    done = client.post(f"{APPLICATIONS}tag/", data)
    assert done["Location"].endswith("?state=submitted")
    expected = {application.pk, other.pk} if side == "add" else set()
    assert set(Application.objects.filter(tags__name="late").values_list("pk", flat=True)) == expected
    assert client.post(f"{APPLICATIONS}tag/", {**data, "ids": str(foreign.pk)}).status_code == 404
    assert client_of(team.reviewer).post(f"{APPLICATIONS}tag/", data).status_code == 404
    assert client.post(f"{APPLICATIONS}tag/", {**data, "side": "x"}).status_code == 400
    assert client.get(f"{APPLICATIONS}tag/").status_code == 405
    assert "This field is required." in client.post(f"{APPLICATIONS}tag/", {**data, "name": ""}).content.decode()


def test_the_applicant_can_take_notes_away_once_decided_without_who_wrote_them(
    team: Team, application: Application
) -> None:
    organising.write_note(application, "asked for a call", by=team.organiser, at=AFTER_CLOSE)
    organising.add_tag(team.event, "call back", [application.pk])

    def organisers_part(**options: bool) -> object:
        application.refresh_from_db()
        found = retention.everything(application, now=AFTER_RELEASE, **{"with_letters": True, **options})
        return json.loads(json.dumps(found))["organisers"]

    for state in (State.SUBMITTED, State.PROPOSED, State.SIGNED_OFF):
        Application.objects.update(state=state, outcome="accept")
        assert organisers_part() is None
    Application.objects.update(state=State.DECLINED)
    assert organisers_part() == {
        "scores": [],
        "notes": [{"at": AFTER_CLOSE.isoformat(), "text": "asked for a call"}],
        "tags": ["call back"],
        "opened": [],
    }
    assert organisers_part(with_letters=False) is None  # the address is not proved


def test_erasing_a_person_erases_what_organisers_wrote(team: Team, application: Application) -> None:
    organising.write_note(application, "asked for a call", by=team.organiser, at=AFTER_CLOSE)
    organising.add_tag(team.event, "call back", [application.pk])
    retention.erase(application, now=AFTER_RELEASE)
    assert not Note.objects.exists()
    assert not application.tags.exists()
    assert Review.objects.get().note == ""
