"""The public pages, as a visitor meets them."""

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

import icalendar
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from events.models import Event
from events.tests.factories import (
    PARIS,
    ContactFactory,
    EventFactory,
    GuidingQuestionFactory,
    ReferenceFactory,
    SessionFactory,
    TargetGroupFactory,
)

pytestmark = pytest.mark.django_db
OPEN = dt.datetime(2021, 11, 10, 12, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def _while_applying_is_open() -> Any:
    with time_machine.travel(OPEN, tick=False):
        yield


def full_event(rows: int = 1, **fields: Any) -> Event:
    """Return an event with `rows` of everything that its pages show."""
    texts = {"why_en": "Why[^1]", "why_fr": "Pourquoi[^1]", "aim_en": "Aim", "practical_en": "Practical"}
    event = EventFactory(**{"slug": "paris"} | texts | fields)
    for number in range(1, rows + 1):
        SessionFactory(event=event)
        ContactFactory(event=event, role_en="Project officer", email="korn@example.org")
        TargetGroupFactory(event=event)
        GuidingQuestionFactory(event=event, number=number)
        ReferenceFactory(event=event, number=number)
    return event


def text(response: Any) -> str:
    """Return what a page says, without its tags, on one line."""
    assert response.status_code == 200
    body = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_event_page_in_english(client: Client) -> None:
    full_event()
    page = text(client.get("/en/events/paris/"))
    for part in (
        "Study visit to Paris",
        "7 and 8 December 2021",
        "9.00 – 12.30 CET (UTC+1), Europe/Paris, each day",
        "Digital meeting",
        "English, with English–French interpretation",
        "60 places",
        "Contact",
        "Project officer",
        "Registration: Questionnaire",
        "open until 19 November 2021, 18.00 CET (UTC+1)",
        "If you apply, you will have an answer by 29 November 2021.",
        "Aim",
        "How are cases handed over?",
        "Psychologists",
        "Practical",
        "Prisons and Terrorism",
    ):
        assert part in page


def test_event_page_in_french(client: Client) -> None:
    full_event()
    response = client.get("/fr/events/paris/")
    page = text(response)
    assert response.headers["Content-Language"] == "fr"
    assert b'<html lang="fr">' in response.content
    for part in ("Visite d’étude à Paris", "décembre 2021", "9 h 00 – 12 h 30", "Psychologues", "Pourquoi"):
        assert part in page


def test_a_note_is_linked_to_and_fro(client: Client) -> None:
    full_event()
    body = client.get("/en/events/paris/").content.decode()
    assert '<a href="#note-1" id="note-1-why-1"' in body
    assert 'id="note-1"' in body
    assert 'href="#note-1-why-1" role="doc-backlink"' in body


@pytest.mark.parametrize(
    ("now", "state", "has_button"),
    [
        (dt.datetime(2021, 11, 2, 8, 59, 59, tzinfo=PARIS), "opens on 2 November 2021, 9.00", False),
        (dt.datetime(2021, 11, 2, 9, tzinfo=PARIS), "open until 19 November 2021, 18.00", True),
        (dt.datetime(2021, 11, 19, 17, 59, 59, tzinfo=PARIS), "open until 19 November 2021, 18.00", True),
        (dt.datetime(2021, 11, 19, 18, tzinfo=PARIS), "closed on 19 November 2021, 18.00", False),
    ],
)
def test_registration_opens_and_closes_on_the_second(
    client: Client, now: dt.datetime, state: str, has_button: bool
) -> None:
    full_event()
    with time_machine.travel(now, tick=False):
        response = client.get("/en/events/paris/")
    assert state in text(response)
    assert ('href="/en/events/paris/questionnaire/"' in response.content.decode()) is has_button


@pytest.mark.parametrize(
    ("now", "leads_there"),
    [
        (dt.datetime(2021, 11, 1, tzinfo=PARIS), False),
        (dt.datetime(2021, 11, 10, tzinfo=PARIS), True),
        (dt.datetime(2021, 11, 20, tzinfo=PARIS), True),
    ],
)
def test_from_the_opening_on_a_way_leads_to_ones_application_after_the_close_too(
    client: Client, now: dt.datetime, leads_there: bool
) -> None:
    full_event()
    with time_machine.travel(now, tick=False):
        page = client.get("/en/events/paris/").content.decode()
    assert ('href="/en/application/">Already applied? See your application</a>' in page) is leads_there


@pytest.mark.parametrize(
    ("now", "promised"),
    [
        (dt.datetime(2021, 11, 29, 23, 59, 59, tzinfo=PARIS), True),
        (dt.datetime(2021, 11, 30, tzinfo=PARIS), False),
    ],
)
def test_the_promise_stands_until_the_end_of_its_day_in_paris(client: Client, now: dt.datetime, promised: bool) -> None:
    full_event()
    with time_machine.travel(now, tick=False):
        page = text(client.get("/en/events/paris/"))
    assert ("will have an answer by 29 November 2021" in page) is promised


def test_times_are_those_of_the_event_not_of_the_server(client: Client) -> None:
    full_event(time_zone="America/New_York")
    assert "19 November 2021, 12.00 EST (UTC-5)" in text(client.get("/en/events/paris/"))


def test_agenda(client: Client) -> None:
    event = full_event()
    SessionFactory(
        event=event,
        title_en="Closing",
        starts_at=dt.datetime(2021, 12, 8, 12, tzinfo=PARIS),
        ends_at=dt.datetime(2021, 12, 8, 12, 30, tzinfo=PARIS),
        floor_language="en",
        interpretation="none",
    )
    page = text(client.get("/en/events/paris/agenda/"))
    for part in (
        "Provisional programme",
        "All times are those of Europe/Paris: CET (UTC+1).",
        "Day 1: Tuesday 7 December 2021 9.00 – 9.30 Preparing a release A probation officer",
        "Floor language: French · Interpretation: French into English",
        "Day 2: Wednesday 8 December 2021 12.00 – 12.30 Closing",
        "Floor language: English · No interpretation",
    ):
        assert part in page


def test_a_final_programme_is_not_called_provisional(client: Client) -> None:
    full_event(programme_is_provisional=False)
    assert "Provisional" not in text(client.get("/en/events/paris/agenda/"))


def test_an_agenda_without_sessions_says_so(client: Client) -> None:
    EventFactory(slug="paris")
    assert "not published yet" in text(client.get("/en/events/paris/agenda/"))


def test_index_shows_open_events_first(client: Client) -> None:
    EventFactory(title_en="Long past", first_day=dt.date(2020, 1, 1), closes_at=OPEN - dt.timedelta(days=1))
    EventFactory(title_en="Now open")
    EventFactory(title_en="Secret", published=False)
    page = text(client.get("/en/"))
    assert page.index("Now open") < page.index("Long past")
    assert "Secret" not in page


def test_index_without_events(client: Client) -> None:
    assert "No event is announced" in text(client.get("/en/"))


@pytest.mark.parametrize(("wanted", "language"), [("fr-BE,fr;q=0.9,en;q=0.8", "fr"), ("en", "en"), ("de", "en")])
def test_the_root_leads_to_the_language_of_the_browser(client: Client, wanted: str, language: str) -> None:
    response = client.get("/", headers={"accept-language": wanted})
    assert (response.status_code, response.headers["Location"]) == (302, f"/{language}/")
    assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize("path", ["/en/", "/en/events/paris/", "/en/events/paris/agenda/", "/en/privacy/"])
def test_the_language_chooser_leads_to_the_same_page(client: Client, path: str) -> None:
    full_event()
    body = client.get(path).content.decode()
    assert f'href="{path.replace("/en/", "/fr/")}" hreflang="fr" lang="fr"' in body
    assert text(client.get(path.replace("/en/", "/fr/"))) != text(client.get(path))


@pytest.mark.parametrize("name", ["privacy", "accessibility"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_statements(client: Client, name: str, language: str) -> None:
    assert len(text(client.get(f"/{language}/{name}/"))) > 1500


def test_calendar_file(client: Client) -> None:
    full_event()
    response = client.get("/events/paris/agenda.ics", headers={"accept-language": "fr"})
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="paris-fr.ics"'
    [entry] = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
    assert entry["summary"] == "Préparer une sortie"
    assert client.get("/en/events/paris/agenda.ics").content.count(b"Preparing a release") == 1


def test_schedule_file(client: Client) -> None:
    full_event()
    response = client.get("/events/paris/schedule.json")
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(response.content)["schedule"]["conference"]["title"] == "Study visit to Paris"


PATHS_OF_AN_EVENT = [
    "/en/events/{}/",
    "/fr/events/{}/",
    "/en/events/{}/agenda/",
    "/events/{}/agenda.ics",
    "/events/{}/schedule.json",
    "/fr/events/{}/agenda.ics",
]


@pytest.mark.parametrize("path", PATHS_OF_AN_EVENT)
@pytest.mark.parametrize("slug", ["unpublished", "none", "9" * 40, "a%00b", "%F0%9F%8E%93", "..%2f..", "a" * 4000])
def test_what_is_not_there_or_not_public_is_404(client: Client, path: str, slug: str) -> None:
    EventFactory(slug="unpublished", published=False)
    assert client.get(path.format(slug), follow=True).status_code == 404


@pytest.mark.parametrize("query", ["?x=%00", "?x=%ff%fe", "?" + "x=1&" * 3000, "?next=//evil.example"])
@pytest.mark.parametrize("path", PATHS_OF_AN_EVENT)
def test_a_strange_query_never_breaks_a_page(client: Client, path: str, query: str) -> None:
    full_event()
    response = client.get(path.format("paris") + query)
    assert response.status_code in {200, 400}
    assert b"evil" not in response.content


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("name", ["index", "event", "agenda", "calendar", "schedule", "privacy", "accessibility"])
def test_pages_are_for_reading(client: Client, method: str, name: str) -> None:
    full_event()
    arguments = ["paris"] if name in {"event", "agenda", "calendar", "schedule"} else []
    with translation.override("en"):
        path = reverse(f"events:{name}", args=arguments)
    assert getattr(client, method)(path).status_code == 405


@pytest.mark.parametrize("path", ["/en/", "/en/events/paris/", "/en/events/paris/agenda/", "/en/privacy/"])
def test_a_forged_host_is_refused_also_where_the_page_is_kept(client: Client, path: str) -> None:
    full_event()
    assert client.get(path).status_code == 200
    assert client.get(path, headers={"host": "evil.example"}).status_code == 400


PAYLOAD = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("path", ["/en/", "/en/events/paris/", "/en/events/paris/agenda/"])
def test_content_is_text_never_markup(client: Client, path: str) -> None:
    event = full_event(title_en=PAYLOAD, summary_en=PAYLOAD, venue_en=PAYLOAD, why_en=PAYLOAD, organiser_en=PAYLOAD)
    SessionFactory(event=event, title_en=PAYLOAD, description_en=PAYLOAD, speakers_en=PAYLOAD)
    TargetGroupFactory(event=event, label_en=PAYLOAD)
    body = client.get(path).content.decode()
    assert "<script>alert" not in body
    assert "<img src=x" not in body


@pytest.mark.parametrize("path", ["/en/", "/en/events/paris/", "/en/events/paris/agenda/", "/en/privacy/", "/en/none/"])
def test_pages_hold_no_inline_style_or_script(client: Client, path: str) -> None:
    full_event()
    response = client.get(path)
    body = response.content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)", body)
    assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "limit"), [("/en/events/paris/", 6), ("/en/events/paris/agenda/", 6), ("/en/", 6)])
