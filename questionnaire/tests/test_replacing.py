"""A colleague comes instead: exactly that place, by two organisers, and nothing kept of who never said yes."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import IntegrityError

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Application, Letter, LetterStatus, LetterTemplate, Notice, Replacement
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE
from questionnaire.tests.selecting import quota
from questionnaire.tests.taking_part import accepted, kinds_to, released_event, states, waiting
from questionnaire.workflow import (
    correction,
    letters,
    participation,
    places,
    promotion,
    replacing,
    retention,
    submission,
    waiting_list,
)
from questionnaire.workflow.replacing import Colleague

pytestmark = pytest.mark.django_db

NOW = AFTER_RELEASE
SECOND = dt.timedelta(seconds=1)
GOOD = (5, 3)
LEA = Colleague("Léa", "Østergård 🌿", "lea@example.org", "fr", "Psychologist")


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def event() -> Event:
    """Return an event with two places, given to Ada and Bea; Dot waits."""
    event = released_event(places=2)
    for name in ("Ada", "Bea"):
        accepted(event, name, GOOD, country="FR", organisation=f"Prison of {name}")
    waiting(event, "Dot", GOOD, country="DE")
    return event


@pytest.fixture
def ada(event: Event) -> Application:
    """Return somebody who has confirmed."""
    ada = event.applications.get(first_name="Ada")
    participation.confirm(ada, now=NOW)
    ada.refresh_from_db()
    return ada


def asked(application: Application, colleague: Colleague = LEA) -> Replacement:
    """Return a request."""
    return replacing.ask(application, colleague, reason="On duty", now=NOW)


def arranged(application: Application, colleague: Colleague = LEA, at: dt.datetime = NOW) -> Application:
    """Return the application of a colleague to whom two organisers gave the place."""
    request = asked(application, colleague)
    replacing.agree(request, reason="Same team", by=UserFactory(), at=at)
    return replacing.sign(request, by=UserFactory(), at=at)


class TestAsking:
    """Whoever holds a place, once at a time."""

    def test_the_place_stays_and_organisers_are_told_once(self, event: Event, ada: Application) -> None:
        asked(ada)
        assert states(event)["Ada"] == State.CONFIRMED
        assert Notice.objects.filter(kind="replacement_requested").count() == 1
        with pytest.raises(replacing.AlreadyAsked):
            asked(ada)

    def test_only_who_holds_a_place_in_time(self, event: Event, ada: Application) -> None:
        bea = event.applications.get(first_name="Bea")
        with pytest.raises(replacing.CannotAsk):
            asked(event.applications.get(first_name="Dot"))
        for who, late in ((bea, bea.answers_until), (ada, event.ends_at)):
            assert replacing.can_ask(who, late - SECOND)
            with pytest.raises(replacing.CannotAsk):
                replacing.ask(who, LEA, reason="", now=late)

    def test_nobody_names_themselves(self, ada: Application) -> None:
        with pytest.raises(replacing.OwnAddress):
            asked(ada, Colleague("A", "B", ada.email.upper(), "en", "x"))

    def test_it_can_be_taken_back_and_asked_again_but_not_for_ever(self, ada: Application) -> None:
        for _time in range(replacing.MOST):
            asked(ada)
            replacing.take_back(ada)
        with pytest.raises(replacing.TooOften):
            asked(ada)
        assert set(Replacement.objects.values_list("status", "email", "first_name")) == {("withdrawn", "", "")}

    def test_who_asks_has_answered_so_the_place_does_not_lapse(self, event: Event) -> None:
        bea = event.applications.get(first_name="Bea")
        asked(bea)
        late = event.answer_by + SECOND
        participation.remind_due(at=event.answer_by - SECOND)
        participation.lapse_due(at=late)
        assert states(event)["Bea"] == State.ACCEPTED
        assert "confirm_reminder" not in kinds_to(bea)
        replacing.take_back(bea)
        participation.lapse_due(at=late)
        assert states(event)["Bea"] == State.LAPSED


class TestPassingOn:
    """Two organisers agree."""

    @pytest.mark.every_database
    def test_the_colleague_takes_exactly_that_place(self, event: Event, ada: Application) -> None:
        lea = arranged(ada)
        assert states(event) == {"Ada": "turned_down", "Bea": "accepted", "Dot": "waiting_list", "Léa": "accepted"}
        assert places.held(event) == event.places
        assert promotion.promote_due(at=NOW) == 0
        assert lea.answers_until == promotion.deadline(event, NOW)
        assert (lea.country, lea.organisation, lea.privacy_notice) == ("FR", "Prison of Ada", "")
        assert not Notice.objects.filter(kind="place_given_up").exists()

    def test_both_get_a_letter_in_their_language(self, ada: Application) -> None:
        lea = arranged(ada)
        assert kinds_to(ada)[-1] == "replacement_arranged"
        [letter] = lea.letters.all()
        assert (letter.kind, letter.language, letter.recipient) == ("replacement_invitation", "fr", "lea@example.org")
        assert b"text/calendar" in bytes(letter.mime)

    def test_the_second_is_another_person(self, ada: Application) -> None:
        request, first = asked(ada), UserFactory()
        with pytest.raises(replacing.NotOpen):
            replacing.sign(request, by=first, at=NOW)
        replacing.agree(request, reason="x", by=first, at=NOW)
        with pytest.raises(replacing.SamePerson):
            replacing.sign(request, by=first, at=NOW)
        with pytest.raises(IntegrityError):
            Replacement.objects.update(status="arranged", decided_by=first)

    def test_what_the_request_said_of_the_colleague_is_gone_then(self, ada: Application) -> None:
        lea = arranged(ada)
        request = Replacement.objects.get()
        assert (request.status, request.colleague) == ("arranged", lea)
        assert (request.first_name, request.family_name, request.email, request.role) == ("", "", "", "")

    def test_no_decision_was_told_to_them_so_none_is_corrected(self, ada: Application) -> None:
        assert correction.outcomes(arranged(ada)) == []

    def test_without_a_letter_nothing_happens(self, event: Event, ada: Application) -> None:
        LetterTemplate.objects.filter(kind="replacement_invitation").update(body_fr="")
        with pytest.raises(letters.NoText):
            arranged(ada)
        assert states(event) == {"Ada": "confirmed", "Bea": "accepted", "Dot": "waiting_list"}

    def test_who_gave_the_place_up_meanwhile_has_none_to_pass_on(self, event: Event, ada: Application) -> None:
        request = asked(ada)
        replacing.agree(request, reason="x", by=UserFactory(), at=NOW)
        submission.withdraw(ada, now=NOW)
        with pytest.raises(replacing.NotOpen):
            replacing.sign(request, by=UserFactory(), at=NOW)
        assert promotion.promote_due(at=NOW) == 1
        assert places.held(event) == event.places

    def test_a_change_of_mind_makes_no_second_place(self, event: Event, ada: Application) -> None:
        arranged(ada)
        with pytest.raises(places.NoPlaceLeft):
            participation.confirm(ada, now=NOW)
        assert places.held(event) == event.places

    def test_after_the_event_it_is_too_late(self, event: Event, ada: Application) -> None:
        request = asked(ada)
        with pytest.raises(replacing.NotOpen):
            replacing.agree(request, reason="x", by=UserFactory(), at=event.ends_at)

    def test_shortly_before_the_event_there_is_still_time_to_confirm(self, event: Event, ada: Application) -> None:
        assert arranged(ada, at=event.begins_at - SECOND).answers_until == event.ends_at


class TestColleagueWhoApplied:
    """Whoever applied for themselves has one application, and keeps it."""

    def test_one_who_waits_is_given_the_place(self, event: Event, ada: Application) -> None:
        dot = event.applications.get(first_name="Dot")
        assert arranged(ada, Colleague("D", "D", dot.email.upper(), "en", "x")) == dot
        assert states(event) == {"Ada": "turned_down", "Bea": "accepted", "Dot": "accepted"}

    @pytest.mark.parametrize("state", ["accepted", "withdrawn"])
    def test_one_with_a_place_or_without_an_application_any_more_cannot(
        self, event: Event, ada: Application, state: str
    ) -> None:
        bea = event.applications.get(first_name="Bea")
        if state == "withdrawn":
            submission.withdraw(bea, now=NOW)
        with pytest.raises(replacing.CannotStandIn) as refused:
            arranged(ada, Colleague("B", "B", bea.email, "en", "x"))
        assert refused.value.application == bea
        assert states(event)["Ada"] == "confirmed"

    def test_two_who_name_the_same_colleague_do_not_give_two_places(self, event: Event, ada: Application) -> None:
        second = asked(event.applications.get(first_name="Bea"))
        lea = arranged(ada)
        assert replacing.own_applications([second, Replacement.objects.get(pk=second.pk)]) == {second.pk: lea}
        replacing.agree(second, reason="x", by=UserFactory(), at=NOW)
        with pytest.raises(replacing.CannotStandIn):
            replacing.sign(second, by=UserFactory(), at=NOW)


class TestRefusing:
    """One organiser, with a reason."""

    def test_the_person_reads_why_and_keeps_the_place(self, event: Event, ada: Application) -> None:
        replacing.refuse(asked(ada), reason="Not of the target group", by=UserFactory(), at=NOW)
        assert states(event)["Ada"] == "confirmed"
        assert kinds_to(ada)[-1] == "replacement_refused"
        assert Replacement.objects.get().answer == "Not of the target group"
        assert Replacement.objects.get().email == ""

    def test_who_had_not_confirmed_has_time_to_do_so(self, event: Event) -> None:
        bea = event.applications.get(first_name="Bea")
        request = asked(bea)
        late = event.answer_by + SECOND
        replacing.refuse(request, reason="x", by=UserFactory(), at=late)
        bea.refresh_from_db()
        assert bea.answers_until == promotion.deadline(event, late)
        participation.confirm(bea, now=bea.answers_until - SECOND)


class TestForgetting:
    """Nothing is kept of a colleague who never acknowledged the privacy statement."""

    def test_a_request_ends_with_the_place(self, ada: Application) -> None:
        asked(ada)
        submission.withdraw(ada, now=NOW)
        replacing.settle_due(at=NOW)
        assert set(Replacement.objects.values_list("status", "email")) == {("withdrawn", "")}

    def test_a_colleague_who_never_came_is_erased_a_week_after_once_the_letters_have_left(
        self, ada: Application
    ) -> None:
        lea = arranged(ada)
        Letter.objects.filter(application=lea).update(status=LetterStatus.SENT, sent_at=NOW, due_at=None)
        late = lea.answers_until
        participation.lapse_due(at=late)
        Letter.objects.filter(application=lea).update(status=LetterStatus.SENT, sent_at=late, due_at=None)
        replacing.settle_due(at=late + replacing.FORGOTTEN_AFTER - SECOND)
        lea.refresh_from_db()
        assert lea.email == "lea@example.org"  # the link in the letter about it still opens a page
        late += replacing.FORGOTTEN_AFTER
        Letter.objects.filter(application=lea).update(status=LetterStatus.RETRY, due_at=late)
        replacing.settle_due(at=late)
        lea.refresh_from_db()
        assert (lea.state, lea.email) == ("lapsed", "lea@example.org")  # the letter about it is still on its way
        Letter.objects.filter(application=lea).update(status=LetterStatus.SENT, sent_at=late, due_at=None)
        replacing.settle_due(at=late)
        lea.refresh_from_db()
        assert (lea.state, lea.email, lea.first_name) == ("lapsed", "", "")
        assert lea not in waiting_list.can_be_offered(lea.event)

    def test_whoever_asked_is_erased_with_the_request(self, ada: Application) -> None:
        asked(ada)
        retention.erase(ada, now=NOW)
        request = Replacement.objects.get()
        assert (request.status, request.full_name, request.email, request.reason) == ("withdrawn", "", "", "")


class TestLimits:
    """Organisers read which quotas would no longer hold."""

    def test_what_is_unknown_of_a_colleague_counts_for_nothing(self, event: Event, ada: Application) -> None:
        quota(event, "country", values="FR", minimum=2)
        request = asked(ada)
        assert replacing.shortfalls(event, [request], {}) == {request.pk: []}  # the same country, until they say
        dot = event.applications.get(first_name="Dot")
        assert replacing.shortfalls(event, [request], {request.pk: dot}) == {request.pk: ["Country: France"]}
