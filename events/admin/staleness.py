"""Texts that fell behind their other language: flagged at the field and in lists, until edited or said to be right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import get_text_list
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events import bilingual

if TYPE_CHECKING:
    Mixin = BaseModelAdmin[Any]
else:
    Mixin = object


class FlaggedText(forms.Widget):
    """The input of a text that fell behind, with a box to tick where it is still right."""

    template_name = "admin/widgets/flagged_text.html"

    def __init__(self, widget: forms.Widget, *, confirmed: bool) -> None:
        super().__init__(widget.attrs)
        self.widget = widget
        self.confirmed = confirmed

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the input as it is without the flag, and the box."""
        context = super().get_context(name, value, attrs)
        context["widget"]["input"] = self.widget.render(name, value, attrs)
        context["widget"]["confirm_name"] = confirm_name(name)
        context["widget"]["confirmed"] = self.confirmed
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the text that was typed."""
        return self.widget.value_from_datadict(data, files, name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Return whether there was no such input."""
        return self.widget.value_omitted_from_data(data, files, name)


def confirm_name(name: str) -> str:
    """Return the name of the box that says that a text is still right."""
    return f"{name}-still-right"


class BilingualForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that keeps account of the texts that fell behind their other language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in self.instance.stale:
            if column in self.fields:
                field = self.fields[column]
                field.widget = FlaggedText(field.widget, confirmed=column in self.still_right)

    @cached_property
    def still_right(self) -> list[str]:
        """Return the columns that fell behind and were ticked as right all the same."""
        return [column for column in self.instance.stale if confirm_name(self.add_prefix(column)) in self.data]

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the names of the fields that changed; a tick alone is a change too."""
        changed = super().changed_data
        return [*changed, *(column for column in self.still_right if column not in changed)]

    def save(self, commit: bool = True) -> Any:
        """Save, with a note of which texts are now behind."""
        self.instance.stale = self._stale() if self.instance.pk else []
        return super().save(commit)

    def _stale(self) -> list[str]:
        names = bilingual_names(self)
        columns = [column for name in names for column in bilingual.column_names(name)]
        stale = bilingual.stale_after_edit(
            self.instance.stale,
            names,
            changed=[column for column in columns if self._differs(column)],
            confirmed=self.still_right,
        )
        return [column for column in stale if self.cleaned_data.get(column, "not asked for here")]

    def _differs(self, column: str) -> bool:
        """Return whether a text changed; browsers send the ends of lines in a way of their own."""
        before, after = self.initial.get(column) or "", self.cleaned_data.get(column) or ""
        return bool(_lines(before) != _lines(after))


def _lines(text: str) -> list[str]:
    return text.strip().splitlines()


def bilingual_names(form: forms.BaseModelForm[Any]) -> list[str]:
    """Return the names of the bilingual texts that a form asks for."""
    return [
        name for name in bilingual.text_names(form._meta.model) if set(bilingual.column_names(name)) <= set(form.fields)
    ]


class FellBehind(admin.SimpleListFilter):
    """Choose the rows with a text that fell behind."""

    title = _("translation")
    parameter_name = "translation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer both sides."""
        return [("behind", _("fell behind")), ("level", _("level"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the chosen side."""
        match self.value():
            case "behind":
                return queryset.exclude(stale=[])
            case "level":
                return queryset.filter(stale=[])
            case _:
                return queryset


class FlagsInList(Mixin):
    """A list that says of each row which texts fell behind, or are not there at all."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Add the column."""
        return [*super().get_list_display(request), "fell_behind"]  # type: ignore[misc]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Add the choice."""
        return [*super().get_list_filter(request), FellBehind]  # type: ignore[misc]

    @admin.display(description=_("fell behind"))
    def fell_behind(self, row: Any) -> str:
        """Name the texts that fell behind, and those that are missing."""
        behind = [bilingual.column_label(type(row), column) for column in row.stale]
        missing = [bilingual.column_label(type(row), column) for column in bilingual.missing_columns(row)]
        return get_text_list([*behind, *(_t("%(text)s: missing") % {"text": text} for text in missing)], _t("and"))
