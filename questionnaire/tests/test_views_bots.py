"""Programs that fill in forms get no letter sent; people who are taken for one lose nothing and get through."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from events import publishing
from events.models import Event
from questionnaire.models import Application, Draft, Letter
from questionnaire.tests.factories import WHILE_OPEN, QuestionFactory, small_questionnaire, typed
from questionnaire.tests.reading import Inputs, inputs_of
from questionnaire.views.bots import OPENED, TRAP

pytestmark = pytest.mark.django_db

SECONDS = 2


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages."""
    return small_questionnaire()


@pytest.fixture(autouse=True)
def clock(settings: Settings) -> Iterator[time_machine.Traveller]:
    """Let applying be open, and forms take their time."""
    settings.MINIMUM_FILL_SECONDS = SECONDS
    with time_machine.travel(WHILE_OPEN, tick=False) as traveller:
        yield traveller


def page_url(event: Event, language: str = "en") -> str:
    """Return the address of the first page."""
    return f"/{language}/events/{event.slug}/questionnaire/1/"


class TestTheFirstPage:
    """Where whoever begins gives an address, to which a letter goes."""

    def test_a_form_sent_within_no_time_comes_back_as_typed_and_passes_once_the_time_is_over(
        self, client: Client, event: Event, clock: time_machine.Traveller
    ) -> None:
        opened = inputs_of(client, page_url(event)).values
        clock.shift(SECONDS - 0.1)
        hurried = client.post(page_url(event), {**opened, **typed()})
        assert hurried.status_code == 400
        page = hurried.content.decode()
        assert "Please send this once more" in page
        assert not Application.objects.exists()
        again = Inputs(page).values
        assert (again["first_name"], again["email"]) == ("Zoé", "zoe@example.org")
        clock.shift(0.1)  # counted from when the page was opened first
        assert client.post(page_url(event), {**again, **typed()}).status_code == 302
        assert Letter.objects.get().recipient == "zoe@example.org"

    def test_the_field_that_nobody_sees_is_shown_once_something_has_filled_it_in(
        self, client: Client, event: Event, clock: time_machine.Traveller
    ) -> None:
        opened = inputs_of(client, page_url(event)).values
        clock.shift(SECONDS)
        trapped = client.post(page_url(event, "fr"), {**opened, **typed(), TRAP: "Buy now"})
        assert trapped.status_code == 400
        page = trapped.content.decode()
        assert "Laissez ce champ vide" in page
        assert not Application.objects.exists()
        field = Inputs(page).ids[TRAP]
        assert field["value"] == "Buy now"
        assert "tabindex" not in field
        assert client.post(page_url(event), {**Inputs(page).values, **typed(), TRAP: ""}).status_code == 302

    def test_a_person_cannot_come_upon_the_field(self, client: Client, event: Event) -> None:
        page = client.get(page_url(event)).content.decode()
        field = Inputs(page).ids[TRAP]
        assert (field["tabindex"], field["autocomplete"], field["value"]) == ("-1", "off", "")
        assert '<div class="ecl-u-sr-only" aria-hidden="true">' in page[: page.index(f'id="{TRAP}"')][-300:]

    @pytest.mark.parametrize("stamp", ["", "0", "0:x", "nan", signing.Signer(salt="other").sign("0"), "é", "9" * 5000])
    def test_a_page_that_does_not_truly_say_when_it_was_opened_counts_as_just_opened(
        self, client: Client, event: Event, clock: time_machine.Traveller, stamp: str
    ) -> None:
        answer = client.post(page_url(event), {**typed(), OPENED: stamp})
        assert answer.status_code == 400
        clock.shift(SECONDS)
        again = Inputs(answer.content.decode()).values
        assert client.post(page_url(event), {**again, **typed()}).status_code == 302

    def test_with_a_draft_all_is_kept_and_nobody_is_written_to(
        self, client: Client, event: Event, clock: time_machine.Traveller
    ) -> None:
        client.post(f"{page_url(event)}autosave/", {"first_name": "Zoé"})
        opened = inputs_of(client, page_url(event)).values
        answer = client.post(page_url(event), {**opened, **typed(family_name="Bell")})
        assert answer.status_code == 400
        assert Draft.objects.get().values["family_name"] == ["Bell"]
        assert (Application.objects.get().email, Letter.objects.count()) == ("", 0)
        clock.shift(SECONDS)
        again = Inputs(answer.content.decode()).values
        assert client.post(page_url(event), {**again, **typed(family_name="Bell")}).status_code == 302
        assert Letter.objects.count() == 1

    def test_files_are_said_to_be_needed_again_where_there_are_any(self, client: Client, event: Event) -> None:
        asked = "Files have to be chosen again"
        assert asked not in client.post(page_url(event), typed()).content.decode()
        QuestionFactory(section=event.sections.get(key="you"), key="cv", kind="file", order=9)
        publishing.touch(event)
        assert asked in client.post(page_url(event), typed()).content.decode()

    def test_what_changed_elsewhere_meanwhile_is_still_asked_about(self, client: Client, event: Event) -> None:
        client.post(f"{page_url(event)}autosave/", {"first_name": "Zoé"})
        opened = inputs_of(client, page_url(event)).values
        shown = {"shown": opened["shown"]}
        client.post(f"{page_url(event)}autosave/", {"first_name": "Ann", **shown})
        answer = client.post(page_url(event), {**opened, **typed(first_name="Bea")})
        page = answer.content.decode()
        assert answer.status_code == 400
        assert 'id="conflict-first_name"' in page
        assert Draft.objects.get().values["first_name"] == ["Ann"]

    def test_who_gives_no_new_address_is_never_held_up(
        self, client: Client, event: Event, clock: time_machine.Traveller
    ) -> None:
        opened = inputs_of(client, page_url(event)).values
        assert client.post(page_url(event), {**opened, "go": "fr"}).status_code == 302
        opened = inputs_of(client, page_url(event)).values
        clock.shift(SECONDS)
        assert client.post(page_url(event), {**opened, **typed()}).status_code == 302
        opened = inputs_of(client, page_url(event)).values
        assert client.post(page_url(event), {**opened, **typed(first_name="Ann")}).status_code == 302
        assert client.post(page_url(event), {**opened, **typed(email="a@example.org")}).status_code == 400


class TestANewLink:
    """Where anybody can have a letter sent to an address."""

    @pytest.mark.parametrize(("seconds", "trap"), [(SECONDS - 0.1, ""), (SECONDS, "x")], ids=["hurried", "trapped"])
    def test_a_program_gets_the_form_back_and_a_person_passes(
        self, client: Client, event: Event, clock: time_machine.Traveller, seconds: float, trap: str
    ) -> None:
        address = reverse("questionnaire:request-link")
        posted = {"event": event.slug, "email": "zoe@example.org"}
        opened = inputs_of(client, address).values
        clock.shift(seconds)
        answer = client.post(f"/fr{address[3:]}", {**opened, **posted, TRAP: trap})
        assert answer.status_code == 400
        assert "Veuillez renvoyer ce formulaire" in answer.content.decode()
        again = Inputs(answer.content.decode()).values
        assert again["email"] == "zoe@example.org"
        assert not Letter.objects.exists()
        clock.shift(0.1)
        assert client.post(address, {**again, **posted, TRAP: ""}).status_code == 200
        assert Letter.objects.get().recipient == "zoe@example.org"
