"""The participant's page: the person's own deadline, the programme, and a way into the meeting for them alone."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event
from events.tests.factories import SessionFactory
from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE, ApplicationFactory, small_questionnaire
from questionnaire.tests.test_views_own import visitor
from questionnaire.workflow import submission

pytestmark = pytest.mark.django_db

LINK = "https://meet.example.org/secret-room"
OPENS = dt.datetime(2021, 12, 6, 8, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Start at noon of the promised day."""
    with time_machine.travel(AFTER_RELEASE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def event() -> Event:
    """Return an event with a session in French and a meeting that opens on the eve."""
    event = small_questionnaire()
    Event.objects.filter(pk=event.pk).update(joining_link=LINK, joining_opens_at=OPENS)
    event.refresh_from_db()
    SessionFactory(event=event, title_en="Risk assessment", floor_language="fr", interpretation="fr_en")
    return event


@pytest.fixture
def confirmed(event: Event) -> Application:
    """Return somebody who takes part."""
    return ApplicationFactory(event=event, state=State.CONFIRMED, country="GR")


def page(client: Client, query: str = "", language: str = "en") -> str:
    """Return the page."""
    return client.get(f"/{language}/application/participation/{query}").content.decode()


class TestDeadline:
    """Each person's own."""

    def test_the_page_shows_the_persons_own_deadline(self, event: Event) -> None:
        own = dt.datetime(2021, 12, 1, 12, tzinfo=dt.UTC)
        client = visitor(ApplicationFactory(event=event, state=State.ACCEPTED, answer_by=own))
        page_of_place = page(client)
        assert 'until <time id="answer-by"' in page_of_place
        assert ">1 December 2021, 13.00 CET" in page_of_place
        assert "until 1 December 2021, 13.00" in client.get("/en/application/").content.decode()

    def test_it_is_the_one_that_counts(self, event: Event, clock: time_machine.Traveller) -> None:
        own = event.answer_by + dt.timedelta(days=1)
        application = ApplicationFactory(event=event, state=State.ACCEPTED, answer_by=own)
        clock.move_to(own - SECOND)
        client = visitor(application)
        address = reverse("questionnaire:participation")
        assert client.post(address, {"answer": "turn_down"}).status_code == 302
        clock.move_to(own)
        assert client.post(address, {"answer": "confirm"}).status_code == 409

    @pytest.mark.parametrize(
        ("state", "said"), [(State.LAPSED, "has lapsed"), (State.WAITING_LIST, "on the waiting list")]
    )
    def test_who_has_nothing_to_answer_reads_why(self, event: Event, state: State, said: str) -> None:
        assert said in page(visitor(ApplicationFactory(event=event, state=state)))

    def test_after_the_deadline_one_can_still_withdraw(
        self, event: Event, confirmed: Application, clock: time_machine.Traveller
    ) -> None:
        clock.move_to(event.answer_by)
        assert reverse("questionnaire:withdraw") in page(visitor(confirmed))


class TestProgramme:
    """On the participant's clocks."""

    def test_own_times_and_channel_stand_beside_those_of_the_event(self, confirmed: Application) -> None:
        client = visitor(confirmed)
        assert "Yours:" in page(client)
        assert "Your channel: English" in page(client)
        same = page(client, "?zone=Europe/Vienna")
        assert "Yours:" not in same
        assert "These are your own times too." in same
        assert "Votre canal : anglais" in page(client, language="fr").replace("\u00a0", " ").replace(
            "Anglais", "anglais"
        )

    def test_nobody_sees_it_before_confirming(self, event: Event) -> None:
        assert "Your channel" not in page(visitor(ApplicationFactory(event=event, state=State.ACCEPTED)))

    def test_the_queries_do_not_grow_with_the_sessions(self, event: Event, confirmed: Application) -> None:
        client = visitor(confirmed)
        numbers = []
        for _more in range(2):
            with CaptureQueriesContext(connection) as queries:
                page(client)
            numbers.append(len(queries))
            SessionFactory.create_batch(3, event=event)
        assert numbers[0] == numbers[1]


class TestJoining:
    """The link to the meeting, looked at with each request."""

    def join(self, client: Client) -> object:
        """Press the button."""
        return client.get(reverse("questionnaire:join"))

    def test_it_leads_into_the_meeting_while_it_is_open(
        self, event: Event, confirmed: Application, clock: time_machine.Traveller
    ) -> None:
        client = visitor(confirmed)
        for moment, target in (
            (OPENS - SECOND, reverse("questionnaire:participation")),
            (OPENS, LINK),
            (event.ends_at - SECOND, LINK),
            (event.ends_at, reverse("questionnaire:participation")),
        ):
            clock.move_to(moment)
            response = self.join(client)
            assert response["Location"] == target
        assert self.join(client)["Cache-Control"] != ""

    def test_the_address_of_the_meeting_leaves_no_referrer(
        self, confirmed: Application, clock: time_machine.Traveller
    ) -> None:
        clock.move_to(OPENS)
        assert self.join(visitor(confirmed))["Referrer-Policy"] == "no-referrer"

    @pytest.mark.parametrize("moment", [AFTER_RELEASE, OPENS])
    def test_the_address_stands_in_no_page(
        self, confirmed: Application, clock: time_machine.Traveller, moment: dt.datetime
    ) -> None:
        clock.move_to(moment)
        client = visitor(confirmed)
        for name in ("participation", "application", "data", "data-download"):
            assert b"meet.example.org" not in client.get(reverse(f"questionnaire:{name}")).content

    def test_who_has_withdrawn_is_refused_at_once(self, confirmed: Application, clock: time_machine.Traveller) -> None:
        clock.move_to(OPENS)
        client = visitor(confirmed)
        assert self.join(client)["Location"] == LINK
        submission.withdraw(confirmed, now=OPENS)
        assert self.join(client).status_code == 404

    @pytest.mark.parametrize("state", [state for state in State if state != State.CONFIRMED])
    def test_only_who_has_confirmed_comes_in(self, event: Event, clock: time_machine.Traveller, state: State) -> None:
        clock.move_to(OPENS)
        client = visitor(ApplicationFactory(event=event, state=state, outcome="accept"))
        assert self.join(client).status_code == 404

    def test_the_address_is_of_no_use_to_somebody_else(
        self, confirmed: Application, clock: time_machine.Traveller
    ) -> None:
        clock.move_to(OPENS)
        assert self.join(Client())["Location"] == reverse("questionnaire:request-link")
        unproved = visitor(confirmed)
        Application.objects.update(email_proved_at=None)
        assert self.join(unproved).status_code == 404
