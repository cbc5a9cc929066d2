"""Each check of a rehearsal finds what it is there for, and is content where there is nothing."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Answer, Application, Letter, LetterKind, LetterStatus, Promotion, Quota, Transition
from questionnaire.rehearsal import checks
from questionnaire.rehearsal.browser import Visit
from questionnaire.rehearsal.evidence import Evidence, Finding
from questionnaire.rehearsal.ledger import Habit, Ledger, Record, Told
from questionnaire.rehearsal.mailroom import Mail
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    DECISION_HOUR,
    WHILE_OPEN,
    ApplicationFactory,
    small_questionnaire,
)

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)
EMAIL = "asa@example.org"


@pytest.fixture
def evidence() -> Evidence:
    """Return a rehearsal of one person in which everything went as promised."""
    event = small_questionnaire()
    event.places = 1
    event.save()
    application = ApplicationFactory(event=event, email=EMAIL, state=State.ACCEPTED, outcome=Outcome.ACCEPT)
    event.applications.exclude(pk=application.pk).delete()
    typed = {"email": [EMAIL]}
    for question in event.questions.all():
        if question.key == "email":
            Answer.objects.update_or_create(application=application, question=question, defaults={"value": EMAIL})
        else:
            Answer.objects.filter(application=application, question=question).delete()
    for before, after, at in (("draft", "submitted", WHILE_OPEN), ("signed_off", "accepted", DECISION_HOUR)):
        Transition.objects.create(application=application, from_state=before, to_state=after, at=at)
    ledger = Ledger()
    record = Record(1, EMAIL, Habit.ON_TIME, "en", saved=typed, submitted=dict(typed))
    record.note(Told.SUBMITTED, WHILE_OPEN)
    ledger.records.append(record)
    ledger.note_visit(Visit("GET", "/en/", 200, 0.1))
    kinds = {LetterKind.RECEIPT: WHILE_OPEN, LetterKind.ACCEPTANCE: DECISION_HOUR}
    copies = [arrived(written(event, application, kind, at), at + SECOND) for kind, at in kinds.items()]
    return Evidence(event, ledger, copies, DECISION_HOUR + dt.timedelta(days=30), senders=2)


def written(event: Event, application: Application, kind: str, at: dt.datetime) -> Letter:
    """Write a letter into the outbox, sent."""
    return Letter.objects.create(
        event=event,
        application=application,
        kind=kind,
        language="en",
        recipient=EMAIL,
        mime=b"",
        message_id=f"<{kind}@example.org>",
        status=LetterStatus.SENT,
        created_at=at,
        release_at=at,
        due_at=at,
        sent_at=at,
    )


def arrived(letter: Letter, at: dt.datetime) -> Mail:
    """Have a copy of a letter arrive."""
    return Mail(at, letter.message_id, letter.recipient, "", "en", "digest", "", "")


def broken(evidence: Evidence) -> set[str]:
    """Return the promises that do not hold, looked at anew."""
    fresh = replace(evidence)
    return {finding.key for finding in checks.check(fresh) if finding.broken}


def test_where_all_went_well_every_promise_is_kept(evidence: Evidence) -> None:
    """Nothing is found where there is nothing."""
    assert broken(evidence) == set()


def lose_the_application(evidence: Evidence) -> None:
    """As if a submission had not been stored."""
    Application.objects.all().delete()


def change_an_answer(evidence: Evidence) -> None:
    """As if something else had been stored than was typed."""
    Answer.objects.update(value="other@example.org")


def lose_a_letter(evidence: Evidence) -> None:
    """As if the receipt had never arrived."""
    del evidence.copies[0]


def double_a_letter(evidence: Evidence) -> None:
    """As if a letter had arrived twice, without any fault."""
    evidence.copies.append(evidence.copies[1])


def change_a_copy(evidence: Evidence) -> None:
    """As if the second copy read otherwise, where a fault explains that there is one."""
    evidence.ledger.faults.kills = 1
    evidence.copies.append(replace(evidence.copies[1], digest="other"))


def decide_twice(evidence: Evidence) -> None:
    """As if a decline had followed the acceptance."""
    application = Application.objects.get()
    Letter.objects.filter(kind=LetterKind.ACCEPTANCE).update(status=LetterStatus.CANCELLED)
    evidence.copies.append(
        arrived(written(evidence.event, application, LetterKind.DECLINE, DECISION_HOUR), DECISION_HOUR)
    )


def send_early(evidence: Evidence) -> None:
    """As if the decision had left a second before its hour."""
    evidence.copies[1] = replace(evidence.copies[1], at=DECISION_HOUR - SECOND)


def tell_early(evidence: Evidence) -> None:
    """As if an own page had changed before the hour."""
    evidence.ledger.learned_early.append(EMAIL)


def send_late(evidence: Evidence) -> None:
    """As if the decision had arrived the day after the promised one."""
    evidence.copies[1] = replace(evidence.copies[1], at=evidence.event.promise_ends_at)


def give_up(evidence: Evidence) -> None:
    """As if the receipt had taken five days."""
    evidence.copies[0] = replace(evidence.copies[0], at=WHILE_OPEN + dt.timedelta(days=5))


def overfill(evidence: Evidence) -> None:
    """As if a second person had been given the only place."""
    other = ApplicationFactory(event=evidence.event, email="", state=State.ACCEPTED, outcome=Outcome.ACCEPT)
    later = DECISION_HOUR + SECOND
    Transition.objects.create(application=other, from_state="waiting_list", to_state="accepted", at=later)


def leave_a_place_empty(evidence: Evidence) -> None:
    """As if nobody had been asked when the place became free."""
    later = DECISION_HOUR + SECOND
    accepted = Application.objects.get()
    waits = ApplicationFactory(event=evidence.event, email="", state=State.WAITING_LIST)
    Transition.objects.create(application=waits, from_state="signed_off", to_state="waiting_list", at=DECISION_HOUR)
    Transition.objects.create(application=accepted, from_state="accepted", to_state="turned_down", at=later)


def answer_late(evidence: Evidence) -> None:
    """As if somebody who was promoted had confirmed in the second in which the own deadline had passed."""
    application, until = Application.objects.get(), DECISION_HOUR + dt.timedelta(hours=2)
    Promotion.objects.create(application=application, at=DECISION_HOUR, answer_by=until, by_hand=True)
    Transition.objects.create(application=application, from_state="accepted", to_state="confirmed", at=until)


def refuse_in_time(evidence: Evidence) -> None:
    """As if the page had refused an answer a second before the deadline."""
    evidence.ledger.records[0].note(Told.REFUSED, evidence.event.answer_by - SECOND)


def lose_a_score(evidence: Evidence) -> None:
    """As if what a reviewer gave had not been stored."""
    evidence.ledger.opinions[Application.objects.get().pk, 1] = {"motivation": 4}


def sign_alone(evidence: Evidence) -> None:
    """As if who proposed a decision had signed it, too."""
    application, person = Application.objects.get(), UserFactory()
    for before, after in (("submitted", "proposed"), ("proposed", "signed_off")):
        Transition.objects.create(application=application, from_state=before, to_state=after, at=AFTER_CLOSE, by=person)


def decide_unsigned(evidence: Evidence) -> None:
    """As if a decision had been released that nobody had signed."""
    Transition.objects.filter(to_state="accepted").update(from_state="proposed")


def break_a_quota(evidence: Evidence) -> None:
    """As if the group lacked whom it needs."""
    question = evidence.event.questions.get(key="email")
    Quota.objects.create(event=evidence.event, question=question, values="somebody", minimum=1)


def fail_a_page(evidence: Evidence) -> None:
    """As if a page had answered with an error."""
    evidence.ledger.note_visit(Visit("POST", "/en/", 500, 0.1))


def slow_a_page(evidence: Evidence) -> None:
    """As if every second page had been slow."""
    evidence.ledger.note_visit(Visit("GET", "/en/", 200, 1.5))


def stumble(evidence: Evidence) -> None:
    """As if somebody had met a page without a way on."""
    evidence.ledger.note_stumble("on time 1: 404")


@pytest.mark.parametrize(
    ("spoil", "promises"),
    [
        (lose_the_application, {"applications_lost"}),
        (change_an_answer, {"applications_lost"}),
        (lose_a_letter, {"letters_lost"}),
        (double_a_letter, {"letters_doubled"}),
        (change_a_copy, {"copies_differ"}),
        (decide_twice, {"two_decisions"}),
        (send_early, {"letters_early"}),
        (tell_early, {"letters_early"}),
        (send_late, {"decisions_missing"}),
        (give_up, {"letters_late"}),
        (overfill, {"places_overfilled"}),
        (leave_a_place_empty, {"places_unfilled"}),
        (answer_late, {"answers_untimely"}),
        (refuse_in_time, {"answers_untimely"}),
        (lose_a_score, {"scores_lost"}),
        (sign_alone, {"decided_alone"}),
        (decide_unsigned, {"decided_alone"}),
        (break_a_quota, {"quotas_kept"}),
        (fail_a_page, {"pages_failing"}),
        (slow_a_page, {"pages_slow"}),
        (stumble, {"stumbles"}),
    ],
)
def test_what_breaks_a_promise_is_found(
    spoil: Callable[[Evidence], None], promises: set[str], evidence: Evidence
) -> None:
    """And nothing else is blamed."""
    spoil(evidence)
    assert broken(evidence) >= promises


def test_a_draft_that_is_not_as_it_was_typed_is_found(evidence: Evidence) -> None:
    """What was saved and never submitted must still be there."""
    evidence.ledger.records.append(
        Record(2, "draft@example.org", Habit.GIVES_UP, "en", saved={"email": ["draft@example.org"]})
    )
    assert broken(evidence) == {"drafts_lost"}


def test_a_copy_that_a_kill_explains_is_no_broken_promise(evidence: Evidence) -> None:
    """At most one for each sender."""
    evidence.ledger.faults.kills = 1
    double_a_letter(evidence)
    assert broken(evidence) == set()


def test_a_promotion_that_waited_for_the_lock_is_no_broken_promise(evidence: Evidence) -> None:
    """The place was free when it was given, although its time was taken a moment before the other gave it back."""
    moved = {"turned_down": Application.objects.get(), "accepted": ApplicationFactory(event=evidence.event, email="")}
    for seconds, (state, application) in zip((2, 1), moved.items(), strict=True):
        at = DECISION_HOUR + seconds * SECOND
        Transition.objects.create(application=application, from_state="accepted", to_state=state, at=at)
    assert "places_overfilled" not in broken(evidence)


def test_an_answer_in_time_and_a_refusal_after_it_are_no_broken_promise(evidence: Evidence) -> None:
    """To the second, on both sides of the deadline."""
    until = evidence.event.answer_by
    Transition.objects.create(
        application=Application.objects.get(), from_state="accepted", to_state="confirmed", at=until - SECOND
    )
    evidence.ledger.records[0].note(Told.REFUSED, until)
    assert "answers_untimely" not in broken(evidence)


def test_details_are_cut_where_there_are_many() -> None:
    """A report stays readable."""
    finding = Finding("stumbles")
    for _number in range(50):
        finding.look(False, "x")
    assert (finding.broken, len(finding.details)) == (50, 20)
