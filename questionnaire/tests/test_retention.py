"""A person's data: complete when it is asked for, gone when it is to be erased."""

import datetime as dt
import json
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import default_storage
from django.utils import translation

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import Application, LetterKind, Review, Upload
from questionnaire.states import CAN_WITHDRAW, UNDER_REVIEW, Outcome, State
from questionnaire.tests import files
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    DECISION_HOUR,
    WHILE_OPEN,
    ApplicationFactory,
    QuestionFactory,
    ReviewFactory,
    small_questionnaire,
    typed,
)
from questionnaire.tests.releasing import sign_off
from questionnaire.workflow import decision, drafts, letters, mime, questionnaire, retention, submission

pytestmark = pytest.mark.django_db

CANARY = "Zanzibarquist"


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages and a question for a file."""
    event = small_questionnaire()
    QuestionFactory(section=event.sections.get(key="work"), key="cv", kind="file", order=9)
    return event


@pytest.fixture
def application(event: Event) -> Application:
    """Return an application of somebody whose every text holds the canary, and who changed it after submitting."""
    values = typed(
        first_name=CANARY, family_name=CANARY, email=f"{CANARY}@example.org", earlier="yes", which=f"{CANARY} 2019"
    )
    application = drafts.start(event, language="en", now=WHILE_OPEN)
    given = drafts.Input(values, files={"cv": files.upload(f"{CANARY}.pdf")})
    for page in questionnaire.load(event).pages:
        drafts.save_page(application, page, given, now=WHILE_OPEN)
    submission.submit(application.public_id, now=WHILE_OPEN)
    later = drafts.Input({**values, "which": [f"{CANARY} 2020"]})
    drafts.save_page(application, questionnaire.load(event).pages[1], later, now=WHILE_OPEN)
    Application.objects.update(email_proved_at=WHILE_OPEN)
    application.refresh_from_db()
    return application


def everything(application: Application, **options: Any) -> dict[str, Any]:
    """Return a person's data as it goes over the wire."""
    application = Application.objects.select_related("event", "draft").get(pk=application.pk)
    found = retention.everything(application, now=AFTER_CLOSE, **{"with_letters": True, **options})
    return dict(json.loads(json.dumps(found)))


def rows_with(text: str) -> list[str]:
    """Return every row of the database that holds a text, whatever its model."""
    return [
        f"{model.__name__}: {row}"
        for model in apps.get_models()
        for row in model._default_manager.values()
        if text.lower() in " ".join(map(as_text, row.values())).lower()
    ]


def as_text(value: object) -> str:
    """Return what a column holds as text."""
    return bytes(value).decode() if isinstance(value, bytes | memoryview) else str(value)


class TestTakingItAway:
    """Everything, in the reader's language."""

    def test_it_is_complete(self, application: Application) -> None:
        found = everything(application)
        assert found["application"]["first_name"] == CANARY
        assert found["application"]["country_name"] == "Austria"
        assert found["consent"] == {
            "privacy_notice_version": settings.PRIVACY_NOTICE_VERSION,
            "given_at": WHILE_OPEN.isoformat(),
        }
        answers = {row["key"]: row["answer"] for row in found["answers"]}
        assert answers.keys() == set(typed()) | {"which", "cv"}
        assert answers["which"] == [f"{CANARY} 2019"]
        assert answers["cv"] == [f"{CANARY}.pdf"]
        assert {row["key"]: row["answer"] for row in found["draft"]["answers"]}["which"] == [f"{CANARY} 2020"]
        assert [row["name"] for row in found["files"]] == [f"{CANARY}.pdf"]
        assert [(row["from"], row["to"]) for row in found["history"]] == [("draft", "submitted")]
        assert [row["kind"] for row in found["letters"]] == [LetterKind.PERSONAL_LINK, LetterKind.RECEIPT]
        assert mime.LINK_MARKER not in json.dumps(found)

    def test_labels_are_in_the_language_chosen(self, application: Application) -> None:
        with translation.override("fr"):
            found = everything(application)
        assert {row["section"] for row in found["answers"]} == {"Vous", "Votre travail"}
        assert {row["key"]: row["answer"] for row in found["answers"]}["country"] == ["Autriche"]

    def test_letters_are_for_who_proved_the_address(self, application: Application) -> None:
        assert everything(application, with_letters=False)["letters"] == []

    def test_it_says_nothing_of_a_decision_before_its_hour(self, application: Application) -> None:
        seen = set()
        for state in UNDER_REVIEW:
            for outcome in Outcome:
                Application.objects.update(state=state, outcome=outcome)
                seen.add(json.dumps(everything(application)))
        assert len(seen) == 1
        Application.objects.update(state=State.SUBMITTED, outcome="")
        before = everything(application)
        proposer = UserFactory()
        decision.propose([application], Outcome.ACCEPT, by=proposer, at=AFTER_CLOSE)
        sign_off([application], by=UserFactory(), at=AFTER_CLOSE)
        letters.queue_many(LetterKind.ACCEPTANCE, [application], at=AFTER_CLOSE, release_at=DECISION_HOUR)
        assert everything(application) == before

    def test_the_reason_of_an_organiser_is_not_the_applicants(self, application: Application) -> None:
        application.transitions.update(by=UserFactory(), reason="weak motivation")
        assert "weak" not in json.dumps(everything(application))


