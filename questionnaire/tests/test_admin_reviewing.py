"""A reviewer at work: the declaration first, then the scores, then the next."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from events.models import Event, Membership
from events.tests.admin_pages import client_of
from events.tests.factories import MembershipFactory, UserFactory
from questionnaire.models import Answer, Application, Assignment, Review
from questionnaire.states import State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    WHILE_OPEN,
    ApplicationFactory,
    AssignmentFactory,
    CriterionFactory,
    QuestionFactory,
    ReviewFactory,
    SectionFactory,
)
from questionnaire.tests.team import APPLICATIONS, Team, make_team
from questionnaire.workflow import review

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return an event with two criteria, and its team."""
    team = make_team()
    for key in ("relevance", "motivation"):
        CriterionFactory(event=team.event, key=key, name_en=key.capitalize())
    return team


@pytest.fixture
def application(team: Team) -> Application:
    """Return an application with an answer, assigned to the reviewer."""
    application = assigned(team)
    question = QuestionFactory(section=SectionFactory(event=team.event))
    Answer.objects.create(application=application, question=question, value="the whole story")
    return application


def assigned(team: Team, **columns: object) -> Application:
    """Return an application that is assigned to the reviewer."""
    application: Application = AssignmentFactory(
        reviewer=team.reviewer, application__event=team.event, **{f"application__{k}": v for k, v in columns.items()}
    ).application
    return application


def post(team: Team, application: Application, **data: object) -> Any:
    """Post to the page of an application as the reviewer."""
    return client_of(team.reviewer).post(f"{APPLICATIONS}{application.pk}/change/", data)


def page(team: Team, application: Application) -> str:
    """Return the page of an application as the reviewer sees it."""
    return client_of(team.reviewer).get(f"{APPLICATIONS}{application.pk}/change/").content.decode()


def test_nothing_opens_before_the_declaration(team: Team, application: Application) -> None:
    ReviewFactory(application=application, note="a colleague's note")
    shown = page(team, application)
    assert "do you have a conflict of interest?" in shown
    assert "the whole story" not in shown
    assert "a colleague" not in shown
    assert "Your review" not in shown


def test_looking_declares_nothing(team: Team, application: Application) -> None:
    page(team, application)
    assert not Review.objects.exists()


def test_without_a_conflict_the_answers_open(team: Team, application: Application) -> None:
    assert post(team, application, do="declare", conflict="no").status_code == 302
    shown = page(team, application)
    assert "the whole story" in shown
    assert "Relevance" in shown


def test_with_a_conflict_they_stay_closed(team: Team, application: Application) -> None:
    post(team, application, do="declare", conflict="yes")
    shown = page(team, application)
    assert "the whole story" not in shown
    assert "You have declared a conflict of interest" in shown
    response = post(team, application, do="score", relevance="5", motivation="5")
    assert response.status_code == 302
    assert Review.objects.get().mean_score is None


def test_a_mistaken_conflict_can_be_taken_back(team: Team, application: Application) -> None:
    post(team, application, do="declare", conflict="yes")
    post(team, application, do="declare", conflict="no")
    assert "the whole story" in page(team, application)


def test_neither_yes_nor_no_is_refused(team: Team, application: Application) -> None:
    assert post(team, application, do="declare", conflict="perhaps").status_code == 400
    assert not Review.objects.exists()


def test_the_same_organisation_and_country_are_pointed_out(team: Team) -> None:
    team.reviewer.email = "rea@justice.mt"
    team.reviewer.save()
    team.event.memberships.filter(user=team.reviewer).update(organisation="Prison Service, Malta")
    near = assigned(team, email="someone@justice.mt", country="MT", organisation="PRISON SERVICE (Malta)")
    far = assigned(team, email="someone@example.at", country="AT", organisation="Neustart")
    shown = page(team, near)
    assert "own organisation’s address: @justice.mt" in shown
    assert "You both work at PRISON SERVICE (Malta)." in shown
    assert "You both work in Malta." in shown
    assert "You both" not in page(team, far)
    assert "own organisation" not in page(team, far)


