"""One signature under all decisions: bound to what was seen, by a second person, and known to be outlived."""

import json
from collections.abc import Callable
from hashlib import sha256

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from events.models import Event, Membership
from events.tests.factories import EventFactory, MembershipFactory
from questionnaire.models import Application, Release, Signature
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import AFTER_CLOSE, AFTER_RELEASE
from questionnaire.tests.releasing import sign_off
from questionnaire.tests.selecting import add_review, applicant, crowd, quota, selectable
from questionnaire.tests.team import Team, make_team
from questionnaire.workflow import decision, proposing, runs, signing, transitions
from questionnaire.workflow.signing import Part

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def team() -> Team:
    """Return two places, at most two for one country, five people reviewed, decisions proposed by the organiser."""
    team = make_team(selectable(EventFactory(), places=2))
    quota(team.event, "country", maximum=2)
    for place, name in enumerate(("Ada", "Ben", "Cleo", "Dan", "Eva")):
        applicant(team.event, name, (5 - place, 3), minutes=place)
    propose(team)
    return team


def propose(team: Team) -> None:
    """Propose what the solver suggests: the first two in, the third waits."""
    run = runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE)
    proposing.propose(run, reserves=1, decline_others=True, by=team.organiser, at=AFTER_CLOSE)


def sign(team: Team, seen: str | None = None, by: User | None = None) -> Signature:
    """Sign what is seen now, or what was seen before."""
    seen = signing.look(team.event).seen if seen is None else seen
    return signing.sign(team.event, seen=seen, by=by or team.second, at=AFTER_CLOSE)


def person(event: Event, name: str) -> Application:
    """Return somebody by first name."""
    return event.applications.get(first_name=name)


def states(event: Event) -> set[str]:
    """Return in which states applications are."""
    return set(event.applications.values_list("state", flat=True))


def test_the_whole_tells_who_is_in_who_waits_in_which_order_and_who_is_declined(team: Team) -> None:
    applicant(team.event, "Unread")
    whole = signing.look(team.event)
    named = {outcome: [row.application.first_name for row in whole.of(outcome)] for outcome in Outcome}
    assert named == {"accept": ["Ada", "Ben"], "waiting_list": ["Cleo"], "decline": ["Dan", "Eva"]}
    assert [application.first_name for application in whole.undecided] == ["Unread"]
    assert (whole.total_score, [row.rank for row in whole.decided]) == ("18.67", [1, 2, 3, 4, 5])
    assert [(standing.selected, standing.maximum) for standing in whole.standings] == [(2, 2)]
    assert not whole.outdated


def test_one_act_signs_everything_and_is_recorded(team: Team) -> None:
    whole = signing.look(team.event)
    signature = sign(team)
    assert states(team.event) == {State.SIGNED_OFF}
    assert (signature.by, signature.at, signature.run, signature.signed) == (team.second, AFTER_CLOSE, whole.run, 5)
    assert signature.sha256 == whole.sha256
    assert set(team.event.applications.get(first_name="Ada").transitions.values_list("to_state", "by")) == {
        (State.PROPOSED, team.organiser.pk),
        (State.SIGNED_OFF, team.second.pk),
    }


def test_the_fingerprint_follows_from_the_statement_that_is_kept_and_names_nobody(team: Team) -> None:
    signature = sign(team)
    kept = json.loads(signing.statement(signature))
    parts = [json.dumps(kept[part], sort_keys=True, separators=(",", ":")) for part in Part]
    seen = ".".join(sha256(part.encode()).hexdigest() for part in parts)
    assert sha256(seen.encode()).hexdigest() == signature.sha256
    assert "Ada" not in signing.statement(signature)


def test_a_quota_stands_in_the_statement_by_keys_so_that_no_language_changes_the_fingerprint(team: Team) -> None:
    quota(team.event, "country", values="FR", minimum=1)
    with translation.override("fr"):
        _places, quotas, _standings = signing.look(team.event).content[Part.BALANCE]
    assert quotas == [["country", 0, 2], ["country FR", 1, None]]


