"""A participant asks to send a colleague, and the colleague says who they are before confirming."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Answer, Application, Question, Replacement
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE, ApplicationFactory, QuestionFactory, small_questionnaire
from questionnaire.tests.team import PAYLOAD
from questionnaire.tests.test_views_own import visitor
from questionnaire.workflow import introducing, participation, replacing

pytestmark = pytest.mark.django_db

ASK = {
    "first_name": "Léa",
    "family_name": "Østergård",
    "email": "lea@example.org",
    "language": "fr",
    "role": "Psychologist",
    "reason": PAYLOAD,
}
SAYS = {"first_name": "Léa", "family_name": "Østergård", "language": "fr", "country": "DK", "needs": "Captions"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Start at noon of the promised day."""
    with time_machine.travel(AFTER_RELEASE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def event() -> Event:
    """Return an event that asks for access needs too, of which organisers alone read."""
    event = small_questionnaire()
    QuestionFactory(
        section=event.sections.get(key="work"), key="needs", order=8, visibility=Question.Visibility.ORGANISERS
    )
    return event


@pytest.fixture
def ada(event: Event) -> Application:
    """Return a participant who named a colleague in the questionnaire."""
    return ApplicationFactory(
        event=event,
        state=State.CONFIRMED,
        replacement_name="Léa van den Berg",
        replacement_email="lea@example.org",
    )


@pytest.fixture
def lea(ada: Application) -> Application:
    """Return the colleague to whom two organisers have passed the place on."""
    names = ("first_name", "family_name", "email", "language", "role")
    colleague = replacing.Colleague(**{name: ASK[name] for name in names})
    request = replacing.ask(ada, colleague, reason="x", now=AFTER_RELEASE)
    replacing.agree(request, reason="x", by=UserFactory(), at=AFTER_RELEASE)
    return replacing.sign(request, by=UserFactory(), at=AFTER_RELEASE)


def address(name: str = "replacement") -> str:
    """Return where a page stands."""
    return reverse(f"questionnaire:{name}")


class TestAsking:
    """Behind the personal link, by POST."""

    def test_the_colleague_named_in_the_questionnaire_is_filled_in(self, ada: Application) -> None:
        client = visitor(ada)
        assert "you named Léa van den Berg" in client.get(address("participation")).content.decode()
        page = client.get(address()).content.decode()
        assert 'value="Léa"' in page
        assert 'value="van den Berg"' in page
        assert 'value="lea@example.org"' in page

    def test_it_is_asked_shown_and_taken_back(self, ada: Application) -> None:
        client = visitor(ada)
        assert client.post(address(), ASK)["Location"] == address("participation")
        page = client.get(address("participation")).content.decode()
        assert "you asked that Léa Østergård may come instead" in page
        assert client.get(address())["Location"] == address("participation")
        assert "vous avez demandé que Léa" in client.get("/fr/application/participation/").content.decode()
        assert b"Psychologist" in client.get(address("data-download")).content
        client.post(address(), {"do": "take_back"})
        assert Replacement.objects.get().status == "withdrawn"

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"email": "a@example.org, b@example.org"}, "e-mail address"),
            ({"first_name": "Léa\r\nBcc: x@example.org"}, "Write this on one line."),
            ({"role": "x\0"}, "Null characters"),
            ({"reason": ""}, "This field is required"),
            ({"language": "xx"}, "Select a valid choice"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_kept(
        self, ada: Application, changes: dict[str, str], said: str
    ) -> None:
        response = visitor(ada).post(address(), {**ASK, **changes})
        page = response.content.decode()
        assert response.status_code == 400
        assert said in page
        assert 'value="Østergård"' in page
        assert not Replacement.objects.exists()

    def test_ones_own_address_is_refused_in_words(self, ada: Application) -> None:
        page = visitor(ada).post(address(), {**ASK, "email": ada.email}).content.decode()
        assert "This is your own address" in page

    def test_the_page_never_tells_whether_the_colleague_has_applied(self, event: Event, ada: Application) -> None:
        client, answers = visitor(ada), []
        for is_known in (False, True):
            if is_known:
                ApplicationFactory(event=event, state=State.CONFIRMED, email=ASK["email"])
            response = client.post(address(), ASK)
            answers.append((response.status_code, response["Location"]))
            client.post(address(), {"do": "take_back"})
        assert answers[0] == answers[1]

    @pytest.mark.parametrize("state", [State.WAITING_LIST, State.DECLINED, State.LAPSED, State.WITHDRAWN])
    def test_without_a_place_there_is_nothing_to_ask(self, event: Event, state: State) -> None:
        client = visitor(ApplicationFactory(event=event, state=state))
        assert client.post(address(), ASK).status_code == 302
        assert not Replacement.objects.exists()
        assert address() not in client.get(address("participation")).content.decode()

    def test_a_stranger_finds_nothing(self) -> None:
        assert Client().post(address(), ASK).status_code == 403


class TestIntroducing:
    """The colleague answers what organisers count on, and acknowledges the privacy statement by confirming."""

    def test_only_what_is_needed_is_asked_with_what_is_known(self, event: Event, lea: Application) -> None:
        keys = [question.key for question in introducing.page(event).questions]
        assert keys == ["first_name", "family_name", "language", "country", "needs"]
        page = visitor(lea).get(address("participation")).content.decode()
        assert 'value="Østergård"' in page
        assert "privacy statement</a>" in page
        assert "You are invited in place of a colleague" in page
        assert address() not in page  # who has not said yes passes nothing on

    def test_whoever_confirms_is_a_participant_like_the_others(self, lea: Application) -> None:
        client = visitor(lea)
        assert client.post(address("participation"), {**SAYS, "answer": "confirm"}).status_code == 302
        lea.refresh_from_db()
        assert (lea.state, lea.country, lea.privacy_notice_at) == (State.CONFIRMED, "DK", AFTER_RELEASE)
        assert Answer.objects.get(application=lea, question__key="needs").value == "Captions"
        assert "Your programme" in client.get(address("participation")).content.decode()
        assert client.get(address("review")).status_code == 200

    def test_what_is_missing_is_said_and_nothing_typed_is_lost(self, lea: Application) -> None:
        response = visitor(lea).post(address("participation"), {**SAYS, "country": "", "answer": "confirm"})
        page = response.content.decode()
        assert response.status_code == 400
        assert "Choose a country." in page
        assert page.count('id="errors"') == 1
        assert 'value="Captions"' in page
        lea.refresh_from_db()
        assert (lea.state, lea.privacy_notice_at) == (State.ACCEPTED, None)

    def test_no_way_leads_past_the_questions(self, lea: Application) -> None:
        with pytest.raises(participation.NotIntroduced):
            participation.confirm(lea, now=AFTER_RELEASE)

    def test_the_deadline_is_looked_at_when_the_answer_is_given(
        self, lea: Application, clock: time_machine.Traveller
    ) -> None:
        client = visitor(lea)
        clock.move_to(lea.answers_until)
        assert client.post(address("participation"), {**SAYS, "answer": "confirm"}).status_code == 409
        lea.refresh_from_db()
        assert lea.state == State.ACCEPTED
        assert not Answer.objects.filter(application=lea).exists()

    def test_who_turns_it_down_need_not_answer_anything(self, lea: Application) -> None:
        assert visitor(lea).post(address("participation"), {"answer": "turn_down"}).status_code == 302
        lea.refresh_from_db()
        assert lea.state == State.TURNED_DOWN

    def test_whoever_gave_the_place_reads_who_has_it(self, ada: Application, lea: Application) -> None:
        page = visitor(ada).get(address("participation")).content.decode()
        assert "A colleague comes in your place" in page
        assert "Østergård" not in page
