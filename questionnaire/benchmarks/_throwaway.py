"""A database for one benchmark, on the server (or beside the file) that the settings name, gone at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection


@contextmanager
def throwaway_database() -> Iterator[None]:
    """Exchange the default database for an empty one with all tables.

    On SQLite it is a file, as in use: several connections cannot share one in memory.
    """
    former_name = str(connection.settings_dict["NAME"])
    folder = settings.VAR_DIR / "benchmark"
    if connection.vendor == "sqlite":
        folder.mkdir(parents=True, exist_ok=True)
        connection.settings_dict["TEST"]["NAME"] = str(folder / "benchmark.sqlite3")
    else:
        connection.settings_dict["TEST"]["NAME"] = f"{former_name}_benchmark"
    connection.settings_dict["TEST"]["MIGRATE"] = False  # the tables are those of the models, made at once
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(former_name, verbosity=0)


def database_url() -> str:
    """Return the address of the database in use, for a process of its own."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return str(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl())
