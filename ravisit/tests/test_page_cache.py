"""Public pages from memory: fast, never stale, the same for everyone."""

import datetime as dt
import gzip
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import brotli
import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from events.models import Event
from events.pages import PublicPage
from events.publishing import touch
from events.tests.factories import PARIS, EventFactory, SessionFactory
from ravisit.page_cache import MAX_PAGES, PAGES, PageCacheMiddleware, accepted_encoding

pytestmark = pytest.mark.django_db
OPEN = dt.datetime(2021, 11, 10, 12, tzinfo=PARIS)
PATHS = ["/en/", "/fr/", "/en/events/paris/", "/fr/events/paris/", "/en/events/paris/agenda/", "/en/privacy/"]
Queries = Callable[[int], AbstractContextManager[Any]]
Capture = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def event() -> Iterator[Event]:
    with time_machine.travel(OPEN, tick=False):
        event = EventFactory(slug="paris")
        SessionFactory(event=event)
        yield event


def save(event: Event, capture: Capture, **changes: Any) -> None:
    """Change an event as an organiser does."""
    with capture(execute=True):
        Event.objects.filter(pk=event.pk).update(**changes)
        touch(event)


@pytest.mark.parametrize("path", PATHS)
def test_the_second_visitor_costs_no_query_and_gets_the_same(
    client: Client, path: str, django_assert_num_queries: Queries
) -> None:
    first = client.get(path)
    with django_assert_num_queries(0):
        second = client.get(path)
    assert second.status_code == first.status_code == 200
    assert second.content == first.content
    assert dict(second.headers) == dict(first.headers)


@pytest.mark.parametrize("path", PATHS)
def test_headers(client: Client, path: str) -> None:
    client.get(path)
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Content-Language"] == path[1:3]
    assert headers["ETag"].startswith('W/"')
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy"):
        assert name in headers


@pytest.mark.parametrize("path", PATHS)
def test_no_cookie_no_session_no_token(client: Client, path: str) -> None:
    response = client.get(path)
    assert not response.cookies
    assert b"csrf" not in response.content


def test_a_change_shows_at_once(client: Client, event: Event, django_capture_on_commit_callbacks: Capture) -> None:
    before = client.get("/en/events/paris/")
    save(event, django_capture_on_commit_callbacks, title_en="New title")
    after = client.get("/en/events/paris/")
    assert b"New title" in after.content
    assert after.headers["ETag"] != before.headers["ETag"]


def test_a_change_in_another_process_shows_after_the_time_to_live(client: Client, event: Event, settings: Any) -> None:
    # Two processes share Valkey, where the other's change shows at once; its clock goes on by itself besides.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    client.get("/en/events/paris/")
    Event.objects.update(title_en="New title")
    touch(event)  # in a transaction whose commit this process does not see
    with time_machine.travel(OPEN + dt.timedelta(seconds=settings.CONTENT_VERSION_TTL - 1), tick=False):
        assert b"New title" not in client.get("/en/events/paris/").content
    with time_machine.travel(OPEN + dt.timedelta(seconds=settings.CONTENT_VERSION_TTL + 1), tick=False):
        assert b"New title" in client.get("/en/events/paris/").content


def test_an_unpublished_event_is_gone_at_once(
    client: Client, event: Event, django_capture_on_commit_callbacks: Capture
) -> None:
    assert client.get("/en/events/paris/").status_code == 200
    save(event, django_capture_on_commit_callbacks, published=False)
    assert client.get("/en/events/paris/").status_code == 404