def test_scores_and_note_are_stored(team: Team, application: Application) -> None:
    post(team, application, do="declare", conflict="no")
    post(team, application, do="score", relevance="5", motivation="4", note="good")
    stored = Review.objects.get()
    assert stored.mean_score == Decimal("9.00")
    assert stored.note == "good"
    shown = page(team, application)
    assert 'name="relevance" value="5" id="id_relevance_5" checked' in shown.replace(' required=""', "")


def test_a_review_can_wait_for_its_last_score(team: Team, application: Application) -> None:
    post(team, application, do="declare", conflict="no")
    post(team, application, do="score", relevance="5", note="to be continued")
    stored = Review.objects.get()
    assert stored.mean_score is None
    assert stored.note == "to be continued"


@pytest.mark.parametrize("value", ["6", "-1", "x", "9" * 40, "1.5"])
def test_a_score_outside_the_scale_is_refused(team: Team, application: Application, value: str) -> None:
    post(team, application, do="declare", conflict="no")
    response = post(team, application, do="score", relevance=value, motivation="4", note="kept in the form")
    assert response.status_code == 200
    shown = response.content.decode()
    assert "Please correct the error below." in shown
    assert "kept in the form" in shown
    assert not Review.objects.get().scores.exists()


def test_a_nul_in_the_note_is_refused(team: Team, application: Application) -> None:
    post(team, application, do="declare", conflict="no")
    response = post(team, application, do="score", note="a\0b")
    assert response.status_code == 200
    assert "Null characters are not allowed" in response.content.decode()


def test_scoring_without_a_declaration_is_refused(team: Team, application: Application) -> None:
    data = {"do": "score", "relevance": "5", "motivation": "5"}
    response = client_of(team.reviewer).post(f"{APPLICATIONS}{application.pk}/change/", data, follow=True)
    assert "Say first that you have no conflict of interest." in response.content.decode()
    assert not Review.objects.exists()


def test_others_reviews_show_after_ones_own(team: Team, application: Application) -> None:
    ReviewFactory(application=application, reviewer=UserFactory(username="rival"), mean_score="2.22")
    post(team, application, do="declare", conflict="no")
    before = page(team, application)
    assert "2.22" not in before
    assert "Others’ reviews show once yours is complete." in before
    post(team, application, do="score", relevance="5", motivation="5")
    after = page(team, application)
    assert "2.22" in after
    assert "Others’ reviews show" not in after


def test_save_and_next_leads_to_what_is_still_to_do(team: Team, application: Application) -> None:
    minutes = [dt.timedelta(minutes=number) for number in range(4)]
    earlier, conflicting, done, withdrawn = (assigned(team, submitted_at=WHILE_OPEN + delay) for delay in minutes)
    Application.objects.filter(pk=application.pk).update(submitted_at=WHILE_OPEN + minutes[1])
    Application.objects.filter(pk=withdrawn.pk).update(state=State.WITHDRAWN)
    review.declare(conflicting, team.reviewer, conflict=True, at=AFTER_CLOSE)
    ReviewFactory(application=done, reviewer=team.reviewer, mean_score=5)
    ApplicationFactory()  # of another event
    post(team, application, do="declare", conflict="no")
    response = post(team, application, do="score", relevance="5", motivation="5", go="next")
    assert response.headers["Location"] == f"{APPLICATIONS}{earlier.pk}/change/"


def test_after_the_last_one_comes_the_list(team: Team, application: Application) -> None:
    post(team, application, do="declare", conflict="no")
    client = client_of(team.reviewer)
    data = {"do": "score", "relevance": "5", "motivation": "5", "go": "next"}
    response = client.post(f"{APPLICATIONS}{application.pk}/change/", data, follow=True)
    assert response.redirect_chain == [(f"{APPLICATIONS}?event={team.event.pk}", 302)]
    assert "Nothing is left for you to review." in response.content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    assert ">10,00<" in client.get(APPLICATIONS).content.decode()


