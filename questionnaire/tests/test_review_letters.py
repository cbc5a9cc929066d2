"""Reviewers are told what is theirs to review: all that is new in one letter, in their language, naming nobody."""

import datetime as dt

import pytest
from django.contrib.auth.models import User

from events.models import Event, Membership
from events.tests.factories import UserFactory
from questionnaire.models import Assignment, Letter, LetterKind, LetterStatus, LetterTemplate, Notice
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_CLOSE, ApplicationFactory, ReviewFactory, small_questionnaire
from questionnaire.tests.test_outbox import Clock, ScriptedTransport
from questionnaire.workflow import assignment, letters, mime, outbox, review_letters
from questionnaire.workflow.delivery import Outcome, Phase

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

LATER = AFTER_CLOSE + review_letters.QUIET
NEXT_DAY = AFTER_CLOSE + dt.timedelta(days=1)


@pytest.fixture
def event() -> Event:
    """Return an event with one review for each application, and a text that says all that such a letter can say."""
    event = small_questionnaire()
    event.reviews_per_application, event.shared_applications = 1, 0
    event.save()
    LetterTemplate.objects.filter(event=event, kind=LetterKind.REVIEWS_ASSIGNED).update(
        body_en="Dear {reviewer_name}: {number} until {review_until}. {admin_link}",
        body_fr="Bonjour {reviewer_name} : {number} jusqu’au {review_until}. {admin_link}",
    )
    return event


def reviewer(event: Event, name: str, language: str = "en", **person: object) -> User:
    """Return a reviewer with an address and a workplace of their own."""
    user = UserFactory(**{"username": name, "email": f"{name}@example.org", **person})
    place = {"organisation": f"Institute {name}", "country": "LU", "language": language}
    Membership.objects.create(event=event, user=user, role=Membership.Role.REVIEWER, **place)
    return user


def texts(event: Event) -> dict[str, list[str]]:
    """Return what each reviewer was written, oldest first."""
    found: dict[str, list[str]] = {}
    for letter in Letter.objects.filter(event=event, kind=LetterKind.REVIEWS_ASSIGNED).order_by("pk"):
        found.setdefault(letter.recipient, []).append(mime.read(bytes(letter.mime)).text)
    return found


def share_out(event: Event) -> None:
    """Share out as an organiser does."""
    plan = assignment.plan(event)
    assignment.carry_out(event, fingerprint=plan.fingerprint, by=UserFactory(), at=AFTER_CLOSE)


def test_each_reviewer_gets_one_letter_for_all_that_is_theirs_in_their_language(event: Event) -> None:
    reviewer(event, "ann", first_name="Ann", last_name="Lee")
    reviewer(event, "zoe", "fr", first_name="Zoé", last_name="Roy")
    people = ApplicationFactory.create_batch(6, event=event)
    share_out(event)
    assert review_letters.tell_due(at=LATER) == 2
    told = texts(event)
    assert [len(told[f"{name}@example.org"]) for name in ("ann", "zoe")] == [1, 1]
    assert told["ann@example.org"][0].startswith("Dear Ann Lee: 3 until Monday 29 November 2021, 10.00 CET. http")
    assert told["zoe@example.org"][0].startswith(
        "Bonjour Zoé Roy : 3 jusqu’au lundi 29 novembre 2021 à 10 h 00 CET. http"
    )
    assert f"/admin/questionnaire/application/?event={event.pk}" in told["ann@example.org"][0]
    for letter in Letter.objects.filter(kind=LetterKind.REVIEWS_ASSIGNED):
        assert letter.application is None
        for person in people:
            assert person.family_name not in bytes(letter.mime).decode()


def test_nothing_is_told_twice_and_the_letter_waits_until_nothing_new_comes(event: Event) -> None:
    ann = reviewer(event, "ann")
    first, second, third = ApplicationFactory.create_batch(3, event=event)
    organiser = UserFactory()
    assignment.give(first, ann, by=organiser, at=AFTER_CLOSE)
    assignment.give(second, ann, by=organiser, at=AFTER_CLOSE + dt.timedelta(minutes=3))
    assert review_letters.tell_due(at=LATER) == 0
    assert review_letters.tell_due(at=LATER + dt.timedelta(minutes=3)) == 1
    assert review_letters.tell_due(at=NEXT_DAY) == 0
    assignment.give(third, ann, by=organiser, at=NEXT_DAY)
    review_letters.tell_due(at=NEXT_DAY + review_letters.QUIET)
    assert [text.split()[2] for text in texts(event)["ann@example.org"]] == ["2", "1"]


