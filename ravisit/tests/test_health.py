"""What load balancers and operators are told: 200 or 503, never an error."""

from unittest import mock

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


def test_a_process_that_can_serve_is_ready(client: Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["database"], answer.json()["cache"]) == (200, "ok", "ok")


def test_without_its_tables_it_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE questionnaire_heartbeat")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"cache": "ok", "database": "no answer"})


def test_without_the_shared_cache_it_is_not_ready(client: Client, settings: Settings) -> None:
    settings.SHARED_CACHE_ERRORS = (OSError,)
    with mock.patch.object(cache, "set", side_effect=ConnectionRefusedError):
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["cache"], answer.json()["database"]) == (503, "no answer", "ok")
