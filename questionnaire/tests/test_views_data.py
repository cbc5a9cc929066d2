"""Your data, as the applicant finds it; and the link that stops reminders."""

import json
from collections.abc import Iterator

import pytest
import time_machine
from django.db.models import F
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from events.models import Event
from questionnaire.models import Application, Draft, LetterKind, LetterTemplate
from questionnaire.states import UNDER_REVIEW, State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    WHILE_OPEN,
    ApplicationFactory,
    CriterionFactory,
    ReviewFactory,
    small_questionnaire,
    typed,
)
from questionnaire.tests.reading import inputs_of
from questionnaire.views import access
from questionnaire.workflow import letters, links, submission

pytestmark = pytest.mark.django_db

PAGES = ("data", "data-download", "data-erase")


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages and every letter."""
    return small_questionnaire()


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Start the evening after the close."""
    with time_machine.travel(AFTER_CLOSE, tick=False) as traveller:
        yield traveller


def visitor(application: Application, *, proved: bool = True) -> Client:
    """Return a browser that may act for an application; as a rule one that came by a personal link."""
    Application.objects.filter(pk=application.pk).update(email_proved_at=WHILE_OPEN if proved else None)
    client = Client()
    session = client.session
    session[access.SESSION_KEY] = application.public_id
    session.save()
    return client


class TestWhoMaySeeIt:
    """The person alone."""

    @pytest.mark.parametrize("name", PAGES)
    def test_nobody_without_an_application(self, client: Client, name: str) -> None:
        assert client.get(reverse(f"questionnaire:{name}"))["Location"] == reverse("questionnaire:request-link")

    @pytest.mark.parametrize("name", PAGES)
    def test_not_who_submitted_under_an_address_that_they_did_not_prove(self, event: Event, name: str) -> None:
        application = ApplicationFactory(event=event, draft=typed())
        client = visitor(application, proved=False)
        assert client.get(reverse(f"questionnaire:{name}")).status_code == 404
        assert client.post(reverse(f"questionnaire:{name}")).status_code in {404, 405}
        application.refresh_from_db()
        assert application.erased_at is None

    @pytest.mark.parametrize("name", PAGES)
    def test_who_typed_a_draft_that_was_never_submitted(self, event: Event, name: str) -> None:
        client = visitor(ApplicationFactory(event=event, state=State.DRAFT, draft=typed()), proved=False)
        assert client.get(reverse(f"questionnaire:{name}")).status_code == 200

    @pytest.mark.parametrize("name", PAGES)
    def test_no_cache_keeps_it(self, event: Event, name: str) -> None:
        client = visitor(ApplicationFactory(event=event, draft=typed()))
        assert "no-store" in client.get(reverse(f"questionnaire:{name}"))["Cache-Control"]


class TestReadingAndTakingAway:
    """The page and the file."""

    def test_the_page_shows_what_was_typed_right_or_wrong(self, event: Event) -> None:
        application = ApplicationFactory(event=event, state=State.DRAFT, draft=typed(email="nobody", which="Vienna"))
        page = visitor(application).get(reverse("questionnaire:data")).content.decode()
        for text in ("nobody", "Vienna", "Option fr", "Austria"):
            assert text in page

    def test_what_is_not_submitted_is_told_from_what_is(self, event: Event) -> None:
        application, page = (
            ApplicationFactory(event=event, state=State.DRAFT, draft=typed()),
            reverse("questionnaire:data"),
        )
        assert "Answers that are not submitted" in visitor(application).get(page).content.decode()
        client = visitor(submission.submit(application.public_id, now=WHILE_OPEN))
        assert "not submitted" not in client.get(page).content.decode()
        Draft.objects.update(revision=F("revision") + 1)
        assert "Your answers with changes that are not submitted" in client.get(page).content.decode()

    def test_the_lines_of_a_letter_stay_lines(self, event: Event) -> None:
        LetterTemplate.objects.filter(kind=LetterKind.RECEIPT).update(body_en="Dear Ada,\n\nthank you.")
        application = ApplicationFactory(event=event, draft=typed())
        letters.queue(LetterKind.RECEIPT, application, at=WHILE_OPEN)
        page = visitor(application).get(reverse("questionnaire:data")).content.decode()
        assert "Dear Ada,<br><br>thank you." in page

    def test_the_file_is_json_in_the_language_of_the_page(self, event: Event) -> None:
        client = visitor(ApplicationFactory(event=event, draft=typed()))
        answer = client.get("/fr/application/data/download/")
        assert answer["Content-Disposition"] == f'attachment; filename="{event.slug}.json"'
        assert json.loads(answer.content)["draft"]["answers"][0]["section"] == "Vous"

    @pytest.mark.parametrize("reviews", [1, 3])
    def test_scores_and_notes_of_organisers_are_there_once_the_decision_is_out(
        self, event: Event, django_assert_num_queries: DjangoAssertNumQueries, reviews: int
    ) -> None:
        application = ApplicationFactory(event=event, draft=typed(), outcome="decline")
        criteria = CriterionFactory.create_batch(2, event=event)
        for review in ReviewFactory.create_batch(reviews, application=application, note="SECRET"):
            for number, criterion in enumerate(criteria):
                review.scores.create(criterion=criterion, value=number + 3)
        ReviewFactory(application=application, conflict=True)
        application.notes.create(at=AFTER_CLOSE, text="Speaks Maltese")
        client = visitor(application)
        page, file = reverse("questionnaire:data"), reverse("questionnaire:data-download")
        for state in UNDER_REVIEW:
            Application.objects.update(state=state)
            assert "Speaks Maltese" not in client.get(page).content.decode()
            assert json.loads(client.get(file).content)["organisers"] is None
        Application.objects.update(state=State.DECLINED)
        with django_assert_num_queries(19):
            shown = client.get(page).content.decode()
        assert shown.count("3 of 5") == shown.count("4 of 5") == reviews
        assert "Speaks Maltese" in shown
        assert "SECRET" not in shown
        organisers = json.loads(client.get(file).content)["organisers"]
        assert [[row["score"] for row in scores] for scores in organisers["scores"]] == [[3, 4]] * reviews
        assert "SECRET" not in str(organisers)


