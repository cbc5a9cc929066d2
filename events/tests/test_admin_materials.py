"""The screen of the materials: a file or an address, named in both languages, and no file left behind."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoCaptureOnCommitCallbacks

from events.models import Event, Material
from events.tests.admin_pages import client_of
from events.tests.factories import EventFactory, MembershipFactory

pytestmark = pytest.mark.django_db

ADD = "/admin/events/material/add/"
WHEN = {"visible_from_0": "2021-12-06", "visible_from_1": "09:00"}
TITLES = {"title_en": "Handout", "title_fr": "Document", "order": "1"}


@pytest.fixture
def event() -> Event:
    """Return an event."""
    return EventFactory()


def add(event: Event, **posted: Any) -> Any:
    """Add a material as an organiser."""
    client = client_of(MembershipFactory(event=event).user)
    return client.post(ADD, {"event": event.pk, **TITLES, **WHEN, **posted})


def pdf(name: str = "Résumé.pdf") -> SimpleUploadedFile:
    """Return a file to upload."""
    return SimpleUploadedFile(name, b"%PDF-1.4", "application/pdf")


def test_a_file_keeps_its_name_and_stands_where_nobody_can_guess(event: Event) -> None:
    assert add(event, file=pdf()).status_code == 302
    material = Material.objects.get()
    assert material.name == "Résumé.pdf"
    assert "pdf" not in material.file.name


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"file": pdf(), "url": "https://example.org"},
        {"file": pdf("run.exe")},
        {"url": "javascript:alert(1)"},
        {"url": "https://example.org", "title_fr": ""},
    ],
    ids=["neither", "both", "a program", "a script", "one language"],
)
def test_what_is_not_whole_is_refused(event: Event, posted: dict[str, Any]) -> None:
    assert add(event, **posted).status_code == 200
    assert not Material.objects.exists()


def test_the_file_goes_with_the_material_and_with_a_new_one(
    event: Event, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = client_of(MembershipFactory(event=event).user)
    add(event, file=pdf())
    material = Material.objects.get()
    first = material.file.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            f"/admin/events/material/{material.pk}/change/",
            {"event": event.pk, **TITLES, **WHEN, "file": pdf("new.pdf")},
        )
    material.refresh_from_db()
    assert material.name == "new.pdf"
    assert not default_storage.exists(first)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/admin/events/material/{material.pk}/delete/", {"post": "yes"})
    assert not default_storage.exists(material.file.name)


def test_it_belongs_to_the_organisers_of_the_event(event: Event) -> None:
    add(event, url="https://example.org")
    material = Material.objects.get()
    stranger = client_of(MembershipFactory(event=EventFactory(slug="other")).user)
    assert stranger.get(f"/admin/events/material/{material.pk}/change/").status_code == 302
    assert "Handout" not in stranger.get("/admin/events/material/").content.decode()
