"""Databases that are made for one purpose and gone after it: benchmarks and rehearsals never touch the real one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def database_beside(url: str, name: str, folder: Path, *, keep: bool = False) -> Iterator[str]:
    """Make an empty database on the server of `url`, or a file in `folder` where that is SQLite; yield its address.

    It is dropped at the end unless it is to be kept. Raises `psycopg.Error` where the server refuses.
    """
    configured = urlsplit(url)
    if not configured.scheme.startswith("postgres"):
        file = folder / f"{name}.sqlite3"
        try:
            yield f"sqlite:///{file}"
        finally:
            if not keep:
                for part in folder.glob(f"{file.name}*"):
                    part.unlink(missing_ok=True)
        return
    identifier = sql.Identifier(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
    try:
        yield urlunsplit(configured._replace(path=f"/{name}"))
    finally:
        if not keep:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
