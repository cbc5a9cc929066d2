"""Rows that have a place among others, edited on the page of what they belong to."""

from typing import Any

from django.forms import BaseInlineFormSet


class NewAtTheEnd(BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows in an order; a new one comes after the others, and a number alone makes no row."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Number what is not stored yet."""
        super().add_fields(form, index)
        stored = self.initial_form_count()
        if "order" not in form.fields or (index is not None and index < stored):
            return
        last = max((row.order for row in self.get_queryset()), default=0)
        form.initial["order"] = last + 1 + (self.total_form_count() if index is None else index) - stored
        form.fields["order"].has_changed = lambda _initial, _data: False
