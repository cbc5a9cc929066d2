"""Filling in, as a browser without scripts does it: whatever is typed is kept, and said what is wrong with it."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from events import publishing
from events.models import Event
from questionnaire.models import Application, Draft, Letter, LetterKind, Option
from questionnaire.states import State
from questionnaire.tests.factories import (
    WHILE_OPEN,
    ConditionFactory,
    QuestionFactory,
    SectionFactory,
    small_questionnaire,
    typed,
)
from questionnaire.tests.reading import inputs_of
from questionnaire.views import access
from questionnaire.workflow import links

pytestmark = pytest.mark.django_db

CSRF_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages."""
    return small_questionnaire()


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Let applying be open."""
    with time_machine.travel(WHILE_OPEN, tick=False) as traveller:
        yield traveller


def page_url(event: Event, number: int = 1, language: str = "en") -> str:
    """Return the address of a page of the questionnaire."""
    return f"/{language}/events/{event.slug}/questionnaire/{number}/"


def fill_in(client: Client, event: Event, **changes: str) -> None:
    """Type everything, page by page."""
    for number in (1, 2):
        client.post(page_url(event, number), typed(**changes))


def draft() -> Draft:
    """Return the only draft."""
    return Draft.objects.get()


class TestFillingIn:
    """Page by page."""

    def test_looking_stores_nothing(self, client: Client, event: Event) -> None:
        assert client.get(f"/en/events/{event.slug}/questionnaire/", follow=True).status_code == 200
        assert not Application.objects.exists()

    def test_a_page_says_what_it_belongs_to_and_that_no_search_engine_is_to_keep_it(
        self, client: Client, event: Event
    ) -> None:
        Event.objects.update(summary_fr="Entrer & sortir")
        page = client.get(page_url(event, language="fr")).content.decode()
        assert '<meta name="description" content="Entrer &amp; sortir">' in page
        assert '<meta name="robots" content="noindex">' in page

    def test_the_first_page_begins_a_draft_and_sends_the_personal_link(self, client: Client, event: Event) -> None:
        response = client.post(page_url(event), typed())
        assert response["Location"] == page_url(event, 2)
        assert draft().values["first_name"] == ["Zoé"]
        letter = Letter.objects.get()
        assert (letter.kind, letter.recipient, letter.language) == (LetterKind.PERSONAL_LINK, "zoe@example.org", "fr")

    def test_errors_come_with_everything_as_typed_and_a_summary_that_links(self, client: Client, event: Event) -> None:
        response = client.post(page_url(event), typed(email="nobody", first_name=""))
        assert response.status_code == 400
        page = response.content.decode()
        assert 'value="nobody"' in page
        assert 'value="Müller"' in page
        assert 'href="#id_email"' in page
        assert "Enter one e-mail address" in page
        assert draft().values["email"] == ["nobody"]

    def test_each_row_without_an_answer_says_so_under_the_name_of_its_question(
        self, client: Client, event: Event
    ) -> None:
        work = event.sections.get(key="work")
        skill = QuestionFactory(section=work, key="skill", kind="matrix", required=True, options=["good"])
        for key in ("french", "english", "german"):
            skill.rows.create(key=key, label_en=key.title(), label_fr=key.title())
        client.post(page_url(event), typed())
        answer = client.post(page_url(event, 2), {**typed(), "skill-english": "good"})
        assert answer.context["form"].errors.keys() == {"skill-french", "skill-german"}
        assert re.findall(r'href="#id_skill-.*?">(.*?)</a>', answer.content.decode()) == [
            "What about skill?<br>French",
            "What about skill?<br>German",
        ]

    @pytest.mark.parametrize("bad", ["a\r\nBcc: x@example.org", "a\0b", "\0"])
    def test_line_breaks_and_null_characters_in_a_name_are_form_errors(
        self, client: Client, event: Event, bad: str
    ) -> None:
        assert client.post(page_url(event), typed(first_name=bad)).status_code == 400
        assert "\0" not in "".join(draft().values["first_name"])

    def test_two_addresses_in_one_field_are_an_error_and_nobody_is_written_to(
        self, client: Client, event: Event
    ) -> None:
        response = client.post(page_url(event), typed(email="a@example.org, b@example.org"))
        assert response.status_code == 400
        assert not Letter.objects.exists()

    def test_changing_the_language_in_the_middle_keeps_what_was_typed(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        response = client.post(page_url(event, 2), {**typed(country="XX"), "go": "fr"})
        assert response["Location"] == page_url(event, 2, "fr")
        french = client.get(response["Location"])
        assert french["Content-Language"] == "fr"
        assert draft().values["country"] == ["XX"]

    @pytest.mark.parametrize(("go", "leads_to"), [("page-1", 1), ("page-2", 2), ("page-99", 2)])
    def test_every_button_saves_and_leads_where_it_says(
        self, client: Client, event: Event, go: str, leads_to: int
    ) -> None:
        client.post(page_url(event), typed())
        response = client.post(page_url(event, 2), {**typed(), "go": go})
        assert response["Location"] == page_url(event, leads_to)
        assert draft().values["country"] == ["AT"]

    def test_a_section_that_asks_nothing_is_passed_over(self, client: Client, event: Event) -> None:
        middle, end = (SectionFactory(event=event, key=key, order=order) for order, key in enumerate(["m", "n"], 8))
        waiting = QuestionFactory(section=middle)
        ConditionFactory(question=waiting, depends_on=event.questions.get(key="earlier"), values="yes")
        QuestionFactory(section=end)
        fill_in(client, event)
        assert client.post(page_url(event, 2), typed()).url == page_url(event, 4)
        last = client.get(page_url(event, 4)).content.decode()
        assert "Step 3 of 3" in last
        assert 'value="page-2"' in last.partition("rv-actions")[2]
        client.post(page_url(event, 2), typed(earlier="yes", which="Vienna"))
        assert client.post(page_url(event, 2), typed(earlier="yes", which="Vienna")).url == page_url(event, 3)

    def test_a_bookmark_of_a_section_that_asks_nothing_leads_on(self, client: Client, event: Event) -> None:
        for order, key in enumerate(["m", "n"], 8):
            waiting = QuestionFactory(section=SectionFactory(event=event, key=key, order=order))
            ConditionFactory(question=waiting, depends_on=event.questions.get(key="country"), values=key)
        fill_in(client, event)
        assert client.get(page_url(event, 3)).url == reverse("questionnaire:review")
        QuestionFactory(section=event.sections.get(key="n"))
        publishing.touch(event)
        assert client.get(page_url(event, 3)).url == page_url(event, 4)

    @pytest.mark.parametrize("go", ["//evil.example", "https://evil.example", "page-0", "page-", "de", "<script>"])
    def test_an_unknown_button_leads_nowhere_else(self, client: Client, event: Event, go: str) -> None:
        response = client.post(page_url(event), {**typed(), "go": go})
        assert response["Location"] == page_url(event, 2)

    def test_a_question_that_appears_by_an_answer_is_asked_before_going_on(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        response = client.post(page_url(event, 2), typed(earlier="yes"))
        assert response.status_code == 200
        assert response.context["appeared"]
        assert 'id="question-which"' in response.content.decode()
        response = client.post(page_url(event, 2), typed(earlier="yes", which=""))
        assert response.status_code == 400
        response = client.post(page_url(event, 2), typed(earlier="yes", which="Vienna"))
        assert response["Location"] == reverse("questionnaire:review")

    def test_a_question_that_is_not_asked_is_hidden_in_the_page(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        page = client.get(page_url(event, 2)).content.decode()
        block = page[page.index('id="question-which"') :].partition(">")[0]
        assert "hidden" in block

    @pytest.mark.parametrize("number", ["0", "3", "9" * 40])
    def test_a_page_that_does_not_exist_is_not_found(self, client: Client, event: Event, number: str) -> None:
        assert client.get(f"/en/events/{event.slug}/questionnaire/{number}/").status_code == 404

    def test_an_unpublished_event_has_no_questionnaire(self, client: Client, event: Event) -> None:
        Event.objects.update(published=False)
        assert client.get(page_url(event)).status_code == 404

    def test_begin_leads_to_the_first_page_on_which_something_is_missing(self, client: Client, event: Event) -> None:
        begin = reverse("questionnaire:begin", args=[event.slug])
        assert client.get(begin)["Location"] == page_url(event, 1)
        client.post(page_url(event), typed())
        assert client.get(begin)["Location"] == page_url(event, 2)
        client.post(page_url(event, 2), typed())
        assert client.get(begin)["Location"] == reverse("questionnaire:review")

    def test_markup_in_an_answer_stays_text(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed(first_name="<script>alert(1)</script><img src=x onerror=alert(1)>"))
        for address in (page_url(event), reverse("questionnaire:review")):
            page = client.get(address).content.decode()
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert "&lt;script&gt;alert" in page

    @pytest.mark.parametrize("number_of_options", [1, 3])
    def test_a_page_takes_the_same_number_of_queries_however_much_it_asks(
        self, client: Client, event: Event, django_assert_num_queries: DjangoAssertNumQueries, number_of_options: int
    ) -> None:
        client.post(page_url(event), typed())
        section = event.sections.get(key="work")
        for key in range(number_of_options):
            QuestionFactory(section=section, key=f"extra{key}", kind="single_choice", options=["a", "b", "other+"])
        assert Option.objects.exists()
        with django_assert_num_queries(7):  # session, application with event and draft, questionnaire (5)
            client.get(page_url(event, 2))

    def test_saving_a_page_takes_at_most_twelve_queries(
        self, client: Client, event: Event, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client.post(page_url(event), typed())
        # … and: savepoint, draft read and written, columns of the application, release
        with django_assert_num_queries(12):
            client.post(page_url(event, 2), typed())


class TestWhatWouldLoseWords:
    """Sessions and cookies that go, windows that close."""

    def test_a_page_whose_session_is_gone_finds_its_draft_again(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        reference = inputs_of(client, page_url(event, 2)).values["draft"]
        client.session.flush()
        client.cookies.clear()
        client.post(page_url(event, 2), {**typed(country="BE"), "draft": reference})
        assert draft().values["country"] == ["BE"]
        assert draft().values["first_name"] == ["Zoé"]

    @pytest.mark.parametrize("state", [State.SUBMITTED, State.ACCEPTED])
    def test_the_reference_in_a_page_opens_nothing_but_a_draft(
        self, client: Client, event: Event, state: State
    ) -> None:
        client.post(page_url(event), typed())
        reference = inputs_of(client, page_url(event, 2)).values["draft"]
        Application.objects.update(state=state, submitted_at=WHILE_OPEN)
        stranger = Client()
        stranger.post(page_url(event, 2), {**typed(country="BE"), "draft": reference})
        assert Draft.objects.get(application__state=state).values.get("country") is None

    def test_a_reference_from_elsewhere_is_no_key(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        application = Application.objects.get()
        for reference in (application.public_id, f"{application.public_id}:x:y", ""):
            Client().post(page_url(event, 2), {**typed(country="BE"), "draft": reference})
        application.draft.refresh_from_db()
        assert "country" not in application.draft.values

    def test_a_form_without_its_token_is_refused_and_what_was_typed_is_handed_back(self, event: Event) -> None:
        client = Client(enforce_csrf_checks=True)
        client.get(page_url(event))
        response = client.post(page_url(event, 1, "fr"), typed(), headers={"origin": "http://testserver"})
        assert response.status_code == 403
        assert response["Content-Language"] == "fr"
        assert 'value="Zoé"' in response.content.decode()
        assert not Application.objects.exists()

    def test_what_another_site_posted_is_not_handed_back(self, event: Event) -> None:
        client = Client(enforce_csrf_checks=True)
        for headers in ({"origin": "https://evil.example"}, {}):
            response = client.post(page_url(event), typed(first_name="Mallory"), headers=headers)
            assert response.status_code == 403
            assert "Mallory" not in response.content.decode()

    def test_a_draft_refused_for_its_token_is_still_there(self, client: Client, event: Event) -> None:
        client.post(page_url(event), typed())
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        assert strict.post(page_url(event, 2), typed()).status_code == 403
        assert draft().values["first_name"] == ["Zoé"]

    def test_a_submission_a_moment_too_late_says_so_and_keeps_the_draft(
        self, client: Client, event: Event, clock: time_machine.Traveller
    ) -> None:
        fill_in(client, event)
        clock.move_to(event.closes_at)
        response = client.post(reverse("questionnaire:submit"))
        assert response.status_code == 409
        assert "It came after applying closed, on 19 November 2021" in response.content.decode()
        assert draft().values["first_name"] == ["Zoé"]
        assert Application.objects.get().state == State.DRAFT

    def test_a_hundred_megabytes_and_ten_thousand_fields_are_refused(self, client: Client, event: Event) -> None:
        many = {f"field{number}": "x" for number in range(10_000)}
        assert client.post(page_url(event), many).status_code == 400
        huge = {"first_name": "x" * (2 * 1024 * 1024)}
        form = "application/x-www-form-urlencoded"
        assert client.post(page_url(event), f"first_name={huge['first_name']}", content_type=form).status_code == 400


class TestCheckingAndSubmitting:
    """The check page and the one submit."""

    def test_the_check_page_shows_every_answer_and_links_to_what_is_missing(self, client: Client, event: Event) -> None:
        fill_in(client, event, country="")
        response = client.get(reverse("questionnaire:review"))
        page = response.content.decode()
        assert "Müller" in page
        assert not response.context["can_submit"]
        [problem] = response.context["problems"]
        assert problem["url"].startswith(page_url(event, 2))
        assert client.get(problem["url"]).context["form"].errors.keys() == {"country"}
        assert f'href="{problem["url"]}">Go on to what is missing' in page

    def test_incomplete_answers_are_not_submitted(self, client: Client, event: Event) -> None:
        fill_in(client, event, country="")
        assert client.post(reverse("questionnaire:submit")).status_code == 400
        assert Application.objects.get().state == State.DRAFT

    def test_submitting_sends_the_receipt_and_asks_to_look_into_the_mail(self, client: Client, event: Event) -> None:
        fill_in(client, event)
        response = client.post(reverse("questionnaire:submit"), follow=True)
        assert "questionnaire/sent.html" in [template.name for template in response.templates]
        assert Letter.objects.filter(kind=LetterKind.RECEIPT).count() == 1
        assert Application.objects.get().state == State.SUBMITTED

    def test_the_pages_do_not_tell_whether_the_address_had_applied_before(self, client: Client, event: Event) -> None:
        fill_in(client, event)
        client.post(reverse("questionnaire:submit"))
        bodies = []
        for address in ("zoe@example.org", "new@example.org"):
            visitor = Client()
            fill_in(visitor, event, email=address)
            response = visitor.post(reverse("questionnaire:submit"), follow=True)
            bodies.append((response.status_code, CSRF_TOKEN.sub("", response.content.decode()).replace(address, "…")))
        assert bodies[0] == bodies[1]

    def test_who_came_by_the_link_goes_on_to_the_application_that_stands(self, client: Client, event: Event) -> None:
        fill_in(client, event)
        client.post(reverse("questionnaire:submit"))
        standing = Application.objects.get()
        visitor = Client()
        fill_in(visitor, event)
        Application.objects.exclude(pk=standing.pk).update(email_proved_at=WHILE_OPEN)
        Application.objects.filter(pk=standing.pk).update(email_proved_at=WHILE_OPEN)
        response = visitor.post(reverse("questionnaire:submit"), follow=True)
        assert response.context["application"] == standing
        assert response.context["has_offer"]

    def test_submitting_takes_a_post(self, client: Client, event: Event) -> None:
        fill_in(client, event)
        assert client.get(reverse("questionnaire:submit")).status_code == 405
        assert Application.objects.get().state == State.DRAFT

    def test_twenty_requests_a_minute_that_cause_letters_are_enough(self, client: Client, event: Event) -> None:
        cache.clear()
        statuses = [client.post(page_url(event), typed()).status_code for _request in range(22)]
        assert statuses == [302] * 20 + [429] * 2
        assert client.post(page_url(event), typed(), REMOTE_ADDR="192.0.2.7").status_code == 302


def test_a_session_holds_the_public_id_alone(client: Client, event: Event) -> None:
    fill_in(client, event)
    assert client.session[access.SESSION_KEY] == Application.objects.get().public_id
    assert dt.timedelta(seconds=client.session.get_expiry_age()) <= links.LIFETIME


def test_whoever_begins_on_the_first_day_can_submit_on_the_last(
    client: Client, event: Event, clock: time_machine.Traveller
) -> None:
    """Applying is open for longer than the two weeks of an ordinary session."""
    clock.move_to(event.opens_at)
    fill_in(client, event)
    clock.move_to(event.closes_at - dt.timedelta(seconds=1))
    assert event.closes_at - event.opens_at > dt.timedelta(days=14)
    assert client.post(reverse("questionnaire:submit")).status_code == 302
    assert Application.objects.get().state == State.SUBMITTED