def test_saved_for_later_goes_to_the_end_of_the_queue(team: Team, application: Application) -> None:
    following = assigned(team, submitted_at=WHILE_OPEN + dt.timedelta(minutes=1))
    post(team, application, do="declare", conflict="no")
    response = post(team, application, do="score", relevance="3", go="later")
    assert response.headers["Location"] == f"{APPLICATIONS}{following.pk}/change/"
    assert Review.objects.get().scores.get().value == 3
    post(team, following, do="declare", conflict="no")
    response = post(team, following, do="score", relevance="3", motivation="3", go="next")
    assert response.headers["Location"] == f"{APPLICATIONS}{application.pk}/change/"


def test_the_page_and_the_list_say_how_far_one_is_and_lead_on(team: Team, application: Application) -> None:
    assigned(team)
    client = client_of(team.reviewer)
    assert "0 of 2 reviewed, 2 left" in page(team, application)
    assert "0 of 2 reviewed, 2 left" in client.get(APPLICATIONS).content.decode()
    response = client.get(f"{APPLICATIONS}next/{team.event.pk}/")
    assert response.headers["Location"] == f"{APPLICATIONS}{application.pk}/change/"


def test_without_an_assignment_a_reviewer_sees_a_sentence(team: Team) -> None:
    other = ApplicationFactory(event=team.event, family_name="Unseen")
    client = client_of(team.reviewer)
    shown = client.get(APPLICATIONS).content.decode()
    assert "Nothing is assigned to you yet." in shown
    assert "Unseen" not in shown
    assert client.get(f"{APPLICATIONS}{other.pk}/change/").status_code == 302
    assert (
        client.get(f"{APPLICATIONS}next/{team.event.pk}/").headers["Location"]
        == f"{APPLICATIONS}?event={team.event.pk}"
    )


def test_with_a_conflict_somebody_else_gets_it_and_the_reviewer_goes_on(team: Team, application: Application) -> None:
    colleague = MembershipFactory(event=team.event, role=Membership.Role.REVIEWER).user
    following = assigned(team)
    response = post(team, application, do="declare", conflict="yes")
    assert response.headers["Location"] == f"{APPLICATIONS}{following.pk}/change/"
    assert colleague in {row.reviewer for row in application.assignments.all()}


def test_a_conflict_filled_in_beforehand_is_confirmed_or_explained(team: Team, application: Application) -> None:
    team.event.memberships.filter(user=team.reviewer).update(organisation="Neustart")
    Application.objects.filter(pk=application.pk).update(organisation="NEUSTART")
    assert "So a conflict of interest is assumed." in page(team, application)
    refused = post(team, application, do="declare", conflict="no", because=" ")
    assert refused.status_code == 200
    assert "Say why there is no conflict of interest." in refused.content.decode()
    assert not Review.objects.exists()
    post(team, application, do="declare", conflict="no", because="Another Neustart, in another town")
    assert "the whole story" in page(team, application)
    shown = client_of(team.organiser).get(f"{APPLICATIONS}{application.pk}/change/").content.decode()
    assert "Another Neustart, in another town" in shown


