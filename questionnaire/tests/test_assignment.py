"""Who reviews what: shared out, handed on, changed by hand."""

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import team
from events.models import Event, Membership
from events.templatetags.history import change_in_words
from events.tests.factories import EventFactory, MembershipFactory, UserFactory
from questionnaire.models import Application, Assignment, Review
from questionnaire.states import State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    WHILE_OPEN,
    ApplicationFactory,
    AssignmentFactory,
    ReviewFactory,
)
from questionnaire.workflow import assignment, review
from questionnaire.workflow.eligibility import Bar

pytestmark = pytest.mark.django_db

PLACES = ["Alpha", "Béta", "Gamma"]
COUNTRIES = ["AT", "BE", "CY"]


@pytest.fixture
def event() -> Event:
    """Return an event with two reviews an application, none of them shared."""
    return EventFactory(shared_applications=0)


def reviewer(event: Event, name: str = "", **columns: object) -> User:
    """Return a new reviewer of the event."""
    columns |= {"user__last_name": name} if name else {}
    user: User = MembershipFactory(event=event, role=Membership.Role.REVIEWER, **columns).user
    return user


def received(event: Event, number: int = 1, **columns: object) -> list[Application]:
    """Return applications, a minute between them."""
    return [
        ApplicationFactory(event=event, submitted_at=WHILE_OPEN + dt.timedelta(minutes=place), **columns)
        for place in range(number)
    ]


def share_out(event: Event, *, again: bool = False) -> assignment.Plan:
    """Look at the plan and carry it out."""
    organiser = UserFactory()
    fingerprint = assignment.plan(event, again=again).fingerprint
    return assignment.carry_out(event, fingerprint=fingerprint, again=again, by=organiser, at=AFTER_CLOSE)


def reviewers_of(application: Application) -> set[User]:
    """Return to whom an application is assigned."""
    return {row.reviewer for row in Assignment.objects.standing().filter(application=application)}


def load_of(user: User) -> int:
    """Return how many applications somebody has."""
    return Assignment.objects.standing().filter(reviewer=user).count()


class TestSharingOut:
    def test_each_application_gets_its_reviewers_and_each_reviewer_as_many(self, event: Event) -> None:
        team = [reviewer(event) for _number in range(4)]
        applications = received(event, 9)
        plan = share_out(event)
        assert len(plan.given) == 18
        assert all(len(reviewers_of(application)) == 2 for application in applications)
        assert sorted(map(load_of, team)) == [4, 4, 5, 5]

    def test_nobody_gets_a_colleagues_application_however_it_is_spelt(self, event: Event) -> None:
        colleague = reviewer(event, organisation="SPIP du Rhône")
        others = [reviewer(event) for _number in range(2)]
        [application] = received(event, organisation="spip  du rhone")
        share_out(event)
        assert reviewers_of(application) == set(others)
        assert colleague not in reviewers_of(application)

    def test_the_same_country_is_kept_apart_where_the_event_says_so(self, event: Event) -> None:
        austrian, belgian = reviewer(event, country="AT"), reviewer(event, country="BE")
        [application] = received(event, country="AT")
        share_out(event)
        assert reviewers_of(application) == {austrian, belgian}
        event.reviewers_from_other_countries = True
        event.save()
        plan = share_out(event)
        assert plan.dropped == ((application.pk, austrian.pk),)
        assert reviewers_of(application) == {belgian}

    def test_what_cannot_be_filled_is_said_with_the_reason(self, event: Event) -> None:
        reviewer(event, "Same", organisation="Neustart")
        unknown = MembershipFactory(
            event=event, role=Membership.Role.REVIEWER, user__last_name="Unknown", organisation="", country="AT"
        ).user
        reviewer(event, "Free")
        received(event, organisation="NEUSTART")
        plan = assignment.plan(event)
        [shortage] = plan.shortages
        assert (shortage.has, shortage.needed) == (1, 2)
        assert shortage.bars == {Bar.UNKNOWN: ("Unknown",), Bar.ORGANISATION: ("Same",)}
        assert [row.id for row in plan.unknown] == [unknown.pk]

    def test_late_applications_are_added_and_nothing_else_moves(self, event: Event) -> None:
        for _number in range(3):
            reviewer(event)
        received(event, 5)
        share_out(event)
        before = set(Assignment.objects.values_list("application", "reviewer"))
        assert assignment.plan(event).changes_nothing
        received(event, 4)
        plan = share_out(event)
        assert before < set(Assignment.objects.values_list("application", "reviewer"))
        assert len(plan.given) == 8
        assert max(load.after for load in plan.loads) - min(load.after for load in plan.loads) <= 1

    def test_a_new_reviewer_gets_their_part_of_what_nobody_has_opened(self, event: Event) -> None:
        first, second = reviewer(event), reviewer(event)
        applications = received(event, 9)
        share_out(event)
        for application in applications[:3]:
            ReviewFactory(application=application, reviewer=first)
        late = reviewer(event)
        assert assignment.plan(event).changes_nothing
        share_out(event, again=True)
        assert sorted(map(load_of, (first, second, late))) == [6, 6, 6]
        assert all(first in reviewers_of(application) for application in applications[:3])

    def test_the_same_input_gives_the_same_plan(self, event: Event) -> None:
        for _number in range(3):
            reviewer(event)
        received(event, 7)
        assert assignment.plan(event) == assignment.plan(event)

    def test_a_plan_that_is_no_longer_true_is_not_carried_out(self, event: Event) -> None:
        reviewer(event)
        received(event)
        fingerprint = assignment.plan(event).fingerprint
        received(event)
        with pytest.raises(assignment.PlanChanged):
            assignment.carry_out(event, fingerprint=fingerprint, by=UserFactory(), at=AFTER_CLOSE)
        assert not Assignment.objects.exists()

    def test_only_what_is_under_review_is_shared_out(self, event: Event) -> None:
        reviewer(event)
        for state in (State.DRAFT, State.WITHDRAWN, State.DECLINED):
            received(event, state=state)
        ApplicationFactory()
        assert assignment.plan(event).applications == 0

    def test_it_is_put_on_record(self, event: Event) -> None:
        reviewer(event)
        received(event, 2)
        share_out(event)
        assert "2 assigned, 0 taken back" in change_in_words(LogEntry.objects.get())

    def test_the_number_of_queries_is_the_same_for_any_number(self, event: Event) -> None:
        counts = set()
        for number in (1, 3, 40):
            reviewer(event)
            received(event, number)
            with CaptureQueriesContext(connection) as asked:
                assignment.plan(event)
            counts.add(len(asked))
        assert counts == {5}


