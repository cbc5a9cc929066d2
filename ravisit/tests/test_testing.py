"""The tools of the tests: real servers that come back after a kill, and a browser that notices what goes wrong."""

from pathlib import Path

import psycopg
import pytest
import redis
from playwright.sync_api import Page

from ravisit.testing import postgres, valkey
from ravisit.testing.browser import accessibility_problems

STRICT = {"Content-Security-Policy": "default-src 'self'", "Content-Type": "text/html; charset=utf-8"}


@pytest.mark.postgres
def test_postgresql_keeps_what_was_committed_over_a_kill(tmp_path: Path) -> None:
    """Tests of crashes stand on this."""
    with postgres.serve(tmp_path / "postgres") as server:
        with psycopg.connect(server.url) as before:
            before.execute("CREATE TABLE kept (id int)")
            before.execute("INSERT INTO kept VALUES (1)")
        server.kill()
        assert not postgres.is_ready(server.url)
        server.start()
        with psycopg.connect(server.url) as after:
            assert after.execute("SELECT id FROM kept").fetchall() == [(1,)]
    assert not postgres.is_ready(server.url)


@pytest.mark.valkey
def test_valkey_comes_back_empty_after_a_kill(tmp_path: Path) -> None:
    """A broker that dies forgets, as the tests of the outbox want it to."""
    with valkey.serve(tmp_path / "valkey") as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("kept", "no")
        server.kill()
        assert not valkey.is_ready(server.url)
        server.start()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("kept") is None


def test_each_of_several_test_processes_has_a_database_of_valkey() -> None:
    """Otherwise one would take the other's letters from the queue."""
    url = "redis://127.0.0.1:6379/0"
    assert [valkey.own_url(url, worker) for worker in ("", "gw0", "gw2")] == [url, url, "redis://127.0.0.1:6379/2"]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("markup", "sign"),
    [
        ("<script>1</script>", "Content Security Policy"),
        ("<p style='color:red'>", "Content Security Policy"),
        ("<img src='/missing.png' alt=''>", "404 for"),
        ("<img src='http://127.0.0.2:9/x.png' alt=''>", "asks http://127.0.0.2:9/x.png"),
        ("<script src='/broken.js'></script>", "out of luck"),
    ],
)
def test_what_no_page_may_do_is_noticed(
    page: Page, site: str, page_problems: list[str], markup: str, sign: str
) -> None:
    """The browser tests would see an inline script, a missing file, a request to another host, a broken script."""
    page.route(f"{site}/trap", lambda route: route.fulfill(headers=STRICT, body=f"<!doctype html>{markup}"))
    page.route("**/broken.js", lambda route: route.fulfill(content_type="text/javascript", body="throw 'out of luck'"))
    page.goto("/trap")
    page.wait_for_load_state("networkidle")
    assert any(sign in problem for problem in page_problems)
    page_problems.clear()


@pytest.mark.browser
def test_axe_runs_under_a_strict_policy(page: Page, site: str) -> None:
    """A field without a label is found, although the page lets no foreign script in."""
    body = "<!doctype html><html lang=en><title>t</title><main><h1>t</h1><input></main>"
    page.route(f"{site}/trap", lambda route: route.fulfill(headers=STRICT, body=body))
    page.goto("/trap")
    assert [problem.partition(":")[0] for problem in accessibility_problems(page)] == ["label"]
