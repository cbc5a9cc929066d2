"""Both languages of a text side by side, and a word where one is missing."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Field
from django.forms import BaseModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from modeltranslation.translator import translator
from modeltranslation.utils import build_localized_fieldname

if TYPE_CHECKING:
    Mixin = BaseModelAdmin[Any]
else:
    Mixin = object

CODES = tuple(code for code, _name in settings.LANGUAGES)


class SideBySide(Mixin):
    """Put the languages of a field on one row; stands before a `TranslationAdmin` or one of its inlines."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, Any]]:
        """Return the fieldsets with the two languages of each text paired."""
        fieldsets = super().get_fieldsets(request, obj)
        return [(title, {**options, "fields": self._paired(options["fields"])}) for title, options in fieldsets]

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Say in which language a text is to be written, to people and to their spelling checker."""
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        language = getattr(db_field, "language", None)
        if formfield is not None and language:
            original = db_field.translated_field  # type: ignore[attr-defined]
            name = dict(settings.LANGUAGES)[language]
            formfield.label = _("%(field)s (%(language)s)") % {"field": original.verbose_name, "language": name}
            formfield.widget.attrs["lang"] = language
        return formfield

    def _paired(self, fields: Iterable[Any]) -> list[Any]:
        originals = {
            build_localized_fieldname(name, code): name
            for name in translator.get_options_for_model(self.model).all_fields
            for code in CODES
        }
        groups = [list(group) for _name, group in groupby(fields, key=lambda name: originals.get(name, name))]
        return [tuple(group) if len(group) > 1 else group[0] for group in groups]


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


def bilingual_names(form: BaseModelForm[Any]) -> list[str]:
    """Return the names of the bilingual texts that a form asks for."""
    options = translator.get_options_for_model(form._meta.model)
    return [name for name in options.all_fields if build_localized_fieldname(name, CODES[0]) in form.fields]


class BothLanguagesForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that keeps the two languages level: a text is there in both, or in neither."""

    def clean(self) -> dict[str, Any]:
        """Refuse a text that lacks its other language."""
        cleaned = super().clean() or self.cleaned_data
        require_languages(cleaned, bilingual_names(self), empty_is_fine=True)
        return cleaned
