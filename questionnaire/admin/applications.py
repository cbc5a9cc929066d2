"""The screen of applications: the list, its bulk actions, and the page of each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.admin.rights import person_of, rights_of
from questionnaire.admin import (
    application_filters,
    application_page,
    assigning,
    bulk,
    calibration,
    correcting,
    dashboard,
    deciding,
    export,
    notes,
    replacing,
    reviewing,
    tagging,
)
from questionnaire.admin.application_list import ApplicationList, ShortCountPaginator
from questionnaire.admin.desk import desk_of
from questionnaire.models import Application
from questionnaire.models.application import ADJUSTED_OR_LAST, MEAN_OR_LAST, SPREAD_OR_LAST
from questionnaire.states import Outcome, State
from questionnaire.views import files
from questionnaire.workflow import anonymity, calibrating, queue, review, uploads
from questionnaire.workflow.spreadsheet import Format

FOR_ORGANISERS = (
    "name",
    "country_name",
    "organisation",
    "group",
    "language",
    "state",
    "outcome",
    "mean",
    "adjusted",
    "spread_of_scores",
    "number_of_reviews",
    "submitted",
)
FOR_REVIEWERS = ("name", "own_review", "country_name", "organisation", "submitted")
FOR_ANONYMOUS_REVIEW = ("code", "own_review", "country_name", "organisation", "submitted")


@admin.register(Application)
class ApplicationAdmin(admin.ModelAdmin[Application]):
    """Applications: read by the event's team, reviewed by reviewers, decided by organisers; edited by nobody."""

    ordering = ["-submitted_at", "-pk"]
    list_per_page = 50
    list_max_show_all = 0
    list_select_related = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = [
        "propose_accept",
        "propose_waiting_list",
        "propose_decline",
        "sign_off",
        "tag",
        "export_csv",
        "export_xlsx",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        """Return what may be opened: organisers all that was submitted, reviewers what is assigned to them."""
        rights = rights_of(request)
        organised = Q(event__in=rights.organised) & ~Q(state=State.DRAFT)
        reviewed = Q(event__in=rights.reviewed) & ~Q(state__in=[State.DRAFT, State.WITHDRAWN])
        reviewed &= review.given_to(person_of(request))
        alone = rights.reviewed <= rights.organised
        return super().get_queryset(request).filter(organised if alone else organised | reviewed)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the screen to the team of any event."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Application | None = None) -> bool:
        """Allow the event's team; a row always comes through `get_queryset`, which knows the states."""
        team = rights_of(request).organised | rights_of(request).reviewed
        return bool(team) if obj is None else obj.event_id in team

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: only applicants apply."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Application | None = None) -> bool:
        """Refuse: what a person submitted stays as it is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Application | None = None) -> bool:
        """Refuse: erasing is the applicant's right, and the retention's duty."""
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Allow organisers of the event on the desk to decide; the actions ask."""
        return desk_of(request).organises

    # The list

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Show reviewers neither decisions nor others' scores, and of the answers what a declaration needs."""
        desk = desk_of(request)
        if desk.organises:
            return (*FOR_ORGANISERS, "tagged") if desk.tags else FOR_ORGANISERS
        return FOR_ANONYMOUS_REVIEW if desk.hides_names else FOR_REVIEWERS

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Offer reviewers no filter on what they must not see."""
        organises = desk_of(request).organises
        return application_filters.FOR_ORGANISERS if organises else application_filters.FOR_REVIEWERS

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Search organisers' columns, for reviewers without the address, in an anonymous review without the name."""
        desk = desk_of(request)
        if desk.hides_names:
            return ["organisation"]
        columns = ["first_name", "family_name", "organisation"]
        return [*columns, "email"] if desk.organises else columns

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Say below the search what it looks through for this person."""
        shown = super().get_changelist_instance(request)
        desk = desk_of(request)
        if desk.organises:
            shown.search_help_text = _t("Name, organisation or e-mail address.")
        else:
            shown.search_help_text = _t("Organisation.") if desk.hides_names else _t("Name or organisation.")
        return shown

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse every lookup but the filters': `?outcome__exact=accept` would tell a reviewer who is to come."""
        return lookup in {offered.parameter_name for offered in self.get_list_filter(request)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ApplicationList]:
        """Return the list that stays quick at any length."""
        return ApplicationList

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], per_page: int, *args: Any, **kwargs: Any
    ) -> ShortCountPaginator:
        """Count no further than needed for the page asked for."""
        page = request.GET.get("p", "1")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
        return ShortCountPaginator(queryset, per_page, page=number)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list under the name of its event."""
        desk = desk_of(request)
        title = _t("Applications: %(event)s") % {"event": desk.event} if desk.event else _t("Applications")
        context = {"title": title, "desk": desk, **(extra_context or {})}
        if desk.event and desk.event.pk in rights_of(request).reviewed:
            context["progress"] = queue.progress(person_of(request), desk.event)
        return super().changelist_view(request, context)

    @admin.display(description=_("name"), ordering="family_name")
    def name(self, application: Application) -> str:
        """Return the name, family name first as the column is sorted."""
        return f"{application.family_name} {application.first_name}".strip() or application.public_id

    @admin.display(description=_("application"))
    def code(self, application: Application) -> str:
        """Return what stands for the name in an anonymous review."""
        return anonymity.code(application)

    @admin.display(description=_("country"), ordering="country")
    def country_name(self, application: Any) -> str:
        """Return the country in the reader's language."""
        return str(application.country_label)

    @admin.display(description=_("target group"), ordering="target_group")
    def group(self, application: Any) -> str:
        """Return the label of the target group."""
        return str(application.group_label)

    @admin.display(description=_("mean"), ordering=MEAN_OR_LAST, empty_value="–")
    def mean(self, application: Application) -> Any:
        """Return the mean of the finished reviews."""
        return application.mean_score

    @admin.display(description=_("adjusted"), ordering=ADJUSTED_OR_LAST, empty_value="–")
    def adjusted(self, application: Application) -> Any:
        """Return the mean without the reviewers' severity."""
        return application.adjusted_score

    @admin.display(description=_("spread"), ordering=SPREAD_OR_LAST, empty_value="–")
    def spread_of_scores(self, application: Application) -> Any:
        """Return how far the scores lie apart, with a word where that is far."""
        if application.spread is None or not calibrating.disagree(application.spread):
            return application.spread
        return format_html('{} <strong class="alarm">{}</strong>', number_format(application.spread), _t("disagree"))

    @admin.display(description=pgettext_lazy("column", "reviews"), ordering="review_count")
    def number_of_reviews(self, application: Application) -> int:
        """Return how many reviews are finished."""
        return application.review_count

    @admin.display(description=_("tags"))
    def tagged(self, application: Application) -> str:
        """Return the organisers' tags."""
        return ", ".join(tag.name for tag in application.tags.all())

    @admin.display(description=_("my review"))
    def own_review(self, application: Any) -> str:
        """Return what the reviewer has said."""
        if application.own_conflict:
            return _t("conflict of interest")
        score = application.own_score
        return _t("to do") if score is None else number_format(score, 2)

    @admin.display(description=_("submitted"), ordering="submitted_at")
    def submitted(self, application: Application) -> str:
        """Return when it was submitted, in short."""
        return date_format(localtime(application.submitted_at), "SHORT_DATETIME_FORMAT")

    # Deciding on several

    @admin.action(permissions=["decide"], description=_("Propose: accept"))
    def propose_accept(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        """Ask for confirmation that these be accepted."""
        return bulk.confirm(self, request, queryset, Outcome.ACCEPT)

    @admin.action(permissions=["decide"], description=_("Propose: waiting list"))
    def propose_waiting_list(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        """Ask for confirmation that these wait."""
        return bulk.confirm(self, request, queryset, Outcome.WAITING_LIST)

    @admin.action(permissions=["decide"], description=_("Propose: decline"))
    def propose_decline(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        """Ask for confirmation that these be declined."""
        return bulk.confirm(self, request, queryset, Outcome.DECLINE)

    @admin.action(permissions=["decide"], description=_("Sign off the proposed decisions"))
    def sign_off(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        """Ask for confirmation that these be signed off."""
        return bulk.confirm(self, request, queryset, None)

    @admin.action(permissions=["decide"], description=_("Add or remove a tag"))
    def tag(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse:
        """Ask which tag these get or lose."""
        return tagging.ask(self, request, queryset)

    @admin.action(permissions=["decide"], description=_("Export as CSV"))
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponseBase:
        """Give these as CSV."""
        return export.chosen(request, queryset, Format.CSV)

    @admin.action(permissions=["decide"], description=_("Export as XLSX"))
    def export_xlsx(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponseBase:
        """Give these as XLSX."""
        return export.chosen(request, queryset, Format.XLSX)

    def get_urls(self) -> list[URLPattern]:
        """Add where a confirmed bulk decision goes, and leave out the pages that edit."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="questionnaire_application_changelist"),
            path("decide/", view(self.decide_view), name="questionnaire_application_decide"),
            *tagging.urls(self),
            *calibration.urls(self),
            *dashboard.urls(self),
            *export.urls(self),
            *assigning.urls(self),
            path("next/<int:event_id>/", view(reviewing.next_view), name="questionnaire_application_next"),
            path("<path:object_id>/change/", view(self.change_view), name="questionnaire_application_change"),
            path("<path:object_id>/autosave/", view(self.autosave_view), name="questionnaire_application_autosave"),
            path("<path:object_id>/files/<str:upload>/", view(self.file_view), name="questionnaire_application_file"),
        ]

    def decide_view(self, request: HttpRequest) -> HttpResponse:
        """Carry out a bulk decision that was confirmed."""
        return bulk.carry_out(self, request)

    # The page of one

    def file_view(self, request: HttpRequest, object_id: str, upload: str) -> HttpResponseBase:
        """Give a file that was submitted to who may see the answer. Raises `Http404` for anybody else."""
        page = self._page(request, object_id)
        visible = uploads.visible_to(page.person, page.application)
        found = get_object_or_404(visible, public_id=upload)
        page.note_opening()
        return files.response(found)

    def autosave_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Keep what a reviewer has just typed. Raises `Http404` for what is not assigned to them."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return reviewing.autosave(self._page(request, object_id))

    def _page(self, request: HttpRequest, object_id: str) -> application_page.Page:
        application = self.get_object(request, unquote(object_id))
        if application is None:
            raise Http404
        return application_page.Page(self, request, person_of(request), application, PANELS)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show an application, or do what was asked for on its page."""
        application = self.get_object(request, unquote(object_id))
        if application is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        page = application_page.Page(self, request, person_of(request), application, PANELS)
        if request.method != "POST":
            return page.render()
        handler = HANDLERS.get(request.POST.get("do", ""))
        if handler is None:
            raise BadRequest("nothing that can be done")
        return handler(page)


PANELS = (
    deciding.context,
    correcting.context,
    reviewing.context,
    assigning.context,
    calibration.panel,
    notes.context,
    replacing.context,
)
HANDLERS = {
    "assign": assigning.assign,
    "take_away": assigning.take_away,
    "declare": reviewing.declare,
    "score": reviewing.score,
    "propose": deciding.propose,
    "sign_off": deciding.sign_off,
    "propose_correction": correcting.propose,
    "sign_correction": correcting.sign,
    "withdraw_correction": correcting.withdraw,
    "note": notes.write,
    "add_tag": notes.add_tag,
    "remove_tag": notes.remove_tag,
}
