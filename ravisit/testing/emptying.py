"""The database after a test that committed: emptied in milliseconds, where Django's `flush` takes most of a second.

On PostgreSQL `flush` truncates, which makes new files for each table and index; a test leaves a few rows.
"""

from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = frozenset({"auth_permission", "django_content_type"})
"""Tables that Django fills when it has made them, and no test changes."""


def empty_quickly() -> None:
    """Have every test that commits leave by `empty`."""
    TransactionTestCase._fixture_teardown = lambda _case: empty()  # type: ignore[attr-defined]


def empty() -> None:
    """Delete all rows, once the other processes and threads of the test have finished theirs."""
    existing = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [connection.ops.quote_name(table) for table in sorted(set(existing) - KEPT)]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        for table in tables:  # foreign keys are looked at when all are empty
            cursor.execute(f"DELETE FROM {table}")
