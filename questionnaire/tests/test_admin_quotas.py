"""The screens of quotas and wished shares."""

from typing import Any

import pytest

from events.tests.admin_pages import client_of, form_of
from events.tests.factories import MembershipFactory
from questionnaire.models import Question, Quota, Target
from questionnaire.tests.factories import QuestionFactory, SectionFactory
from questionnaire.tests.team import Team, make_team

pytestmark = pytest.mark.django_db
QUOTAS = "/admin/questionnaire/quota/"
TARGETS = "/admin/questionnaire/target/"


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


def counted(team: Team, **values: object) -> Question:
    """Return a question of the event that is marked for the balance."""
    return QuestionFactory(section=SectionFactory(event=team.event), for_balance=True, **values)


def add(question: Question, screen: str = QUOTAS) -> str:
    """Return the address at which a quota or a wished share on a question is added."""
    return f"{screen}add/?question={question.pk}"


@pytest.mark.parametrize(
    ("changes", "saved"),
    [({}, True), ({"minimum": "9"}, False), ({"minimum": "0", "maximum": ""}, False), ({"values": "x" * 500}, False)],
)
def test_a_quota_is_checked(team: Team, changes: dict[str, str], saved: bool) -> None:
    data = {"values": "a", "minimum": "2", "maximum": "5", **changes}
    client_of(team.organiser).post(add(counted(team, kind="number")), data)
    assert Quota.objects.exists() is saved


def test_a_minimum_is_of_those_who_gave_certain_answers(team: Team) -> None:
    question = counted(team, kind="single_choice", options=["a"])
    refused = client_of(team.organiser).post(add(question), {"minimum": "2"})
    assert "Say which answers this minimum is for." in refused.content.decode()


@pytest.mark.parametrize("screen", [QUOTAS, TARGETS])
def test_first_the_question_is_chosen_among_those_that_can_be_counted(team: Team, screen: str) -> None:
    marked, retired, unmarked = (
        counted(team, kind="number"),
        counted(team, kind="number", retired=True),
        counted(team, kind="number"),
    )
    Question.objects.filter(pk=unmarked.pk).update(for_balance=False)
    country = QuestionFactory(section=marked.section, kind="country", fills="country")
    foreign = QuestionFactory(for_balance=True, kind="number")
    client = client_of(team.organiser)
    page = client.get(f"{screen}add/").content.decode()
    offered = [f"?question={question.pk}" in page for question in (marked, country, retired, unmarked, foreign)]
    assert offered == [True, True, False, False, False]
    for asked in (str(foreign.pk), str(retired.pk), "x", "9" * 30):
        refused = client.post(
            f"{screen}add/?question={asked}", {"values": "a", "maximum": "5", "percent": "40", "weight": "1"}
        )
        assert "which question is it about?" in refused.content.decode()
    assert not Quota.objects.exists()
    assert not Target.objects.exists()


def test_answers_that_a_quota_counts_are_chosen_by_their_words(team: Team) -> None:
    question = counted(team, kind="single_choice", options=["low", "middle", "high"])
    client = client_of(team.organiser)
    page = client.get(add(question)).content.decode()
    assert "Option middle" in page
    assert client.post(add(question), {"values": ["high", "low"], "minimum": "2"}).status_code == 302
    quota = Quota.objects.get()
    assert (quota.event, quota.question, quota.values) == (team.event, question, "low high")
    change = f"{QUOTAS}{quota.pk}/change/"
    shown = form_of(client, change)
    assert shown["values"] == ["low", "high"]
    assert client.post(change, {**shown, "minimum": "3"}).status_code == 302
    quota.refresh_from_db()
    assert (quota.values, quota.minimum) == ("low high", 3)
    assert "Changed At least." in client.get(f"{QUOTAS}{quota.pk}/history/").content.decode()


def test_the_same_answers_in_another_order_are_the_same_quota(team: Team) -> None:
    question = counted(team, kind="single_choice", options=["low", "high"])
    client = client_of(team.organiser)
    assert client.post(add(question), {"values": ["low", "high"], "minimum": "2"}).status_code == 302
    assert client.post(add(question), {"values": ["high", "low"], "minimum": "4"}).status_code == 200


