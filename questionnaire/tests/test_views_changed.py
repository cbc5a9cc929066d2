"""The questionnaire changes while somebody has a page of it open: nothing that they type there is lost."""

import json
from collections.abc import Iterator

import pytest
import time_machine
from django.db.models import F
from django.test import Client

from events import publishing
from events.models import Event
from questionnaire.models import Answer, Application, Draft, Option, Upload
from questionnaire.tests import files
from questionnaire.tests.factories import WHILE_OPEN, QuestionFactory, SectionFactory, small_questionnaire, typed
from questionnaire.tests.reading import Inputs, inputs_of
from questionnaire.views import throttle

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages, the second with a long text and a file."""
    event = small_questionnaire()
    work = event.sections.get(key="work")
    QuestionFactory(section=work, key="why", kind="long_text", order=7)
    QuestionFactory(section=work, key="cv", kind="file", order=8)
    publishing.touch(event)
    return event


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(WHILE_OPEN, tick=False):
        yield


def page_url(event: Event, number: int = 1) -> str:
    """Return the address of a page of the questionnaire."""
    return f"/en/events/{event.slug}/questionnaire/{number}/"


def open_second_page(client: Client, event: Event) -> dict[str, str]:
    """Answer the first page; return what the second then posts of its own."""
    client.post(page_url(event), typed())
    values = inputs_of(client, page_url(event, 2)).values
    return {name: values[name] for name in ("draft", "shown", "page")}


def work_page(own: dict[str, str], **changes: str) -> dict[str, str]:
    """Return what the second page posts, as it was opened."""
    return {**own, "country": "AT", "earlier": "no", "which": "", "why": "To learn", **changes}


def draft() -> dict[str, list[str]]:
    """Return what the only draft holds."""
    values: dict[str, list[str]] = Draft.objects.get().values
    return values


def move_to(event: Event, key: str, section_key: str) -> None:
    """Move a question to another section, as organisers do."""
    section = event.sections.get(key=section_key)
    event.questions.filter(key=key).update(section=section, order=99)
    publishing.touch(event)


class TestAQuestionThatMoved:
    """To another section, while the page on which it stood is open."""

    def test_its_answer_is_kept_and_the_page_says_where_it_stands_now(self, client: Client, event: Event) -> None:
        own = open_second_page(client, event)
        move_to(event, "why", "you")
        response = client.post(page_url(event, 2), work_page(own))
        assert draft()["why"] == ["To learn"]
        assert draft()["country"] == ["AT"]
        page = response.content.decode()
        assert response.status_code == 200
        assert "The questionnaire has changed" in page
        assert f'href="{page_url(event, 1)}#question-why"' in page
        assert "To learn" in client.get(page_url(event, 1)).content.decode()
        again = work_page({**own, "shown": Inputs(page).values["shown"], "page": Inputs(page).values["page"]})
        assert client.post(page_url(event, 2), again).status_code == 302

    def test_saving_by_itself_keeps_it_and_tells_the_page(self, client: Client, event: Event) -> None:
        own = open_second_page(client, event)
        move_to(event, "why", "you")
        answer = client.post(f"{page_url(event, 2)}autosave/", {**own, "shown": '{"why": ""}', "why": "To learn"})
        said = json.loads(answer.content)
        assert draft()["why"] == ["To learn"]
        assert said["shown"].keys() == {"why"}
        assert (said["changed"], said["gone"], said["conflicts"]) == (True, [], [])

    def test_a_box_unticked_on_the_old_page_is_unticked(self, client: Client, event: Event) -> None:
        work = event.sections.get(key="work")
        QuestionFactory(section=work, key="several", kind="multiple_choice", order=9, options=["a", "b"])
        publishing.touch(event)
        client.post(page_url(event), typed())
        client.post(page_url(event, 2), {**typed(), "several": ["a"]})
        own = open_second_page(client, event)
        move_to(event, "several", "you")
        client.post(page_url(event, 2), work_page(own))
        assert draft()["several"] == []

    def test_a_file_given_on_the_old_page_is_kept_and_so_is_a_removal(self, client: Client, event: Event) -> None:
        own = open_second_page(client, event)
        move_to(event, "cv", "you")
        client.post(page_url(event, 2), {**work_page(own), "cv": files.upload()})
        assert draft()["cv"][1] == "cv.pdf"
        client.post(page_url(event, 1), {**typed(), "remove-cv": "yes", "page": own["page"].replace("work", "you")})
        assert not Upload.objects.exists()

    def test_two_devices_still_get_the_choice_and_it_counts(self, client: Client, event: Event) -> None:
        own = open_second_page(client, event)
        move_to(event, "why", "you")
        client.post(page_url(event, 1), typed(why="Elsewhere"))
        asked = client.post(page_url(event, 2), work_page(own, why="Here"))
        assert asked.status_code == 409
        page = Inputs(asked.content.decode())
        choice = page.ids["id_keep-why_here"]["value"]
        own = {name: page.values[name] for name in ("draft", "shown", "page")}
        chosen = client.post(page_url(event, 2), {**work_page(own, why="Here"), "keep-why": choice})
        assert chosen.status_code == 200
        assert draft()["why"] == ["Here"]

    def test_a_question_that_came_onto_the_page_meanwhile_keeps_its_answer(self, client: Client, event: Event) -> None:
        client.post(page_url(event, 1), typed())
        own = open_second_page(client, event)
        move_to(event, "first_name", "work")
        client.post(page_url(event, 2), work_page(own))
        assert draft()["first_name"] == ["Zoé"]

    def test_a_page_that_is_up_to_date_takes_nothing_for_another(self, client: Client, event: Event) -> None:
        own = open_second_page(client, event)
        client.post(page_url(event, 2), work_page(own, first_name="Mallory"))
        assert draft()["first_name"] == ["Zoé"]


class TestASectionThatMoved:
    """The number in the address no longer leads to what the page shows."""

    def test_what_was_typed_finds_its_section_when_another_was_put_before(self, client: Client, event: Event) -> None:
        own = open_second_page(client, event)
        QuestionFactory(section=SectionFactory(event=event, key="new", order=0), key="first")
        event.sections.exclude(key="new").update(order=F("order") + 1)
        publishing.touch(event)
        response = client.post(page_url(event, 2), work_page(own))
        assert response["Location"] == "/en/application/review/"
        assert draft()["why"] == ["To learn"]

    def test_what_was_typed_in_a_section_that_is_gone_is_kept(self, client: Client, event: Event) -> None:
        own = open_second_page(client, event)
        for key in ("country", "earlier", "which", "why", "cv"):
            move_to(event, key, "you")
        event.sections.get(key="work").delete()
        client.post(f"{page_url(event, 2)}autosave/", {**own, "country": "FR"})
        assert draft()["country"] == ["FR"]
        client.post(page_url(event, 2), work_page(own, country="FR"))
        assert (draft()["country"], draft()["why"]) == (["FR"], ["To learn"])
        assert draft()["first_name"] == ["Zoé"]

    def test_a_page_that_never_was_is_not_found(self, client: Client, event: Event) -> None:
        open_second_page(client, event)
        assert client.post(page_url(event, 3), typed()).status_code == 404
        assert client.get(page_url(event, 3)).status_code == 404


class TestWhatIsNoLongerAsked:
    """Questions and options that were retired or deleted."""

    def test_what_was_typed_into_a_retired_question_is_kept_and_shown(self, client: Client, event: Event) -> None:
        own = open_second_page(client, event)
        event.questions.filter(key="why").update(retired=True)
        publishing.touch(event)
        response = client.post(page_url(event, 2), work_page(own))
        assert draft()["why"] == ["To learn"]
        assert "<bdi>To learn</bdi>" in response.content.decode()
        assert "To learn" in client.get("/en/application/data/").content.decode()
        event.questions.filter(key="why").update(retired=False)
        publishing.touch(event)
        assert "To learn" in client.get(page_url(event, 2)).content.decode()

    @pytest.mark.parametrize("go", ["", "fr", "later", "page-1"])
    def test_what_was_typed_into_a_deleted_question_is_handed_back(self, client: Client, event: Event, go: str) -> None:
        own = open_second_page(client, event)
        event.questions.filter(key="why").delete()
        publishing.touch(event)
        response = client.post(page_url(event, 2), {**work_page(own), "go": go})
        assert response.status_code == 200
        assert "<bdi>To learn</bdi>" in response.content.decode()
        answer = client.post(f"{page_url(event, 2)}autosave/", {**own, "shown": "{}", "why": "To learn"})
        assert json.loads(answer.content)["gone"] == ["why"]

    def test_a_retired_option_is_named_and_the_text_beside_it_stays(self, client: Client, event: Event) -> None:
        work = event.sections.get(key="work")
        QuestionFactory(section=work, key="group", kind="single_choice", order=9, options=["a", "other+"])
        own = open_second_page(client, event)
        Option.objects.filter(question__key="group", key="other").update(retired=True, label_en="Another one")
        publishing.touch(event)
        posted = {"group": "other", "group-text": "Chaplain"}
        response = client.post(page_url(event, 2), work_page(own, **posted))
        assert response.status_code == 400
        assert "No longer on offer: Another one." in response.content.decode()
        own = {name: Inputs(response.content.decode()).values[name] for name in own}
        client.post(page_url(event, 2), work_page(own, group="a"))
        assert (draft()["group"], draft()["group-text"]) == (["a"], ["Chaplain"])

    def test_the_answer_to_a_retired_question_stays_when_the_others_are_submitted_anew(
        self, client: Client, event: Event
    ) -> None:
        own = open_second_page(client, event)
        client.post(page_url(event, 2), work_page(own))
        client.post("/en/application/submit/")
        event.questions.filter(key="why").update(retired=True)
        publishing.touch(event)
        own = open_second_page(client, event)
        client.post(page_url(event, 2), {**work_page(own, country="FR"), "shown": own["shown"]})
        client.post("/en/application/submit/")
        kept = dict(Answer.objects.values_list("question__key", "value"))
        assert (kept["country"], kept["why"]) == ("FR", "To learn")


class TestAnEventThatIsNotPublishedForAWhile:
    """Organisers take it back to rework it."""

    def test_what_was_being_typed_is_kept_and_the_own_page_says_so(self, client: Client, event: Event) -> None:
        own = open_second_page(client, event)
        Event.objects.update(published=False)
        response = client.post(page_url(event, 2), work_page(own), follow=True)
        assert draft()["why"] == ["To learn"]
        assert "The organisers are working on the questionnaire" in response.content.decode()
        assert f"/events/{event.slug}/questionnaire/" not in response.content.decode()
        autosaved = client.post(f"{page_url(event, 2)}autosave/", {**own, "shown": "{}", "which": "Vienna"})
        assert autosaved.status_code == 200

    def test_for_everybody_else_there_is_nothing(self, client: Client, event: Event) -> None:
        Event.objects.update(published=False)
        assert client.post(page_url(event), typed()).status_code == 404
        assert not Application.objects.exists()


def test_whoever_is_asked_to_wait_gets_back_what_they_typed(
    client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "REQUESTS_PER_MINUTE", 0)
    response = client.post(page_url(event), typed(first_name='Zoé "Z"'))
    assert response.status_code == 429
    assert Inputs(response.content.decode()).values["first_name"] == 'Zoé "Z"'
