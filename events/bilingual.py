"""Texts in every language: which ones are missing, and which fell behind. Asks no database."""

from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from modeltranslation.translator import translator
from modeltranslation.utils import build_localized_fieldname

from events.models import Bilingual

CODES = tuple(code for code, _name in settings.LANGUAGES)


def text_names(model: type[Model]) -> tuple[str, ...]:
    """Return the names of a model's bilingual texts, such as `title`, in the order of its fields."""
    names = set(translator.get_options_for_model(model).all_fields)
    return tuple(field.name for field in model._meta.fields if field.name in names)


def column_names(name: str) -> tuple[str, ...]:
    """Return the columns that hold a text, one a language: `title_en`, `title_fr`."""
    return tuple(build_localized_fieldname(name, code) for code in CODES)


def column_label(model: type[Model], column: str) -> str:
    """Return what people call a column, in the active language: “Title (French)”."""
    db_field: Any = model._meta.get_field(column)
    name = capfirst(db_field.translated_field.verbose_name)
    return _("%(field)s (%(language)s)") % {"field": name, "language": dict(settings.LANGUAGES)[db_field.language]}


def missing_columns(row: Bilingual) -> list[str]:
    """Return the columns that lack their text: one that the row must have, or that stands in another language."""
    missing = []
    for name in text_names(type(row)):
        empty = [column for column in column_names(name) if not getattr(row, column)]
        db_field: Any = row._meta.get_field(name)
        if not db_field.blank or len(empty) < len(CODES):
            missing += empty
    return missing


def stale_after_edit(
    stale: Iterable[str], names: Iterable[str], *, changed: Collection[str], confirmed: Collection[str] = ()
) -> list[str]:
    """Return which columns are behind after an edit of the texts `names`, given which were `stale` before it.

    A column that changed makes its text's other languages stale, unless they changed along, or it was itself stale and
    so has caught up with them. A column that somebody `confirmed` to be still right is level again.
    """
    behind = set(stale) - set(changed) - set(confirmed)
    for name in names:
        columns = set(column_names(name))
        leading = (columns & set(changed)) - set(stale)
        if leading:
            behind |= columns - set(changed) - set(confirmed)
    return sorted(behind)
