"""Propose, sign off, check, release: by two people, all at once, at the hour and not before."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Application, Letter, LetterKind, LetterStatus, Release
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    AFTER_RELEASE,
    DECISION_HOUR,
    ApplicationFactory,
    small_questionnaire,
)
from questionnaire.tests.releasing import release, sign_off
from questionnaire.workflow import decision, preflight, submission, transitions
from questionnaire.workflow.preflight import Check

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event that closed, with all letter templates."""
    return small_questionnaire()


@pytest.fixture
def organisers() -> tuple[User, User]:
    """Return the person who proposes and the one who signs off."""
    return UserFactory(), UserFactory()


def signed_off(event: Event, organisers: tuple[User, User]) -> dict[Outcome, int]:
    """Decide on three applications, one for each outcome; return their ids."""
    proposer, signer = organisers
    ids = {}
    for outcome in Outcome:
        application = ApplicationFactory(event=event, language="fr" if outcome is Outcome.DECLINE else "en")
        decision.propose([application], outcome, by=proposer, at=AFTER_CLOSE)
        sign_off([application], by=signer, at=AFTER_CLOSE)
        ids[outcome] = application.pk
    return ids


def codes(event: Event, now: dt.datetime = AFTER_CLOSE) -> set[Check]:
    """Return what the preflight finds."""
    return {finding.code for finding in preflight.look(event, now=now).findings}


def test_who_proposed_a_decision_cannot_sign_it_off(event: Event, organisers: tuple[User, User]) -> None:
    proposer, signer = organisers
    application = ApplicationFactory(event=event)
    decision.propose([application], Outcome.ACCEPT, by=proposer, at=AFTER_CLOSE)
    with pytest.raises(decision.SameEyes) as caught:
        sign_off([application], by=proposer, at=AFTER_CLOSE)
    assert caught.value.applications == [application]
    [signed] = sign_off([application], by=signer, at=AFTER_CLOSE)
    assert signed.state == State.SIGNED_OFF


def test_the_last_proposal_counts_for_whose_eyes_they_were(event: Event, organisers: tuple[User, User]) -> None:
    first, second = organisers
    application = ApplicationFactory(event=event)
    decision.propose([application], Outcome.ACCEPT, by=first, at=AFTER_CLOSE)
    decision.propose([application], Outcome.DECLINE, by=second, at=AFTER_CLOSE + dt.timedelta(minutes=1))
    with pytest.raises(decision.SameEyes):
        sign_off([application], by=second, at=AFTER_CLOSE)
    sign_off([application], by=first, at=AFTER_CLOSE)


