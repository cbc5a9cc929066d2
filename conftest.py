"""What tests find set up, and the servers and the browser that they ask for by marker or fixture."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.utils import translation
from hypothesis.configuration import set_hypothesis_home_dir
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from events.pages import RENDERED
from questionnaire.forms import marks
from questionnaire.workflow import event_texts, questionnaire
from ravisit.celery import app as celery_app
from ravisit.page_cache import PAGES
from ravisit.testing import chromium, valkey
from ravisit.testing.browser import collect_problems, launch
from ravisit.testing.emptying import empty_quickly

NO_BROWSER = "no Chromium could be found or installed"
BROWSER_TIMEOUT = 10_000  # milliseconds for each step in a page


def pytest_configure(config: pytest.Config) -> None:
    """Choose what makes tests fast and leaves nothing outside of var/."""
    if django_settings.REDIS_URL:
        keep_to_own_broker(valkey.own_url(django_settings.REDIS_URL, os.environ.get("PYTEST_XDIST_WORKER", "")))
    else:
        celery_app.conf.update(broker_url="memory://")
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.WHITENOISE_AUTOREFRESH = True  # else each test client begins by reading every static file
    django_settings.CONTENT_VERSION_TRUST = 0  # what a test changes elsewhere shows at once
    django_settings.MINIMUM_FILL_SECONDS = 0  # no test waits; those of the minimum set it
    in_memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    django_settings.STORAGES = {**django_settings.STORAGES, "default": in_memory}
    django_settings.OUTBOX_MARKS = str(Path(__file__).parent / "var" / "marks" / str(os.getpid()))
    empty_quickly()
    set_hypothesis_home_dir(Path(__file__).parent / "var" / "hypothesis")
    # The same examples in each run, so that a failure is the change's own; benchmarks look for new ones at random.
    hypothesis.settings.register_profile("ravisit", deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("ravisit")


def keep_to_own_broker(url: str) -> None:
    """Use this database of Valkey, here and in the processes that tests start: others may run beside this one."""
    os.environ["REDIS_URL"] = django_settings.REDIS_URL = url
    django_settings.CACHES["default"]["LOCATION"] = url
    celery_app.conf.update(broker_url=url)


def pytest_unconfigure() -> None:
    """Take away what the senders noted."""
    shutil.rmtree(django_settings.OUTBOX_MARKS, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this run has no server or browser for; `make test` has them all."""
    missing = {
        "postgres": "" if "postgres" in django_settings.DATABASE_URL else "needs PostgreSQL: make test",
        "valkey": "" if django_settings.REDIS_URL else "needs Valkey: make test",
    }
    if any(item.get_closest_marker("browser") for item in items):
        missing["browser"] = "" if chromium.find() else NO_BROWSER
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the last lines that pages were not looked at, where no browser could be had."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(report.longrepr)]
    if skipped:
        terminalreporter.section("browser tests skipped", yellow=True, bold=True)
        terminalreporter.line(f"{len(skipped)} browser tests did not run: {NO_BROWSER} (see {chromium.LOG}).")


@pytest.fixture(autouse=True)
def _fresh_start() -> Iterator[None]:
    """Start each test in English, and leave nothing in a cache."""
    with translation.override("en"):
        yield
    for kept in (cache, PAGES, RENDERED, marks.RENDERED, questionnaire.kept, event_texts.kept):
        kept.clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run the browser; a test that uses it is marked `browser`."""
    # Playwright's synchronous interface keeps an event loop running in this thread, which Django takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright, launch(playwright) as running:
        yield running


@pytest.fixture
def site(live_server: LiveServer, settings: Settings) -> str:
    """Serve the site on loopback; return its address, which is also the one in letters."""
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def page_problems() -> list[str]:
    """Return the list that every page of the test adds to, and that must be empty at its end."""
    return []


@pytest.fixture
def open_page(browser: Browser, site: str, page_problems: list[str]) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page as a new visitor; it takes Playwright's options of `new_context`."""
    contexts = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": site, "timezone_id": "Europe/Paris"} | options)
        context.set_default_timeout(BROWSER_TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        collect_problems(page, site, page_problems)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert page_problems == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """Open a page as a new visitor."""
    return open_page()
