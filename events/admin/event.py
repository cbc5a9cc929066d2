"""The screen of an event: its facts, texts and dates, its contacts, groups, questions, sources and team."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, URLField
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationTabularInline

from events import gates, team
from events.admin.bilingual import BothLanguages, BothLanguagesForm, SideBySide, require_languages
from events.admin.rights import OrganisersOnly, VersionedContent, WithinTheEvent, person_of
from events.admin.rows import NewAtTheEnd, NextNumber
from events.admin.staleness import BilingualForm, bilingual_names
from events.countries import all_countries, country_choices
from events.models import Contact, Event, GuidingQuestion, Membership, Reference, TargetGroup

CLOCK = format_lazy(_("All times are those of {zone}."), zone=settings.TIME_ZONE)


class ContactInline(SideBySide, WithinTheEvent, TranslationTabularInline[Contact, Event]):  # type: ignore[misc]
    """The people to ask."""

    model = Contact
    form = BothLanguagesForm
    formset = NewAtTheEnd
    fields = ["order", "name", "role", "email"]
    extra = 1


class TargetGroupInline(SideBySide, WithinTheEvent, TranslationTabularInline[TargetGroup, Event]):  # type: ignore[misc]
    """For whom the event is made."""

    model = TargetGroup
    form = BothLanguagesForm
    formset = NewAtTheEnd
    fields = ["order", "key", "label"]
    extra = 1


class GuidingQuestionInline(SideBySide, WithinTheEvent, TranslationTabularInline[GuidingQuestion, Event]):  # type: ignore[misc]
    """The questions that the event answers."""

    model = GuidingQuestion
    form = BothLanguagesForm
    formset = NextNumber
    fields = ["number", "text"]
    extra = 1


class ReferenceInline(SideBySide, WithinTheEvent, TranslationTabularInline[Reference, Event]):  # type: ignore[misc]
    """The numbered notes and sources."""

    model = Reference
    form = BothLanguagesForm
    formset = NextNumber
    fields = ["number", "text", "url"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    extra = 1


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    """A member of the team, named by login: a list to choose from would show everybody's colleagues."""

    login = forms.CharField(label=_("Login"), max_length=150)

    class Meta:
        model = Membership
        fields = ["role", "organisation", "country", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].widget = forms.Select(choices=country_choices(get_language() or "en"))
        if self.instance.pk:
            self.initial["login"] = self.instance.user.get_username()

    def clean_login(self) -> str:
        """Find the person, who needs an account with access to these pages."""
        login: str = self.cleaned_data["login"]
        person = User.objects.filter(username=login, is_active=True, is_staff=True).first()
        if person is None:
            raise ValidationError(_("Nobody with this login has access to these pages."))
        self.instance.user = person
        self.cleaned_data["user"] = person  # by which the formset tells two rows apart
        return login

    def clean(self) -> dict[str, Any]:
        """Ask of a reviewer what tells that they work with an applicant."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("role") == Membership.Role.REVIEWER:
            for name in ("organisation", "country"):
                if name not in self.errors and not cleaned.get(name, "").strip():
                    self.add_error(name, _("Needed of a reviewer, so that nobody reviews a colleague."))
        return cleaned

    def clean_country(self) -> str:
        """Refuse what is no country."""
        country: str = self.cleaned_data["country"]
        if country and country not in all_countries():
            raise ValidationError(_("Choose a country from the list."))
        return country

    def _get_validation_exclusions(self) -> set[str]:
        # The person is chosen through the login, so the constraint on it is to be checked all the same.
        chosen = {"user"} if self.instance.user_id else set()
        return super()._get_validation_exclusions() - chosen  # type: ignore[misc,no-any-return]


class MembershipInline(WithinTheEvent, admin.TabularInline[Membership, Event]):
    """Who organises and who reviews."""

    model = Membership
    form = MembershipForm
    fields = ["login", "role", "organisation", "country", "language"]
    extra = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Fetch the people along."""
        return super().get_queryset(request).select_related("user")


