"""The screen of the outbox: each letter exactly as it was, or will be, sent."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.admin.filters import ByEvent
from events.admin.rights import OrganisersOnly, organised_events
from questionnaire.admin import failed, sending
from questionnaire.models import Letter, LetterStatus
from questionnaire.workflow import mime, outbox
from questionnaire.workflow.reading import read


class DecisionsAtRisk(admin.SimpleListFilter):
    """Choose the letters that an alarm counts: decisions that failed or are late."""

    title = _("urgency")
    parameter_name = "at_risk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the one choice."""
        return [("decisions", _t("Decisions that failed or are late"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        """Keep the letters at risk; an unknown choice keeps nothing."""
        if self.value() is None:
            return queryset
        if self.value() != "decisions":
            return queryset.none()
        return queryset.filter(pk__in=outbox.decisions_at_risk(organised_events(request), timezone.now()))


@admin.register(Letter)
class LetterAdmin(OrganisersOnly, admin.ModelAdmin[Letter]):
    """Letters: read, and sent again where they failed; never edited."""

    list_display = ["subject", "recipient", "status", "kind", "language", "due_at", "sent_at", "attempts"]
    list_filter = [ByEvent, DecisionsAtRisk, "status", "kind", "language"]
    search_fields = ["recipient", "subject", "message_id", "application__family_name"]
    ordering = ["-created_at", "-pk"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        """Leave the bytes of the letters where they are."""
        return super().get_queryset(request).defer("mime")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List the letters; beside them stands the way to what is done with those of the event that is looked at."""
        events = organised_events(request)
        chosen = request.GET.get("event", "")
        shown = [event for event in events if str(event.pk) == chosen] or ([] if chosen else list(events))
        event = shown[0] if len(shown) == 1 else None
        return super().changelist_view(request, {**(extra_context or {}), "event": event})

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: letters follow from what people do."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        """Refuse: a frozen letter stays as it is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        """Refuse: what was sent stays on record."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Have a list, a page for each letter, and a way to send it again."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="questionnaire_letter_changelist"),
            path("failed/<int:event_id>/", view(self.failed_view), name="questionnaire_letter_failed"),
            path("address/<int:application_id>/", view(self.address_view), name="questionnaire_letter_address"),
            path("holds/", view(self.holds_view), name="questionnaire_letter_holds"),
            path("<path:object_id>/change/", view(self.change_view), name="questionnaire_letter_change"),
            path("<path:object_id>/send-again/", view(self.send_again_view), name="questionnaire_letter_send_again"),
        ]

    def failed_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """List the letters of an event that failed."""
        return failed.list_view(self, request, event_id)

    def address_view(self, request: HttpRequest, application_id: int) -> HttpResponse:
        """Put an applicant's address right."""
        return failed.address_view(self, request, application_id)

    def holds_view(self, request: HttpRequest) -> HttpResponse:
        """Show what holds everybody's letters."""
        return sending.outbox_view(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show what was, or will be, sent."""
        letter = self.get_object(request, unquote(object_id))
        if letter is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": letter.subject,
            "letter": letter,
            "reading": read(mime.read(bytes(letter.mime))),
            "can_send_again": letter.status == LetterStatus.FAILED,
        }
        return TemplateResponse(request, "admin/questionnaire/letter/change_form.html", context)

    def send_again_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put a failed letter back on its way, with the same bytes."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        letter = self.get_object(request, unquote(object_id))
        if letter is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        if outbox.requeue(Letter.objects.filter(pk=letter.pk), now=timezone.now()):
            messages.success(request, _t("The letter is on its way once more, with the same text and Message-ID."))
        else:
            messages.error(request, _t("Only a letter that failed can be sent again. Nothing was changed."))
        return HttpResponseRedirect(reverse("admin:questionnaire_letter_change", args=[letter.pk]))
