"""Files on their way in and out: as a browser sends them, to who may have them."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from events.models import Event
from events.tests.admin_pages import client_of
from questionnaire.models import Application, Draft, Upload
from questionnaire.tests import files
from questionnaire.tests.factories import (
    WHILE_OPEN,
    ApplicationFactory,
    AssignmentFactory,
    QuestionFactory,
    ReviewFactory,
    small_questionnaire,
    typed,
)
from questionnaire.tests.team import Team, make_team
from questionnaire.workflow import uploads

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages and a question for a file."""
    event = small_questionnaire()
    QuestionFactory(section=event.sections.get(key="work"), key="cv", kind="file", order=9)
    return event


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Let applying be open."""
    with time_machine.travel(WHILE_OPEN, tick=False) as traveller:
        yield traveller


def page_url(event: Event, number: int = 1) -> str:
    """Return the address of a page of the questionnaire."""
    return f"/en/events/{event.slug}/questionnaire/{number}/"


def send(client: Client, event: Event, file: SimpleUploadedFile | None = None, **more: str) -> HttpResponse:
    """Fill in both pages, the second with a file."""
    client.post(page_url(event), typed())
    values = typed() | {name: [value] for name, value in more.items()}
    return client.post(page_url(event, 2), {**values, **({"cv": file} if file else {})})  # type: ignore[return-value,dict-item]


class TestOnTheWayIn:
    """Choosing, replacing, removing."""

    def test_a_page_that_asks_for_a_file_can_send_one(self, client: Client, event: Event) -> None:
        assert 'enctype="multipart/form-data"' in client.get(page_url(event, 2)).content.decode()
        assert "multipart" not in client.get(page_url(event, 1)).content.decode()

    def test_it_is_shown_on_its_page_and_on_the_check_page_and_can_be_removed(
        self, client: Client, event: Event
    ) -> None:
        assert send(client, event, files.upload("Zoé.pdf")).status_code == 302
        address = reverse("questionnaire:file", args=[Upload.objects.get().public_id])
        for page in (page_url(event, 2), reverse("questionnaire:review")):
            assert f'href="{address}"><bdi>Zoé.pdf</bdi>' in client.get(page).content.decode()
        send(client, event, **{"remove-cv": "yes"})
        assert not Upload.objects.exists()
        assert "Zoé.pdf" not in client.get(page_url(event, 2)).content.decode()

    def test_a_wrong_one_is_an_error_at_its_place(self, client: Client, event: Event) -> None:
        answer = send(client, event, files.upload("page.html", files.HTML))
        assert answer.status_code == 400
        assert "no PDF, ODT, DOCX, PNG or JPEG" in answer.content.decode()
        assert Draft.objects.get().values["country"] == ["AT"]

    def test_what_else_is_wrong_is_said_at_once_with_a_wrong_file(self, client: Client, event: Event) -> None:
        answer = send(client, event, files.upload("page.html", files.HTML), country="")
        assert answer.context["form"].errors.keys() == {"country", "cv"}
        answer = send(client, event, files.upload("page.html", files.HTML), country="", go="later")
        assert answer.context["form"].errors.keys() == {"cv"}

    def test_other_buttons_take_the_file_along(self, client: Client, event: Event) -> None:
        send(client, event, files.upload(), go="fr")
        assert Upload.objects.exists()

    def test_a_request_that_is_too_large_is_refused_before_it_is_read(
        self, client: Client, event: Event, settings: Settings
    ) -> None:
        settings.UPLOAD_REQUEST_LIMIT = 10_000
        client.post(page_url(event), typed())
        answer = client.post(page_url(event, 2), {"cv": files.upload(content=files.PDF + b" " * 10_000)})
        assert answer.status_code == 400
        assert not Upload.objects.exists()

    def test_a_required_file_is_asked_for(self, client: Client, event: Event) -> None:
        event.questions.filter(key="cv").update(required=True)
        assert "Choose a file" in send(client, event).content.decode()
        assert send(client, event, files.upload()).status_code == 302


class TestOnTheWayOut:
    """A download, and nothing that a browser would run."""

    def download(self, client: Client, upload: Upload) -> HttpResponse:
        """Ask for the file."""
        return client.get(reverse("questionnaire:file", args=[upload.public_id]))  # type: ignore[return-value]

    def test_it_is_a_download_that_no_browser_opens_as_part_of_the_site(self, client: Client, event: Event) -> None:
        send(client, event, files.upload("Zoé.pdf"))
        answer = self.download(client, Upload.objects.get())
        assert b"".join(answer.streaming_content) == files.PDF  # type: ignore[attr-defined]
        assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Zo%C3%A9.pdf"
        assert answer["Content-Type"] == "application/pdf"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in answer["Cache-Control"]

    def test_nobody_else_gets_it(self, client: Client, event: Event) -> None:
        send(client, event, files.upload())
        upload = Upload.objects.get()
        other = Client()
        send(other, event)
        assert self.download(other, upload).status_code == 404
        assert self.download(Client(), upload).status_code == 302

    def test_who_submitted_under_an_unproved_address_gets_nothing_any_more(self, client: Client, event: Event) -> None:
        send(client, event, files.upload())
        client.post(reverse("questionnaire:submit"))
        assert self.download(client, Upload.objects.get()).status_code == 404
        Application.objects.update(email_proved_at=WHILE_OPEN)
        assert self.download(client, Upload.objects.get()).status_code == 200

    def test_a_file_that_is_gone_is_not_found(self, client: Client, event: Event) -> None:
        send(client, event, files.upload())
        upload = Upload.objects.get()
        upload.file.storage.delete(upload.file.name or "")
        assert self.download(client, upload).status_code == 404

    @pytest.mark.parametrize("public_id", ["x", "9" * 40, "..%2f..%2fetc%2fpasswd", "é"])
    def test_a_bad_id_is_not_found(self, client: Client, event: Event, public_id: str) -> None:
        send(client, event)
        assert client.get(f"/en/application/files/{public_id}/").status_code == 404


class TestInTheReview:
    """For the event's team, in the admin."""

    @pytest.fixture
    def team(self, event: Event) -> Team:
        """Return the team of the event."""
        return make_team(event)

    @pytest.fixture
    def upload(self, client: Client, event: Event) -> Upload:
        """Return a file that was submitted."""
        send(client, event, files.upload())
        client.post(reverse("questionnaire:submit"))
        return Upload.objects.get()

    def address(self, upload: Upload) -> str:
        """Return where the team finds a file."""
        return reverse("admin:questionnaire_application_file", args=[upload.application_id, upload.public_id])

    def test_the_application_links_to_it(self, team: Team, upload: Upload) -> None:
        page = reverse("admin:questionnaire_application_change", args=[upload.application_id])
        assert self.address(upload) in client_of(team.organiser).get(page).content.decode()

    def test_each_role_gets_what_it_may_see(self, team: Team, upload: Upload) -> None:
        address = self.address(upload)
        statuses = {
            name: client_of(getattr(team, name)).get(address).status_code
            for name in ("organiser", "second", "operator", "reviewer", "stranger")
        }
        assert statuses == {"organiser": 200, "second": 200, "operator": 200, "reviewer": 404, "stranger": 404}
        AssignmentFactory(application=upload.application, reviewer=team.reviewer)
        assert client_of(team.reviewer).get(address).status_code == 404
        ReviewFactory(application=upload.application, reviewer=team.reviewer)
        assert client_of(team.reviewer).get(address).status_code == 200
        assert Client().get(address).status_code == 302

    def test_one_file_is_not_reached_through_another_application(
        self, team: Team, event: Event, upload: Upload
    ) -> None:
        another = ApplicationFactory(event=event)
        address = reverse("admin:questionnaire_application_file", args=[another.pk, upload.public_id])
        assert client_of(team.organiser).get(address).status_code == 404
        assert not uploads.visible_to(team.organiser, another).exists()
