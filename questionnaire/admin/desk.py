"""The event whose applications a person of the team has in front of them, and in which role."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest

from events.admin.rights import rights_of
from events.models import Event
from questionnaire.models import Option, Question


@dataclass(frozen=True)
class Desk:
    """The events whose applications a person may open, newest first, and the one that is open now."""

    events: tuple[Event, ...]
    event: Event | None
    organises: bool

    @property
    def hides_names(self) -> bool:
        """Return whether the person reviews without knowing who applies."""
        return self.event is not None and self.event.anonymous_review and not self.organises

    @cached_property
    def target_groups(self) -> dict[str, str]:
        """Return the labels of the event's target groups by their keys."""
        options = Option.objects.filter(
            question__event=self.event, question__fills=Question.Fills.TARGET_GROUP
        ).order_by("order", "key")
        return {option.key: option.label for option in options}

    @cached_property
    def tags(self) -> list[str]:
        """Return the tags that organisers have given; none for reviewers, who are not to see any."""
        return list(self.event.tags.values_list("name", flat=True)) if self.event and self.organises else []


def desk_of(request: HttpRequest) -> Desk:
    """Return the desk of the person behind a request; `?event=` names the event, else it is the newest."""
    desk: Desk | None = request.__dict__.get("_desk")
    if desk is None:
        desk = request.__dict__["_desk"] = _set_up(request)
    return desk


def _set_up(request: HttpRequest) -> Desk:
    rights = rights_of(request)
    events = tuple(Event.objects.filter(pk__in=rights.organised | rights.reviewed))
    asked = request.GET.get("event")
    event = next((event for event in events if str(event.pk) == asked), None)
    if event is None and asked is None:
        event = next(iter(events), None)
    return Desk(events, event, event is not None and event.pk in rights.organised)
