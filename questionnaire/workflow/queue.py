"""A reviewer's queue: what is still to do, in which order, and how far they are."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from events.models import Event, Membership
from questionnaire.models import Application, Assignment, Review
from questionnaire.states import UNDER_REVIEW


@dataclass(frozen=True)
class Progress:
    """How many of the applications assigned to a reviewer are done."""

    done: int
    total: int

    @property
    def left(self) -> int:
        """Return how many are still to do."""
        return self.total - self.done

    @property
    def in_words(self) -> str:
        """Return how far that is."""
        text = _("%(done)d of %(total)d reviewed, %(left)d left")
        if not self.left:
            text = _("%(done)d of %(total)d reviewed, nothing is left")
        return text % {"done": self.done, "total": self.total, "left": self.left}


def _assigned(user: User) -> QuerySet[Assignment]:
    return Assignment.objects.standing().filter(reviewer=user, application__state__in=UNDER_REVIEW)


def _is_done(user: User) -> Exists:
    finished = Review.objects.filter(application=OuterRef("application"), reviewer=user, mean_score__isnull=False)
    return Exists(finished)


def progress(user: User, event: Event) -> Progress:
    """Return how far a reviewer of the event is."""
    rows = _assigned(user).filter(application__event=event).annotate(is_done=_is_done(user)).order_by()
    figures = rows.aggregate(total=Count("pk"), done=Count("pk", filter=Q(is_done=True)))
    return Progress(figures["done"], figures["total"])


def work_of(user: User) -> list[tuple[Event, Progress]]:
    """Return how far a reviewer is with each event that they review, newest first."""
    reviewing = Event.objects.filter(memberships__user=user, memberships__role=Membership.Role.REVIEWER)
    rows = _assigned(user).annotate(is_done=_is_done(user)).order_by().values_list("application__event")
    figures = {
        event: Progress(done, total)
        for event, total, done in rows.annotate(total=Count("pk"), done=Count("pk", filter=Q(is_done=True)))
    }
    return [(event, figures.get(event.pk, Progress(0, 0))) for event in reviewing]


def following(user: User, event: Event, *, after: Application | None = None) -> Application | None:
    """Return what a reviewer has to do next, or None.

    First what every reviewer reads, then by submission; what was put off comes last. `after` is passed over.
    """
    waiting = _assigned(user).filter(~_is_done(user), application__event=event)
    if after is not None:
        waiting = waiting.exclude(application=after)
    order = (F("skipped_at").asc(nulls_first=True), "-shared", "application__submitted_at", "application_id")
    first = waiting.select_related("application").order_by(*order).first()
    return first.application if first else None


def put_off(user: User, application: Application, *, at: dt.datetime) -> None:
    """Move an application to the end of a reviewer's queue."""
    _assigned(user).filter(application=application).update(skipped_at=at)
