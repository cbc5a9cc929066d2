"""`manage.py export_applications`."""

import io
import logging
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from events.models import Event
from events.tests.factories import EventFactory
from questionnaire.tests.factories import ApplicationFactory
from questionnaire.tests.test_spreadsheet import read_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event with one applicant."""
    event = EventFactory(slug="visit")
    ApplicationFactory(event=event, first_name="=cmd", family_name="Müller", email="secret@example.org")
    return event


def test_csv_goes_to_the_standard_output(event: Event, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    call_command("export_applications", "visit")
    out, err = capfdbinary.readouterr()
    _header, row = read_csv(out)
    assert row[3:5] == ["'=cmd", "Müller"]
    assert err == b"visit: 1 applications exported.\n"


def test_xlsx_goes_to_a_file_for_its_owner_alone(event: Event, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    path.touch(0o644)
    call_command("export_applications", "visit", format="xlsx", output=path, language="fr")
    sheet = load_workbook(path).active
    assert sheet["D2"].value == "=cmd"
    assert sheet["D2"].data_type == "s"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_log_names_nobody(event: Event, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        call_command("export_applications", "visit", output=tmp_path / "out.csv", stderr=io.StringIO())
    assert "exported 1 applications of visit as csv" in caplog.text
    assert "secret@example.org" not in caplog.text
    assert "Müller" not in caplog.text


def test_what_cannot_be_done_is_said(event: Event, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no event elsewhere"):
        call_command("export_applications", "elsewhere")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_applications", "visit", output=tmp_path / "missing" / "out.csv")
