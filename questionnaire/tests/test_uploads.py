"""Files of applicants: what may be given, what it is called, who may open it."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from events.models import Event
from questionnaire.models import Answer, Application, Question, Upload
from questionnaire.states import State
from questionnaire.tests import files
from questionnaire.tests.factories import (
    WHILE_OPEN,
    ApplicationFactory,
    AssignmentFactory,
    QuestionFactory,
    ReviewFactory,
)
from questionnaire.tests.team import Team, make_team
from questionnaire.workflow import file_types, uploads

pytestmark = pytest.mark.django_db


def ask(event: Event, **columns: Any) -> Question:
    """Return a question for a file."""
    return QuestionFactory(section__event=event, event=event, key="cv", kind=Question.Kind.FILE, **columns)


def submitted(event: Event, **columns: Any) -> Upload:
    """Return a file that somebody submitted."""
    question = ask(event, **columns)
    application = ApplicationFactory(event=event)
    upload = uploads.keep(application, question, files.upload(), now=WHILE_OPEN)
    Answer.objects.create(application=application, question=question, value=upload.public_id, text=upload.name)
    return upload


@pytest.fixture
def team() -> Team:
    """Return an event with its team."""
    return make_team()


class TestTakingIn:
    """What may be given."""

    def keep(self, file: SimpleUploadedFile, **columns: Any) -> Upload:
        """Give a file."""
        application = ApplicationFactory()
        return uploads.keep(application, ask(application.event, **columns), file, now=WHILE_OPEN)

    def test_a_file_is_stored_under_a_name_that_says_nothing(self) -> None:
        upload = self.keep(files.upload("Curriculum vitae Müller.pdf"))
        assert upload.name == "Curriculum vitae Müller.pdf"
        assert upload.content_type == "application/pdf"
        assert upload.file.read() == files.PDF
        assert len(upload.file.name or "") == 32
        assert "vitae" not in (upload.file.name or "")

    @pytest.mark.parametrize(
        ("file", "code"),
        [
            (files.upload(content=b""), "empty"),
            (files.upload(content=files.HTML), "wrong_type"),
            (files.upload(content=files.DOCX_WITH_MACROS), "wrong_type"),
            (files.upload(content=files.PDF + b" " * uploads.MEGABYTE), "too_large"),
        ],
    )
    def test_what_may_not_be_given_is_refused_and_leaves_nothing(self, file: SimpleUploadedFile, code: str) -> None:
        with pytest.raises(ValidationError) as caught:
            self.keep(file, maximum=1)
        assert caught.value.code == code
        assert not Upload.objects.exists()

    def test_five_megabytes_are_enough_where_the_question_says_nothing(self) -> None:
        assert uploads.megabytes(Question()) == 5
        assert uploads.megabytes(Question(maximum=2)) == 2
        assert uploads.megabytes(Question(maximum=2000)) == uploads.LARGEST_MEGABYTES

    @pytest.mark.parametrize(
        ("given", "kind", "tidied"),
        [
            ("cv.pdf", file_types.PDF, "cv.pdf"),
            ("CV.PDF", file_types.PDF, "CV.pdf"),
            ("cv.exe", file_types.PDF, "cv.pdf"),
            ("photo.jpeg", file_types.JPEG, "photo.jpeg"),
            ("photo", file_types.PNG, "photo.png"),
            ("../../etc/passwd", file_types.PDF, "passwd.pdf"),
            ("C:\\Users\\me\\cv.docx", file_types.DOCX, "cv.docx"),
            ("\u202efdp.exe", file_types.PDF, "fdp.pdf"),
            ('a"\r\nSet-Cookie: x.pdf', file_types.PDF, "a' Set-Cookie: x.pdf"),
            ("", file_types.ODT, "file.odt"),
            (".pdf", file_types.PDF, "pdf.pdf"),
            ("x" * 300 + ".pdf", file_types.PDF, "x" * 112 + ".pdf"),
        ],
    )
    def test_names_are_tidied(self, given: str, kind: file_types.FileType, tidied: str) -> None:
        assert uploads.tidy_name(given, kind) == tidied


class TestKeeping:
    """As long as something names it."""

    def test_a_file_of_the_submission_stays_though_the_draft_has_another(self, team: Team) -> None:
        upload = submitted(team.event)
        newer = uploads.keep(upload.application, upload.question, files.upload("new.pdf"), now=WHILE_OPEN)
        uploads.remove_unused(upload.application, {"cv": uploads.typed(newer)})
        assert upload.application.uploads.count() == 2
        uploads.remove_unused(upload.application, {})
        assert list(upload.application.uploads.all()) == [upload]


class TestWhoMayOpen:
    """Those who may read the answer."""

    def may_open(self, team: Team, upload: Upload) -> set[str]:
        """Return who may open a file."""
        people = {name: getattr(team, name) for name in ("organiser", "reviewer", "stranger", "operator")}
        return {name for name, person in people.items() if upload in uploads.visible_to(person, upload.application)}

    def test_organisers_do_and_reviewers_once_they_declared(self, team: Team) -> None:
        upload = submitted(team.event)
        AssignmentFactory(application=upload.application, reviewer=team.reviewer)
        assert self.may_open(team, upload) == {"organiser", "operator"}
        ReviewFactory(application=upload.application, reviewer=team.reviewer)
        assert self.may_open(team, upload) == {"organiser", "operator", "reviewer"}

    def test_a_reviewer_with_a_conflict_does_not(self, team: Team) -> None:
        upload = submitted(team.event)
        AssignmentFactory(application=upload.application, reviewer=team.reviewer)
        ReviewFactory(application=upload.application, reviewer=team.reviewer, conflict=True)
        assert "reviewer" not in self.may_open(team, upload)

    def test_what_is_for_organisers_alone_is_not_for_reviewers(self, team: Team) -> None:
        upload = submitted(team.event, visibility=Question.Visibility.ORGANISERS)
        AssignmentFactory(application=upload.application, reviewer=team.reviewer)
        ReviewFactory(application=upload.application, reviewer=team.reviewer)
        assert self.may_open(team, upload) == {"organiser", "operator"}

    def test_what_stands_in_a_draft_alone_is_for_nobody_else(self, team: Team) -> None:
        upload = submitted(team.event)
        Answer.objects.all().delete()
        assert self.may_open(team, upload) == set()

    def test_nor_is_what_was_withdrawn(self, team: Team) -> None:
        upload = submitted(team.event)
        Application.objects.update(state=State.WITHDRAWN)
        upload.application.refresh_from_db()
        assert self.may_open(team, upload) == set()