def test_whoever_proposed_one_of_the_decisions_cannot_sign(team: Team) -> None:
    with pytest.raises(decision.SameEyes):
        sign(team, by=team.organiser)
    third = MembershipFactory(event=team.event, role=Membership.Role.ORGANISER).user
    decision.propose([person(team.event, "Eva")], Outcome.WAITING_LIST, by=third, at=AFTER_CLOSE)
    with pytest.raises(decision.SameEyes) as refused:
        sign(team, by=third)
    assert [row.first_name for row in refused.value.applications] == ["Eva"]
    assert states(team.event) == {State.PROPOSED}
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (
            lambda team: decision.propose(
                [person(team.event, "Eva")], Outcome.WAITING_LIST, by=team.organiser, at=AFTER_CLOSE
            ),
            {Part.DECISIONS},
        ),
        (
            lambda team: decision.propose(
                [person(team.event, "Ada")], Outcome.ACCEPT, by=team.organiser, at=AFTER_CLOSE, reason="again"
            ),
            {Part.DECISIONS},
        ),
        (lambda team: sign_off([person(team.event, "Ada")], by=team.second, at=AFTER_CLOSE), {Part.DECISIONS}),
        (
            lambda team: transitions.move([person(team.event, "Dan")], State.WITHDRAWN, at=AFTER_CLOSE),
            {Part.DECISIONS, Part.SELECTION, Part.BALANCE, Part.SCORES},
        ),
        (lambda team: applicant(team.event, "Late"), {Part.UNDECIDED, Part.BALANCE}),
        (lambda team: runs.suggest(team.event, by=team.organiser, at=AFTER_CLOSE), {Part.SELECTION}),
        (lambda team: quota(team.event, "organisation", maximum=3), {Part.BALANCE, Part.SELECTION}),
        (lambda team: add_review(person(team.event, "Ada"), (5, 2)), {Part.SCORES, Part.SELECTION}),
        (
            lambda team: runs.move(person(team.event, "Cleo"), "out", reason="r", by=team.organiser, at=AFTER_CLOSE),
            {Part.BY_HAND, Part.SELECTION},
        ),
    ],
    ids=["decision", "reason", "signed by itself", "withdrawn", "late", "run", "quota", "score", "pin"],
)
def test_what_changed_between_look_and_signature_refuses_it_and_is_named(
    team: Team, change: Callable[[Team], object], parts: set[Part]
) -> None:
    seen = signing.look(team.event).seen
    change(team)
    before = states(team.event)
    with pytest.raises(signing.Changed) as refused:
        sign(team, seen)
    assert set(refused.value.parts) == parts
    assert states(team.event) == before
    assert not Signature.objects.exists()


