"""Organisers' notes to each other on an application's page, and its tags."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from questionnaire.admin.application_page import Page
from questionnaire.forms import posted
from questionnaire.models import Tag
from questionnaire.workflow import organising


class NoteForm(forms.Form):
    """A note."""

    use_required_attribute = False

    text = forms.CharField(label=_("New note"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))


class TagForm(forms.Form):
    """The name of a tag; spaces in it are as good as one."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Tag"), max_length=40, widget=forms.TextInput(attrs={"list": "tags-of-event", "autocomplete": "off"})
    )

    def clean_name(self) -> str:
        """Return the name as it is kept."""
        return " ".join(self.cleaned_data["name"].split())


def context(page: Page) -> dict[str, Any]:
    """Return what organisers have written to each other here."""
    if not page.organises:
        return {}
    return {
        "notes": page.application.notes.select_related("by"),
        "note_form": NoteForm(),
        "tags": page.application.tags.all(),
        "tag_form": TagForm(),
        "tags_of_event": Tag.objects.filter(event=page.application.event_id),
    }


def write(page: Page) -> HttpResponse:
    """Add a note."""
    page.require(page.organises)
    form = NoteForm(page.request.POST)
    if not form.is_valid():
        return page.render(note_form=form)
    organising.write_note(page.application, form.cleaned_data["text"], by=page.person, at=timezone.now())
    return page.back(messages.SUCCESS, _t("The note is kept."))


def add_tag(page: Page) -> HttpResponse:
    """Tag the application."""
    page.require(page.organises)
    form = TagForm(page.request.POST)
    if not form.is_valid():
        return page.render(tag_form=form)
    name = form.cleaned_data["name"]
    organising.add_tag(page.application.event, name, [page.application.pk])
    return page.back(messages.SUCCESS, _t("Tagged: %(tag)s.") % {"tag": name})


def remove_tag(page: Page) -> HttpResponse:
    """Take a tag off."""
    page.require(page.organises)
    name = posted.text(page.request, "name")
    organising.remove_tag(page.application.event, name, [page.application.pk])
    return page.back(messages.SUCCESS, _t("Tag taken off: %(tag)s.") % {"tag": name})
