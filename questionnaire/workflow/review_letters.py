"""Tell reviewers what is theirs to review: one letter for all that is new, which names no applicant.

An assignment says itself whether its reviewer has been told, so that whoever shares out writes no letter, and whatever
comes anew, by hand or because a colleague stepped back, is told by the next tick that finds things quiet.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet
from django.urls import reverse

from events.models import Membership
from events.team import name_of
from questionnaire.models import Assignment, LetterKind, Review
from questionnaire.states import UNDER_REVIEW
from questionnaire.workflow import event_texts, letters, transitions, turns, wording

QUIET = dt.timedelta(minutes=4)
"""How long nothing new has come to a reviewer before the letter is written: organisers assign one after the other."""


def tell_due(*, at: dt.datetime) -> int:
    """Write to the reviewers about all that they were not told yet; return how many letters.

    Who has no address is told once there is one. Raises `letters.NoText` where a text lacks a language; the other
    events have had their turn then.
    """
    events = _untold().order_by().values_list("application__event", flat=True).distinct()
    return turns.take(events, partial(_tell, at=at))


def _untold() -> QuerySet[Assignment]:
    """Return the assignments of which their reviewers, who can be reached, were not told."""
    standing = Assignment.objects.standing().filter(told_at=None, application__state__in=UNDER_REVIEW)
    return standing.filter(reviewer__is_active=True).exclude(reviewer__email="")


@transaction.atomic
def _tell(event_id: int, *, at: dt.datetime) -> int:
    """Write the letters of one event, and mark what they are about as told, in one transaction."""
    event = transitions.lock_event(event_id)
    untold = _untold().filter(application__event=event)
    newest = untold.order_by().values_list("reviewer").annotate(newest=Max("made_at"))
    quiet = [reviewer for reviewer, made_at in newest if made_at <= at - QUIET]
    due = list(untold.filter(reviewer__in=quiet))
    Assignment.objects.filter(pk__in=[row.pk for row in due]).update(told_at=at)
    finished = Review.objects.filter(application__event=event, mean_score__isnull=False)
    done = set(finished.values_list("reviewer", "application"))
    numbers = Counter(row.reviewer_id for row in due if (row.reviewer_id, row.application_id) not in done)
    team = event.memberships.filter(role=Membership.Role.REVIEWER, user__in=numbers).select_related("user", "event")
    return len(
        letters.queue_to_members(
            LetterKind.REVIEWS_ASSIGNED, team.order_by("pk"), lambda member: _values(member, numbers), at=at
        )
    )


def _values(member: Membership, numbers: Mapping[int, int]) -> dict[str, str]:
    queue = f"{reverse('admin:questionnaire_application_changelist')}?event={member.event_id}"
    return {
        "reviewer_name": name_of(member.user),
        "number": str(numbers[member.user_id]),
        "review_until": event_texts.written_moment(member.event, member.event.decisions_at),
        wording.ADMIN_LINK: settings.BASE_URL + queue,
    }
