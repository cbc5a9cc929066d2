"""A decision corrected after its letter left: by two people, with a reason, and a letter of its own."""

from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from events.tests.admin_pages import client_of
from events.tests.factories import UserFactory
from questionnaire.models import Application, Correction, Letter, LetterKind, LetterStatus, Transition
from questionnaire.states import RELEASES_TO, Outcome, State
from questionnaire.tests.factories import AFTER_RELEASE, DECISION_HOUR, ApplicationFactory, small_questionnaire
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import correction, letters, mime, places
from questionnaire.workflow.preflight import LETTER_OF

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event and its team, whose letters name the decisions."""
    team = make_team(small_questionnaire())
    team.event.letter_templates.filter(kind=LetterKind.CORRECTION).update(
        body_en="{former_decision} / {decision}", body_fr="{former_decision} / {decision}"
    )
    return team


def told(team: Team, outcome: Outcome = Outcome.DECLINE, language: str = "en") -> Application:
    """Return an applicant whom a letter told the decision."""
    application: Application = ApplicationFactory(
        event=team.event, state=RELEASES_TO[outcome], outcome=outcome, language=language
    )
    letters.queue(LETTER_OF[outcome], application, at=DECISION_HOUR)
    application.letters.update(status=LetterStatus.SENT, sent_at=DECISION_HOUR, due_at=None)
    return application


def propose(team: Team, application: Application, outcome: Outcome = Outcome.ACCEPT) -> Correction:
    """Propose a correction."""
    return correction.propose(application, outcome, reason="mixed up", by=team.organiser, at=AFTER_RELEASE)


@pytest.mark.parametrize(("language", "text"), [("en", "declined / accepted"), ("fr", "refusée / acceptée")])
def test_two_people_correct_a_decision_and_a_letter_says_so(team: Team, language: str, text: str) -> None:
    application = told(team, language=language)
    proposed = propose(team, application)
    application.refresh_from_db()
    assert (application.state, Letter.objects.count()) == (State.DECLINED, 1)
    letter = correction.sign(proposed, by=team.second, at=AFTER_RELEASE)
    application.refresh_from_db()
    assert (application.state, application.outcome) == (State.ACCEPTED, Outcome.ACCEPT)
    assert (letter.kind, letter.language, letter.due_at) == (LetterKind.CORRECTION, language, AFTER_RELEASE)
    assert mime.read(bytes(letter.mime)).text.strip() == text
    assert application.letters.filter(kind=LetterKind.DECLINE).get().status == LetterStatus.SENT
    assert not application.letters.filter(kind=LetterKind.ACCEPTANCE).exists()
    record = Transition.objects.latest("pk")
    assert (record.by, record.reason, record.to_state) == (team.second, "mixed up", State.ACCEPTED)


def test_whoever_proposed_it_cannot_sign_it(team: Team) -> None:
    proposed = propose(team, told(team))
    with pytest.raises(correction.SamePerson):
        correction.sign(proposed, by=team.organiser, at=AFTER_RELEASE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.update(signed_by=team.organiser, signed_at=AFTER_RELEASE)


def test_signing_twice_sends_one_letter(team: Team) -> None:
    proposed = propose(team, told(team))
    correction.sign(proposed, by=team.second, at=AFTER_RELEASE)
    with pytest.raises(correction.NotCorrectable):
        correction.sign(proposed, by=team.second, at=AFTER_RELEASE)
    assert Letter.objects.filter(kind=LetterKind.CORRECTION).count() == 1


def test_a_second_correction_waits_until_the_first_has_left(team: Team) -> None:
    application = told(team)
    correction.sign(propose(team, application), by=team.second, at=AFTER_RELEASE)
    with pytest.raises(correction.StillOnItsWay):
        propose(team, application, Outcome.WAITING_LIST)
    Letter.objects.update(status=LetterStatus.SENT, sent_at=AFTER_RELEASE, due_at=None)
    back = correction.sign(propose(team, application, Outcome.WAITING_LIST), by=team.second, at=AFTER_RELEASE)
    assert "accepted / on the waiting list" in mime.read(bytes(back.mime)).text


def test_nothing_is_corrected_while_the_letter_may_still_leave(team: Team) -> None:
    application = told(team)
    Letter.objects.update(status=LetterStatus.RETRY, due_at=AFTER_RELEASE)
    with pytest.raises(correction.StillOnItsWay):
        propose(team, application)


@pytest.mark.parametrize("state", [State.SIGNED_OFF, State.CONFIRMED, State.TURNED_DOWN, State.WITHDRAWN])
def test_what_was_not_told_or_has_been_answered_is_not_corrected(team: Team, state: State) -> None:
    application = told(team)
    Application.objects.update(state=state)
    with pytest.raises(correction.NotCorrectable):
        propose(team, application)


def test_what_somebody_answered_meanwhile_stays(team: Team) -> None:
    application = told(team, Outcome.ACCEPT)
    proposed = propose(team, application, Outcome.DECLINE)
    Application.objects.update(state=State.CONFIRMED)
    with pytest.raises(correction.NotCorrectable):
        correction.sign(proposed, by=team.second, at=AFTER_RELEASE)
    assert not Letter.objects.filter(kind=LetterKind.CORRECTION).exists()


def test_nobody_is_accepted_without_a_place(team: Team) -> None:
    type(team.event).objects.update(places=0)
    proposed = propose(team, told(team))
    with pytest.raises(places.NoPlaceLeft):
        correction.sign(proposed, by=team.second, at=AFTER_RELEASE)


def test_a_correction_takes_a_reason(team: Team) -> None:
    with pytest.raises(ValueError, match="reason"):
        correction.propose(told(team), Outcome.ACCEPT, reason=" ", by=UserFactory(), at=AFTER_RELEASE)


class TestScreen:
    """The part of an application's page."""

    def do(self, team: Team, application: Application, deed: str, by: str = "organiser", **data: str) -> Any:
        """Press a button on the page as it stands, or with other data."""
        url = f"/admin/questionnaire/application/{application.pk}/change/"
        shown = application.corrections.filter(signed_at=None).values_list("pk", flat=True)
        with time_machine.travel(AFTER_RELEASE, tick=False):
            return client_of(getattr(team, by)).post(url, {"do": deed, "correction": [*shown], **data}, follow=True)

    def test_it_takes_two_people(self, team: Team) -> None:
        application = told(team)
        shown = self.do(team, application, "propose_correction", outcome="accept", reason=PAYLOAD).content.decode()
        assert "A second person signs it" in shown
        assert "<script>alert" not in shown
        assert "another person signs it" in self.do(team, application, "sign_correction").content.decode()
        User.objects.filter(pk=team.second.pk).update(first_name="Grace", last_name="Hopper")
        shown = self.do(team, application, "sign_correction", by="second").content.decode()
        assert f"proposed by {team.organiser}, signed by Grace Hopper." in shown
        assert "The decision is corrected and the letter is on its way." in shown
        assert Letter.objects.filter(kind=LetterKind.CORRECTION).count() == 1

    def test_nobody_signs_another_proposal_than_the_page_showed(self, team: Team) -> None:
        application = told(team)
        seen = str(propose(team, application).pk)
        propose(team, application, Outcome.WAITING_LIST)
        for shown in (seen, "", "9" * 40):
            answer = self.do(team, application, "sign_correction", by="second", correction=shown)
            assert "Something has changed since you looked." in answer.content.decode()
        application.refresh_from_db()
        assert application.state == State.DECLINED

    def test_a_gap_in_the_form_is_said(self, team: Team) -> None:
        shown = self.do(team, told(team), "propose_correction", outcome="accept").content.decode()
        assert "This field is required." in shown
        assert not Correction.objects.exists()

    def test_it_can_be_taken_back(self, team: Team) -> None:
        application = told(team)
        propose(team, application)
        assert "taken back" in self.do(team, application, "withdraw_correction").content.decode()
        assert not Correction.objects.exists()
        assert "Something has changed" in self.do(team, application, "sign_correction").content.decode()

    def test_it_is_offered_only_after_the_release(self, team: Team) -> None:
        application = ApplicationFactory(event=team.event)
        page = client_of(team.organiser).get(f"/admin/questionnaire/application/{application.pk}/change/")
        assert "Correct the decision" not in page.content.decode()

    def test_reviewers_correct_nothing(self, team: Team) -> None:
        application = told(team)
        self.do(team, application, "propose_correction", by="reviewer", outcome="accept", reason="x")
        assert not Correction.objects.exists()
