"""Who may do what on which event. Superusers may do everything."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from events.models import Event, Membership

Person = AbstractBaseUser | AnonymousUser | User


def events_with_role(user: Person, *roles: Membership.Role) -> QuerySet[Event]:
    """Return the events on which `user` has one of `roles`."""
    if not isinstance(user, User) or not user.is_active:
        return Event.objects.none()
    if user.is_superuser:
        return Event.objects.all()
    return Event.objects.filter(pk__in=Membership.objects.filter(user=user, role__in=roles).values("event"))


def organised_by(user: Person) -> QuerySet[Event]:
    """Return the events that `user` organises."""
    return events_with_role(user, Membership.Role.ORGANISER)


def organises(user: Person, event_id: int) -> bool:
    """Return whether `user` organises the event."""
    return organised_by(user).filter(pk=event_id).exists()


def reviews(user: Person, event_id: int) -> bool:
    """Return whether `user` reviews applications to the event."""
    return events_with_role(user, Membership.Role.REVIEWER).filter(pk=event_id).exists()