class TestErasing:
    """Nothing is left by which the person could be recognised."""

    @pytest.fixture(autouse=True)
    def traces(self, application: Application) -> None:
        """Leave traces of the person wherever the house keeps any."""
        ReviewFactory(application=application, note=f"I know {CANARY}", mean_score=7)
        submission.withdraw(application, now=AFTER_CLOSE, reason=f"{CANARY} is ill")
        submission_log = ContentType.objects.get_for_model(Application)
        LogEntry.objects.create(
            user=UserFactory(),
            content_type=submission_log,
            object_id=str(application.pk),
            object_repr=CANARY,
            action_flag=CHANGE,
            change_message=f"proposed {CANARY}",
        )
        drafts.send_link(application, now=AFTER_CLOSE + dt.timedelta(days=1))

    def test_no_row_and_no_file_holds_the_person(
        self, application: Application, django_capture_on_commit_callbacks: Any
    ) -> None:
        stored = Upload.objects.get().file.name
        assert len(rows_with(CANARY)) > 10
        with django_capture_on_commit_callbacks(execute=True):
            retention.erase(application, now=AFTER_CLOSE)
        assert rows_with(CANARY) == []
        assert not default_storage.exists(stored)
        assert not Upload.objects.exists()

    def test_what_counts_need_stays(self, application: Application) -> None:
        retention.erase(application, now=AFTER_CLOSE)
        application.refresh_from_db()
        assert (application.country, application.state) == ("AT", State.WITHDRAWN)
        assert application.submitted_at == WHILE_OPEN
        assert application.transitions.count() == 2
        assert application.letters.count() == 4
        assert Review.objects.get().mean_score == 7

    def test_no_browser_finds_it_and_one_may_apply_again(self, event: Event, application: Application) -> None:
        former = application.public_id
        retention.erase(application, now=WHILE_OPEN)
        assert not Application.objects.filter(public_id=former).exists()
        again = drafts.start(event, language="en", now=WHILE_OPEN)
        for page in questionnaire.load(event).pages:
            drafts.save_page(again, page, drafts.Input(typed(email=f"{CANARY}@example.org")), now=WHILE_OPEN)
        assert submission.submit(again.public_id, now=WHILE_OPEN).state == State.SUBMITTED


@pytest.mark.parametrize("state", State)
def test_an_open_application_is_withdrawn_by_erasing_and_no_other_changes(event: Event, state: State) -> None:
    application = ApplicationFactory(event=event, state=state, outcome=Outcome.ACCEPT, draft=typed())
    pending = letters.queue(LetterKind.PERSONAL_LINK, application, at=AFTER_CLOSE)
    retention.erase(application, now=AFTER_CLOSE)
    application.refresh_from_db()
    pending.refresh_from_db()
    assert application.state == (State.WITHDRAWN if state in CAN_WITHDRAW else state)
    assert (application.full_name, application.email, application.draft.values) == ("", "", {})
    assert pending.status == "cancelled"
    assert application.erased_at == AFTER_CLOSE