class TestSharedApplications:
    def test_some_go_to_every_reviewer(self, event: Event) -> None:
        event.shared_applications = 2
        event.save()
        team = [reviewer(event) for _number in range(4)]
        applications = received(event, 6)
        plan = share_out(event)
        assert [row.id for row in plan.shared] == [application.pk for application in applications[:2]]
        assert all(reviewers_of(application) == set(team) for application in applications[:2])
        assert Assignment.objects.filter(shared=True).count() == 8
        assert assignment.plan(event).changes_nothing
        late = reviewer(event)
        share_out(event)
        assert load_of(late) == 2

    def test_those_that_most_reviewers_may_read_come_first(self, event: Event) -> None:
        event.shared_applications = 2
        event.save()
        for name in PLACES:
            reviewer(event, organisation=name)
        tied, *free = received(event, 3)
        Application.objects.filter(pk=tied.pk).update(organisation=PLACES[0])
        assert {row.id for row in assignment.plan(event).shared} == {application.pk for application in free}

    def test_one_that_is_withdrawn_is_replaced(self, event: Event) -> None:
        event.shared_applications = 2
        event.save()
        for _number in range(3):
            reviewer(event)
        first, _second, third = received(event, 3)
        share_out(event)
        Application.objects.filter(pk=first.pk).update(state=State.WITHDRAWN)
        assert assignment.plan(event).newly_shared == {third.pk}


class TestSteppingBack:
    def test_a_conflict_hands_on_to_who_has_least_to_do(self, event: Event) -> None:
        gone, busy, free = (reviewer(event) for _number in range(3))
        first, second = received(event, 2)
        for user in (gone, busy):
            AssignmentFactory(application=first, reviewer=user)
        AssignmentFactory(application=second, reviewer=busy)
        review.declare(first, gone, conflict=True, at=AFTER_CLOSE)
        assert reviewers_of(first) == {busy, free}
        assert Assignment.objects.get(reviewer=free).instead_of == gone

    def test_a_mistaken_conflict_gives_it_back(self, event: Event) -> None:
        one, two, three = (reviewer(event) for _number in range(3))
        [application] = received(event)
        for user in (one, two):
            AssignmentFactory(application=application, reviewer=user)
        review.declare(application, one, conflict=True, at=AFTER_CLOSE)
        assert reviewers_of(application) == {two, three}
        review.declare(application, one, conflict=False, at=AFTER_CLOSE)
        assert reviewers_of(application) == {one, two}

    def test_who_came_instead_and_has_begun_stays(self, event: Event) -> None:
        one, two = reviewer(event), reviewer(event)
        [application] = received(event)
        event.reviews_per_application = 1
        event.save()
        AssignmentFactory(application=application, reviewer=one)
        review.declare(application, one, conflict=True, at=AFTER_CLOSE)
        review.declare(application, two, conflict=False, at=AFTER_CLOSE)
        review.declare(application, one, conflict=False, at=AFTER_CLOSE)
        assert reviewers_of(application) == {one, two}

    def test_it_never_comes_back_to_who_stepped_back(self, event: Event) -> None:
        only = reviewer(event)
        [application] = received(event)
        share_out(event)
        review.declare(application, only, conflict=True, at=AFTER_CLOSE)
        assert reviewers_of(application) == set()
        assert assignment.plan(event).shortages[0].bars == {Bar.CONFLICT: (str(only.username),)}

    def test_who_leaves_the_team_hands_on_what_is_unfinished(self, event: Event) -> None:
        leaving, *others = (reviewer(event) for _number in range(3))
        done, begun, untouched = received(event, 3)
        for application in (done, begun, untouched):
            AssignmentFactory(application=application, reviewer=leaving)
            AssignmentFactory(application=application, reviewer=others[0])
        ReviewFactory(application=done, reviewer=leaving, mean_score=5)
        ReviewFactory(application=begun, reviewer=leaving)
        Membership.objects.filter(user=leaving).delete()
        team.hand_over(event, {leaving}, at=AFTER_CLOSE)
        assert reviewers_of(done) == {leaving, others[0]}
        assert reviewers_of(begun) == reviewers_of(untouched) == set(others)