def test_countries_are_chosen_by_their_names(team: Team) -> None:
    question = counted(team, kind="country")
    client = client_of(team.organiser)
    assert "Austria" in client.get(add(question)).content.decode()
    assert client.post(add(question), {"values": ["FR", "AT"], "minimum": "2"}).status_code == 302
    assert Quota.objects.get().values == "AT FR"
    assert client.post(add(question), {"values": ["ZZ"], "minimum": "2"}).status_code == 200


def test_answers_that_are_written_freely_are_typed(team: Team) -> None:
    question = counted(team, kind="number")
    client = client_of(team.organiser)
    assert 'type="text" name="values"' in client.get(add(question)).content.decode()
    assert client.post(add(question), {"values": "1 2", "maximum": "2", "minimum": "0"}).status_code == 302
    assert Quota.objects.get().values == "1 2"


def test_of_answers_in_everybodys_own_words_only_the_most_of_each_can_be_asked(team: Team) -> None:
    question = counted(team, fills="organisation")
    client = client_of(team.organiser)
    assert "Everybody words this answer" in client.get(add(question)).content.decode()
    assert client.post(add(question), {"values": "typed", "minimum": "1"}).status_code == 200
    assert client.post(add(question), {"values": "typed", "minimum": "0", "maximum": "2"}).status_code == 302
    assert Quota.objects.get().values == ""
    assert add(question).partition("?")[2] not in client.get(f"{TARGETS}add/").content.decode()


def test_a_quota_keeps_its_question(team: Team) -> None:
    own, other = counted(team), counted(team)
    quota = Quota.objects.create(event=team.event, question=own, maximum=2)
    client = client_of(team.organiser)
    client.post(f"{QUOTAS}{quota.pk}/change/", {"question": other.pk, "values": "", "minimum": "0", "maximum": "3"})
    quota.refresh_from_db()
    assert (quota.question, quota.maximum) == (own, 3)
    assert client_of(team.stranger).get(f"{QUOTAS}{quota.pk}/change/").status_code == 302


def test_a_wished_share_names_answers_that_can_be_given(team: Team) -> None:
    question = counted(team, kind="country")
    client, url = client_of(team.organiser), add(question, TARGETS)
    data: dict[str, object] = {"values": ["FR", "AT"], "percent": "40", "weight": "1"}
    changes: list[dict[str, object]] = [{"values": ["FR", "ZZ"]}, {"values": []}, {"percent": "101"}]
    for refused in changes:
        assert client.post(url, {**data, **refused}).status_code == 200
    assert client.post(url, data).status_code == 302
    assert (Target.objects.get().values, Target.objects.get().percent) == ("AT FR", 40)


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
    assert "field-event" not in client.get(QUOTAS).content.decode()
    MembershipFactory(user=team.organiser)
    of_all, of_one = (client.get(QUOTAS + query).content.decode() for query in ("", f"?event={team.event.pk}"))
    assert "<h1>Quotas</h1>" in of_all
    assert '<td class="field-least">–</td>' in of_all
    assert ("field-event" in of_all, "field-event" in of_one) == (True, False)


def test_a_list_that_is_wider_than_the_screen_is_reached_and_named_by_the_keyboard(team: Team) -> None:
    question = QuestionFactory(section=SectionFactory(event=team.event))
    Quota.objects.create(event=team.event, question=question, maximum=2)
    page = client_of(team.organiser).get(QUOTAS).content.decode()
    assert '<div class="results wide" tabindex="0" role="region" aria-label="Quotas">' in page


@pytest.mark.parametrize("screen", [QUOTAS, TARGETS])
def test_the_queries_of_a_list_do_not_grow(team: Team, screen: str, django_assert_num_queries: Any) -> None:
    client = client_of(team.organiser)
    counts = set()
    for number in (1, 3):
        while Quota.objects.count() < number:
            question = counted(team, kind="single_choice", options=["low", "high"])
            Quota.objects.create(event=team.event, question=question, values="low", minimum=1)
            Target.objects.create(event=team.event, question=question, values="low high", percent=40)
        with django_assert_num_queries(14, exact=False) as asked:
            assert client.get(screen).status_code == 200
        counts.add(len(asked))
    assert len(counts) == 1
