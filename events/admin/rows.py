"""Rows that have a place among others, edited on the page of what they belong to."""

from typing import Any

from django.forms import BaseInlineFormSet


class NewAtTheEnd(BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows in an order; a new one comes after the others, and a number alone makes no row."""

    place = "order"

    def add_fields(self, form: Any, index: int | None) -> None:
        """Number what is not stored yet."""
        super().add_fields(form, index)
        stored = self.initial_form_count()
        if self.place not in form.fields or (index is not None and index < stored):
            return
        last = max((getattr(row, self.place) for row in self.get_queryset()), default=0)
        form.initial[self.place] = last + 1 + (self.total_form_count() if index is None else index) - stored
        form.fields[self.place].has_changed = lambda _initial, _data: False


class NextNumber(NewAtTheEnd):
    """Rows that the texts name by their number; a new one gets the next."""

    place = "number"
