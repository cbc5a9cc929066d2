"""What a page saves by itself, and what it asks: autosave, two devices, warnings. As a browser does it."""

import json
from collections.abc import Iterator

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from events.models import Event
from questionnaire.models import Application, Draft, Letter
from questionnaire.tests.factories import AFTER_CLOSE, WHILE_OPEN, QuestionFactory, small_questionnaire, typed
from questionnaire.tests.reading import Inputs, inputs_of
from questionnaire.views import throttle

pytestmark = pytest.mark.django_db

NAMES_SOMEBODY = "We follow inmate Karim Benali."


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages and a question for a long text."""
    event = small_questionnaire()
    QuestionFactory(section=event.sections.get(key="work"), key="why", kind="long_text", order=9)
    return event


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Let applying be open."""
    with time_machine.travel(WHILE_OPEN, tick=False) as traveller:
        yield traveller


def page_url(event: Event, number: int = 1, language: str = "en") -> str:
    """Return the address of a page of the questionnaire."""
    return f"/{language}/events/{event.slug}/questionnaire/{number}/"


def autosave(client: Client, event: Event, number: int = 1, **values: str) -> HttpResponse:
    """Send what was typed as the script does: with what the page had been shown, which is nothing here."""
    posted = {"shown": "{}", **values}
    return client.post(f"{page_url(event, number)}autosave/", posted)  # type: ignore[return-value]


def shown_by(client: Client, event: Event, number: int = 1) -> str:
    """Open a page, and return what it says that it shows."""
    return inputs_of(client, page_url(event, number)).values["shown"]


