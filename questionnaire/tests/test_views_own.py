"""The applicant's own pages: nothing to learn before the hour, everything afterwards, one's own alone."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Application, Draft, Letter, LetterKind, LetterStatus
from questionnaire.states import UNDER_REVIEW, Outcome, State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    AFTER_RELEASE,
    DECISION_HOUR,
    WHILE_OPEN,
    ApplicationFactory,
    small_questionnaire,
    typed,
)
from questionnaire.tests.releasing import release, sign_off
from questionnaire.tests.team import PAYLOAD
from questionnaire.views import access
from questionnaire.workflow import decision, letters, links, mime, submission

pytestmark = pytest.mark.django_db

OWN_ADDRESS = re.compile(rb"/link/[^/]+/")
CSRF_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire and every letter."""
    return small_questionnaire()


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Start the evening after the close."""
    with time_machine.travel(AFTER_CLOSE, tick=False) as traveller:
        yield traveller


def visitor(application: Application) -> Client:
    """Return a browser that came by a personal link."""
    Application.objects.filter(pk=application.pk).update(email_proved_at=WHILE_OPEN)
    client = Client()
    session = client.session
    session[access.SESSION_KEY] = application.public_id
    session.save()
    return client


OWN_PAGES = (
    "application",
    "review",
    "withdraw",
    "request-link",
    "data",
    "data-download",
    "data-erase",
    "participation",
    "join",
    "replacement",
    "feedback",
    "certificate",
)


def answers_to(client: Client, event: Event) -> list[tuple[int, bytes, list[tuple[str, str]]]]:
    """Return all that an applicant can learn: status, body and headers of each page, and of an answer given."""
    addresses = [reverse(f"questionnaire:{name}") for name in OWN_PAGES]
    addresses += [
        reverse("questionnaire:begin", args=[event.slug]),
        reverse("questionnaire:page", args=[event.slug, 1]),
    ]
    addresses += [reverse("events:event", args=[event.slug]), reverse("events:calendar", args=[event.slug])]
    responses = [ask(address) for address in addresses for ask in (client.get, client.head)]
    given = reverse("questionnaire:participation")
    responses += [client.post(given, {"answer": answer}) for answer in ("confirm", "turn_down")]
    return [
        (
            response.status_code,
            CSRF_TOKEN.sub(b"", response.content),
            sorted((key, value) for key, value in response.items() if key != "Expires"),
        )
        for response in responses
    ]


class TestBeforeTheHour:
    """Proposed, signed off, ordered: to the applicant all the same."""

    def test_nothing_differs_by_state_or_outcome_to_the_byte(self, event: Event) -> None:
        application = ApplicationFactory(event=event, draft=typed())
        client = visitor(application)
        seen = set()
        for state in UNDER_REVIEW:
            for outcome in Outcome:
                Application.objects.update(state=state, outcome=outcome)
                seen.add(repr(answers_to(client, event)))
        assert len(seen) == 1

    def test_nothing_differs_after_the_release_was_ordered(self, event: Event) -> None:
        applications = ApplicationFactory.create_batch(3, event=event, draft=typed())
        before = [answers_to(visitor(application), event) for application in applications]
        proposer, signer = UserFactory(), UserFactory()
        for application, outcome in zip(applications, Outcome, strict=True):
            decision.propose([application], outcome, by=proposer, at=AFTER_CLOSE)
        sign_off(applications, by=signer, at=AFTER_CLOSE)
        release(event, by=proposer, second=signer, at=AFTER_CLOSE)
        assert [answers_to(visitor(application), event) for application in applications] == before

    def test_a_letter_with_a_later_hour_cannot_be_read(self, event: Event) -> None:
        application = ApplicationFactory(event=event, draft=typed())
        [letter] = letters.queue_many(LetterKind.ACCEPTANCE, [application], at=AFTER_CLOSE, release_at=DECISION_HOUR)
        client = visitor(application)
        assert client.get(reverse("questionnaire:letter", args=[letter.pk])).status_code == 404
        assert "acceptance" not in client.get(reverse("questionnaire:application")).content.decode()


class TestAfterTheHour:
    """The decision, the letter and the answer."""

    @pytest.fixture(autouse=True)
    def later(self, clock: time_machine.Traveller) -> None:
        """Go on to noon of the promised day."""
        clock.move_to(AFTER_RELEASE)

    @pytest.mark.parametrize("status", [LetterStatus.SENT, LetterStatus.FAILED, LetterStatus.RETRY])
    def test_the_letter_can_be_read_even_when_the_mail_failed(self, event: Event, status: LetterStatus) -> None:
        application = ApplicationFactory(event=event, state=State.DECLINED, draft=typed(), language="fr")
        letter = letters.queue(LetterKind.DECLINE, application, at=DECISION_HOUR)
        Letter.objects.update(status=status, sent_at=AFTER_RELEASE)
        page = visitor(application).get(reverse("questionnaire:letter", args=[letter.pk])).content.decode()
        assert "Bonjour" in page

    def test_the_letter_is_shown_as_mail_programs_do_and_its_link_leads_to_this_page(self, event: Event) -> None:
        application = ApplicationFactory(event=event, state=State.DECLINED, draft=typed(), first_name=PAYLOAD)
        letter = letters.queue(LetterKind.DECLINE, application, at=DECISION_HOUR)
        page = visitor(application).get(reverse("questionnaire:letter", args=[letter.pk])).content.decode()
        assert "<em>" in page
        assert "Dear <bdi>&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert '<a href="http://testserver/en/application/"' in page
        assert mime.LINK_MARKER not in page

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            (State.ACCEPTED, "Answer: a place for you"),
            (State.WAITING_LIST, "Answer: you are on the waiting list"),
            (State.DECLINED, "Answer: we cannot offer you a place"),
        ],
    )
    def test_the_own_page_says_what_the_answer_is(self, event: Event, state: State, said: str) -> None:
        page = visitor(ApplicationFactory(event=event, state=state, draft=typed()))
        shown = page.get(reverse("questionnaire:application")).content.decode()
        assert said in shown
        assert "Being reviewed" not in shown

    def test_who_turned_the_place_down_is_asked_to_take_it_back_not_to_confirm(self, event: Event) -> None:
        page = visitor(ApplicationFactory(event=event, state=State.TURNED_DOWN, draft=typed()))
        assert "Your place: take it back" in page.get(reverse("questionnaire:application")).content.decode()
        shown = page.get(reverse("questionnaire:participation")).content.decode()
        assert "I take my place back" in shown
        assert "A place without an answer" not in shown

    def test_a_letter_of_somebody_else_is_not_found(self, event: Event) -> None:
        letter = letters.queue(LetterKind.DECLINE, ApplicationFactory(event=event), at=DECISION_HOUR)
        client = visitor(ApplicationFactory(event=event))
        for pk in (letter.pk, letter.pk + 1, "9" * 40):
            assert client.get(f"/en/application/letters/{pk}/").status_code == 404

    @pytest.mark.parametrize(("answer", "state"), [("confirm", State.CONFIRMED), ("turn_down", State.TURNED_DOWN)])
    def test_an_answer_is_given_by_post_alone(self, event: Event, answer: str, state: State) -> None:
        application = ApplicationFactory(event=event, state=State.ACCEPTED)
        client = visitor(application)
        address = reverse("questionnaire:participation")
        for _time in range(100):
            client.get(address, {"answer": answer})
            client.head(address, {"answer": answer})
        application.refresh_from_db()
        assert application.state == State.ACCEPTED
        assert client.post(address, {"answer": answer, "reason": "On duty"})["Location"] == address
        application.refresh_from_db()
        assert application.state == state

    def test_an_answer_after_the_deadline_is_refused_in_words(
        self, event: Event, clock: time_machine.Traveller
    ) -> None:
        application = ApplicationFactory(event=event, state=State.ACCEPTED)
        clock.move_to(event.answer_by)
        response = visitor(application).post(reverse("questionnaire:participation"), {"answer": "confirm"})
        assert response.status_code == 409
        assert "deadline" in response.content.decode()
        application.refresh_from_db()
        assert application.state == State.ACCEPTED

    @pytest.mark.parametrize("state", [State.DECLINED, State.WAITING_LIST, State.SUBMITTED])
    def test_who_was_not_accepted_cannot_confirm(self, event: Event, state: State) -> None:
        application = ApplicationFactory(event=event, state=state)
        response = visitor(application).post(reverse("questionnaire:participation"), {"answer": "confirm"})
        assert response.status_code == 409
        application.refresh_from_db()
        assert application.state == state

    @pytest.mark.parametrize("answer", ["", "accept", "\0"])
    def test_an_answer_that_is_none_changes_nothing(self, event: Event, answer: str) -> None:
        application = ApplicationFactory(event=event, state=State.ACCEPTED)
        assert visitor(application).post(reverse("questionnaire:participation"), {"answer": answer}).status_code == 409


class TestOneOwnPages:
    """Whose pages these are."""

    @pytest.mark.parametrize("name", ["withdraw", "participation", "offer"])
    def test_who_did_not_open_a_mailed_link_cannot_act(self, event: Event, name: str) -> None:
        application = ApplicationFactory(event=event, draft=typed())
        client = visitor(application)
        Application.objects.update(email_proved_at=None)
        assert client.post(reverse(f"questionnaire:{name}"), {"answer": "confirm"}).status_code == 404
        application.refresh_from_db()
        assert application.state == State.SUBMITTED

    def test_changes_after_submitting_count_when_they_are_submitted_and_the_page_leads_there(
        self, event: Event, clock: time_machine.Traveller
    ) -> None:
        application = ApplicationFactory(event=event, draft=typed())
        Draft.objects.update(revision=2)
        client = visitor(application)
        overview = reverse("questionnaire:application")
        assert "You did not submit the changes" in client.get(overview).content.decode()
        clock.move_to(WHILE_OPEN)
        assert f'href="{reverse("questionnaire:review")}">Check and submit the changes' in str(
            client.get(overview).content
        )
        review = reverse("questionnaire:review")
        assert "Changes not submitted yet" in client.get(review).content.decode()
        Application.objects.update(submitted_revision=2)
        shown = client.get(review).content.decode()
        assert "These answers are submitted" in shown
        assert reverse("questionnaire:submit") not in shown
        assert f'href="{overview}">Back to your application' in shown
        submission.withdraw(application, now=WHILE_OPEN)
        assert "Submit the changes" in client.get(review).content.decode()
        assert "You changed answers" not in client.get(overview).content.decode()

    def test_the_questionnaire_says_where_the_personal_link_goes_until_it_is_opened(self, event: Event) -> None:
        application = ApplicationFactory(event=event, state=State.DRAFT, email="zoe@example.org", draft=typed())
        client = visitor(application)
        page = reverse("questionnaire:page", args=[event.slug, 2])
        told = "The letter with your personal link goes to zoe@example.org."
        assert told not in client.get(page).content.decode()
        Application.objects.update(email_proved_at=None)
        assert told in client.get(page).content.decode()

    def test_withdrawing_asks_first_and_takes_a_post(self, event: Event) -> None:
        application = ApplicationFactory(event=event, draft=typed())
        client = visitor(application)
        assert client.get(reverse("questionnaire:withdraw")).status_code == 200
        application.refresh_from_db()
        assert application.state == State.SUBMITTED
        client.post(reverse("questionnaire:withdraw"), {"reason": "New post\0"})
        application.refresh_from_db()
        assert application.state == State.WITHDRAWN
        assert application.transitions.get().reason == "New post"

    def test_a_visitor_without_an_application_is_led_to_ask_for_the_link(self, client: Client) -> None:
        response = client.get(reverse("questionnaire:application"))
        assert response["Location"] == reverse("questionnaire:request-link")

    def test_who_comes_after_the_close_is_told_that_answers_are_no_longer_taken(self, event: Event) -> None:
        page = reverse("questionnaire:page", args=[event.slug, 1])
        assert "answers are no longer taken" in Client().get(page).content.decode()
        begun = visitor(ApplicationFactory(event=event, state=State.DRAFT, draft=typed()))
        assert "What you typed is kept" in begun.get(page).content.decode()

    def test_leaving_closes_the_pages_on_this_device(self, event: Event) -> None:
        client = visitor(ApplicationFactory(event=event))
        client.post(reverse("questionnaire:leave"))
        assert client.get(reverse("questionnaire:application")).status_code == 302

    def test_own_pages_are_never_stored_by_a_cache(self, event: Event) -> None:
        client = visitor(ApplicationFactory(event=event, draft=typed()))
        for name in ("application", "review", "withdraw", "participation", "request-link"):
            assert "no-store" in client.get(reverse(f"questionnaire:{name}"))["Cache-Control"]


class TestWithoutASession:
    """A session that is over, another device: the way back, the same for everybody, and no word lost."""

    @pytest.mark.parametrize("name", ["application", "review", "withdraw", "participation", "data", "certificate"])
    def test_every_page_leads_to_a_new_link_whoever_has_applied(self, client: Client, event: Event, name: str) -> None:
        answers = set()
        for _time in range(2):
            response = client.get(reverse(f"questionnaire:{name}"))
            answers.add((response.status_code, response["Location"]))
            ApplicationFactory(event=event, draft=typed())
        assert answers == {(302, reverse("questionnaire:request-link"))}

    def test_a_button_says_that_it_did_nothing_and_offers_a_new_link(self, event: Event) -> None:
        application = ApplicationFactory(event=event, state=State.DRAFT, submitted_at=None, draft=typed())
        before = application.draft.values
        client = visitor(application)
        client.session.flush()
        response = client.post(reverse("questionnaire:submit"))
        assert response.status_code == 403
        page = response.content.decode()
        assert "What you just sent has not been carried out" in page
        assert "Send me a new link" in page
        kept = Application.objects.select_related("draft").get()
        assert (kept.state, kept.draft.values) == (State.DRAFT, before)

    @pytest.mark.parametrize(
        ("page", "field"), [("withdraw", "reason"), ("participation", "reason"), ("participation/feedback", "liked")]
    )
    def test_what_was_typed_is_handed_back_as_text(self, client: Client, page: str, field: str) -> None:
        posted = {field: "<b>À l’étranger</b>", "answer": "confirm"}
        response = client.post(f"/fr/application/{page}/", posted)
        assert response.status_code == 403
        shown = response.content.decode()
        assert "&lt;b&gt;À l’étranger&lt;/b&gt;" in shown
        assert "confirm<" not in shown


class TestPersonalLinks:
    """The link in a letter."""

    @pytest.fixture
    def token(self, event: Event) -> str:
        """Return the token of a link to an accepted application."""
        application = ApplicationFactory(event=event, state=State.ACCEPTED, draft=typed())
        [access_token] = links.new_tokens([application], at=AFTER_CLOSE)
        access_token.save()
        return links.reveal(access_token)

    def test_a_hundred_looks_change_no_row_and_one_post_opens(self, client: Client, token: str) -> None:
        address = reverse("questionnaire:link", args=[token])
        before = list(Application.objects.values())
        for _time in range(50):
            assert client.get(address).status_code == 200
            assert client.head(address).status_code == 200
        assert list(Application.objects.values()) == before
        assert Client().get(reverse("questionnaire:application")).status_code == 302
        assert client.post(address)["Location"] == reverse("questionnaire:participation")
        assert Application.objects.get().email_proved_at is not None

    def test_a_link_used_twice_or_altered_leads_to_one_neutral_page(self, client: Client, token: str) -> None:
        client.post(reverse("questionnaire:link", args=[token]))
        bodies = set()
        for tried in (token, "A" * 43, "é"):
            failed = reverse("questionnaire:link", args=[tried])
            for response in (Client().get(failed), Client().post(failed)):
                assert response.status_code == 404
                bodies.add(OWN_ADDRESS.sub(b"", CSRF_TOKEN.sub(b"", response.content)))
        assert len(bodies) == 1
        assert b"Send me a new link" in bodies.pop()

    def test_the_address_of_a_link_does_not_leave_with_the_next_request(self, client: Client, token: str) -> None:
        address = reverse("questionnaire:link", args=[token])
        assert client.get(address)["Referrer-Policy"] == "strict-origin"
        assert client.post(address)["Referrer-Policy"] == "strict-origin"

    def test_the_session_gets_a_new_key_on_entering(self, client: Client, token: str) -> None:
        session = client.session
        session["something"] = 1
        session.save()
        before = session.session_key
        client.post(reverse("questionnaire:link", args=[token]))
        assert client.session.session_key != before

    def test_asking_for_a_new_link_answers_known_and_unknown_alike(self, client: Client, event: Event) -> None:
        ApplicationFactory(event=event, email="known@example.org")
        bodies = set()
        for address in ("known@example.org", "nobody@example.org"):
            response = client.post(reverse("questionnaire:request-link"), {"event": event.slug, "email": address})
            assert response.status_code == 200
            bodies.add(CSRF_TOKEN.sub(b"", response.content).replace(address.encode(), b""))
        assert len(bodies) == 1
        assert Letter.objects.count() == 2

    @pytest.mark.parametrize("address", ["", "a@example.org, b@example.org", "a\r\nBcc: b@example.org", "a\0@b.org"])
    def test_asking_with_anything_but_one_address_is_an_error_that_keeps_it(
        self, client: Client, event: Event, address: str
    ) -> None:
        response = client.post(reverse("questionnaire:request-link"), {"event": event.slug, "email": address})
        assert response.status_code == 400
        assert not Letter.objects.exists()

    def test_an_unpublished_event_cannot_be_probed(self, client: Client, event: Event) -> None:
        Event.objects.update(published=False)
        response = client.post(reverse("questionnaire:request-link"), {"event": event.slug, "email": "a@example.org"})
        assert response.status_code == 400
