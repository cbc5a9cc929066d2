"""The limit on requests of one client."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings
from redis.exceptions import RedisError

from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.tests.factories import WHILE_OPEN, small_questionnaire, typed

pytestmark = pytest.mark.django_db

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(WHILE_OPEN, tick=False):
        yield


@pytest.fixture
def _shared_cache_is_down(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "ravisit.redis_cache.RedisCache", "LOCATION": NOBODY_LISTENS}}
    settings.SHARED_CACHE_ERRORS = (RedisError, OSError)


@pytest.mark.usefixtures("_shared_cache_is_down")
def test_an_application_is_typed_and_submitted_while_the_shared_cache_is_down(client: Client) -> None:
    pages = f"/en/events/{small_questionnaire().slug}/questionnaire"
    client.post(f"{pages}/1/", typed())
    client.post(f"{pages}/2/", {"country": "AT", "earlier": "no", "which": ""})
    assert client.post("/en/application/submit/").status_code == 302
    assert Application.objects.get().state == State.SUBMITTED
