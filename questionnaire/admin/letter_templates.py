"""The screen on which organisers write the letters, whole in both languages, and read them as they will arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin
from modeltranslation.utils import build_localized_fieldname

from events import gates
from events.admin.bilingual import BothLanguages, BothLanguagesForm, require_languages
from events.admin.filters import ByEvent
from events.admin.rights import EventFixed, OrganisersOnly, VersionedContent, person_of
from events.bilingual import CODES
from events.models import Event
from questionnaire.models import Application, LetterKind, LetterTemplate
from questionnaire.states import State
from questionnaire.workflow import event_texts, letters, wording
from questionnaire.workflow.reading import Reading, read

APPLICANTS_OFFERED = 50

IN_THEIR_COURSE = Case(*(When(kind=kind, then=Value(place)) for place, kind in enumerate(LetterKind)))
"""Orders the kinds as `LetterKind` does."""


@gates.gate
def every_letter_is_written(event: Event) -> Iterator[gates.Obstacle]:
    """Say which letters nobody could be sent, since they have no text in some language."""
    url = f"{reverse('admin:questionnaire_lettertemplate_changelist')}?event={event.pk}"
    for kind in event_texts.kinds_without_text(event):
        yield gates.Obstacle(_t("Letter without a text in every language: %(detail)s.") % {"detail": kind.label}, url)


class LetterTemplateForm(BothLanguagesForm):
    """A letter that is whole in each language and asks for nothing that cannot be filled in."""

    def clean(self) -> dict[str, Any]:
        """Refuse a missing language and an unknown placeholder, at the field; both are said at once."""
        try:
            cleaned = super().clean()
            require_languages(cleaned, ["subject", "body"], empty_is_fine=False)
        finally:
            if kind := self.cleaned_data.get("kind") or self.instance.kind:
                self._check("subject", wording.subject_placeholders(kind))
                self._check("body", wording.placeholders(kind))
        return cleaned

    def _check(self, name: str, allowed: dict[str, str]) -> None:
        for field in (build_localized_fieldname(name, code) for code in CODES):
            unknown = wording.unknown_placeholders(self.cleaned_data.get(field) or "", allowed)
            if unknown:
                names = get_text_list([f"{{{placeholder}}}" for placeholder in unknown], _t("and"))
                self.add_error(field, ValidationError(_("Unknown placeholder: %(names)s."), params={"names": names}))


@admin.register(LetterTemplate)
class LetterTemplateAdmin(
    VersionedContent, EventFixed, BothLanguages, OrganisersOnly, TranslationAdmin[LetterTemplate]
):
    """The texts of an event's letters."""

    form = LetterTemplateForm
    list_display = ["kind_label", "subject", "previews", "event"]
    list_filter = [ByEvent]
    list_select_related = ["event"]
    ordering = ["event", IN_THEIR_COURSE]
    readonly_fields = ["placeholders", "previews"]
    actions = None
    fieldsets = [
        (None, {"fields": ["event", "kind", "previews"]}),
        (_("Text"), {"fields": ["subject", "body"]}),
        (_("Placeholders"), {"fields": ["placeholders"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: LetterTemplate | None = None) -> bool:
        """Refuse: without its text, the step that sends the letter fails."""
        return False

    def get_form(
        self, request: HttpRequest, obj: LetterTemplate | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Fix the kind once it is chosen: its placeholders were checked by it."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None and "kind" in form.base_fields:
            form.base_fields["kind"].disabled = True
        return form

    @admin.display(description=_("kind"), ordering=IN_THEIR_COURSE)
    def kind_label(self, template: LetterTemplate) -> str:
        """Return what the letter is for."""
        return template.get_kind_display()

    @admin.display(description=_("placeholders"))
    def placeholders(self, template: LetterTemplate) -> SafeString:
        """List what may stand in braces, with its meaning."""
        if not template.kind:
            return format_html("{}", _t("once it is saved"))
        rows = format_html_join(
            "", "<dt><code>{{{}}}</code></dt><dd>{}</dd>", wording.placeholders(template.kind).items()
        )
        return format_html('<dl class="placeholders">{}</dl>', rows)

    @admin.display(description=_("preview"))
    def previews(self, template: LetterTemplate) -> SafeString:
        """Link to the letter as it will arrive, in each language."""
        if template.pk is None:
            return format_html("{}", _t("once it is saved"))
        url = reverse("admin:questionnaire_lettertemplate_preview", args=[template.pk])
        links = ((f"{url}?language={code}", code, name) for code, name in settings.LANGUAGES)
        return format_html_join(" · ", '<a href="{}" hreflang="{}">{}</a>', links)

    def get_urls(self) -> list[URLPattern]:
        """Add the preview."""
        preview = self.admin_site.admin_view(self.preview_view)
        return [
            path("<int:pk>/preview/", preview, name="questionnaire_lettertemplate_preview"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Offer the preview of what is typed in each language."""
        return super().render_change_form(request, {**context, "languages": settings.LANGUAGES}, *args, **kwargs)

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the letter as one applicant would get it, a real one or one made up; by POST, send it to oneself.

        With `typed`, a language, the letter is the one that the form posts, which is not saved.
        """
        template = self.get_object(request, str(pk))
        if template is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))  # type: ignore[attr-defined,no-any-return]
        typed = self._typed(request, template)
        asked = request.POST if typed else request.GET
        language = asked.get("typed" if typed else "language", "")
        language = language if language in CODES else CODES[0]
        applicants = _applicants(template)
        chosen = asked.get("application", "")
        application = next((row for row in applicants if str(row.pk) == chosen), _made_up(template))
        if request.method == "POST" and typed is None:
            _send_test(request, template, application, language)
            return HttpResponseRedirect(request.get_full_path())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _t("Preview: %(letter)s") % {"letter": template.get_kind_display()},
            "template": template,
            "language": language,
            "languages": settings.LANGUAGES,
            "applicants": applicants,
            "is_to_applicants": template.kind not in (wording.TO_TEAM.keys() | wording.TO_STRANGERS),
            "application": application,
            "own_address": person_of(request).email,
            "typed": typed,
            "reading": None if typed and typed.errors else _preview(template, application, language),
        }
        return TemplateResponse(request, "admin/questionnaire/lettertemplate/preview.html", context)

    def _typed(self, request: HttpRequest, template: LetterTemplate) -> Any:
        """Return the form that is posted to be previewed, its texts in `template` where they are right; else None."""
        if request.method != "POST" or "typed" not in request.POST:
            return None
        form = self.get_form(request, template, change=True)(request.POST, instance=template)
        form.full_clean()
        return form


def _applicants(template: LetterTemplate) -> QuerySet[Application]:
    rows = Application.objects.filter(event=template.event_id).exclude(state=State.DRAFT)
    return rows.order_by("-submitted_at", "-pk")[:APPLICANTS_OFFERED]


def _made_up(template: LetterTemplate) -> Application:
    """Return an applicant whose name shows whether accents and apostrophes arrive."""
    return Application(
        event=template.event, first_name="Zoé", family_name="O’Hara-Müller", email="zoe.ohara@example.org"
    )


def _send_test(request: HttpRequest, template: LetterTemplate, application: Application, language: str) -> None:
    """Send the letter to whoever looks at it."""
    address = person_of(request).email
    try:
        letters.queue_test(template, application, address, language=language, at=timezone.now())
    except letters.NoText:
        messages.error(request, _t("The letter has no text in this language yet."))
    except ValueError:
        messages.error(request, _t("Your own account has no e-mail address to which a letter can be sent."))
    else:
        messages.success(request, _t("The letter is on its way to %(address)s.") % {"address": address})


def _preview(template: LetterTemplate, application: Application, language: str) -> Reading | None:
    """Return the letter, or None where the text is missing in the language."""
    try:
        return read(letters.preview(template, application, language=language, at=timezone.now()))
    except letters.NoText:
        return None
