"""The page on which a questionnaire is built: outline, order, problems, and who may see it."""

import re
from typing import Any

import pytest

from events.models import Event
from events.tests.admin_pages import client_of
from events.tests.factories import MembershipFactory
from questionnaire.models import Application, Option, Question
from questionnaire.tests.factories import ConditionFactory, QuestionFactory, SectionFactory, small_questionnaire
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import outline

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return the team of a published event with a questionnaire."""
    return make_team(small_questionnaire())


def url(event: Event, page: str = "builder") -> str:
    """Return the address of a page about the questionnaire."""
    return f"/admin/questionnaire/section/event/{event.pk}/{page}/"


def get(team: Team, page: str = "builder") -> str:
    """Return a page as the organiser sees it."""
    return client_of(team.organiser).get(url(team.event, page)).content.decode()


def post(team: Team, **data: str) -> Any:
    """Post to the builder."""
    return client_of(team.organiser).post(url(team.event), data)


def messages(team: Team, response: Any) -> list[str]:
    """Return what the page says after a post."""
    shown = response.client.get(response.url).context["messages"]
    return [str(message) for message in shown]


def keys(event: Event) -> list[str]:
    """Return the keys of the questions in order."""
    return [question.key for question in outline.read(event).questions]


def test_the_outline_says_all_of_each_question(team: Team) -> None:
    Question.objects.filter(key="earlier").update(visibility="organisers", for_balance=True)
    QuestionFactory(section=team.event.sections.get(key="work"), label_en="Old one", retired=True)
    shown = get(team)
    for text in ("Your work", "What about country?", "organisers alone", "for the balance", "retired", "required"):
        assert text in shown
    assert "the answer to “What about earlier?” is Yes" in shown
    assert "Nothing is missing" in shown


@pytest.mark.parametrize("size", [1, 3, 30])
def test_the_queries_do_not_grow(team: Team, size: int, django_assert_num_queries: Any) -> None:
    section = SectionFactory(event=team.event, order=9)
    for _ in range(size):
        later = QuestionFactory(section=section, kind="single_choice", options=["a", "b"], stale=["label_fr"])
        ConditionFactory(question=later, depends_on=team.event.questions.get(key="earlier"), values="maybe")
    client = client_of(team.organiser)
    with django_assert_num_queries(14):
        client.get(url(team.event))


@pytest.mark.parametrize("page", ["builder", "preview", "copy"])
@pytest.mark.parametrize("person", ["stranger", "reviewer"])
def test_others_find_nothing(team: Team, page: str, person: str) -> None:
    client = client_of(getattr(team, person))
    before = keys(team.event)
    assert client.get(url(team.event, page)).status_code == 404
    move = f"question-{team.event.questions.get(key='email').pk}-up"
    assert client.post(url(team.event, page), {"move": move, "check": "yes"}).status_code == 404
    assert keys(team.event) == before


def test_an_event_that_does_not_exist(team: Team) -> None:
    client = client_of(team.organiser)
    for pk in ("0", "9" * 40):
        assert client.get(f"/admin/questionnaire/section/event/{pk}/builder/").status_code == 404


def test_one_step_by_the_arrows(team: Team) -> None:
    email = team.event.questions.get(key="email")
    response = post(team, move=f"question-{email.pk}-up")
    assert response.status_code == 302
    assert response.url == f"{url(team.event)}#question-{email.pk}"
    assert keys(team.event)[:3] == ["first_name", "email", "family_name"]
    work = team.event.sections.get(key="work")
    Question.objects.filter(key="which").update(retired=True)
    post(team, move=f"section-{work.pk}-up")
    assert keys(team.event)[0] == "country"


def test_by_numbers_and_into_another_section(team: Team) -> None:
    you, work = team.event.sections.order_by("order")
    country = team.event.questions.get(key="country")
    post(team, **{f"question-{country.pk}": "1", f"question-{country.pk}-in": str(you.pk)})
    assert keys(team.event)[0] == "country"
    post(team, **{f"section-{work.pk}": "nonsense", f"question-{country.pk}": "", "moved": "javascript:alert(1)"})
    assert keys(team.event)[0] == "country"


def test_an_order_that_would_break_the_form_is_refused_with_the_reason(team: Team) -> None:
    before = keys(team.event)
    response = post(team, move=f"question-{team.event.questions.get(key='which').pk}-up")
    assert keys(team.event) == before
    said = messages(team, response)
    assert said[0].startswith("The order stays as it is")
    assert "“What about earlier?” comes later" in said[1]


@pytest.mark.parametrize("move", ["", "question-1", "question-1-left", "letter-1-up", "question-" + "9" * 40 + "-up"])
def test_odd_moves_are_refused(team: Team, move: str) -> None:
    assert post(team, move=move).status_code == 400


def test_numbers_of_another_event_change_nothing(team: Team) -> None:
    foreign = QuestionFactory(order=7)
    post(team, move=f"question-{foreign.pk}-up")
    post(team, **{f"question-{foreign.pk}": "1", f"section-{foreign.section_id}": "1"})
    foreign.refresh_from_db()
    assert foreign.order == 7


def test_problems_lead_to_where_they_are_put_right(team: Team) -> None:
    Event.objects.filter(pk=team.event.pk).update(published=False)
    country, which = (team.event.questions.get(key=key) for key in ("country", "which"))
    Question.objects.filter(pk=country.pk).update(label_fr="")
    Option.objects.filter(question__key="language", key="fr").update(label_fr="")
    Question.objects.filter(key="earlier").update(retired=True)
    Question.objects.filter(key="first_name").update(fills="")
    shown = get(team)
    assert "To be put right before the event can be published" in shown
    question = "/admin/questionnaire/question"
    for place in (
        f'href="{question}/{country.pk}/change/#id_label_fr"',
        f'href="{question}/{which.pk}/change/#conditions-group"',
        f'href="{question}/{team.event.questions.get(key="language").pk}/change/#options-group"',
        f'href="{url(team.event)}"',
    ):
        assert place in shown
    for link in re.findall(r'<li><a href="(/admin/[^"#]+)', shown):
        assert client_of(team.organiser).get(link).status_code == 200


def test_what_fell_behind_is_listed(team: Team) -> None:
    Question.objects.filter(key="country").update(stale=["label_fr"])
    Option.objects.filter(question__key="language", key="fr").update(stale=["label_en"])
    shown = get(team)
    assert "2 texts fell behind their other language" in shown
    assert "What about country?: Question (French)" in shown
    assert "Option fr: Label (English)" in shown


def test_strange_labels_are_inert(team: Team) -> None:
    Question.objects.filter(key="earlier").update(label_en=PAYLOAD, stale=["label_fr"], label_fr="")
    for page in ("builder", "preview", "copy"):
        assert "<script>alert" not in get(team, page)
    response = post(team, move=f"question-{team.event.questions.get(key='which').pk}-up")
    assert "<script>alert" not in response.client.get(response.url).content.decode()


def test_an_empty_questionnaire_says_how_to_begin() -> None:
    shown = get(make_team())
    assert "There is no section yet" in shown
    assert "Copy from another event" in shown


def test_the_event_leads_to_the_builder(team: Team) -> None:
    assert (
        url(team.event)
        in client_of(team.organiser).get(f"/admin/events/event/{team.event.pk}/change/").content.decode()
    )
    assert url(team.event) in client_of(team.organiser).get("/admin/questionnaire/section/").content.decode()


class TestPreview:
    """The whole form before it is published."""

    def test_both_languages(self, team: Team) -> None:
        Event.objects.filter(pk=team.event.pk).update(published=False)
        client = client_of(team.organiser)
        english = client.get(url(team.event, "preview") + "?language=en")
        french = client.get(url(team.event, "preview") + "?language=fr")
        assert "What about country?" in english.content.decode()
        assert "Et country ?" in french.content.decode()
        assert (english["Content-Language"], french["Content-Language"]) == ("en", "fr")
        assert '<html lang="fr">' in french.content.decode()
        assert client.get(url(team.event, "preview") + "?language=zz").status_code == 200

    def test_conditional_questions_are_marked_and_follow_the_answers(self, team: Team) -> None:
        client = client_of(team.organiser)
        hidden = re.compile(r'id="question-which"[^>]*hidden')
        shown = client.get(url(team.event, "preview")).content.decode()
        assert hidden.search(shown)
        assert "the answer to “What about earlier?” is Yes" in shown
        assert not hidden.search(client.post(url(team.event, "preview"), {"earlier": "yes"}).content.decode())
        assert not hidden.search(client.get(url(team.event, "preview") + "?all").content.decode())

    def test_it_checks_as_the_form_does_and_stores_nothing(self, team: Team) -> None:
        client = client_of(team.organiser)
        typed = {"check": "yes", "first_name": "Zoé", "earlier": "yes"}
        response = client.post(url(team.event, "preview"), typed)
        shown = response.content.decode()
        assert 'value="Zoé"' in shown
        assert set(response.context["form"].errors) == {"family_name", "email", "language", "country", "which"}
        whole = {"family_name": "M", "email": "z@example.org", "language": "en", "country": "AT", "which": "x"}
        assert "could be submitted" in client.post(url(team.event, "preview"), typed | whole).content.decode()
        assert not Application.objects.exists()

    @pytest.mark.parametrize("size", [1, 3, 30])
    def test_the_queries_do_not_grow(self, team: Team, size: int, django_assert_num_queries: Any) -> None:
        for _ in range(size):
            QuestionFactory(section=team.event.sections.get(key="work"), kind="single_choice", options=["a", "b"])
        client = client_of(team.organiser)
        with django_assert_num_queries(14):
            client.get(url(team.event, "preview"))

    def test_an_empty_questionnaire(self) -> None:
        assert "There is no question yet" in get(make_team(), "preview")


class TestCopy:
    """The page that takes over another questionnaire."""

    @pytest.fixture
    def empty(self, team: Team) -> Event:
        """Return the same organiser's other event."""
        event: Event = MembershipFactory(user=team.organiser, event__title_en="Next visit").event
        return event

    def test_it_is_copied_with_all_that_was_ticked(self, team: Team, empty: Event) -> None:
        data = {"source": team.event.pk, "letters": "on"}
        response = client_of(team.organiser).post(url(empty, "copy"), data)
        assert response.status_code == 302
        assert keys(empty) == keys(team.event)
        assert messages(team, response)[0].startswith("Copied: 7 questions in 2 sections")

    def test_only_events_of_ones_own_are_offered(self, team: Team, empty: Event) -> None:
        foreign = small_questionnaire()
        client = client_of(team.organiser)
        offered = client.get(url(empty, "copy")).context["form"].fields["source"].queryset
        assert list(offered) == [team.event]
        for source in (foreign, empty):
            assert client.post(url(empty, "copy"), {"source": source.pk}).status_code == 200
        assert keys(empty) == []

    def test_present_questions_go_only_when_that_was_ticked(self, team: Team, empty: Event) -> None:
        QuestionFactory(section=SectionFactory(event=empty), key="present")
        client = client_of(team.organiser)
        client.post(url(empty, "copy"), {"source": team.event.pk})
        assert keys(empty) == ["present"]
        client.post(url(empty, "copy"), {"source": team.event.pk, "replace": "on"})
        assert keys(empty) == keys(team.event)

    def test_not_once_somebody_applies(self, team: Team, empty: Event) -> None:
        Application.objects.create(event=empty, created_at="2021-11-10T12:00Z")
        client = client_of(team.organiser)
        assert "can be edited, but no longer be replaced" in client.get(url(empty, "copy")).content.decode()
        assert client.post(url(empty, "copy"), {"source": team.event.pk}).status_code == 200
        assert keys(empty) == []

    def test_what_is_not_whole_reaches_no_published_event(self, team: Team, empty: Event) -> None:
        Question.objects.filter(event=team.event, key="country").update(label_fr="")
        response = client_of(team.organiser).post(url(empty, "copy"), {"source": team.event.pk})
        assert "A text is missing: Question (French)" in response.content.decode()
        assert keys(empty) == []

    def test_nothing_to_copy_from(self, team: Team) -> None:
        assert "None of the other events that you organise" in get(team, "copy")