class TestByHand:
    def test_an_organiser_assigns_and_takes_away_for_good(self, event: Event) -> None:
        one, two = reviewer(event), reviewer(event)
        organiser = UserFactory()
        [application] = received(event)
        assignment.give(application, one, by=organiser, at=AFTER_CLOSE)
        assert reviewers_of(application) == {one}
        assignment.take_away(application, one, by=organiser, at=AFTER_CLOSE)
        assert reviewers_of(application) == set()
        share_out(event)
        assert reviewers_of(application) == {two}
        assignment.give(application, one, by=organiser, at=AFTER_CLOSE)
        assert reviewers_of(application) == {one, two}

    def test_who_may_not_is_refused_by_hand_too(self, event: Event) -> None:
        colleague = reviewer(event, organisation="Neustart")
        [application] = received(event, organisation="Neustart")
        for person, bar in ((colleague, Bar.ORGANISATION), (UserFactory(), None)):
            with pytest.raises(assignment.NotEligible) as caught:
                assignment.give(application, person, by=UserFactory(), at=AFTER_CLOSE)
            assert caught.value.bar is bar
        assert not Assignment.objects.exists()

    def test_a_finished_review_stays(self, event: Event) -> None:
        row = AssignmentFactory(application__event=event)
        ReviewFactory(application=row.application, reviewer=row.reviewer, mean_score=5)
        with pytest.raises(assignment.ReviewFinished):
            assignment.take_away(row.application, row.reviewer, by=UserFactory(), at=AFTER_CLOSE)

    def test_what_was_given_by_hand_is_not_shared_out_again(self, event: Event) -> None:
        event.reviews_per_application = 1
        event.save()
        chosen = reviewer(event)
        applications = received(event, 4)
        for application in applications:
            assignment.give(application, chosen, by=UserFactory(), at=AFTER_CLOSE)
        reviewer(event)
        assert assignment.plan(event, again=True).changes_nothing


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_happens_nobody_forbidden_is_assigned(event: Event, data: st.DataObject) -> None:
    """Sharing out, steps back and departures in any order, in teams and events of any kind."""
    Assignment.objects.all().delete()
    Review.objects.all().delete()
    Application.objects.all().delete()
    event.memberships.all().delete()
    place, country = st.sampled_from(PLACES), st.sampled_from(COUNTRIES)
    event.reviews_per_application = data.draw(st.integers(1, 3))
    event.shared_applications = data.draw(st.sampled_from([0, 2]))
    event.reviewers_from_other_countries = data.draw(st.booleans())
    event.save()
    people = [
        reviewer(event, organisation=data.draw(place), country=data.draw(country))
        for _number in range(data.draw(st.integers(1, 4)))
    ]
    for _number in range(data.draw(st.integers(1, 6))):
        received(event, organisation=data.draw(place).upper(), country=data.draw(country))
    for _number in range(data.draw(st.integers(1, 4))):
        match data.draw(st.sampled_from(["share", "again", "conflict", "leave"])):
            case "conflict" if rows := list(Assignment.objects.all()):
                row = data.draw(st.sampled_from(rows))
                review.declare(row.application, row.reviewer, conflict=True, at=AFTER_CLOSE)
            case "leave" if len(people) > 1:
                gone = people.pop()
                Membership.objects.filter(user=gone).delete()
                team.hand_over(event, {gone}, at=AFTER_CLOSE)
            case deed:
                share_out(event, again=deed == "again")
    for row in Assignment.objects.standing().select_related("application"):
        member = Membership.objects.get(event=event, user=row.reviewer)
        assert member.organisation.upper() != row.application.organisation
        assert not event.reviewers_from_other_countries or member.country != row.application.country
        assert not Review.objects.filter(application=row.application, reviewer=row.reviewer, conflict=True).exists()