class TestAutosave:
    """Small requests while somebody types."""

    def test_the_first_word_begins_a_draft_and_the_page_learns_its_name(self, client: Client, event: Event) -> None:
        answer = autosave(client, event, first_name="Zoé")
        assert answer.status_code == 200
        said = json.loads(answer.content)
        draft = Draft.objects.get()
        assert draft.values == {"first_name": ["Zoé"]}
        assert said["revision"] == draft.revision == 1
        page = inputs_of(client, page_url(event))
        assert said["shown"].items() <= json.loads(page.values["shown"]).items()
        assert said["key"] == page.form["data-draft"]
        assert not Letter.objects.exists()

    @pytest.mark.parametrize("values", [{}, {"first_name": ""}, {"country": "FR"}, {"unknown": "x"}])
    def test_where_nothing_was_typed_nothing_begins(self, client: Client, event: Event, values: dict[str, str]) -> None:
        assert autosave(client, event, **values).status_code == 204
        assert not Application.objects.exists()
        assert "sessionid" not in client.cookies

    def test_it_goes_on_with_the_same_draft(self, client: Client, event: Event) -> None:
        autosave(client, event, first_name="Zoé")
        autosave(client, event, family_name="Müller")
        assert Draft.objects.get().values == {"first_name": ["Zoé"], "family_name": ["Müller"]}

    def test_a_page_whose_session_is_gone_finds_its_draft_again(self, client: Client, event: Event) -> None:
        reference = json.loads(autosave(client, event, first_name="Zoé").content)["draft"]
        autosave(Client(), event, family_name="Müller", draft=reference)
        assert Draft.objects.get().values == {"first_name": ["Zoé"], "family_name": ["Müller"]}

    def test_what_was_changed_elsewhere_is_not_overwritten(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        answer = autosave(client, event, first_name="Bea", family_name="Müller")
        assert answer.status_code == 409
        assert json.loads(answer.content)["conflicts"] == ["first_name"]
        assert Draft.objects.get().values["first_name"] == ["Zoé"]

    def test_outside_of_the_window_nothing_begins(
        self, client: Client, event: Event, clock: time_machine.Traveller
    ) -> None:
        clock.move_to(AFTER_CLOSE)
        answer = autosave(client, event, first_name="Zoé")
        assert (answer.status_code, json.loads(answer.content)) == (409, {"closed": True})

    def test_beginning_many_drafts_is_held_back_and_going_on_is_not(self, client: Client, event: Event) -> None:
        statuses = [autosave(Client(), event, first_name="Zoé").status_code for _time in range(21)]
        assert statuses == [200] * throttle.REQUESTS_PER_MINUTE + [429]
        client.post(page_url(event), typed(), REMOTE_ADDR="192.0.2.7")
        assert [autosave(client, event, first_name="Zoé").status_code for _time in range(30)] == [200] * 30

    def test_looking_is_no_way_to_save(self, client: Client, event: Event) -> None:
        assert client.get(f"{page_url(event)}autosave/", {"first_name": "Zoé"}).status_code == 405

    def test_another_site_cannot_save(self, event: Event) -> None:
        assert autosave(Client(enforce_csrf_checks=True), event, first_name="Zoé").status_code == 403

    def test_one_field_costs_at_most_six_queries_once_the_questionnaire_is_known(
        self, client: Client, event: Event, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client.post(page_url(event), typed())
        mark = json.loads(shown_by(client, event))["first_name"]
        # session, application with event and draft; savepoint, draft read and written, release; questionnaire (5)
        with django_assert_num_queries(6 + 5):
            autosave(client, event, first_name="Ann", shown=json.dumps({"first_name": mark}))


class TestTwoDevices:
    """The same page open twice, without scripts."""

    def test_both_answers_are_shown_and_the_choice_counts(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        shown = shown_by(client, event)
        client.post(page_url(event), {**typed(first_name="Ann"), "shown": shown})
        answer = client.post(page_url(event), {**typed(first_name="Bea", family_name="Bell"), "shown": shown})
        assert answer.status_code == 409
        page = answer.content.decode()
        assert 'value="Bea"' in page
        assert "<bdi>Ann</bdi>" in page
        assert "Saved elsewhere, 10 November 2021" in page
        assert Draft.objects.get().values["family_name"] == ["Bell"]
        assert Draft.objects.get().values["first_name"] == ["Ann"]
        seen = Inputs(page).values["shown"]
        for keep, stays in (("", "Ann"), ("saved", "Ann"), ("here", "Bea")):
            [choice] = [line for line in page.split('"') if line.startswith(f"{keep}-") and keep] or [""]
            again = {**typed(first_name="Bea", family_name="Bell"), "shown": seen, "keep-first_name": choice}
            answer = client.post(page_url(event), again)
            assert answer.status_code == (302 if keep else 409)
            assert Draft.objects.get().values["first_name"] == [stays]

    def test_a_button_that_leads_elsewhere_asks_first_too(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        shown = shown_by(client, event)
        client.post(page_url(event), {**typed(first_name="Ann"), "shown": shown})
        for go in ("fr", "page-2", "later"):
            answer = client.post(page_url(event), {**typed(first_name="Bea"), "shown": shown, "go": go})
            assert answer.status_code == 409

    def test_what_stands_elsewhere_alone_is_taken_over_without_asking(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        shown = shown_by(client, event)
        client.post(page_url(event), {**typed(first_name="Ann"), "shown": shown})
        answer = client.post(page_url(event), {**typed(family_name="Bell"), "shown": shown})
        assert answer.status_code == 302
        assert Draft.objects.get().values["first_name"] == ["Ann"]
        assert Draft.objects.get().values["family_name"] == ["Bell"]

    @pytest.mark.parametrize("shown", ["", "[", "[]", '{"first_name": 5}', '{"first_name": null}', "\0"])
    def test_a_page_that_says_nonsense_does_no_harm(self, client: Client, event: Event, shown: str) -> None:
        client.post(page_url(event), typed())
        assert client.post(page_url(event), {**typed(), "shown": shown}).status_code == 302


class TestWarnings:
    """An answer that seems to name an offender or a case."""

    def test_the_page_warns_once_and_then_lets_go_on(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        first = client.post(page_url(event, 2), typed(why=NAMES_SOMEBODY))
        assert first.status_code == 200
        assert "inmate Karim Benali" in first.content.decode()
        assert Draft.objects.get().values["why"] == [NAMES_SOMEBODY]
        warned = first.content.decode().partition('name="warned" value="')[2].partition('"')[0]
        assert client.post(page_url(event, 2), {**typed(why=NAMES_SOMEBODY), "warned": warned}).status_code == 302
        changed = {**typed(why=f"{NAMES_SOMEBODY} And prisoner Luc B."), "warned": warned}
        assert client.post(page_url(event, 2), changed).status_code == 200

    def test_the_check_page_warns_too_and_nothing_is_blocked(self, client: Client, event: Event) -> None:
        for number in (1, 2):
            client.post(page_url(event, number), typed(why=NAMES_SOMEBODY))
        review = client.get("/fr/application/review/")
        assert "inmate Karim Benali" in review.content.decode()
        assert review.context["can_submit"]

    def test_a_text_that_names_nobody_goes_on_at_once(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        assert client.post(page_url(event, 2), typed(why="I want to learn.")).status_code == 302


class TestQuestionsThatAppear:
    """With the script they were seen already, without it they come first."""

    @pytest.mark.parametrize(("seen", "status"), [("", 200), ("which", 302), ("other", 200)])
    def test_a_question_that_the_page_had_shown_is_not_announced(
        self, client: Client, event: Event, seen: str, status: int
    ) -> None:
        client.post(page_url(event), typed())
        posted = {**typed(earlier="yes", which="Vienna"), "seen": seen}
        assert client.post(page_url(event, 2), posted).status_code == status

    def test_what_was_typed_into_a_hidden_question_is_kept_and_not_submitted(
        self, client: Client, event: Event
    ) -> None:
        client.post(page_url(event), typed())
        client.post(page_url(event, 2), typed(earlier="no", which="Vienna"))
        assert Draft.objects.get().values["which"] == ["Vienna"]
        client.post("/en/application/submit/")
        assert not Application.objects.get().answers.filter(question__key="which").exists()
        assert "Vienna" not in client.get("/en/application/review/").content.decode()

    def test_a_page_knows_the_answers_on_other_pages_that_it_depends_on(self, client: Client, event: Event) -> None:
        section = event.sections.get(key="you")
        asked = QuestionFactory(section=event.sections.get(key="work"), key="far", order=10)
        asked.conditions.create(depends_on=section.questions.get(key="language"), values="fr")
        client.post(page_url(event), typed())
        assert inputs_of(client, page_url(event, 2)).form["data-answers"] == '{"language": ["fr"]}'
