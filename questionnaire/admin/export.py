"""Taking applications out into a spreadsheet: those chosen in the list, or all. For organisers of the event alone."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from events.admin.rights import person_of, rights_of
from events.models import Event
from questionnaire.admin.desk import desk_of
from questionnaire.models import Application
from questionnaire.workflow import export, spreadsheet
from questionnaire.workflow.spreadsheet import Format

MOST_ROWS_OF_XLSX = 10_000  # more take longer than a web server waits


def urls(model_admin: ModelAdmin[Application]) -> list[URLPattern]:
    """Return where all applications to an event are taken out."""
    view = model_admin.admin_site.admin_view(all_view)
    return [path("export/<int:event_id>/", view, name="questionnaire_application_export")]


def chosen(request: HttpRequest, queryset: QuerySet[Application], file_format: Format) -> HttpResponseBase:
    """Give the applications chosen in the list, in its order, in the reader's language."""
    event = desk_of(request).event
    if event is None:
        raise PermissionDenied
    answer = _answer(request, export.Export(event, queryset, get_language()), file_format)
    return answer or HttpResponseRedirect(request.get_full_path())


def all_view(request: HttpRequest, event_id: int) -> HttpResponseBase:
    """Give all applications to an event; by POST, since it is put on record."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    event = get_object_or_404(Event, pk=event_id, pk__in=rights_of(request).organised)
    language, file_format = request.POST.get("language"), request.POST.get("format")
    if language not in dict(settings.LANGUAGES) or file_format not in set(Format):
        raise BadRequest("no such language or format")
    answer = _answer(request, export.Export(event, export.exportable(event), language), Format(file_format))
    return answer or HttpResponseRedirect(reverse("admin:questionnaire_application_dashboard", args=[event.pk]))


def _answer(request: HttpRequest, table: export.Export, file_format: Format) -> HttpResponseBase | None:
    """Put the export on record and give the file; None, with a message, where it is too long for its kind."""
    number = table.applications.count()
    if file_format is Format.XLSX and number > MOST_ROWS_OF_XLSX:
        text = _t("That is too long for XLSX here: %(number)d applications, at most %(most)d. Take CSV.")
        messages.error(request, text % {"number": number, "most": MOST_ROWS_OF_XLSX})
        return None
    export.record(table.event, by=person_of(request), file_format=file_format, number=number)
    name = f"{table.event.slug}-{timezone.localdate():%Y-%m-%d}.{file_format}"
    if file_format is Format.CSV:
        return StreamingHttpResponse(
            spreadsheet.csv_portions(table.header(), table.portions()),
            content_type=file_format.content_type,
            headers={"Content-Disposition": content_disposition_header(True, name) or ""},
        )
    file = TemporaryFile()  # closed by the response  # noqa: SIM115
    export.write(table, file_format, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=file_format.content_type)
