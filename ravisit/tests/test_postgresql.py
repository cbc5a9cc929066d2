"""A connection that is kept between requests: replaced where the server has ended it, left alone where it has not."""

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql import base

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def process_id() -> int:
    """Return the number of the server's process that answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [number] = cursor.fetchone()
    return int(number)


def end_at_the_server(process: int) -> None:
    """Have the server end a connection, as it does with all when it stops."""
    parameters = {**connection.get_connection_params(), "autocommit": True}
    with psycopg.connect(
        **{name: parameters[name] for name in ("host", "port", "user", "password", "dbname")}
    ) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 10000)", [process]).fetchone() == (True,)


def begin_request() -> None:
    """Do what Django does with a kept connection when a request comes in."""
    connection.close_if_unusable_or_obsolete()


def test_after_a_restart_of_the_server_the_next_request_gets_a_new_connection() -> None:
    former = process_id()
    end_at_the_server(former)
    begin_request()
    assert process_id() != former


def test_a_request_asks_nothing_of_a_server_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    former = process_id()

    def ask(_self: object) -> bool:
        raise AssertionError("the server was asked")

    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", ask)
    begin_request()
    assert process_id() == former