def test_what_a_colleague_cannot_review_is_told_to_who_gets_it(event: Event) -> None:
    ann = reviewer(event, "ann")
    ApplicationFactory.create_batch(2, event=event)
    share_out(event)
    review_letters.tell_due(at=LATER)
    bob, cleo = reviewer(event, "bob"), reviewer(event, "cleo")
    for application in event.applications.all():
        ReviewFactory(application=application, reviewer=ann, conflict=True)
        assignment.hand_on(application, ann, at=LATER)
    assert review_letters.tell_due(at=LATER + review_letters.QUIET) == 2
    assert {address: len(written) for address, written in texts(event).items()} == {
        person.email: 1 for person in (ann, bob, cleo)
    }
    bob.memberships.all().delete()
    assignment.leave(event, bob, NEXT_DAY)
    review_letters.tell_due(at=NEXT_DAY + review_letters.QUIET)
    assert len(texts(event)["cleo@example.org"] + texts(event)["ann@example.org"]) == 3


def test_what_is_given_back_is_new_again_and_what_is_reviewed_already_is_not(event: Event) -> None:
    ann = reviewer(event, "ann")
    first, second = ApplicationFactory.create_batch(2, event=event)
    for application in (first, second):
        assignment.give(application, ann, by=UserFactory(), at=AFTER_CLOSE)
    ReviewFactory(application=first, reviewer=ann, mean_score=5)
    review_letters.tell_due(at=LATER)
    assignment.take_away(second, ann, by=UserFactory(), at=LATER)
    assignment.give_back(second, ann, at=NEXT_DAY)
    review_letters.tell_due(at=NEXT_DAY + review_letters.QUIET)
    assert [text.split()[2] for text in texts(event)["ann@example.org"]] == ["1", "1"]


def test_nobody_is_written_to_about_what_is_decided_done_or_taken_away(event: Event) -> None:
    ann = reviewer(event, "ann")
    decided, done, gone = ApplicationFactory.create_batch(3, event=event)
    for application in (decided, done, gone):
        assignment.give(application, ann, by=UserFactory(), at=AFTER_CLOSE)
    event.applications.filter(pk=decided.pk).update(state=State.DECLINED)
    ReviewFactory(application=done, reviewer=ann, mean_score=5)
    assignment.take_away(gone, ann, by=UserFactory(), at=AFTER_CLOSE)
    assert review_letters.tell_due(at=LATER) == 0


def test_who_cannot_be_reached_is_told_once_they_can(event: Event) -> None:
    ann = reviewer(event, "ann", email="")
    bob = reviewer(event, "bob", is_active=False)
    for person, application in zip((ann, bob), ApplicationFactory.create_batch(2, event=event), strict=True):
        Assignment.objects.create(application=application, reviewer=person, made_at=AFTER_CLOSE)
    assert review_letters.tell_due(at=LATER) == 0
    User.objects.update(is_active=True, email="there@example.org")
    assert review_letters.tell_due(at=NEXT_DAY) == 2


def test_a_missing_text_keeps_it_for_later_and_other_events_from_nothing(event: Event) -> None:
    other = small_questionnaire()
    for each, name in ((event, "ann"), (other, "bea")):
        person = reviewer(each, name)
        assignment.give(ApplicationFactory(event=each), person, by=UserFactory(), at=AFTER_CLOSE)
    template = LetterTemplate.objects.filter(event=event, kind=LetterKind.REVIEWS_ASSIGNED)
    template.update(body_en="")
    with pytest.raises(letters.NoText):
        review_letters.tell_due(at=LATER)
    assert (list(texts(event)), list(texts(other))) == ([], ["bea@example.org"])
    template.update(body_en="{number}")
    assert review_letters.tell_due(at=LATER) == 1


def test_the_demo_and_tests_share_out_without_a_letter(event: Event) -> None:
    reviewer(event, "ann")
    ApplicationFactory(event=event)
    assignment.share_all_out(event, at=AFTER_CLOSE)
    assert review_letters.tell_due(at=LATER) == 0


def test_a_letter_to_a_reviewer_that_fails_is_told_to_the_organisers(event: Event) -> None:
    ann = reviewer(event, "ann")
    assignment.give(ApplicationFactory(event=event), ann, by=UserFactory(), at=AFTER_CLOSE)
    review_letters.tell_due(at=LATER)
    refusal = Outcome(LetterStatus.FAILED, Phase.RCPT, code=550, reply="no such user")
    outbox.send_due(Clock(LATER), lambda: ScriptedTransport([refusal]))
    assert Notice.objects.filter(event=event, kind=LetterKind.LETTER_FAILED).count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow_with_the_applications(
    event: Event, number: int, django_assert_num_queries: object
) -> None:
    reviewer(event, "ann")
    ApplicationFactory.create_batch(number, event=event)
    share_out(event)
    with django_assert_num_queries(13):
        review_letters.tell_due(at=LATER)
