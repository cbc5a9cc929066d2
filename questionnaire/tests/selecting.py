"""An event with applicants who have been reviewed, to select from."""

import datetime as dt
from collections.abc import Iterable

from events.models import Event
from questionnaire.models import Application, Criterion, Question, Quota, Review, Score
from questionnaire.tests.factories import (
    WHILE_OPEN,
    ApplicationFactory,
    CriterionFactory,
    QuestionFactory,
    ReviewFactory,
    SectionFactory,
)
from questionnaire.workflow import review


def selectable(event: Event, *, places: int = 3) -> Event:
    """Give an event places, two criteria, and a question on the country with one on the organisation."""
    event.places = places
    event.save()
    CriterionFactory(event=event, key="motivation", weight=2, maximum=5)
    CriterionFactory(event=event, key="sharing", weight=1, maximum=3)
    section = SectionFactory(event=event)
    QuestionFactory(section=section, key="country", fills="country", kind=Question.Kind.COUNTRY, label_en="Country")
    QuestionFactory(section=section, key="organisation", fills="organisation", label_en="Organisation")
    return event


def applicant(event: Event, name: str, *scores: Iterable[int], minutes: int = 0, **columns: str) -> Application:
    """Return somebody who applied `minutes` after the others; each of `scores` is a review, criterion by criterion."""
    application = ApplicationFactory(
        event=event,
        first_name=name,
        family_name="",
        submitted_at=WHILE_OPEN + dt.timedelta(minutes=minutes),
        **columns,
    )
    for values in scores:
        add_review(application, values)
    application.refresh_from_db()
    return application


def add_review(application: Application, values: Iterable[int]) -> Review:
    """Review an application; with fewer values than criteria the review is not finished."""
    criteria = list(Criterion.objects.filter(event=application.event).order_by("order", "key"))
    given = {criterion.key: value for criterion, value in zip(criteria, values, strict=False)}
    made = ReviewFactory(application=application)
    Score.objects.bulk_create(
        Score(review=made, criterion=criterion, value=given[criterion.key])
        for criterion in criteria
        if criterion.key in given
    )
    made.mean_score = review.weighted_mean({criterion.key: criterion for criterion in criteria}, given)
    made.save()
    return made


def quota(event: Event, key: str, **bounds: object) -> Quota:
    """Return a quota on one of the event's questions."""
    return Quota.objects.create(event=event, question=Question.objects.get(event=event, key=key), **bounds)


def crowd(event: Event, number: int, *, country: str = "FR") -> list[Application]:
    """Return so many applicants of one country, each an organisation's only one, with scores that fall."""
    return [
        applicant(event, f"{country}{place}", (max(0, 5 - place % 6), place % 4), minutes=place, country=country)
        for place in range(number)
    ]
