"""Events with as many applicants as a benchmark of lists and exports wants: names, answers, scores, history."""

import datetime as dt
from itertools import islice
from random import Random

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from events.models import Event, Membership
from questionnaire import demo, study_visit
from questionnaire.models import Answer, Application, Review, Transition
from questionnaire.states import State
from questionnaire.workflow import copying, drafts, questionnaire
from questionnaire.workflow.questionnaire import Questionnaire

PEOPLE = 500  # who differ; the others give the same answers under another name
OPENING = dt.datetime(2021, 11, 2, 8, tzinfo=dt.UTC)
SECONDS_OPEN = 1_000_000


def fill(counts: list[int]) -> tuple[User, dict[int, Event]]:
    """Make an event for each count with as many applications, each reviewed twice; return their organiser too."""
    original = study_visit.load(now=timezone.now(), opens_now=True).event
    people = [User.objects.create_user(name, is_staff=True) for name in ("organiser", "first", "second")]
    organiser, *reviewers = people
    events = {}
    for count in counts:
        event = Event.objects.get(pk=original.pk)
        event.pk, event.slug = None, f"benchmark-{count}"
        event.save()
        copying.copy_questionnaire(original, event, copying.Along(criteria=True, quotas=True))
        Membership.objects.create(event=event, user=organiser, role=Membership.Role.ORGANISER)
        _apply(questionnaire.load(event), count)
        _review(event, reviewers)
        events[count] = event
    _analyse()
    return organiser, events


def _apply(asked: Questionnaire, count: int) -> None:
    """Let invented people apply by the rules of the form, some hundreds by one; the rest answer as they did."""
    rng = Random(1)
    people = [demo.invent_person(1, number) for number in range(PEOPLE)]
    checked = [asked.check(demo.typed_answers(asked, person, rng)).answers for person in people]
    columns = [drafts.columns_of(asked.questions, answers) for answers in checked]
    new = (
        Application(event=asked.event, **{**columns[number % PEOPLE], **_own(rng, number)}) for number in range(count)
    )
    made: list[Application] = []
    while portion := list(islice(new, 2000)):
        made += Application.objects.bulk_create(portion)
    by_key = {question.key: question for question in asked.questions}
    Answer.objects.bulk_create(
        Answer(application=application, question=by_key[key], value=answer.value, text=answer.text)
        for application, answers in zip(made, checked, strict=False)
        for key, answer in answers.items()
    )
    _analyse()
    _repeat_answers(asked.event, first=made[0].pk)
    Transition.objects.bulk_create(
        (
            Transition(application=row, from_state=State.DRAFT, to_state=State.SUBMITTED, at=row.created_at)
            for row in made
        ),
        batch_size=2000,
    )


def _own(rng: Random, number: int) -> dict[str, object]:
    """Return what no two applicants share."""
    at = OPENING + dt.timedelta(seconds=rng.randrange(SECONDS_OPEN))
    address = f"person{number}@service{number % 977}.example"
    score = None if rng.random() < 0.05 else round(rng.gauss(6, 1.5), 2)
    return {
        "email": address,
        "email_key": address,
        "state": State.SUBMITTED,
        "created_at": at,
        "submitted_at": at,
        "mean_score": score,
        "review_count": 0 if score is None else 2,
    }


def _repeat_answers(event: Event, *, first: int) -> None:
    """Give the applications after the first `PEOPLE` the same answers, inside the database."""
    answer, application = Answer._meta.db_table, Application._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {answer} (application_id, question_id, value, text) "
            f"SELECT a.id, t.question_id, t.value, t.text FROM {application} a "
            f"JOIN {answer} t ON t.application_id = {first} + (a.id - {first}) % {PEOPLE} "
            f"WHERE a.event_id = {event.pk} AND a.id >= {first + PEOPLE}"
        )


def _review(event: Event, reviewers: list[User]) -> None:
    scored = event.applications.filter(mean_score__isnull=False).values_list("pk", "mean_score").iterator()
    rows = (
        Review(application_id=pk, reviewer=reviewer, mean_score=mean, saved_at=timezone.now())
        for pk, mean in scored
        for reviewer in reviewers
    )
    Review.objects.bulk_create(rows, batch_size=2000)


def _analyse() -> None:
    """Let the database look at what it holds now, as it does by itself within minutes; it plans by that."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