class EventForm(BilingualForm):
    """An event, which is not published before all of it is whole, in every language."""

    def clean(self) -> dict[str, Any]:
        """Refuse to publish with a text missing."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("published"):
            require_languages(cleaned, bilingual_names(self), empty_is_fine=True)
        if cleaned.get("published") and not self.initial.get("published"):
            self._require_open_gates()
        return cleaned

    def _require_open_gates(self) -> None:
        """Refuse to publish, with a link to each place where something is missing."""
        if self.instance.pk is None:
            raise ValidationError({"published": _("Save the event first. It can be published once it is complete.")})
        # Locked, so that nobody takes away in between what the gates look at.
        event = Event.objects.select_for_update().get(pk=self.instance.pk)
        errors = [
            format_html('{} <a href="{}">{}</a>', obstacle.text, obstacle.url, _("Put it right"))
            for obstacle in gates.obstacles(event)
        ]
        if errors:
            raise ValidationError({"published": errors})


@admin.register(Event)
class EventAdmin(VersionedContent, BothLanguages, OrganisersOnly, TranslationAdmin[Event]):
    """Events, each for those who organise it."""

    event_path = "pk"
    form = EventForm
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    inlines = [ContactInline, TargetGroupInline, GuidingQuestionInline, ReferenceInline, MembershipInline]
    list_display = ["title", "first_day", "places", "opens_at", "closes_at", "decisions_at", "published", "pages"]
    list_filter = ["published"]
    search_fields = ["title_en", "title_fr", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    view_on_site = False  # `pages` links to the page in each language
    fieldsets = [
        (None, {"fields": ["title", "slug", "summary", "publisher", "organiser", "published", "pages"]}),
        (
            _("When and where"),
            {"fields": [("first_day", "last_day"), ("daily_start", "daily_end"), "time_zone", "venue", "languages"]},
        ),
        (
            _("Places, and the promise to applicants"),
            {
                "fields": ["places", ("opens_at", "closes_at"), ("decisions_at", "promised_by"), "answer_by"],
                "description": CLOCK,
            },
        ),
        (
            _("Review"),
            {
                "fields": [
                    ("reviews_per_application", "shared_applications"),
                    "reviewers_from_other_countries",
                    "anonymous_review",
                ]
            },
        ),
        (
            _("Waiting list, and the meeting"),
            {
                "fields": [("promotion_hours", "promotions_held"), ("joining_link", "joining_opens_at")],
                "description": CLOCK,
            },
        ),
        (_("Personal data"), {"fields": ["retention_days", "shredded"]}),
        (_("Texts"), {"fields": ["why", "aim", "practical"]}),
        (_("Look"), {"fields": ["programme_is_provisional", "show_emblem"]}),
    ]

    def event_of(self, obj: Event) -> Event:
        """Return the event itself."""
        return obj

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Leave the deletion of a whole event to the operator."""
        return person_of(request).is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: Event | None = None) -> list[str]:
        """Keep the address of a page that people may have noted down.

        The row is asked, not `obj`, which has taken over what was posted when the page comes again with errors.
        """
        is_public = obj is not None and Event.objects.published().filter(pk=obj.pk).exists()
        return ["pages", "shredded", "slug"] if is_public else ["pages", "shredded"]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Event | None = None) -> dict[str, Any]:
        """Suggest a short name from the title, as long as one is to be chosen."""
        if "slug" in self.get_readonly_fields(request, obj):
            return {}
        return dict(super().get_prepopulated_fields(request, obj))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Make whoever adds an event its organiser; hand on what reviewers leave who are taken out of the team."""
        before = team.reviewers(form.instance)
        super().save_related(request, form, formsets, change)
        team.hand_over(form.instance, before - team.reviewers(form.instance), at=timezone.now())
        if not change:
            Membership.objects.get_or_create(
                event=form.instance, user=person_of(request), role=Membership.Role.ORGANISER
            )

    @admin.display(description=_("on the site"))
    def pages(self, event: Event) -> SafeString:
        """Link to the event's page in each language."""
        if not event.published:
            return format_html("{}", _("not published"))
        return format_html_join(" · ", '<a href="{}" hreflang="{}">{}</a>', map(_page_link(event), settings.LANGUAGES))

    @admin.display(description=_("erasure"))
    def shredded(self, event: Event) -> str:
        """Say until when personal data are kept, or since when there are none."""
        if event.last_day is None:
            return "–"
        if event.shredded_at is None:
            return _t("kept until %(day)s, then erased") % {"day": date_format(event.kept_until)}
        return _t("erased on %(day)s") % {"day": date_format(event.shredded_at.astimezone(event.zone))}


def _page_link(event: Event) -> Any:
    def link(language: tuple[str, Any]) -> tuple[str, str, Any]:
        code, name = language
        with translation.override(code):
            return event.get_absolute_url(), code, name

    return link
