"""The screens of criteria."""

import pytest

from events.tests.admin_pages import client_of, form_of
from events.tests.factories import MembershipFactory
from questionnaire.models import Criterion
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory, CriterionFactory
from questionnaire.tests.team import Team, make_team
from questionnaire.workflow import review

pytestmark = pytest.mark.django_db
CRITERIA = "/admin/questionnaire/criterion/"


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


def test_a_criterion_by_which_was_scored_keeps_weight_and_scale(team: Team) -> None:
    criterion = CriterionFactory(event=team.event, key="relevance")
    application = ApplicationFactory(event=team.event)
    review.declare(application, team.reviewer, conflict=False, at=AFTER_CLOSE)
    review.save_review(application, team.reviewer, scores={"relevance": 4}, note="", at=AFTER_CLOSE)
    client = client_of(team.organiser)
    url = f"{CRITERIA}{criterion.pk}/change/"
    texts = {"order": "1", "name_en": "New name", "name_fr": "Nouveau nom"}
    response = client.post(url, {**form_of(client, url), **texts, "key": "x", "weight": "9", "maximum": "9"})
    assert response.status_code == 302
    criterion.refresh_from_db()
    assert (criterion.key, criterion.weight, criterion.maximum) == ("relevance", 1, 5)
    assert criterion.name_en == "New name"
    assert client.post(f"{CRITERIA}{criterion.pk}/delete/", {"post": "yes"}).status_code == 403


def test_each_step_of_the_scale_is_described_in_both_languages(team: Team) -> None:
    criterion = CriterionFactory(event=team.event, maximum=3)
    client = client_of(team.organiser)
    url = f"{CRITERIA}{criterion.pk}/change/"
    step = {
        "steps-0-score": "3",
        "steps-0-description_en": "Works with them",
        "steps-0-description_fr": "Travaille avec",
    }
    assert client.post(url, {**form_of(client, url), **step, "steps-0-description_fr": ""}).status_code == 200
    above = client.post(url, {**form_of(client, url), **step, "steps-0-score": "4"})
    assert "The highest score is 3." in above.content.decode()
    assert client.post(url, {**form_of(client, url), **step}).status_code == 302
    assert [str(saved) for saved in criterion.steps.all()] == ["3 – Works with them"]
    twice = {name.replace("-0-", "-1-"): value for name, value in step.items()}
    assert client.post(url, {**form_of(client, url), **twice}).status_code == 200
    assert criterion.steps.count() == 1


def test_somebody_with_one_event_need_not_choose_it(team: Team) -> None:
    client, chosen = client_of(team.organiser), f'<option value="{team.event.pk}" selected>'
    assert chosen in client.get(f"{CRITERIA}add/").content.decode()
    MembershipFactory(user=team.organiser)
    assert chosen not in client.get(f"{CRITERIA}add/").content.decode()


def test_a_criterion_is_added_together_with_its_steps(team: Team) -> None:
    client = client_of(team.organiser)
    url = f"{CRITERIA}add/"
    new = {"event": team.event.pk, "key": "fit", "order": "1", "name_en": "Fit", "name_fr": "Adéquation", "weight": "1"}
    step = {"steps-0-score": "3", "steps-0-description_en": "Close", "steps-0-description_fr": "Proche"}
    assert client.post(url, form_of(client, url)).status_code == 200
    above = client.post(url, {**form_of(client, url), **new, **step, "maximum": "2"})
    assert "The highest score is 2." in above.content.decode()
    assert client.post(url, {**form_of(client, url), **new, **step, "maximum": "3"}).status_code == 302
    assert [str(saved) for saved in Criterion.objects.get().steps.all()] == ["3 – Close"]


def test_others_set_no_criteria(team: Team) -> None:
    criterion = CriterionFactory(event=team.event)
    for person in (team.stranger, team.reviewer):
        assert client_of(person).get(f"{CRITERIA}{criterion.pk}/change/").status_code in {302, 403}
    data = {"event": team.event.pk, "key": "k", "order": 1, "name_en": "N", "name_fr": "N", "weight": 1, "maximum": 5}
    assert client_of(team.stranger).post(f"{CRITERIA}add/", data).status_code == 200  # the event is not on offer
    assert Criterion.objects.count() == 1
