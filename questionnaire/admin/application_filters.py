"""The filters of the list of applications. Those that tell of decisions are for organisers alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.countries import country_name, without_accents
from events.models import Event
from questionnaire.admin.desk import desk_of
from questionnaire.models import Application, Review
from questionnaire.states import Outcome, State
from questionnaire.workflow import calibrating

Choices = list[tuple[str, Any]]
NOT_DECIDED = "none"
RECEIVED = "received"


class Filter(admin.SimpleListFilter):
    """A filter that keeps nothing for a value that it does not offer, instead of failing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        """Keep the rows of the chosen value."""
        value = self.value()
        if value is None:
            return queryset
        if value not in {str(offered) for offered, _label in self.lookup_choices}:
            return queryset.none()
        return self.chosen(request, queryset, value)

    def chosen(self, request: HttpRequest, rows: QuerySet[Application], value: str) -> QuerySet[Application]:
        """Return the rows of a value that is on offer: those with it in the column of the filter's name."""
        return rows.filter(**{str(self.parameter_name): value})


class EventOnDesk(admin.SimpleListFilter):
    """The event whose applications are listed: there is always one, since places and decisions are counted by event."""

    template = "admin/filter_of_several.html"
    title = _("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer the events that the person organises or reviews."""
        return [(str(event.pk), event.title) for event in desk_of(request).events]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        """Keep the applications to the event on the desk."""
        event = desk_of(request).event
        self.used_parameters.setdefault("event", str(event.pk) if event else "")
        return queryset.filter(event=event) if event else queryset.none()

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Offer each event, without "all"."""
        for value, title in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(
                    {"event": value}, remove=["target_group", "country", "tag"]
                ),
                "display": title,
            }


class ByState(Filter):
    """Where the application stands."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer all states that a submitted application can have, and all but withdrawn, as they are counted."""
        return [
            (RECEIVED, _("all but withdrawn")),
            *((value, label) for value, label in State.choices if value != State.DRAFT),
        ]

    def chosen(self, request: HttpRequest, rows: QuerySet[Application], value: str) -> QuerySet[Application]:
        """Keep the rows in the state, or all that count as received."""
        return rows.exclude(state=State.WITHDRAWN) if value == RECEIVED else rows.filter(state=value)


class ByOutcome(Filter):
    """The decision that is proposed, or was released."""

    title = _("decision")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer the three outcomes, and that there is none yet."""
        return [*Outcome.choices, (NOT_DECIDED, _("none yet"))]

    def chosen(self, request: HttpRequest, rows: QuerySet[Application], value: str) -> QuerySet[Application]:
        """Keep the rows with the decision, or without one."""
        return rows.filter(outcome="" if value == NOT_DECIDED else value)


class ByCountry(Filter):
    """The country of work."""

    template = "admin/filter_folded.html"
    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer the countries that occur, by name in the reader's language."""
        event = desk_of(request).event
        named = ((code, country_name(code)) for code in (countries_of(event) if event else ()))
        return sorted(named, key=lambda choice: without_accents(choice[1]))


def countries_of(event: Event) -> list[str]:
    """Return the countries from which people applied, by leaps along the index: not one row more than there are.

    `DISTINCT` would read every application of the event.
    """
    leap = "SELECT min(country) FROM questionnaire_application WHERE event_id = %s AND state <> %s AND country >"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE found(country) AS ({leap} %s UNION ALL "
            f"SELECT ({leap} found.country) FROM found WHERE found.country IS NOT NULL) "
            "SELECT country FROM found WHERE country IS NOT NULL",
            [event.pk, State.DRAFT, "", event.pk, State.DRAFT],
        )
        return [country for (country,) in cursor.fetchall()]


class ByTargetGroup(Filter):
    """The target group."""

    template = "admin/filter_folded.html"
    title = _("target group")
    parameter_name = "target_group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer the groups of the event on the desk."""
        return list(desk_of(request).target_groups.items())


class ByLanguage(Filter):
    """The language of the letters."""

    template = "admin/filter_folded.html"
    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer the languages of the site."""
        return list(settings.LANGUAGES)


class ByOwnReview(Filter):
    """What the reviewer has still to do."""

    title = _("my review")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer what is to do and what is done."""
        done = pgettext_lazy("one review", "done")
        return [("todo", _("to do")), ("done", done), ("conflict", _("conflict of interest"))]

    def chosen(self, request: HttpRequest, rows: QuerySet[Application], value: str) -> QuerySet[Application]:
        """Keep the rows by the state of the person's own review."""
        own = Review.objects.filter(application=OuterRef("pk"), reviewer=request.user.pk)
        done, conflict = Exists(own.filter(mean_score__isnull=False)), Exists(own.filter(conflict=True))
        match value:
            case "done":
                return rows.filter(done)
            case "conflict":
                return rows.filter(conflict)
            case _:
                return rows.filter(~done, ~conflict)


class ByDisagreement(Filter):
    """Whether the reviewers disagree."""

    title = _("reviewers disagree")
    parameter_name = "disagree"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer those on whom they do."""
        return [("yes", _("yes"))]

    def chosen(self, request: HttpRequest, rows: QuerySet[Application], value: str) -> QuerySet[Application]:
        """Keep the rows whose scores lie far apart."""
        return rows.filter(spread__gte=calibrating.DISAGREE_FROM)


class ByTag(Filter):
    """The organisers' tags."""

    template = "admin/filter_folded.html"
    title = _("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer the tags of the event on the desk."""
        return [(name, name) for name in desk_of(request).tags]

    def chosen(self, request: HttpRequest, rows: QuerySet[Application], value: str) -> QuerySet[Application]:
        """Keep the rows with the tag."""
        return rows.filter(tags__name=value)


FOR_ORGANISERS = (EventOnDesk, ByState, ByOutcome, ByTag, ByDisagreement, ByCountry, ByTargetGroup, ByLanguage)
FOR_REVIEWERS = (EventOnDesk, ByOwnReview)
