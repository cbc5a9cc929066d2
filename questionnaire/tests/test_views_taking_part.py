"""What participants have beside their page: for them alone, at its time, and never as a part of the site."""

import datetime as dt
from collections.abc import Iterator

import icalendar
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from events.models import Event, Material
from events.tests.factories import SessionFactory
from questionnaire.models import Application, Feedback
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE, ApplicationFactory, small_questionnaire
from questionnaire.tests.team import PAYLOAD
from questionnaire.tests.test_views_own import visitor
from questionnaire.workflow import attendance, feed

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)
LINK = "https://meet.example.org/secret-room"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Start at noon of the promised day."""
    with time_machine.travel(AFTER_RELEASE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def event() -> Event:
    """Return an event with a session and a meeting."""
    event = small_questionnaire()
    Event.objects.filter(pk=event.pk).update(joining_link=LINK, joining_opens_at=AFTER_RELEASE)
    SessionFactory(event=event)
    event.refresh_from_db()
    return event


@pytest.fixture
def confirmed(event: Event) -> Application:
    """Return somebody who takes part."""
    return ApplicationFactory(event=event, state=State.CONFIRMED, first_name="Zoé", family_name="Müller")


def page(client: Client, name: str = "participation", language: str = "en") -> str:
    """Return a page as it is read."""
    address = reverse(f"questionnaire:{name}").replace("/en/", f"/{language}/")
    return client.get(address).content.decode()


class TestMaterials:
    """Files and addresses for those who take part."""

    @pytest.fixture
    def handout(self, event: Event) -> Material:
        """Return a file that is visible from tomorrow on."""
        return Material.objects.create(
            event=event,
            title_en="Handout",
            title_fr="Document",
            file=ContentFile(b"<script>alert(1)</script>", "x"),
            name="handout.pdf",
            visible_from=AFTER_RELEASE + SECOND,
        )

    def get(self, client: Client, material: Material) -> object:
        """Ask for the file."""
        return client.get(reverse("questionnaire:material", args=[material.pk]))

    def test_a_file_is_a_download_from_its_moment_on(
        self, confirmed: Application, handout: Material, clock: time_machine.Traveller
    ) -> None:
        client = visitor(confirmed)
        assert self.get(client, handout).status_code == 404
        assert "Handout" not in page(client)
        clock.shift(SECOND)
        assert "Handout" in page(client)
        assert "Document" in page(client, language="fr")
        response = self.get(client, handout)
        assert b"".join(response) == b"<script>alert(1)</script>"
        assert response["Content-Disposition"] == 'attachment; filename="handout.pdf"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]

    @pytest.mark.parametrize("state", [State.ACCEPTED, State.WITHDRAWN, State.DECLINED])
    def test_nobody_else_gets_it(
        self, event: Event, handout: Material, clock: time_machine.Traveller, state: State
    ) -> None:
        clock.shift(SECOND)
        assert self.get(visitor(ApplicationFactory(event=event, state=state)), handout).status_code == 404
        elsewhere = ApplicationFactory(event=small_questionnaire(), state=State.CONFIRMED)
        assert self.get(visitor(elsewhere), handout).status_code == 404
        assert self.get(Client(), handout)["Location"] == reverse("questionnaire:request-link")

    def test_a_file_that_is_gone_is_not_found(
        self, confirmed: Application, handout: Material, clock: time_machine.Traveller
    ) -> None:
        clock.shift(SECOND)
        handout.file.storage.delete(handout.file.name)
        assert self.get(visitor(confirmed), handout).status_code == 404


class TestFeed:
    """A secret address for calendar programs."""

    def address(self, application: Application) -> str:
        """Return the address as it stands now."""
        return feed.address(Application.objects.get(pk=application.pk))

    def change(self, client: Client, do: str) -> None:
        """Press a button."""
        assert client.post(reverse("questionnaire:change-feed"), {"do": do}).status_code == 302

    def test_it_gives_the_programme_without_a_session_and_never_the_way_in(self, confirmed: Application) -> None:
        self.change(visitor(confirmed), "make")
        response = Client().get(self.address(confirmed))
        entries = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
        assert [str(entry["SUMMARY"]) for entry in entries] == ["Preparing a release"]
        assert b"meet.example.org" not in response.content

    def test_an_address_works_until_it_is_revoked_or_replaced(self, confirmed: Application) -> None:
        client = visitor(confirmed)
        self.change(client, "make")
        first = self.address(confirmed)
        assert first in page(client)
        self.change(client, "make")
        second = self.address(confirmed)
        assert Client().get(first).status_code == 404
        assert Client().get(second).status_code == 200
        self.change(client, "revoke")
        assert Client().get(second).status_code == 404

    def test_it_ends_with_the_place(self, confirmed: Application) -> None:
        feed.make(confirmed)
        Application.objects.update(state=State.WITHDRAWN)
        assert Client().get(self.address(confirmed)).status_code == 404

    @pytest.mark.parametrize("signed", ["x", "a:b:c", "é"])
    def test_a_made_up_address_is_not_found(self, signed: str) -> None:
        assert Client().get(reverse("questionnaire:feed", args=[signed])).status_code == 404


class TestFeedback:
    """The form afterwards."""

    ADDRESS = "/en/application/participation/feedback/"

    def test_it_is_offered_once_the_event_is_over_and_taken_once(
        self, event: Event, confirmed: Application, clock: time_machine.Traveller
    ) -> None:
        client = visitor(confirmed)
        assert client.get(self.ADDRESS).status_code == 302
        clock.move_to(event.ends_at)
        assert self.ADDRESS in page(client)
        for _twice in range(2):
            assert client.post(self.ADDRESS, {"programme": "4", "liked": "PAIRS"}).status_code == 302
        said = Feedback.objects.get()
        assert (said.programme, said.speakers, said.liked, said.missed) == (4, None, "PAIRS", "")
        assert "Thank you for your feedback" in page(client)

    @pytest.mark.parametrize("posted", [{}, {"programme": "9"}, {"liked": "x" * 2001}, {"liked": "\0"}])
    def test_what_cannot_be_taken_comes_back_with_an_error(
        self, event: Event, confirmed: Application, clock: time_machine.Traveller, posted: dict[str, str]
    ) -> None:
        clock.move_to(event.ends_at)
        assert visitor(confirmed).post(self.ADDRESS, {"missed": "", **posted}).status_code == 400
        assert not Feedback.objects.exists()


class TestCertificate:
    """Ready to be printed, and to be verified by anybody who has it."""

    @pytest.fixture
    def certified(self, event: Event, confirmed: Application, clock: time_machine.Traveller) -> Application:
        """Return somebody who was present at an event that is over."""
        clock.move_to(event.ends_at)
        attendance.mark(event, [confirmed.public_id], now=event.ends_at)
        confirmed.refresh_from_db()
        return confirmed

    @pytest.mark.parametrize(("language", "title"), [("en", "Certificate of attendance"), ("fr", "Attestation")])
    def test_it_names_the_person_the_event_and_the_code(
        self, certified: Application, language: str, title: str
    ) -> None:
        shown = page(visitor(certified), "certificate", language)
        for part in (title, "Zoé Müller", certified.certificate_code):
            assert part in shown

    def test_there_is_none_for_who_was_absent(self, event: Event, certified: Application) -> None:
        absent = ApplicationFactory(event=event, state=State.CONFIRMED)
        assert visitor(absent).get(reverse("questionnaire:certificate")).status_code == 302

    def test_its_code_verifies_it_to_anybody(self, certified: Application) -> None:
        address = reverse("questionnaire:verify-certificate", args=[certified.certificate_code])
        assert "Zoé Müller" in Client().get(address).content.decode()

    def test_nobody_is_thanked_for_having_been_there_before_it_is_known(
        self, event: Event, certified: Application
    ) -> None:
        unknown = ApplicationFactory(event=event, state=State.CONFIRMED)
        assert "You took part" in page(visitor(certified))
        assert "You took part" not in page(visitor(unknown))
        assert "The event is over" in page(visitor(unknown))

    @pytest.mark.parametrize("code", ["unknown", PAYLOAD.replace("/", "")])
    def test_any_other_code_is_none(self, certified: Application, code: str) -> None:
        response = Client().get(reverse("questionnaire:verify-certificate", args=[code]))
        assert response.status_code == 404
        assert "Zoé" not in response.content.decode()
