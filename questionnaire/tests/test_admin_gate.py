"""A published questionnaire refuses what would break it, at the field; and an event is published only when whole."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from events.models import Event
from events.tests.admin_pages import client_of, form_of
from questionnaire.models import Draft, Question, Section
from questionnaire.tests.factories import WHILE_OPEN, ConditionFactory, QuestionFactory, small_questionnaire, typed
from questionnaire.tests.team import Team, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    """Return the team of a published event with a questionnaire."""
    return make_team(small_questionnaire())


@pytest.fixture
def client(team: Team) -> Client:
    """Return the organiser's browser."""
    return client_of(team.organiser)


def page_of(row: Question | Section | Event) -> str:
    """Return the address at which a row is edited."""
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def question(team: Team, key: str) -> Question:
    """Return a question of the event."""
    return team.event.questions.get(key=key)


def save(client: Client, row: Question | Section | Event, **changes: Any) -> Any:
    """Save a page with changes."""
    return client.post(page_of(row), {**form_of(client, page_of(row)), **changes})


def errors(response: Any) -> dict[str, list[str]]:
    """Return the errors of the page's main form by field."""
    assert response.status_code == 200
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


def test_retiring_what_another_question_waits_for(team: Team, client: Client) -> None:
    response = save(client, question(team, "earlier"), retired="on", label_en="Typed meanwhile")
    assert list(errors(response)) == ["retired"]
    assert "“What about which?”" in str(errors(response)["retired"])
    assert "Typed meanwhile" in response.content.decode()
    assert not question(team, "earlier").retired
    assert question(team, "earlier").label == "What about earlier?"


def test_moving_it_behind(team: Team, client: Client) -> None:
    assert list(errors(save(client, question(team, "earlier"), order="99"))) == ["order"]


def test_moving_the_question_that_waits_before_it(team: Team, client: Client) -> None:
    response = save(client, question(team, "which"), order="0", section=str(team.event.sections.get(key="you").pk))
    assert "This question comes later" in str(response.context["errors"])


def test_retiring_the_question_for_the_address(team: Team, client: Client) -> None:
    assert list(errors(save(client, question(team, "email"), retired="on"))) == ["retired"]
    assert "fills" in errors(save(client, question(team, "family_name"), fills=""))


def test_retiring_the_only_answer_that_a_condition_names(team: Team, client: Client) -> None:
    choice = QuestionFactory(section=team.event.sections.get(key="you"), kind="single_choice", options=["a", "b"])
    waiting = question(team, "which")
    waiting.conditions.all().delete()
    ConditionFactory(question=waiting, depends_on=choice, values="a")
    response = save(client, choice, **{"options-0-retired": "on"})
    assert "is on offer any more" in str(response.context["errors"])
    assert response.context["inline_admin_formsets"][0].formset.non_form_errors()
    assert not choice.options.get(key="a").retired
    response = save(client, choice, **{"options-0-DELETE": "on"})
    assert "has no answer with this key: a" in str(response.context["errors"])
    assert save(client, choice, **{"options-1-retired": "on"}).status_code == 302


def test_a_choice_that_is_left_without_options(team: Team, client: Client) -> None:
    response = save(client, question(team, "earlier"), kind="single_choice")
    assert "There is nothing to choose from" in str(response.context["errors"])
    assert question(team, "earlier").kind == "yes_no"


def test_a_condition_that_would_close_a_circle(team: Team, client: Client) -> None:
    third = QuestionFactory(section=team.event.sections.get(key="work"), order=99, kind="yes_no")
    ConditionFactory(question=third, depends_on=question(team, "which"), operator="answered")
    new = {"depends_on": third.pk, "operator": "answered"}
    response = save(client, question(team, "earlier"), **{f"conditions-0-{name}": value for name, value in new.items()})
    assert response.status_code == 200
    assert not question(team, "earlier").conditions.exists()


def test_deleting_what_another_question_waits_for(team: Team, client: Client) -> None:
    earlier = question(team, "earlier")
    response = client.post(f"/admin/questionnaire/question/{earlier.pk}/delete/", {"post": "yes"})
    assert "protected" in str(response.context["title"]) or response.context["protected"]
    assert question(team, "earlier") == earlier


def test_deleting_the_question_for_the_address(team: Team, client: Client) -> None:
    email = question(team, "email")
    response = client.post(f"/admin/questionnaire/question/{email.pk}/delete/", {"post": "yes"}, follow=True)
    assert response.redirect_chain == [(page_of(email), 302)]
    assert "No question asks for the e-mail address" in response.content.decode()
    assert question(team, "email") == email


def test_moving_a_section_before_what_it_depends_on(team: Team, client: Client) -> None:
    ConditionFactory(question=question(team, "country"), depends_on=question(team, "language"), values="en")
    section = team.event.sections.get(key="work")
    response = save(client, section, order="0")
    assert list(errors(response)) == ["order"]
    section.refresh_from_db()
    assert section.order == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "date", "minimum": "3"}, "minimum"),
        ({"kind": "short_text", "fills": "target_group"}, "fills"),
        ({"kind": "file", "maximum": "500"}, "maximum"),
        ({"minimum": "9", "maximum": "3"}, "__all__"),
    ],
)
def test_what_no_question_can_be_is_refused_before_publication_too(
    team: Team, client: Client, changes: dict[str, str], field: str
) -> None:
    Event.objects.update(published=False)
    added = QuestionFactory(section=team.event.sections.get(key="work"))
    assert list(errors(save(client, added, **changes))) == [field]


def test_before_publication_the_rest_can_wait(team: Team, client: Client) -> None:
    Event.objects.update(published=False)
    assert save(client, question(team, "earlier"), retired="on").status_code == 302


