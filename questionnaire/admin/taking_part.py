"""The screens of what comes with and after an event: who was present, and what people say of it."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from events.admin.rights import organised_event
from questionnaire.admin import programme_changed, replacing
from questionnaire.models import Promotion
from questionnaire.workflow import attendance, feedback, spreadsheet
from questionnaire.workflow.spreadsheet import Format


def urls(model_admin: ModelAdmin[Promotion]) -> list[URLPattern]:
    """Return where the screens of an event stand."""
    view = model_admin.admin_site.admin_view

    def present(request: HttpRequest, event_id: int) -> HttpResponse:
        return attendance_view(model_admin, request, event_id)

    def said(request: HttpRequest, event_id: int) -> HttpResponseBase:
        return feedback_view(model_admin, request, event_id)

    def changed(request: HttpRequest, event_id: int) -> HttpResponse:
        return programme_changed.screen(model_admin, request, event_id)

    def colleagues(request: HttpRequest, event_id: int) -> HttpResponse:
        return replacing.screen(model_admin, request, event_id)

    return [
        path("<int:event_id>/replacements/", view(colleagues), name="questionnaire_promotion_replacements"),
        path("<int:event_id>/programme/", view(changed), name="questionnaire_promotion_programme"),
        path("<int:event_id>/attendance/", view(present), name="questionnaire_promotion_attendance"),
        path("<int:event_id>/feedback/", view(said), name="questionnaire_promotion_feedback"),
    ]


def attendance_view(model_admin: ModelAdmin[Promotion], request: HttpRequest, event_id: int) -> HttpResponse:
    """Show who takes part; note who was present on POST."""
    event = organised_event(request, event_id)
    now = timezone.now()
    if request.method == "POST":
        try:
            there, absent = attendance.mark(event, request.POST.getlist("present"), now=now)
        except attendance.TooEarly:
            messages.error(request, _t("The event has not begun. Nothing was changed."))
        else:
            text = _t("Noted: %(there)d present, %(absent)d absent.")
            messages.success(request, text % {"there": there, "absent": absent})
        return HttpResponseRedirect(reverse("admin:questionnaire_promotion_attendance", args=[event.pk]))
    people = list(attendance.participants(event))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Who was present: %(event)s") % {"event": event},
        "event": event,
        "people": people,
        "has_begun": now >= event.begins_at,
        "noted": any(person.attended is not None for person in people),
    }
    return TemplateResponse(request, "admin/questionnaire/promotion/attendance.html", context)


def feedback_view(model_admin: ModelAdmin[Promotion], request: HttpRequest, event_id: int) -> HttpResponseBase:
    """Show what was said of an event; `?format=` gives it as a file."""
    event = organised_event(request, event_id)
    if wanted := request.GET.get("format"):
        if wanted not in set(Format):
            raise BadRequest("no such format")
        header, rows = feedback.table(event)
        return _file(header, rows, Format(wanted), f"{event.slug}-feedback")
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Feedback: %(event)s") % {"event": event},
        "event": event,
        "summary": feedback.summary(event),
        "scale": feedback.SCALE,
        "least": feedback.LEAST_SHOWN,
        "formats": list(Format),
    }
    return TemplateResponse(request, "admin/questionnaire/promotion/feedback.html", context)


def _file(header: spreadsheet.Row, rows: list[spreadsheet.Row], file_format: Format, name: str) -> FileResponse:
    file = TemporaryFile()  # closed by the response  # noqa: SIM115
    if file_format is Format.CSV:
        file.writelines(spreadsheet.csv_portions(header, [rows]))
    else:
        spreadsheet.write_xlsx(header, [rows], file, title=_t("Feedback"))
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.{file_format}", content_type=file_format.content_type
    )
