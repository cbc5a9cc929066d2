"""Files of applicants: taken in, kept while something names them, given out to who may see them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from questionnaire.models import Application, Question, Upload
from questionnaire.workflow import file_types, mime, review

MEGABYTE = 1024 * 1024
DEFAULT_MEGABYTES = 5
LARGEST_MEGABYTES = 20
NAME_LENGTH = 120

Values = dict[str, list[str]]


def megabytes(question: Question) -> int:
    """Return how large a file may be."""
    return min(question.maximum or DEFAULT_MEGABYTES, LARGEST_MEGABYTES)


@contextmanager
def transaction_with_files() -> Iterator[list[Upload]]:
    """Open a transaction, and yield a list for the files stored in it: should it fail, they go too."""
    stored: list[Upload] = []
    try:
        with transaction.atomic():
            yield stored
    except BaseException:
        for upload in stored:
            upload.file.storage.delete(upload.file.name or "")
        raise


def keep(application: Application, question: Question, file: "UploadedFile[Any]", *, now: dt.datetime) -> Upload:
    """Store a file that was given to a question. Raises `ValidationError` for one that may not be given."""
    if not file.size:
        raise ValidationError(_("This file is empty. Choose another one."), code="empty")
    if file.size > megabytes(question) * MEGABYTE:
        raise ValidationError(
            _("This file is too large: choose one of at most %(size)d MB.") % {"size": megabytes(question)},
            code="too_large",
        )
    kind = file_types.recognise(file)
    if kind is None:
        raise ValidationError(
            _("This is no PDF, ODT, DOCX, PNG or JPEG file, or it contains macros. Choose another one."),
            code="wrong_type",
        )
    upload = Upload(
        application=application,
        question=question,
        name=tidy_name(file.name or "", kind),
        content_type=kind.content_type,
        size=file.size,
        uploaded_at=now,
    )
    file.seek(0)
    upload.file.save("", file, save=True)
    return upload


def tidy_name(name: str, kind: file_types.FileType) -> str:
    """Return a file's name without folders and invisible characters, ending as its content wants it."""
    path = PurePosixPath(mime.header_text(name).replace("\\", "/").replace('"', "'"))
    stem = path.stem.strip(". ")[: NAME_LENGTH - 8] or "file"
    is_right = path.suffix.lower().lstrip(".") in {kind.extension, "jpeg" if kind is file_types.JPEG else ""}
    return f"{stem}{path.suffix.lower() if is_right and path.suffix else f'.{kind.extension}'}"


def typed(upload: Upload) -> list[str]:
    """Return how a draft holds a file."""
    return [upload.public_id, upload.name]


def remove_unused(application: Application, *drafts: Mapping[str, list[str]] | None) -> None:
    """Delete the files of an application that none of the drafts given names, and no submitted answer."""
    uploads = list(application.uploads.all())
    if not uploads:
        return
    named = {value for values in drafts for typed in (values or {}).values() for value in typed[:1]}
    answered = application.answers.filter(question__kind=Question.Kind.FILE).values_list("value", flat=True)
    named.update(map(str, answered))
    _delete(upload for upload in uploads if upload.public_id not in named)


def remove_all(application: Application) -> None:
    """Delete every file of an application."""
    _delete(application.uploads.all())


def _delete(uploads: Iterable[Upload]) -> None:
    """Delete rows, and the files once that is sure."""
    for upload in uploads:
        transaction.on_commit(partial(upload.file.storage.delete, upload.file.name or ""), robust=True)
        upload.delete()


def copy_to(
    holder: Application, giver: Application, values: Values, stored: list[Upload], *, now: dt.datetime
) -> Values:
    """Return typed values with each of the giver's files copied to the holder of another application."""
    copied = dict(values)
    for original in giver.uploads.select_related("question"):
        if values.get(original.question.key, [])[:1] == [original.public_id]:
            copy = _copy(original, holder, now=now)
            stored.append(copy)
            copied[original.question.key] = typed(copy)
    return copied


def _copy(original: Upload, holder: Application, *, now: dt.datetime) -> Upload:
    copy = Upload(
        application=holder,
        question=original.question,
        name=original.name,
        content_type=original.content_type,
        size=original.size,
        uploaded_at=now,
    )
    with original.file.open() as content:
        copy.file.save("", ContentFile(content.read()), save=True)
    return copy


def visible_to(user: User, application: Application) -> QuerySet[Upload]:
    """Return the submitted files that a member of the event's team may open.

    Never what stands in a draft alone; for a reviewer, only after declaring that there is no conflict of
    interest, and nothing that organisers keep for themselves.
    """
    is_of_team = review.applications_for(user).filter(pk=application.pk).exists()
    if not is_of_team or not review.may_see_content(user, application):
        return Upload.objects.none()
    questions = Question.objects.filter(event=application.event_id, kind=Question.Kind.FILE)
    shown = questions.exclude(review.hidden_questions(user, application))
    submitted = application.answers.filter(question__in=shown)
    return application.uploads.filter(public_id__in=[str(value) for value in submitted.values_list("value", flat=True)])


def content(upload: Upload) -> File:  # type: ignore[type-arg]
    """Open the stored file. Raises `FileNotFoundError` where it is gone."""
    return upload.file.storage.open(upload.file.name or "")
