"""Two organisers decide otherwise at the same moment, and several workers release: one decision each, told once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connections

from events.tests.factories import UserFactory
from questionnaire.models import Application, Letter, LetterKind
from questionnaire.states import Outcome
from questionnaire.tests.factories import AFTER_CLOSE, DECISION_HOUR, ApplicationFactory, small_questionnaire
from questionnaire.tests.releasing import release, sign_off
from questionnaire.workflow import decision

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

KIND_OF = {Outcome.ACCEPT: LetterKind.ACCEPTANCE, Outcome.DECLINE: LetterKind.DECLINE}


def at_once(deeds: Sequence[Callable[[], object]]) -> None:
    """Do all of these at the same moment, each over a connection of its own."""
    together = Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> None:
        together.wait()
        try:
            deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        for done in [pool.submit(do, deed) for deed in deeds]:
            done.result()


def test_two_who_decide_and_four_who_release_at_once_leave_one_decision_each_told_once() -> None:
    event = small_questionnaire()
    event.applications.all().delete()
    people = {UserFactory(): Outcome.ACCEPT, UserFactory(): Outcome.DECLINE}
    applications = ApplicationFactory.create_batch(8, event=event)

    def propose(by: User, outcome: Outcome) -> Callable[[], object]:
        return lambda: [decision.propose([each], outcome, by=by, at=AFTER_CLOSE) for each in applications]

    def sign(by: User) -> Callable[[], object]:
        def each_alone() -> None:
            for application in applications:
                with suppress(decision.SameEyes):  # it was the other one's decision
                    sign_off([application], by=by, at=AFTER_CLOSE)

        return each_alone

    at_once([propose(by, outcome) for by, outcome in people.items()])
    decided = dict(event.applications.values_list("pk", "outcome"))
    assert set(decided.values()) <= set(KIND_OF)
    at_once([sign(by) for by in people])
    release(event, at=AFTER_CLOSE)
    at_once([lambda: decision.release_due(at=DECISION_HOUR)] * 4)
    told = dict(Letter.objects.filter(kind__in=KIND_OF.values()).values_list("application", "kind"))
    assert told == {pk: KIND_OF[Outcome(outcome)] for pk, outcome in decided.items()}
    assert Letter.objects.count() == Application.objects.count() == len(applications)