def test_a_page_made_while_the_content_changed_is_not_kept(
    client: Client, event: Event, django_capture_on_commit_callbacks: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_text = PublicPage.from_text

    def slow(*arguments: Any) -> PublicPage:
        page = from_text(*arguments)
        save(event, django_capture_on_commit_callbacks, title_en="New title")
        return page

    monkeypatch.setattr(PublicPage, "from_text", slow)
    assert b"New title" not in client.get("/en/events/paris/").content
    monkeypatch.undo()
    assert b"New title" in client.get("/en/events/paris/").content


@pytest.mark.parametrize("path", ["/en/", "/en/events/paris/", "/en/events/paris/agenda/"])
def test_the_close_shows_on_the_second_without_any_change(client: Client, path: str, event: Event) -> None:
    assert b"open until" in client.get(path).content
    with time_machine.travel(event.closes_at - dt.timedelta(seconds=1), tick=False):
        assert b"open until" in client.get(path).content
    with time_machine.travel(event.closes_at, tick=False):
        assert b"closed on" in client.get(path).content


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_page_is_304(client: Client, path: str, django_assert_num_queries: Queries) -> None:
    etag = client.get(path).headers["ETag"]
    for known in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        with django_assert_num_queries(0):
            response = client.get(path, headers={"if-none-match": known})
        assert response.status_code == 304
        assert response.content == b""
        assert (response.headers["ETag"], response.headers["Vary"]) == (etag, "Accept-Encoding")
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_a_change_to_another_event_costs_one_query(
    client: Client, django_capture_on_commit_callbacks: Capture, django_assert_num_queries: Queries
) -> None:
    before = client.get("/en/events/paris/")
    save(EventFactory(), django_capture_on_commit_callbacks, title_en="New title")
    with django_assert_num_queries(1):
        after = client.get("/en/events/paris/")
    assert after.content == before.content


def test_a_changed_page_is_no_304(client: Client, event: Event, django_capture_on_commit_callbacks: Capture) -> None:
    etag = client.get("/en/events/paris/").headers["ETag"]
    save(event, django_capture_on_commit_callbacks, title_en="New title")
    assert client.get("/en/events/paris/", headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize(("encoding", "decompress"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_compressed(client: Client, encoding: str, decompress: Callable[[bytes], bytes]) -> None:
    plain = client.get("/en/events/paris/")
    for _ in range(2):
        response = client.get("/en/events/paris/", headers={"accept-encoding": encoding})
        assert response.headers["Content-Encoding"] == encoding
        assert response.headers["Content-Length"] == str(len(response.content))
        assert len(response.content) < len(plain.content) / 2
        assert decompress(response.content) == plain.content
    assert "Content-Encoding" not in client.get("/en/events/paris/").headers


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("gzip;q=0.0", None),
        ("GZIP ; q=1", "gzip"),
        ("identity", None),
        (";,;=,q=0", None),
    ],
)
def test_accepted_encoding(header: str, encoding: str | None) -> None:
    assert accepted_encoding(header) == encoding


def test_head_is_answered_like_get(client: Client) -> None:
    head = client.head("/en/events/paris/")
    get = client.get("/en/events/paris/")
    assert head.content == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.content))


def test_a_page_for_one_host_or_scheme_is_not_given_to_another(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "second.example"]
    client.get("/en/")
    assert client.get("/en/", headers={"host": "third.example"}).status_code == 400
    assert client.get("/en/", headers={"host": "second.example"}).status_code == 200


def page_with(**attributes: Any) -> PublicPage:
    page = PublicPage("page")
    page.version, page.valid_until = "1", None
    for name, value in attributes.items():
        setattr(page, name, value)
    return page


def personal_page() -> PublicPage:
    page = page_with()
    page.set_cookie("session", "secret")
    return page


@pytest.mark.parametrize(
    "make",
    [
        lambda: HttpResponse("not marked as public"),
        personal_page,
        lambda: page_with(status_code=404),
        lambda: page_with(headers={"Vary": "Cookie", "Content-Type": "text/html"}),
    ],
)
def test_what_is_not_the_same_for_everyone_is_never_kept(make: Callable[[], HttpResponse]) -> None:
    middleware = PageCacheMiddleware(lambda _request: make())
    middleware(RequestFactory().get("/en/"))
    assert PAGES == {}


@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_only_get_and_head_are_answered_from_memory(method: str) -> None:
    seen: list[str | None] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.method)
        return page_with()

    middleware = PageCacheMiddleware(view)
    for _ in range(2):
        middleware(getattr(RequestFactory(), method)("/en/"))
    assert len(seen) == 2
    assert PAGES == {}


def test_a_query_goes_past_the_memory(client: Client, event: Event) -> None:
    client.get("/en/events/paris/")
    Event.objects.update(title_en="New title", version=2)
    assert b"New title" in client.get("/en/events/paris/?fresh").content
    assert b"New title" not in client.get("/en/events/paris/").content


def test_memory_is_bounded() -> None:
    middleware = PageCacheMiddleware(lambda _request: page_with(version="x"))
    for number in range(MAX_PAGES * 2 + 1):
        middleware(RequestFactory().get(f"/en/{number}/"))
    assert len(PAGES) <= MAX_PAGES


def test_a_cache_that_is_emptied_does_no_harm(client: Client) -> None:
    client.get("/en/")
    cache.clear()
    assert client.get("/en/").status_code == 200