def test_what_was_wrong_before_stands_in_nobodys_way(team: Team, client: Client) -> None:
    Question.objects.filter(key="email").update(retired=True)
    assert save(client, question(team, "country"), label_en="Where?", label_fr="Où ?").status_code == 302


def test_after_saving_one_is_back_where_the_question_stands(team: Team, client: Client) -> None:
    country = question(team, "country")
    builder = f"/admin/questionnaire/section/event/{team.event.pk}/builder/"
    assert save(client, country).url == f"{builder}#question-{country.pk}"
    assert save(client, country.section).url == f"{builder}#section-{country.section.pk}"
    which = question(team, "which")
    deleted = client.post(f"/admin/questionnaire/question/{which.pk}/delete/", {"post": "yes"})
    assert deleted["Location"] == builder


def test_a_question_is_added_in_the_middle(team: Team, client: Client) -> None:
    section = team.event.sections.get(key="work")
    url = f"/admin/questionnaire/question/add/?section={section.pk}&order=1"
    new = {"key": "new", "kind": "yes_no", "label_en": "New?", "label_fr": "Neuf ?"}
    assert client.post(url, {**form_of(client, url), **new}).status_code == 302
    assert list(section.questions.order_by("order").values_list("key", flat=True)) == [
        "country", "new", "earlier", "which",
    ]  # fmt: skip


def test_keys_for_conditions_are_listed(team: Team, client: Client) -> None:
    shown = client.get(page_of(question(team, "which"))).content.decode()
    assert "<code>yes</code> Yes" in shown
    assert "<code>en</code> Option en" in shown
    assert "<code>en</code>" not in client.get(page_of(question(team, "first_name"))).content.decode()


class TestWhilePeopleFillIn:
    """Edits lose nothing that somebody has typed."""

    @pytest.fixture(autouse=True)
    def _open(self) -> Iterator[None]:
        """Let applying be open."""
        with time_machine.travel(WHILE_OPEN, tick=False):
            yield

    @pytest.fixture
    def address(self, team: Team) -> str:
        """Return where the questionnaire stands."""
        return f"/en/events/{team.event.slug}/questionnaire"

    @pytest.fixture
    def applicant(self, address: str) -> Client:
        """Return an applicant's browser, with a draft behind it."""
        browser = Client()
        for number in (1, 2):
            browser.post(f"{address}/{number}/", typed(earlier="yes", which="Berlin"))
        return browser

    def test_the_draft_stays_whatever_organisers_do(
        self, team: Team, client: Client, applicant: Client, address: str
    ) -> None:
        before = Draft.objects.get().values
        assert before["which"] == ["Berlin"]
        shown = applicant.get(f"{address}/2/").context["shown"]

        assert save(client, question(team, "language"), **{"options-1-retired": "on"}).status_code == 302
        section = team.event.sections.get(key="work")
        url = f"/admin/questionnaire/question/add/?section={section.pk}&order=1"
        new = {"key": "new", "kind": "yes_no", "required": "on", "label_en": "New?", "label_fr": "Neuf ?"}
        assert client.post(url, {**form_of(client, url), **new}).status_code == 302
        move = f"question-{question(team, 'email').pk}-up"
        client.post(f"/admin/questionnaire/section/event/{team.event.pk}/builder/", {"move": move})
        assert Draft.objects.get().values == before

        answers = {"shown": shown, "country": "AT", "earlier": "yes", "which": "Vienna"}
        applicant.post(f"{address}/2/", answers)  # a page that was opened before the edits
        check = applicant.get("/en/application/review/").content.decode()
        for text in ("Zoé", "Vienna", "New?", "No longer on offer: Option fr"):
            assert text in check
        assert {**Draft.objects.get().values, "new": None} == {**before, "which": ["Vienna"], "new": None}


class TestPublishing:
    """An event becomes public when it is whole."""

    @pytest.fixture
    def event(self, team: Team) -> Event:
        """Return the event, not published yet."""
        Event.objects.filter(pk=team.event.pk).update(published=False)
        return Event.objects.get(pk=team.event.pk)

    def test_a_whole_event(self, event: Event, client: Client) -> None:
        response = save(client, event, published="on")
        assert response.status_code == 302, response.context["errors"]
        event.refresh_from_db()
        assert event.published

    def test_a_questionnaire_with_gaps_says_where_they_are(self, event: Event, client: Client) -> None:
        country = event.questions.get(key="country")
        Question.objects.filter(pk=country.pk).update(label_fr="")
        Question.objects.filter(key="earlier").update(retired=True)
        response = save(client, event, published="on")
        [missing, retired] = errors(response)["published"]
        assert f'href="{page_of(country)}#id_label_fr"' in missing
        assert "What about earlier?" in retired
        assert f'href="{page_of(country)}#id_label_fr"' in response.content.decode()
        event.refresh_from_db()
        assert not event.published

    def test_labels_in_the_errors_are_inert(self, event: Event, client: Client) -> None:
        Question.objects.filter(key="country").update(label_fr="", label_en="<script>alert(1)</script>")
        assert "<script>alert" not in save(client, event, published="on").content.decode()

    def test_what_is_public_already_can_be_edited_all_the_same(self, team: Team, client: Client) -> None:
        Question.objects.filter(key="country").update(label_fr="")
        assert save(client, team.event, places="61").status_code == 302

    def test_a_new_event_is_saved_first(self, event: Event, client: Client) -> None:
        data = {**form_of(client, page_of(event)), "slug": "new-event", "published": "on"}
        new = {name: value for name, value in data.items() if not name.endswith("-id")}
        new |= {name: "0" for name in data if name.endswith("-INITIAL_FORMS")}
        response = client.post("/admin/events/event/add/", new)
        assert "Save the event first" in str(errors(response)["published"])
