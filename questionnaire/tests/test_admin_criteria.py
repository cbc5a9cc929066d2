"""The screens of criteria and quotas."""

import pytest

from events.tests.admin_pages import client_of, form_of
from questionnaire.models import Criterion, Quota
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    ApplicationFactory,
    CriterionFactory,
    QuestionFactory,
    SectionFactory,
)
from questionnaire.tests.team import Team, make_team
from questionnaire.workflow import review

pytestmark = pytest.mark.django_db
CRITERIA = "/admin/questionnaire/criterion/"
QUOTAS = "/admin/questionnaire/quota/"


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


@pytest.mark.parametrize(
    ("changes", "saved"),
    [({}, True), ({"minimum": "9"}, False), ({"minimum": "0", "maximum": ""}, False), ({"values": "x" * 500}, False)],
)
def test_a_quota_is_checked(team: Team, changes: dict[str, str], saved: bool) -> None:
    question = QuestionFactory(section=SectionFactory(event=team.event))
    data = {"event": team.event.pk, "question": question.pk, "values": "a", "minimum": "2", "maximum": "5", **changes}
    client_of(team.organiser).post(f"{QUOTAS}add/", data)
    assert Quota.objects.exists() is saved


def test_answers_that_a_quota_counts_are_told_in_words(team: Team) -> None:
    own, foreign = (
        QuestionFactory(section=section, kind="single_choice", key=key, options=[f"{key}_option"])
        for section, key in ((SectionFactory(event=team.event), "own"), (SectionFactory(), "foreign"))
    )
    option = own.options.get()
    quota = Quota.objects.create(event=team.event, question=own, values=option.key, minimum=1)
    client = client_of(team.organiser)
    assert option.label in client.get(QUOTAS).content.decode()
    for page in (f"{QUOTAS}{quota.pk}/change/", f"{QUOTAS}add/", "/admin/questionnaire/target/add/"):
        content = client.get(page).content.decode()
        assert f"<code>{option.key}</code> {option.label}" in content
        assert foreign.options.get().key not in content


def test_the_page_of_a_quota_is_headed_by_the_words_of_question_and_answers(team: Team) -> None:
    section = SectionFactory(event=team.event)
    question = QuestionFactory(section=section, kind="country", key="country", label_en="Where do you work?")
    quota = Quota.objects.create(event=team.event, question=question, values="AT FR", minimum=1)
    page = client_of(team.organiser).get(f"{QUOTAS}{quota.pk}/change/").content.decode()
    assert "<h2>Where do you work: Austria or France</h2>" in page


def test_the_list_of_quotas_names_what_it_lists_and_the_event_where_there_may_be_several(team: Team) -> None:
    question = QuestionFactory(section=SectionFactory(event=team.event))
    Quota.objects.create(event=team.event, question=question, maximum=2)
    client = client_of(team.organiser)
    of_all, of_one = (client.get(QUOTAS + query).content.decode() for query in ("", f"?event={team.event.pk}"))
    assert "<h1>Quotas</h1>" in of_all
    assert '<td class="field-least">–</td>' in of_all
    assert ("field-event" in of_all, "field-event" in of_one) == (True, False)


def test_a_list_that_is_wider_than_the_screen_is_reached_and_named_by_the_keyboard(team: Team) -> None:
    question = QuestionFactory(section=SectionFactory(event=team.event))
    Quota.objects.create(event=team.event, question=question, maximum=2)
    page = client_of(team.organiser).get(QUOTAS).content.decode()
    assert '<div class="results wide" tabindex="0" role="region" aria-label="Quotas">' in page


def test_a_quota_stays_within_its_event(team: Team) -> None:
    own = QuestionFactory(section=SectionFactory(event=team.event))
    foreign = QuestionFactory()
    data = {"event": team.event.pk, "question": foreign.pk, "values": "a", "minimum": "2", "maximum": "5"}
    client = client_of(team.organiser)
    assert client.post(f"{QUOTAS}add/", data).status_code == 200
    assert "belongs to another event" in client_of(team.operator).post(f"{QUOTAS}add/", data).content.decode()
    assert client.post(f"{QUOTAS}add/", {**data, "question": own.pk}).status_code == 302
    assert client.post(f"{QUOTAS}add/", {**data, "question": own.pk}).status_code == 200  # once is enough
    assert client_of(team.stranger).get(f"{QUOTAS}{Quota.objects.get().pk}/change/").status_code == 302