class TestErasing:
    """Asked for, confirmed, done."""

    def test_looking_erases_nothing(self, event: Event) -> None:
        application = ApplicationFactory(event=event, draft=typed())
        client = visitor(application)
        for _time in range(100):
            client.get(reverse("questionnaire:data-erase"))
            client.head(reverse("questionnaire:data-erase"))
        application.refresh_from_db()
        assert application.erased_at is None

    def test_afterwards_no_browser_finds_anything(self, event: Event) -> None:
        application = ApplicationFactory(event=event, draft=typed())
        client, other = visitor(application), visitor(application)
        done = client.post(reverse("questionnaire:data-erase"))
        assert "Your data is erased" in done.content.decode()
        for browser in (client, other):
            assert browser.get(reverse("questionnaire:review")).status_code == 302
        assert not Draft.objects.exclude(values={}).exists()

    def test_a_page_of_the_draft_that_is_still_open_finds_nothing_either(
        self, event: Event, clock: time_machine.Traveller
    ) -> None:
        clock.move_to(WHILE_OPEN)
        application = ApplicationFactory(event=event, state=State.DRAFT, draft=typed())
        client = visitor(application)
        page = f"/en/events/{event.slug}/questionnaire/1/"
        reference = inputs_of(client, page).values["draft"]
        client.post(reverse("questionnaire:data-erase"))
        client.post(page, {"first_name": "Zoé", "draft": reference})
        application.refresh_from_db()
        assert application.draft.values == {}


class TestStoppingReminders:
    """By a person, and by a mail program."""

    def address(self, event: Event) -> str:
        """Return the address in a reminder, without its host."""
        application = ApplicationFactory(event=event, state=State.DRAFT)
        return "/" + links.stop_address(application, "fr").split("/", 3)[3]

    def test_a_hundred_looks_stop_nothing_and_a_button_does(self, client: Client, event: Event) -> None:
        address = self.address(event)
        for _time in range(50):
            assert client.get(address).status_code == 200
            client.head(address)
        assert Draft.objects.get().reminders_stopped_at is None
        assert client.post(address).status_code == 200
        assert Draft.objects.get().reminders_stopped_at == AFTER_CLOSE

    def test_one_post_of_a_mail_program_is_enough(self, event: Event) -> None:
        program = Client(enforce_csrf_checks=True)
        answer = program.post(self.address(event), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert Draft.objects.get().reminders_stopped_at == AFTER_CLOSE
        assert not program.cookies

    def test_twice_is_once(self, client: Client, event: Event, clock: time_machine.Traveller) -> None:
        address = self.address(event)
        client.post(address)
        clock.shift(3600)
        assert client.post(address).status_code == 200
        assert Draft.objects.get().reminders_stopped_at == AFTER_CLOSE

    @pytest.mark.parametrize("signed", ["x", "x:y:z", "é", "9" * 40])
    def test_an_altered_address_leads_to_a_neutral_page(self, client: Client, event: Event, signed: str) -> None:
        for answer in (
            client.get(f"/en/application/reminders/{signed}/"),
            client.post(f"/en/application/reminders/{signed}/"),
        ):
            assert answer.status_code == 404
            assert "This link does not work" in answer.content.decode()

    def test_it_opens_nothing_else(self, client: Client, event: Event) -> None:
        address = self.address(event)
        client.post(address)
        assert client.get(reverse("questionnaire:application")).status_code == 302
        assert client.get(address)["Referrer-Policy"] == "strict-origin"
        signed = address.rstrip("/").rpartition("/")[2]
        page = f"/en/events/{event.slug}/questionnaire/1/"
        Client().post(page, {"first_name": "Mallory", "draft": signed})
        assert not Draft.objects.filter(values__has_key="first_name").exists()