def test_a_page_asks_the_database_as_often_for_three_rows_as_for_one(
    path: str, limit: int, django_assert_max_num_queries: Callable[..., Any], client: Client
) -> None:
    full_event()
    client.get("/en/privacy/")  # the version of the content is known
    with django_assert_max_num_queries(limit) as one:
        client.get(f"{path}?not-from-memory")
    Event.objects.all().delete()
    full_event(rows=3)
    with django_assert_max_num_queries(limit) as three:
        client.get(f"{path}?not-from-memory")
    assert len(one) == len(three) > 0


@pytest.mark.parametrize("path", ["/en/nope/", "/fr/nope/", "/nope", "/en/events/none/"])
def test_what_does_not_exist(client: Client, path: str) -> None:
    response = client.get(path, headers={"accept-language": "fr"}, follow=True)
    assert response.status_code == 404
    language = "en" if path.startswith("/en") else "fr"
    assert f'<html lang="{language}">' in response.content.decode()


def test_a_fault_of_ours_touches_no_database_and_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable[..., Any]
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("events.views.pages.Offer", broken)
    EventFactory()
    client = Client(raise_request_exception=False)
    response = client.get("/fr/")
    assert response.status_code == 500
    assert b'<html lang="fr">' in response.content
    assert b"secret" not in response.content
