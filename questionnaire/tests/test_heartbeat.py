"""Signs of life: who is silent, and since when; and the monitor that is told, without ever holding a letter up."""

import datetime as dt
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from celery.signals import beat_init
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from events.tests.admin_pages import client_of
from questionnaire.models import Heartbeat, Letter, LetterKind, LetterStatus
from questionnaire.signals import FROM_BEAT
from questionnaire.tasks import do_what_is_due, note_beat
from questionnaire.tests.factories import DECISION_HOUR, ApplicationFactory, LetterTemplateFactory
from questionnaire.tests.team import make_team
from questionnaire.workflow import due, heartbeat, letters
from ravisit.celery import app
from ravisit.ports import LOOPBACK, free_port

pytestmark = pytest.mark.django_db

Source = Heartbeat.Source
NOW = dt.datetime(2021, 11, 29, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


class Monitor:
    """A web server that notes which paths are asked for."""

    def __init__(self, status: int = 200) -> None:
        asked = self.asked = list[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self.server = HTTPServer((LOOPBACK, 0), Handler)
        self.url = f"http://{LOOPBACK}:{self.server.server_port}/secret"
        # It looks at so many seconds apart whether it is to end.
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    """Run a monitor."""
    monitor = Monitor()
    yield monitor
    monitor.stop()


@pytest.fixture(autouse=True)
def _mailbox(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_URL = f"filemail:///{tmp_path}/mail"


def signs(**minutes_ago: int) -> None:
    """Have processes given their last sign of life so many minutes ago."""
    Heartbeat.objects.all().delete()
    Heartbeat.objects.bulk_create(
        Heartbeat(source=source, at=NOW - minutes * MINUTE) for source, minutes in minutes_ago.items()
    )


@pytest.mark.parametrize(
    ("minutes_ago", "silent"),
    [
        ({"worker": 1, "beat": 1}, None),
        ({"worker": 9, "beat": 9}, None),
        ({"worker": 10, "beat": 10}, "worker and beat"),
        ({"worker": 10, "beat": 1}, "worker"),
        ({"worker": 1, "beat": 10}, "beat"),
        ({"worker": 1}, "beat"),
        ({"beat": 1}, "worker"),
        ({}, "worker and beat"),
        ({"timer": 1}, None),
        ({"timer": 1, "worker": 900, "beat": 900}, None),
        ({"timer": 10}, "worker and beat"),
    ],
)
def test_worker_and_beat_are_told_apart_and_a_timer_stands_for_both(
    minutes_ago: dict[str, int], silent: str | None
) -> None:
    signs(**minutes_ago)
    found = heartbeat.silence(NOW)
    assert (found.summary if found else None) == silent


def test_the_silence_is_dated_from_the_last_sign_of_who_is_silent() -> None:
    signs(worker=30, beat=1)
    silence = heartbeat.silence(NOW)
    assert silence is not None
    assert silence.since == NOW - 30 * MINUTE


@pytest.mark.every_database
def test_one_sign_a_minute_is_written_however_many_come() -> None:
    noted = [heartbeat.give_sign(Source.WORKER, at=NOW + dt.timedelta(seconds=10 * n)) for n in range(13)]
    assert [number for number, is_noted in enumerate(noted) if is_noted] == [0, 5, 10]
    assert Heartbeat.objects.get().at == NOW + dt.timedelta(seconds=100)


def test_a_clock_that_was_ahead_keeps_nobody_from_looking_alive_once_it_is_right_again() -> None:
    heartbeat.give_sign(Source.WORKER, at=NOW + dt.timedelta(hours=5))
    assert heartbeat.give_sign(Source.WORKER, at=NOW)
    assert Heartbeat.objects.get().at == NOW


def test_the_beat_gives_its_sign_with_its_own_wake_ups_alone() -> None:
    assert app.conf.beat_schedule["do-what-is-due"]["options"]["headers"] == FROM_BEAT
    note_beat(headers={"id": "1"})
    assert not Heartbeat.objects.exists()
    note_beat(headers={"id": "1", **FROM_BEAT})
    assert Heartbeat.objects.get().source == Source.BEAT


def test_a_beat_that_starts_sends_a_wake_up_at_once_and_so_looks_alive() -> None:
    beat_init.send(sender=None)
    assert Heartbeat.objects.get().source == Source.BEAT


def test_a_run_gives_its_sign_and_the_monitor_is_told(settings: Settings, monitor: Monitor) -> None:
    settings.HEARTBEAT_URL = monitor.url
    for _ in range(3):  # woken by letters, within the same minute
        do_what_is_due.apply(throw=True)
    assert monitor.asked == ["/secret"]
    assert Heartbeat.objects.get().source == Source.WORKER


def test_the_timer_gives_its_sign_but_not_for_a_time_that_is_made_up(settings: Settings, monitor: Monitor) -> None:
    settings.HEARTBEAT_URL = monitor.url
    call_command("send_due_letters", "--at", "2030-01-01")
    assert (Heartbeat.objects.count(), monitor.asked) == (0, [])
    call_command("send_due_letters")
    assert (Heartbeat.objects.get().source, monitor.asked) == (Source.TIMER, ["/secret"])


def test_a_failure_is_told_each_time(settings: Settings, monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HEARTBEAT_URL = monitor.url
    monkeypatch.setattr(due, "STEPS", (due.Step("arithmetic", lambda at: at.year / 0),))
    for _ in range(2):
        with pytest.raises(ExceptionGroup):
            do_what_is_due.apply(throw=True)
    settings.EMAIL_URL = f"smtp://{LOOPBACK}:{free_port()}"
    monkeypatch.setattr(due, "STEPS", ())
    one_letter()
    do_what_is_due.apply(throw=True)
    assert monitor.asked == ["/secret/fail"] * 3


def one_letter() -> None:
    """Queue a letter that has been due for years."""
    application = ApplicationFactory(event=LetterTemplateFactory(kind=LetterKind.ACCEPTANCE).event)
    letters.queue_many(LetterKind.ACCEPTANCE, [application], at=DECISION_HOUR, release_at=DECISION_HOUR)


@pytest.mark.parametrize("trouble", ["nobody there", "refused"])
def test_a_monitor_in_trouble_holds_up_no_letter_and_its_address_is_not_logged(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    monkeypatch.setattr(due, "STEPS", ())  # its event is over for years: the retention would take the letter back
    refusing = Monitor(500)
    settings.HEARTBEAT_URL = f"http://{LOOPBACK}:{free_port()}/secret" if trouble == "nobody there" else refusing.url
    one_letter()
    with caplog.at_level(logging.WARNING):
        do_what_is_due.apply(throw=True)
    refusing.stop()
    assert Letter.objects.get().status == LetterStatus.SENT
    assert len([record for record in caplog.records if "HEARTBEAT_URL" in record.message]) == 1
    assert "secret" not in caplog.text


def test_every_page_of_the_admin_says_who_is_silent(client: Client) -> None:
    team = make_team()
    for url in ("/admin/", "/admin/questionnaire/letter/", f"/admin/events/event/{team.event.pk}/change/"):
        assert "neither worker nor beat gives a sign of life" in client_of(team.organiser).get(url).content.decode()
    do_what_is_due.apply(throw=True)
    assert "the beat gives no sign of life" in client_of(team.organiser).get("/admin/").content.decode()
    note_beat(headers=dict(FROM_BEAT))
    assert "sign of life" not in client_of(team.organiser).get("/admin/").content.decode()
    Heartbeat.objects.all().delete()
    assert "sign of life" not in client.get("/admin/login/").content.decode()


def test_readiness_names_the_silence_and_stays_ready(client: Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["letters"]) == (200, "worker and beat silent")
    call_command("send_due_letters")
    assert client.get("/health/ready").json()["letters"] == "ok"
