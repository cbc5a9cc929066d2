"""Who may use which screen on which event. `events.roles` decides; Django's own permissions play no part."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest

from events import roles
from events.models import Event, Membership
from events.publishing import touch

if TYPE_CHECKING:
    Mixin = BaseModelAdmin[Any]
else:
    Mixin = object


class Rights:
    """The events of the person behind a request, by role, each asked for once a request."""

    def __init__(self, user: roles.Person) -> None:
        self.user = user

    @cached_property
    def organised(self) -> frozenset[int]:
        """Return the ids of the events that the person organises."""
        return frozenset(roles.organised_by(self.user).values_list("pk", flat=True))

    @cached_property
    def reviewed(self) -> frozenset[int]:
        """Return the ids of the events that the person reviews."""
        events = roles.events_with_role(self.user, Membership.Role.REVIEWER)
        return frozenset(events.values_list("pk", flat=True))


def rights_of(request: HttpRequest) -> Rights:
    """Return what the person behind a request may do."""
    rights: Rights = request.__dict__.setdefault("_event_rights", Rights(request.user))
    return rights


def person_of(request: HttpRequest) -> User:
    """Return the person behind a request to the admin. Raises `PermissionDenied` for nobody."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def organised_event(request: HttpRequest, event_id: int) -> Event:
    """Return an event of the person. Raises `Http404` for any other, as if it did not exist."""
    event = Event.objects.filter(pk=event_id, pk__in=rights_of(request).organised).first()
    if event is None:
        raise Http404("no event of this person")
    return event


def organised_events(request: HttpRequest) -> QuerySet[Event]:
    """Return the events of the person. Raises `PermissionDenied` for who organises none."""
    organised = rights_of(request).organised
    if not organised:
        raise PermissionDenied
    return Event.objects.filter(pk__in=organised)


class PlainChoices(Mixin):
    """Choices of other rows without the icons that open further screens in a window, which needs a script."""

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Leave the icons out."""
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(formfield, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            widget.can_add_related = widget.can_change_related = False
            widget.can_delete_related = widget.can_view_related = False
        return formfield


class OrganisersOnly(PlainChoices):
    """A screen of what belongs to an event, for those who organise it.

    `event_path` is the lookup that leads from a row to the id of its event.
    """

    event_path: ClassVar[str] = "event_id"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of the person's events; lists, pages, actions and autocomplete all start here."""
        return super().get_queryset(request).filter(**{f"{self.event_path}__in": rights_of(request).organised})

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the event out where the list is one event's, unless it leads the row."""
        first, *others = super().get_list_display(request)  # type: ignore[misc]
        several = "event" not in request.GET and len(rights_of(request).organised) > 1
        return [first, *(name for name in others if name != "event" or several)]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the screen to organisers."""
        return bool(rights_of(request).organised)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow what is of the person's events; without a row, whether there are such events."""
        if obj is None or obj.pk is None:
            return bool(rights_of(request).organised)
        return self.event_id_of(obj) in rights_of(request).organised

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow who may see it to change it."""
        return self.has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow organisers to add."""
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow who may see it to delete it."""
        return self.has_view_permission(request, obj)

    def event_id_of(self, obj: Any) -> int:
        """Return the id of the event that a row belongs to."""
        value = obj
        for name in self.event_path.split("__"):
            value = getattr(value, name)
        return int(value)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Offer only what belongs to the person's events; where there is one event, it is chosen already."""
        target = db_field.remote_field.model
        organised = rights_of(request).organised
        if target is Event:
            kwargs["queryset"] = Event.objects.filter(pk__in=organised)
            if len(organised) == 1:
                [kwargs["initial"]] = organised
        elif _has_event(target):
            kwargs["queryset"] = target._default_manager.filter(event__in=organised)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _has_event(model: type[Model]) -> bool:
    return any(field.name == "event" for field in model._meta.fields)


class WithinTheEvent(PlainChoices):
    """An inline on a page that has itself made sure that the person organises the event."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow: the page's own check came first."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow: the page's own check came first."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow: the page's own check came first."""
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow: the page's own check came first."""
        return True


class EventFixed(Mixin):
    """A row stays with the event for which it was made."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Let the event be chosen once, on adding.

        Disabled rather than read-only: what must be unique within the event is only checked with the event there.
        """
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        if obj is not None and "event" in form.base_fields:
            form.base_fields["event"].disabled = True
        return form


class VersionedContent(Mixin):
    """A screen whose saves and deletions change what is kept in memory of an event: it lapses with each."""

    def event_of(self, obj: Any) -> Event:
        """Return the event that `obj` belongs to."""
        event: Event = obj.event
        return event

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Record the change once all of it is saved; the list's own editing comes by here too."""
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        touch(self.event_of(form.instance))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Record the change along with the deletion."""
        event = self.event_of(obj)
        super().delete_model(request, obj)  # type: ignore[misc]
        touch(event)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Record the change along with the deletion of several."""
        events = {event.pk: event for event in map(self.event_of, queryset)}
        super().delete_queryset(request, queryset)  # type: ignore[misc]
        for event in events.values():
            touch(event)
