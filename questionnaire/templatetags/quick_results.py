"""The table of a list in admin, each row written at once.

Django's own tag looks up every cell by the name of its column, renders a template for every box and resolves every
link: half of the time of a page of 50. Here all that is done once for the page. This knows what our lists have: columns
that are methods of the screen or fields of the model, the first of them with the link, and nothing to edit.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django import template
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_list import ResultList, result_headers
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import display_for_field, display_for_value
from django.contrib.admin.views.main import ChangeList
from django.db.models import Field, Model
from django.utils.html import format_html
from django.utils.translation import gettext as _

register = template.Library()

BOX_NAME = "action_checkbox"  # the column that Django adds for the actions
BOX = (
    '<td class="action-checkbox">'
    f'<input type="checkbox" name="{ACTION_CHECKBOX_NAME}" value="{{}}" class="action-select" aria-label="{{}}"></td>'
)


@register.inclusion_tag("admin/change_list_results.html")
def quick_result_list(cl: ChangeList) -> dict[str, Any]:
    """Show the headers and rows of a list, as Django's `result_list` does."""
    headers = list(result_headers(cl))
    return {
        "cl": cl,
        "result_hidden_fields": [],
        "result_headers": headers,
        "num_sorted_fields": sum(1 for header in headers if header["sortable"] and header["sorted"]),
        "results": list(rows(cl)),
    }


def rows(cl: ChangeList) -> Iterator[ResultList]:
    """Yield each row of the page, its cells in one piece."""
    first, *others = [str(name) for name in cl.list_display if name != BOX_NAME]
    cells = f'<th class="field-{first}"><a href="{{}}">{{}}</a></th>'
    cells += "".join(f'<td class="field-{name}">{{}}</td>' for name in others)
    columns = [column(cl, name) for name in (first, *others)]
    with_boxes = BOX_NAME in cl.list_display
    pattern = BOX + cells if with_boxes else cells
    link = links(cl)
    label = _("Select this object for an action - {}")
    for row in cl.result_list:
        box = (row.pk, label.format(row)) if with_boxes else ()
        yield ResultList(None, [format_html(pattern, *box, link(row), *(show(row) for show in columns))])


def column(cl: ChangeList, name: str) -> Callable[[Model], Any]:
    """Return what shows a row's value in a column. Raises `FieldDoesNotExist` for a name of nothing."""
    screen = cl.model_admin
    empty = screen.get_empty_value_display()
    if method := getattr(screen, name, None):
        empty_here, boolean = getattr(method, "empty_value_display", empty), getattr(method, "boolean", False)
        return lambda row: display_for_value(method(row), empty_here, boolean)
    field = cl.lookup_opts.get_field(name)
    assert isinstance(field, Field)
    if field.flatchoices:
        labels = {value: str(words) for value, words in field.flatchoices}
        return lambda row: labels.get(getattr(row, name), empty)
    return lambda row: display_for_field(getattr(row, name), field, empty)


def links(cl: ChangeList) -> Callable[[Model], str]:
    """Return what makes the address of a row's page; the rows' addresses differ in the key alone."""
    some_row = cl.result_list[0]
    filters: dict[str, Any] = {"preserved_filters": cl.preserved_filters, "opts": cl.opts}
    before, _own, after = add_preserved_filters(filters, cl.url_for_result(some_row)).partition(f"/{some_row.pk}/")
    return lambda row: f"{before}/{row.pk}/{after}"
