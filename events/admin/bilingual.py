"""Both languages of a text side by side, and a word where one is missing."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Field, TextField
from django.http import HttpRequest
from django.utils.translation import gettext as _
from modeltranslation.utils import build_localized_fieldname

from events import bilingual
from events.admin.staleness import BilingualForm, FlagsInList, bilingual_names
from events.bilingual import CODES

if TYPE_CHECKING:
    Mixin = BaseModelAdmin[Any]
else:
    Mixin = object


class Lines(forms.CharField):
    """A text of several lines, whose ends browsers send as they like: it has not changed when only they differ."""

    def to_python(self, value: Any) -> Any:
        """Return the text with its lines ended in one way."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if text else text


class SideBySide(Mixin):
    """Put the languages of a field on one row; stands before a `TranslationAdmin` or one of its inlines."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, Any]]:
        """Return the fieldsets with the two languages of each text paired."""
        fieldsets = super().get_fieldsets(request, obj)
        return [(title, {**options, "fields": self._paired(options["fields"])}) for title, options in fieldsets]

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Say in which language a text is to be written, to people and to their spelling checker."""
        if isinstance(db_field, TextField):
            kwargs.setdefault("form_class", Lines)
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        language = getattr(db_field, "language", None)
        if formfield is not None and language:
            formfield.label = bilingual.column_label(db_field.model, db_field.name)
            formfield.widget.attrs["lang"] = language
        return formfield

    def _paired(self, fields: Iterable[Any]) -> list[Any]:
        originals = {
            column: name for name in bilingual.text_names(self.model) for column in bilingual.column_names(name)
        }
        groups = [list(group) for _name, group in groupby(fields, key=lambda name: originals.get(name, name))]
        return [tuple(group) if len(group) > 1 else group[0] for group in groups]


class BothLanguages(FlagsInList, SideBySide):
    """A screen of bilingual rows: the languages side by side, and in the list what fell behind."""


def require_languages(cleaned: dict[str, Any], names: Iterable[str], *, empty_is_fine: bool) -> None:
    """Raise `ValidationError`, at the fields, where a text is missing in a language.

    With `empty_is_fine` a text may also be missing in all of them.
    """
    errors: dict[str, str] = {}
    for name in names:
        texts = {code: cleaned.get(build_localized_fieldname(name, code)) for code in CODES}
        if any(texts.values()) or not empty_is_fine:
            errors |= _missing(name, texts)
    if errors:
        raise ValidationError(errors)


def _missing(name: str, texts: dict[str, Any]) -> dict[str, str]:
    names = dict(settings.LANGUAGES)
    return {
        build_localized_fieldname(name, code): _("This text is missing in %(language)s.") % {"language": names[code]}
        for code, text in texts.items()
        if not text
    }


class BothLanguagesForm(BilingualForm):
    """A form that keeps the two languages level: a text is there in both, or in neither."""

    def clean(self) -> dict[str, Any]:
        """Refuse a text that lacks its other language."""
        cleaned = super().clean() or self.cleaned_data
        require_languages(cleaned, bilingual_names(self), empty_is_fine=True)
        return cleaned