def test_a_proposal_of_the_signer_that_lands_while_the_signature_waits_for_the_lock_refuses_it(
    event: Event, organisers: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = organisers
    application = ApplicationFactory(event=event)
    decision.propose([application], Outcome.ACCEPT, by=first, at=AFTER_CLOSE)
    lock = transitions.lock

    def wait_for(application_ids: list[int]) -> list[Application]:
        monkeypatch.setattr(transitions, "lock", lock)
        decision.propose([application], Outcome.DECLINE, by=second, at=AFTER_CLOSE)
        return lock(application_ids)

    monkeypatch.setattr(transitions, "lock", wait_for)
    with pytest.raises(decision.SameEyes):
        sign_off([application], by=second, at=AFTER_CLOSE)


def test_a_changed_proposal_needs_a_new_signature(event: Event, organisers: tuple[User, User]) -> None:
    ids = signed_off(event, organisers)
    [changed] = decision.propose(
        event.applications.filter(pk=ids[Outcome.ACCEPT]), Outcome.DECLINE, by=organisers[0], at=AFTER_CLOSE
    )
    assert (changed.state, changed.outcome) == (State.PROPOSED, Outcome.DECLINE)
    assert Check.UNSIGNED in codes(event)


def test_nothing_is_released_while_the_preflight_finds_something(event: Event, organisers: tuple[User, User]) -> None:
    signed_off(event, organisers)
    ApplicationFactory(event=event)
    with pytest.raises(decision.NotReady):
        release(event, by=organisers[0], second=organisers[1], at=AFTER_RELEASE)
    assert not Letter.objects.exists()
    assert not event.applications.filter(state=State.ACCEPTED).exists()


def test_an_order_waits_for_the_hour_and_then_tells_everyone_at_once(
    event: Event, organisers: tuple[User, User]
) -> None:
    ids = signed_off(event, organisers)
    release(event, by=organisers[0], second=organisers[1], at=AFTER_CLOSE)
    assert decision.release_due(at=DECISION_HOUR - dt.timedelta(microseconds=1)) == []
    assert not Letter.objects.exists()
    [done] = decision.release_due(at=DECISION_HOUR)
    assert done.letters == 3
    states = dict(event.applications.values_list("pk", "state"))
    assert states == {
        ids[Outcome.ACCEPT]: State.ACCEPTED,
        ids[Outcome.WAITING_LIST]: State.WAITING_LIST,
        ids[Outcome.DECLINE]: State.DECLINED,
    }
    letters = dict(Letter.objects.values_list("application", "kind"))
    assert letters == {
        ids[Outcome.ACCEPT]: LetterKind.ACCEPTANCE,
        ids[Outcome.WAITING_LIST]: LetterKind.WAITING_LIST,
        ids[Outcome.DECLINE]: LetterKind.DECLINE,
    }
    assert Letter.objects.get(kind=LetterKind.DECLINE).language == "fr"
    assert set(Letter.objects.values_list("release_at", flat=True)) == {event.decisions_at}


def test_a_later_tick_catches_up_and_a_second_one_adds_nothing(event: Event, organisers: tuple[User, User]) -> None:
    signed_off(event, organisers)
    release(event, by=organisers[0], second=organisers[1], at=AFTER_CLOSE)
    assert len(decision.release_due(at=DECISION_HOUR + dt.timedelta(hours=7))) == 1
    assert decision.release_due(at=DECISION_HOUR + dt.timedelta(hours=8)) == []
    assert Letter.objects.count() == 3


def test_after_the_hour_an_order_is_carried_out_at_once_and_twice_is_once(
    event: Event, organisers: tuple[User, User]
) -> None:
    signed_off(event, organisers)
    for _time in range(2):
        done = release(event, by=organisers[0], second=organisers[1], at=AFTER_RELEASE)
    assert done.released_at == AFTER_RELEASE
    assert Letter.objects.count() == 3


def test_a_decision_cannot_change_while_the_release_is_ordered(event: Event, organisers: tuple[User, User]) -> None:
    signed_off(event, organisers)
    release(event, by=organisers[0], second=organisers[1], at=AFTER_CLOSE)
    with pytest.raises(decision.ReleaseOrdered):
        decision.propose(event.applications.all(), Outcome.DECLINE, by=organisers[0], at=AFTER_CLOSE)
    assert decision.take_back_order(event)
    assert len(decision.propose(event.applications.all(), Outcome.DECLINE, by=organisers[0], at=AFTER_CLOSE)) == 3


def test_an_order_that_was_carried_out_cannot_be_taken_back(event: Event, organisers: tuple[User, User]) -> None:
    signed_off(event, organisers)
    release(event, by=organisers[0], second=organisers[1], at=AFTER_RELEASE)
    assert not decision.take_back_order(event)
    assert Release.objects.get().released_at == AFTER_RELEASE


def test_a_release_takes_two_people(event: Event, organisers: tuple[User, User]) -> None:
    signed_off(event, organisers)
    with pytest.raises(decision.NotOrdered):
        decision.sign_release(event, by=organisers[1], at=AFTER_CLOSE)
    decision.order_release(event, by=organisers[0], at=AFTER_CLOSE)
    with pytest.raises(decision.SamePerson):
        decision.sign_release(event, by=organisers[0], at=AFTER_CLOSE)
    assert decision.release_due(at=DECISION_HOUR) == []
    assert not Letter.objects.exists()
    done = decision.sign_release(event, by=organisers[1], at=AFTER_RELEASE)
    assert (done.released_at, done.letters) == (AFTER_RELEASE, 3)
    assert decision.sign_release(event, by=organisers[1], at=AFTER_RELEASE + dt.timedelta(hours=1)) == done


def test_the_database_knows_the_four_eyes_too(event: Event, organisers: tuple[User, User]) -> None:
    order = decision.order_release(event, by=organisers[0], at=AFTER_CLOSE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=order.pk).update(signed_by=organisers[0], signed_at=AFTER_CLOSE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=order.pk).update(released_at=DECISION_HOUR)


def test_what_may_be_let_by_does_not_stop_a_signed_release(event: Event, organisers: tuple[User, User]) -> None:
    ids = signed_off(event, organisers)
    release(event, by=organisers[0], second=organisers[1], at=AFTER_CLOSE)
    event.applications.filter(pk=ids[Outcome.ACCEPT]).update(email_proved_at=None)
    [done] = decision.release_due(at=DECISION_HOUR)
    assert done.letters == 3


def test_nobody_gets_two_different_decisions(event: Event, organisers: tuple[User, User]) -> None:
    ids = signed_off(event, organisers)
    release(event, by=organisers[0], second=organisers[1], at=AFTER_RELEASE)
    accepted = event.applications.filter(pk=ids[Outcome.ACCEPT])
    with pytest.raises(transitions.MoveNotAllowed):
        decision.propose(accepted, Outcome.DECLINE, by=organisers[0], at=AFTER_RELEASE)
    assert Letter.objects.filter(application=ids[Outcome.ACCEPT]).count() == 1


def test_who_withdraws_after_the_order_gets_no_decision(event: Event, organisers: tuple[User, User]) -> None:
    ids = signed_off(event, organisers)
    release(event, by=organisers[0], second=organisers[1], at=AFTER_CLOSE)
    submission.withdraw(event.applications.get(pk=ids[Outcome.ACCEPT]), now=AFTER_CLOSE)
    [done] = decision.release_due(at=DECISION_HOUR)
    assert done.letters == 2
    assert not Letter.objects.filter(kind=LetterKind.ACCEPTANCE).exists()


def test_who_withdraws_before_the_letter_left_does_not_get_it(event: Event, organisers: tuple[User, User]) -> None:
    ids = signed_off(event, organisers)
    release(event, by=organisers[0], second=organisers[1], at=AFTER_RELEASE)
    submission.withdraw(event.applications.get(pk=ids[Outcome.ACCEPT]), now=AFTER_RELEASE)
    assert Letter.objects.get(kind=LetterKind.ACCEPTANCE).status == LetterStatus.CANCELLED


def test_one_event_that_is_not_ready_does_not_hold_another_up(event: Event, organisers: tuple[User, User]) -> None:
    other = small_questionnaire()
    for ready in (event, other):
        signed_off(ready, organisers)
        release(ready, by=organisers[0], second=organisers[1], at=AFTER_CLOSE)
    Event.objects.filter(pk=event.pk).update(places=0)
    with pytest.raises(decision.NotReady):
        decision.release_due(at=DECISION_HOUR)
    assert other.applications.filter(state=State.ACCEPTED).count() == 1
    assert event.applications.filter(state=State.SIGNED_OFF).count() == 3
