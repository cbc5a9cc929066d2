"""The draft: saved page by page and while typing, on several devices, with files."""

import datetime as dt

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries

from events.models import Event
from questionnaire.models import Application, Draft, Letter, LetterKind, Question, Upload
from questionnaire.tests import files
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    WHILE_OPEN,
    ApplicationFactory,
    QuestionFactory,
    small_questionnaire,
    typed,
)
from questionnaire.workflow import drafts, merging, questionnaire
from questionnaire.workflow.questionnaire import Page

pytestmark = pytest.mark.django_db

LATER = WHILE_OPEN + dt.timedelta(minutes=5)


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages."""
    return small_questionnaire()


@pytest.fixture
def application(event: Event) -> Application:
    """Return an application just begun."""
    return drafts.start(event, language="en", now=WHILE_OPEN)


def page_of(event: Event, number: int) -> Page:
    """Return a page of the questionnaire."""
    return questionnaire.load(event).pages[number - 1]


def draft_of(application: Application) -> Draft:
    """Return the draft as it stands."""
    return Draft.objects.get(application=application)


def as_shown(application: Application, page: Page) -> merging.Shown:
    """Return what a page opened now says that it shows."""
    return merging.fingerprints(draft_of(application).values, list(page.question_of))


class TestBeginning:
    """Starting a draft."""

    def test_nothing_starts_after_the_close(self, event: Event) -> None:
        with pytest.raises(drafts.WindowNotOpen):
            drafts.start(event, language="en", now=AFTER_CLOSE)

    def test_a_draft_starts_empty(self, application: Application) -> None:
        assert (draft_of(application).values, draft_of(application).revision) == ({}, 0)


class TestSavingAPage:
    """Save and continue."""

    def test_a_box_unticked_on_a_page_is_cleared_there_and_other_pages_stay(
        self, event: Event, application: Application
    ) -> None:
        for number in (1, 2):
            drafts.save_page(application, page_of(event, number), drafts.Input(typed()), now=WHILE_OPEN)
        given = drafts.Input({"first_name": ["Ann"]})
        draft = drafts.save_page(application, page_of(event, 1), given, now=WHILE_OPEN).draft
        assert draft.values["email"] == []
        assert draft.values["country"] == ["AT"]

    def test_saving_the_same_again_is_no_change(self, event: Event, application: Application) -> None:
        for _time in range(3):
            drafts.save_page(application, page_of(event, 1), drafts.Input(typed()), now=WHILE_OPEN)
        assert draft_of(application).revision == 1

    def test_it_is_known_when_each_input_changed_last(self, event: Event, application: Application) -> None:
        drafts.save_page(application, page_of(event, 1), drafts.Input(typed()), now=WHILE_OPEN)
        drafts.save_page(application, page_of(event, 1), drafts.Input(typed(first_name="Ann")), now=LATER)
        changed_at = draft_of(application).changed_at
        assert changed_at["first_name"] == LATER.isoformat()
        assert changed_at["family_name"] == WHILE_OPEN.isoformat()

    def test_a_new_address_is_greeted_and_has_to_be_proved(self, event: Event, application: Application) -> None:
        for address in ("zoe@example.org", "new@example.org", "new@example.org"):
            drafts.save_page(application, page_of(event, 1), drafts.Input(typed(email=address)), now=WHILE_OPEN)
        assert list(Letter.objects.order_by("pk").values_list("recipient", "kind")) == [
            ("zoe@example.org", LetterKind.PERSONAL_LINK),
            ("new@example.org", LetterKind.PERSONAL_LINK),
        ]
        application.refresh_from_db()
        assert application.email_proved_at is None

    def test_what_no_database_takes_is_left_out_and_the_columns_stay_empty(
        self, event: Event, application: Application
    ) -> None:
        given = drafts.Input(typed(email="a\0b@example.org", first_name="Zo\0é"))
        drafts.save_page(application, page_of(event, 1), given, now=WHILE_OPEN)
        application.refresh_from_db()
        assert draft_of(application).values["first_name"] == ["Zoé"]
        assert (application.email, application.first_name) == ("", "")
        assert not Letter.objects.exists()


class TestWhileTyping:
    """Autosave."""

    def test_only_what_was_typed_into_is_saved(self, event: Event, application: Application) -> None:
        drafts.save_page(application, page_of(event, 1), drafts.Input(typed()), now=WHILE_OPEN)
        saved = drafts.autosave(application, page_of(event, 1), drafts.Input({"first_name": ["Ann"]}), now=LATER)
        assert saved.draft.values == {**draft_of(application).values, "first_name": ["Ann"], "family_name": ["Müller"]}
        assert saved.draft.revision == 2

    def test_half_an_address_is_not_written_to(self, event: Event, application: Application) -> None:
        drafts.autosave(application, page_of(event, 1), drafts.Input({"email": ["zoe@example.or"]}), now=WHILE_OPEN)
        application.refresh_from_db()
        assert application.email == ""
        assert not Letter.objects.exists()

    def test_inputs_of_other_pages_and_unknown_ones_are_left_out(self, event: Event, application: Application) -> None:
        given = drafts.Input({"country": ["FR"], "csrfmiddlewaretoken": ["x"], "first_name": ["Zoé"]})
        drafts.autosave(application, page_of(event, 1), given, now=WHILE_OPEN)
        assert draft_of(application).values == {"first_name": ["Zoé"]}

    def test_one_field_costs_few_queries(
        self, event: Event, application: Application, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        page = page_of(event, 1)
        with django_assert_num_queries(4):  # savepoint, draft read and written, release
            drafts.autosave(application, page, drafts.Input({"first_name": ["Zoé"]}), now=WHILE_OPEN)


class TestTwoDevices:
    """Pages of one draft, open at the same time."""

    @pytest.fixture
    def page(self, event: Event) -> Page:
        """Return the first page."""
        return page_of(event, 1)

    def test_changes_in_different_places_are_merged(self, application: Application, page: Page) -> None:
        drafts.save_page(application, page, drafts.Input(typed()), now=WHILE_OPEN)
        shown = as_shown(application, page)
        drafts.save_page(application, page, drafts.Input(typed(first_name="Ann"), shown=shown), now=WHILE_OPEN)
        saved = drafts.save_page(application, page, drafts.Input(typed(family_name="Bell"), shown=shown), now=LATER)
        assert not saved.conflicts
        assert (saved.draft.values["first_name"], saved.draft.values["family_name"]) == (["Ann"], ["Bell"])

    @pytest.mark.parametrize("save", [drafts.save_page, drafts.autosave])
    def test_the_same_place_is_not_overwritten_and_the_rest_is_saved(
        self, application: Application, page: Page, save: object
    ) -> None:
        shown = as_shown(application, page)
        drafts.save_page(application, page, drafts.Input(typed(first_name="Ann"), shown=shown), now=WHILE_OPEN)
        given = drafts.Input({**typed(), "first_name": ["Bea"], "family_name": ["Müller"]}, shown=shown)
        saved = save(application, page, given, now=LATER)  # type: ignore[operator]
        assert list(saved.conflicts) == ["first_name"]
        assert saved.conflicts["first_name"].saved_at == WHILE_OPEN
        assert draft_of(application).values["first_name"] == ["Ann"]

    def test_a_name_in_conflict_is_not_taken_over(self, application: Application, page: Page) -> None:
        shown = as_shown(application, page)
        for name in ("Ann", "Bea"):
            drafts.save_page(application, page, drafts.Input(typed(first_name=name), shown=shown), now=WHILE_OPEN)
        application.refresh_from_db()
        assert application.first_name == "Ann"


class TestFiles:
    """Files in a draft."""

    @pytest.fixture
    def page(self, event: Event) -> Page:
        """Return the second page, with a question for a file."""
        QuestionFactory(section=event.sections.get(key="work"), key="cv", kind="file", order=9)
        return page_of(event, 2)

    def put(
        self, application: Application, page: Page, file: SimpleUploadedFile, **more: merging.Shown
    ) -> drafts.Saved:
        """Save the page with a file."""
        given = drafts.Input(typed(), files={"cv": file}, shown=more.get("shown"))
        return drafts.save_page(application, page, given, now=WHILE_OPEN)

    def test_a_file_is_kept_until_another_takes_its_place(self, application: Application, page: Page) -> None:
        self.put(application, page, files.upload("first.pdf"))
        first = Upload.objects.get()
        assert draft_of(application).values["cv"] == [first.public_id, "first.pdf"]
        drafts.save_page(application, page, drafts.Input(typed()), now=LATER)
        assert Upload.objects.get() == first
        self.put(application, page, files.upload("second.pdf"))
        assert Upload.objects.get().name == "second.pdf"

    def test_the_file_itself_goes_with_its_row(
        self, application: Application, page: Page, django_capture_on_commit_callbacks: object
    ) -> None:
        self.put(application, page, files.upload())
        stored = Upload.objects.get().file.name
        given = drafts.Input(typed(), removed_files=frozenset({"cv"}))
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            drafts.save_page(application, page, given, now=LATER)
        assert draft_of(application).values["cv"] == []
        assert not default_storage.exists(stored)

    def test_a_file_that_is_refused_changes_nothing_and_the_rest_is_saved(
        self, application: Application, page: Page
    ) -> None:
        self.put(application, page, files.upload("good.pdf"))
        saved = self.put(application, page, files.upload("bad.pdf", files.HTML))
        assert [error.code for error in saved.file_errors["cv"]] == ["wrong_type"]
        assert saved.draft.values["cv"][1] == "good.pdf"
        assert saved.draft.values["country"] == ["AT"]

    def test_no_browser_can_name_a_file_by_typing(self, application: Application, page: Page) -> None:
        posted = {**typed(), "cv": ["somebody-elses", "cv.pdf"]}
        drafts.save_page(application, page, drafts.Input(posted), now=WHILE_OPEN)
        drafts.autosave(application, page, drafts.Input(posted), now=WHILE_OPEN)
        assert not draft_of(application).values.get("cv")

    def test_a_file_put_on_another_device_meanwhile_stays_and_the_person_is_told(
        self, application: Application, page: Page
    ) -> None:
        shown = as_shown(application, page)
        self.put(application, page, files.upload("there.pdf"), shown=shown)
        saved = self.put(application, page, files.upload("here.pdf"), shown=shown)
        assert "there.pdf" in saved.file_errors["cv"][0].message % ()
        assert saved.draft.values["cv"][1] == "there.pdf"

    @pytest.mark.django_db(transaction=True)
    def test_when_saving_fails_no_file_stays_behind(
        self, application: Application, page: Page, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = set(default_storage.listdir("")[1])

        def fail(*_arguments: object, **_options: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(drafts, "_record", fail)
        with pytest.raises(ZeroDivisionError):
            self.put(application, page, files.upload())
        assert not Upload.objects.exists()
        assert set(default_storage.listdir("")[1]) == before


class TestOffers:
    """What somebody else filled in under the same address."""

    def test_taking_the_offer_puts_it_into_the_draft_and_dropping_it_does_not(self, event: Event) -> None:
        first = ApplicationFactory(event=event, draft=typed())
        for take, name in ((False, "Zoé"), (True, "Zoë")):
            Draft.objects.filter(application=first).update(offered=typed(first_name="Zoë"))
            drafts.settle_offer(first, take=take, now=WHILE_OPEN)
            assert draft_of(first).values["first_name"] == [name]
            assert draft_of(first).offered is None

    def test_the_files_of_an_offer_are_copies_and_go_when_it_is_dropped(self, event: Event) -> None:
        question = QuestionFactory(section=event.sections.get(key="work"), key="cv", kind=Question.Kind.FILE)
        holder, giver = ApplicationFactory.create_batch(2, event=event, draft=typed())
        drafts.save_page(giver, page_of(event, 2), drafts.Input(typed(), files={"cv": files.upload()}), now=WHILE_OPEN)
        giver.draft.refresh_from_db()
        drafts.offer_to(holder, giver, [], now=WHILE_OPEN)
        copy = holder.uploads.get(question=question)
        assert draft_of(holder).offered["cv"] == [copy.public_id, "cv.pdf"]
        assert copy.file.read() == files.PDF
        drafts.settle_offer(holder, take=False, now=WHILE_OPEN)
        assert not holder.uploads.exists()
        assert giver.uploads.exists()
