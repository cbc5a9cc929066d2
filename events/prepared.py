"""Statements for what a whole crowd does in the last minute, which skip most of what Django does for any statement.

Django puts the SQL of a query together each time it runs. Where it joins tables and leaves columns out, that takes
longer than all the rest: sending it, PostgreSQL's work, and building the objects. `manage.py benchmark questionnaire`
tells what these are worth; where nobody waits in line, Django's own ways are the right ones.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from types import SimpleNamespace
from typing import Any, Generic, NamedTuple, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler

M = TypeVar("M", bound=Model)

BLANK = "\N{OPEN BOX}\N{OPEN BOX}\N{OPEN BOX}"
"""Stands in the kept parameters for the text that is looked for."""


class _Statement(NamedTuple):
    compiler: SQLCompiler
    sql: str
    parameters: tuple[object, ...]


class PreparedQuery(Generic[M]):
    """Rows found by one text, by an ordinary query: it may join other rows, leave out columns, and lock.

    Nothing else in it may differ from call to call: neither the time of day nor the reader's language.
    """

    def __init__(self, rows_with: Callable[[str], QuerySet[M]]) -> None:
        """Take a function that returns the query for a text; it is called once for each kind of database."""
        self._rows_with = rows_with
        self._statements: dict[str, _Statement] = {}

    def first(self, text: str) -> M | None:
        """Return the first row that is found, if any."""
        # What Django's own way from rows to objects asks of a query set: a database, and a compiler that makes the SQL.
        query = SimpleNamespace(get_compiler=lambda using: self._compiler(using, text))
        rows = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return next(iter(ModelIterable(cast("QuerySet[M]", rows))), None)

    def _compiler(self, using: str, text: str) -> SQLCompiler:
        """Return a compiler whose work is done, but for the text."""
        database = connections[using]
        statement = self._statements.get(database.vendor)
        if statement is None:
            statement = self._statements[database.vendor] = self._compile(using)
        parameters = tuple(text if parameter == BLANK else parameter for parameter in statement.parameters)
        compiler = copy(statement.compiler)
        vars(compiler).update(connection=database, as_sql=lambda: (statement.sql, parameters))
        return compiler

    def _compile(self, using: str) -> _Statement:
        compiler = self._rows_with(BLANK).query.get_compiler(using)
        sql, parameters = compiler.as_sql()
        return _Statement(compiler, sql, tuple(parameters))


def insert(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Insert rows of a table, given the values of the named fields; the database fills in its key.

    It does what `bulk_create` does, which makes an object of each row and looks at each of its values several times.
    Texts, numbers, moments, and what a JSON field holds; no bytes.
    """
    if not rows:
        return
    database = connections[DEFAULT_DB_ALIAS]
    quote = database.ops.quote_name
    fields = _fields(model, columns)
    table, names = quote(model._meta.db_table), [quote(field.column) for field in fields]
    into = f"INSERT INTO {table} ({', '.join(names)})"
    with database.cursor() as cursor:
        if database.vendor == "postgresql" and len(rows) > 1:  # one value to send, one plan, however many rows
            keyed = [dict(zip([field.column for field in fields], row, strict=True)) for row in rows]
            source = f"json_populate_recordset(NULL::{table}, %s::json)"
            cursor.execute(f"{into} SELECT {', '.join(names)} FROM {source}", [json.dumps(keyed, default=str)])
        else:
            prepare = [field.get_db_prep_save for field in fields]
            values = [[save(value, database) for save, value in zip(prepare, row, strict=True)] for row in rows]
            cursor.executemany(f"{into} VALUES ({_marks(fields)})", values)


def update(model: type[Model], keys: Sequence[int], changes: Mapping[str, object]) -> None:
    """Give the named fields of some rows new values, none of them an expression, as `update` of a query set does."""
    if not keys:
        return
    database = connections[DEFAULT_DB_ALIAS]
    quote = database.ops.quote_name
    *fields, key = _fields(model, [*changes, "id"])
    values = [field.get_db_prep_save(value, database) for field, value in zip(fields, changes.values(), strict=True)]
    new = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    these = f"{quote(key.column)} IN ({_marks(keys)})"
    with database.cursor() as cursor:
        cursor.execute(f"UPDATE {quote(model._meta.db_table)} SET {new} WHERE {these}", [*values, *keys])


def _fields(model: type[Model], names: Iterable[str]) -> list[Any]:
    return [model._meta.get_field(name) for name in names]


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))
