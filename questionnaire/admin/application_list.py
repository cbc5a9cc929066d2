"""The list of applications at any length: only the columns shown, no full count, orders that an index serves."""

from __future__ import annotations

import textwrap
from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.http import HttpRequest

from events.countries import country_name
from questionnaire.admin.desk import desk_of

COLUMNS = (
    "event_id",
    "public_id",
    "state",
    "outcome",
    "first_name",
    "family_name",
    "language",
    "country",
    "organisation",
    "target_group",
    "mean_score",
    "adjusted_score",
    "spread",
    "review_count",
    "submitted_at",
)
BY_SUBMISSION = ("submitted_at", "-submitted_at", "pk", "-pk")
GROUP_WIDTH = 45  # characters of a target group that a cell shows
LOOK_AHEAD = 1000  # rows counted beyond the page that is shown


class ShortCountPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator that counts only as far ahead as one leafs, so that a page costs the same in a list of any length."""

    def __init__(self, object_list: QuerySet[Any], per_page: int, *, page: int) -> None:
        super().__init__(object_list, per_page)
        self.limit = max(page, 1) * per_page + LOOK_AHEAD

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or `limit` where there are more."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[: self.limit].count()

    @property
    def is_short(self) -> bool:
        """Return whether there are more rows than were counted."""
        return self.count == self.limit


class ApplicationList(ChangeList):
    """The applications to the event on the desk."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Read what the list shows; for reviewers their own review along."""
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters).only(*COLUMNS)
        if desk_of(request).organises:
            return rows.prefetch_related("tags") if desk_of(request).tags else rows
        own = FilteredRelation("reviews", condition=Q(reviews__reviewer=request.user.pk))
        rows = rows.annotate(own=own)
        annotated: QuerySet[Any] = rows.annotate(own_conflict=F("own__conflict"), own_score=F("own__mean_score"))
        return annotated

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Break ties by the time of submission, in the direction in which the indexes hold it."""
        ordering: list[Any] = list(super().get_ordering(request, queryset))
        first = ordering[0]
        descending = first.startswith("-") if isinstance(first, str) else first.descending
        chosen = [column for column in ordering if column not in BY_SUBMISSION]
        if not chosen:
            return ["-submitted_at", "-pk"] if descending else ["submitted_at", "pk"]
        return [*chosen, *(("submitted_at", "pk") if descending else ("-submitted_at", "-pk"))]

    def get_results(self, request: HttpRequest) -> None:
        """Give each row of the page its labels, looked up once for all."""
        super().get_results(request)
        groups = desk_of(request).target_groups
        for application in self.result_list:
            group = groups.get(application.target_group, application.target_group)
            application.group_label = textwrap.shorten(group, GROUP_WIDTH, placeholder="…")
            application.country_label = country_name(application.country)