class TestAutosave:
    """Each change by a small request of its own."""

    @pytest.fixture(autouse=True)
    def _opened(self, team: Team, application: Application) -> None:
        post(team, application, do="declare", conflict="no")

    def send(self, team: Team, application: Application, **data: str) -> Any:
        return client_of(team.reviewer).post(f"{APPLICATIONS}{application.pk}/autosave/", data)

    def test_what_is_sent_is_kept_and_the_rest_stays(self, team: Team, application: Application) -> None:
        assert self.send(team, application, note="half a thought").json()["complete"] is False
        self.send(team, application, relevance="4")
        answer = self.send(team, application, motivation="5").json()
        assert answer["complete"] is True
        assert answer["progress"] == "1 of 1 reviewed, nothing is left"
        stored = Review.objects.get()
        assert (stored.note, stored.mean_score) == ("half a thought", Decimal("9.00"))
        self.send(team, application, relevance="")
        assert Review.objects.get().mean_score is None

    def test_what_is_wrong_is_refused(self, team: Team, application: Application) -> None:
        for data in ({"relevance": "6"}, {"relevance": "x"}, {"note": "a\0b"}, {"note": "x" * 5001}):
            assert self.send(team, application, **data).status_code == 400
        assert not Review.objects.get().scores.exists()

    def test_nothing_is_told_of_others(self, team: Team, application: Application) -> None:
        ReviewFactory(application=application, mean_score="2.22", note="of a colleague")
        answer = self.send(team, application, relevance="4", motivation="5").json()
        assert answer.keys() == {"revision", "complete", "progress", "done"}

    def test_only_for_who_is_asked_and_only_by_post(self, team: Team, application: Application) -> None:
        address = f"{APPLICATIONS}{application.pk}/autosave/"
        assert client_of(team.reviewer).get(address).status_code == 405
        assert client_of(team.organiser).post(address, {"relevance": "4"}).status_code == 403
        assert client_of(team.stranger).post(address, {"relevance": "4"}).status_code == 404
        Assignment.objects.update(taken_away_at=AFTER_CLOSE)
        assert self.send(team, application, relevance="4").status_code == 404

    def test_after_the_release_nothing_changes(self, team: Team, application: Application) -> None:
        Application.objects.update(state=State.DECLINED)
        assert self.send(team, application, relevance="4").status_code == 409


def test_organisers_who_do_not_review_cannot_score(team: Team, application: Application) -> None:
    client = client_of(team.organiser)
    for data in ({"do": "declare", "conflict": "no"}, {"do": "score", "relevance": "5"}):
        assert client.post(f"{APPLICATIONS}{application.pk}/change/", data).status_code == 403
    assert not Review.objects.exists()


def test_each_score_stands_with_what_earns_it(team: Team, application: Application) -> None:
    relevance = team.event.criteria.get(key="relevance")
    relevance.steps.create(score=4, description_en="Regular <work>", description_fr="Travail régulier")
    post(team, application, do="declare", conflict="no")
    shown = page(team, application)
    assert shown.count("<b>4</b> Regular &lt;work&gt;</label>") == 1
    assert shown.count("<b>4</b> </label>") == 1  # the other criterion describes none


def test_a_conflict_noticed_while_reading_passes_the_application_on(team: Team, application: Application) -> None:
    colleague = MembershipFactory(event=team.event, role=Membership.Role.REVIEWER).user
    post(team, application, do="declare", conflict="no")
    post(team, application, do="score", relevance="5", motivation="4")
    assert "Only now you notice a conflict of interest?" in page(team, application)
    post(team, application, do="declare", conflict="yes")
    assert not Review.objects.get(reviewer=team.reviewer).scores.exists()
    assert colleague in {row.reviewer for row in application.assignments.all()}
    assert "the whole story" not in page(team, application)


def test_in_an_anonymous_review_the_declaration_says_so(team: Team, application: Application) -> None:
    assert "This review is anonymous" not in page(team, application)
    Event.objects.update(anonymous_review=True)
    assert "This review is anonymous" in page(team, application)


def test_after_the_release_nothing_is_offered_that_can_no_longer_be_done(team: Team, application: Application) -> None:
    post(team, application, do="declare", conflict="no")
    Application.objects.update(state=State.DECLINED)
    shown = page(team, application)
    assert "reviews can no longer change" in shown
    assert "the whole story" in shown
    assert 'name="do" value="score"' not in shown
    assert 'name="conflict"' not in shown


def test_who_goes_on_is_told_which_application_was_saved(team: Team, application: Application) -> None:
    assigned(team)
    post(team, application, do="declare", conflict="no")
    client = client_of(team.reviewer)
    data = {"do": "score", "relevance": "3", "go": "next"}
    response = client.post(f"{APPLICATIONS}{application.pk}/change/", data, follow=True)
    assert f"{application}: Saved. The review counts as soon as" in response.content.decode()