def test_a_change_that_lands_while_the_signature_waits_for_the_lock_refuses_it(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who held the lock until now has just changed a decision: it is looked at after the lock, not before."""
    seen = signing.look(team.event).seen
    lock_event = transitions.lock_event

    def wait_for(event_id: int) -> Event:
        monkeypatch.setattr(transitions, "lock_event", lock_event)
        decision.propose([person(team.event, "Eva")], Outcome.ACCEPT, by=team.organiser, at=AFTER_CLOSE)
        return lock_event(event_id)

    monkeypatch.setattr(transitions, "lock_event", wait_for)
    with pytest.raises(signing.Changed):
        sign(team, seen)
    assert states(team.event) == {State.PROPOSED}


@pytest.mark.parametrize("seen", ["", "x", ".....", "0." * 5000, "\ud800"])
def test_what_was_never_shown_is_not_signed(team: Team, seen: str) -> None:
    with pytest.raises(signing.Changed):
        sign(team, seen)


def test_signing_twice_signs_once(team: Team) -> None:
    sign(team)
    with pytest.raises(signing.NothingToSign):
        sign(team)
    assert Signature.objects.count() == 1


def test_the_language_of_whoever_looks_does_not_matter(team: Team) -> None:
    seen = signing.look(team.event).seen
    with translation.override("fr"):
        assert signing.look(Event.objects.get(pk=team.event.pk)).seen == seen


def test_a_decision_that_changes_afterwards_falls_back_and_is_named(team: Team) -> None:
    sign(team)
    kept = signing.standing(team.event)
    assert kept is not None
    assert not kept.changed
    decision.propose([person(team.event, "Cleo")], Outcome.DECLINE, by=team.second, at=AFTER_CLOSE)
    transitions.move([person(team.event, "Dan")], State.WITHDRAWN, at=AFTER_CLOSE)
    late = applicant(team.event, "Late", (1, 1))
    decision.propose([late], Outcome.DECLINE, by=team.second, at=AFTER_CLOSE)
    fallen = signing.standing(team.event)
    assert fallen is not None
    assert [row.first_name for row in fallen.changed] == ["Cleo", "Dan", "Late"]
    assert person(team.event, "Cleo").state == State.PROPOSED
    assert person(team.event, "Ada").state == State.SIGNED_OFF
    again = signing.sign(team.event, seen=signing.look(team.event).seen, by=team.organiser, at=AFTER_RELEASE)
    assert again.signed == 2
    standing = signing.standing(team.event)
    assert standing is not None
    assert (standing.signature, standing.changed) == (again, ())


def test_the_same_decision_proposed_again_needs_both_again(team: Team) -> None:
    sign(team)
    decision.propose([person(team.event, "Ada")], Outcome.ACCEPT, by=team.organiser, at=AFTER_RELEASE)
    standing = signing.standing(team.event)
    assert standing is not None
    assert [row.first_name for row in standing.changed] == ["Ada"]


def test_what_became_of_the_decisions_after_the_release_does_not_undo_the_signature(team: Team) -> None:
    sign(team)
    Release.objects.create(
        event=team.event,
        ordered_by=team.organiser,
        ordered_at=AFTER_CLOSE,
        signed_by=team.second,
        signed_at=AFTER_CLOSE,
        released_at=AFTER_RELEASE,
    )
    transitions.move([person(team.event, "Ada")], State.ACCEPTED, at=AFTER_RELEASE)
    standing = signing.standing(team.event)
    assert standing is not None
    assert standing.changed == ()


def test_without_a_signature_there_is_no_standing(team: Team) -> None:
    assert signing.standing(team.event) is None


def test_what_differs_from_the_solver_stands_with_its_reason_and_its_cost(team: Team) -> None:
    whole = signing.look(team.event)
    same = signing.compare(whole)
    assert same is not None
    assert (same.is_solved, same.differences, same.cost) == (True, (), "0.00")
    runs.move(person(team.event, "Eva"), "in", reason="speaks for the service", by=team.organiser, at=AFTER_CLOSE)
    run = runs.current(team.event)
    assert run is not None
    proposing.propose(run, reserves=1, decline_others=True, by=team.organiser, at=AFTER_CLOSE)
    differs = signing.compare(signing.look(team.event))
    assert differs is not None
    found = {row.application.first_name: row for row in differs.differences}
    assert {name: row.suggested for name, row in found.items()} == {"Ben": True, "Eva": False}
    eva = found["Eva"].decided
    assert eva is not None
    assert eva.pin is not None
    assert eva.pin.reason == "speaks for the service"
    assert differs.cost == "4.00"


def test_decisions_without_any_selection_can_be_signed_too() -> None:
    team = make_team(selectable(EventFactory(), places=2))
    unread = applicant(team.event, "Ada")
    decision.propose([unread], Outcome.ACCEPT, by=team.organiser, at=AFTER_CLOSE)
    whole = signing.look(team.event)
    assert signing.compare(whole) is None
    assert [(row.rank, row.score) for row in whole.decided] == [(None, "")]
    assert sign(team).run is None


def test_where_no_selection_keeps_every_quota_nothing_is_compared(team: Team) -> None:
    quota(team.event, "country", values="AT", minimum=1)
    runs.move(person(team.event, "Cleo"), "in", reason="r", by=team.organiser, at=AFTER_CLOSE)
    compared = signing.compare(signing.look(team.event))
    assert compared is not None
    assert not compared.is_solved


def test_looking_takes_as_many_queries_for_three_people_as_for_one() -> None:
    team = make_team(selectable(EventFactory(), places=2))
    counts = set()
    for number in (1, 3):
        crowd(team.event, number)
        propose(team)
        runs.move(team.event.applications.latest("pk"), "out", reason="r", by=team.organiser, at=AFTER_CLOSE)
        propose(team)
        with CaptureQueriesContext(connection) as queries:
            signing.compare(signing.look(team.event))
            signing.standing(team.event)
        counts.add(len(queries))
    assert len(counts) == 1, counts
