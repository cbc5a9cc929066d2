"""The history of what organisers changed, in the reader's language."""

import json
import re

from django import template
from django.contrib.admin.models import LogEntry
from django.utils.text import capfirst
from django.utils.translation import gettext as _

register = template.Library()
OF_ONE_LANGUAGE = re.compile(r"(?P<field>.+) \((?P<language>English|French)\)")


@register.filter
def change_in_words(entry: LogEntry) -> str:
    """Return what an entry says. Django keeps the labels of fields as they stand in English: “Name (French)”."""
    try:
        changes = json.loads(entry.change_message)
    except ValueError:
        return str(entry.get_change_message())  # somebody's own words
    if isinstance(changes, dict):  # as `questionnaire.workflow.history` records a deed
        return str(_(changes["text"]) % changes["values"])
    for change in changes:
        for deed in change.values():
            if "fields" in deed:
                deed["fields"] = [_label(field) for field in deed["fields"]]
    return str(LogEntry(change_message=json.dumps(changes)).get_change_message())


def _label(kept: str) -> str:
    found = OF_ONE_LANGUAGE.fullmatch(kept)
    if found:
        return _("%(field)s (%(language)s)") % {"field": _label(found["field"]), "language": _(found["language"])}
    words = _(kept)
    return words if words != kept else capfirst(_(kept[:1].lower() + kept[1:]))
