"""Rows written from data files: checked, in every language, and only where something differs."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model
from modeltranslation.translator import NotRegistered, translator

from events.models import Bilingual

Row = TypeVar("Row", bound=Model)


class ContentError(Exception):
    """The data files cannot be loaded as they are; the message says in one line where and why."""


class Rows:
    """Writes rows and remembers which, and what that changed."""

    def __init__(self) -> None:
        self.counts = Counter[str]()
        self._written: dict[type[Model], set[Any]] = {}

    @property
    def anything_changed(self) -> bool:
        """Return whether a row was added or changed."""
        return bool(self.counts["added"] or self.counts["changed"])

    def write(self, model: type[Row], where: str, identity: Mapping[str, Any], values: Mapping[str, Any]) -> Row:
        """Return the row that `identity` finds, or a new one, with `values`; other columns stay as they are.

        The files say a text in every language at once, so what they say has not fallen behind.

        Raises `ContentError`, beginning with `where`, for an unknown field, a bad value or a missing language.
        """
        _check_names(model, where, values)
        row = model._default_manager.filter(**identity).first()
        if row is None:
            outcome = "added"
            row = model(**{**identity, **values})
        else:
            outcome = "changed" if _take_over(row, {**values, **_level(row, values)}) else "unchanged"
        if outcome != "unchanged":
            _save(row, where)
        self.counts[outcome] += 1
        self._written.setdefault(model, set()).add(row.pk)
        return row

    def not_written(self, model: type[Row], **scope: Any) -> list[Row]:
        """Return the rows in `scope` that were there before and that no file names."""
        return list(model._default_manager.filter(**scope).exclude(pk__in=self._written.get(model, ())))


def _bilingual_fields(model: type[Model]) -> list[str]:
    try:
        return list(translator.get_options_for_model(model).all_fields)
    except NotRegistered:
        return []


def _check_names(model: type[Model], where: str, values: Mapping[str, Any]) -> None:
    bilingual = _bilingual_fields(model)
    known = {field.name for field in model._meta.fields} - {"id", *bilingual}
    for name in values:
        if name in bilingual:
            raise ContentError(f"{where}: write {_sides(name)} instead of {name}")
        if name not in known:
            raise ContentError(f"{where}: there is no field {name}")


def _take_over(row: Model, values: Mapping[str, Any]) -> bool:
    """Set what differs; return whether anything did."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def _level(row: Model, values: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(row, Bilingual):
        return {}
    return {"stale": [column for column in row.stale if column not in values]}


def _sides(field: str) -> str:
    return " and ".join(f"{field}_{code}" for code, _name in settings.LANGUAGES)


def _save(row: Model, where: str) -> None:
    for field in _bilingual_fields(type(row)):
        given = [bool(getattr(row, f"{field}_{code}")) for code, _name in settings.LANGUAGES]
        if any(given) and not all(given):
            raise ContentError(f"{where}: {_sides(field)} belong together, one is missing")
    try:
        row.full_clean()
    except ValidationError as error:
        raise ContentError(f"{where}: {_in_one_line(error)}") from error
    row.save()


def _in_one_line(error: ValidationError) -> str:
    problems = [f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()]
    return "; ".join(problems).removeprefix("__all__: ")
