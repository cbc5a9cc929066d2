"""Tags for several applications at once: which one, and whether it is put on or taken off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from questionnaire.admin import bulk
from questionnaire.admin.notes import TagForm
from questionnaire.models import Application, Tag
from questionnaire.workflow import organising


def urls(model_admin: ModelAdmin[Application]) -> list[URLPattern]:
    """Return where several applications are tagged."""

    def view(request: HttpRequest) -> HttpResponse:
        return carry_out(model_admin, request)

    return [path("tag/", model_admin.admin_site.admin_view(view), name="questionnaire_application_tag")]


def ask(
    model_admin: ModelAdmin[Application],
    request: HttpRequest,
    queryset: QuerySet[Application],
    form: TagForm | None = None,
) -> HttpResponse:
    """Ask which tag the applications get or lose."""
    rows = list(queryset.order_by("pk").values_list("pk", "event"))
    if not rows:
        messages.warning(request, _t("No application was chosen."))
        return bulk.to_list(request.GET)
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _t("Add or remove a tag"),
        "number": len(rows),
        "ids": ",".join(str(pk) for pk, _event in rows),
        "form": form or TagForm(),
        "tags_of_event": Tag.objects.filter(event=rows[0][1]),
        "back": request.POST.get("back", request.GET.urlencode()),
    }
    return TemplateResponse(request, "admin/questionnaire/application/tag.html", context)


def carry_out(model_admin: ModelAdmin[Application], request: HttpRequest) -> HttpResponse:
    """Put the tag on, or take it off, for exactly the applications that were chosen."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    queryset = bulk.confirmed(model_admin, request)
    side = request.POST.get("side")
    if side not in {"add", "remove"}:
        raise BadRequest("neither added nor removed")
    form = TagForm(request.POST)
    if not form.is_valid():
        return ask(model_admin, request, queryset, form)
    applications = list(queryset.select_related("event").only("pk", "event"))
    events = {application.event for application in applications}
    if len(events) != 1:
        raise BadRequest("applications to one event are tagged at a time")
    [event], ids, name = events, [application.pk for application in applications], form.cleaned_data["name"]
    if side == "add":
        number = organising.add_tag(event, name, ids)
        text = ngettext(
            "%(tag)s: added to %(number)d application.", "%(tag)s: added to %(number)d applications.", number
        )
    else:
        number = organising.remove_tag(event, name, ids)
        text = ngettext(
            "%(tag)s: taken off %(number)d application.", "%(tag)s: taken off %(number)d applications.", number
        )
    messages.success(request, text % {"tag": name, "number": number})
    return bulk.to_list(QueryDict(request.POST.get("back", "")))
