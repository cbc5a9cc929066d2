"""The draft: begun, saved while typing and page by page, merged over devices, with the mail to who typed it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.models import Event, Window
from questionnaire.models import Application, Draft, Letter, LetterKind, Question, Upload, email_key
from questionnaire.states import State
from questionnaire.workflow import answers, letters, links, merging, uploads
from questionnaire.workflow.answers import CheckedAnswer, Posted
from questionnaire.workflow.merging import Conflict, Values
from questionnaire.workflow.questionnaire import Page

LETTERS_PER_HOUR = 3
FILE_CHANGED_ELSEWHERE = _(
    "Meanwhile this file was changed on another device: %(name)s stands there now. "
    "Choose yours again if it is to count."
)


class WindowNotOpen(Exception):
    """Applying is not open at this moment. Attribute: `window`."""

    def __init__(self, window: Window) -> None:
        self.window = window
        super().__init__(window)


@dataclass(frozen=True)
class Input:
    """What a browser sends from a page: texts, files, files to remove, and how it handles what changed elsewhere."""

    typed: Posted
    files: Mapping[str, "UploadedFile[Any]"] = field(default_factory=dict)
    removed_files: frozenset[str] = frozenset()
    shown: merging.Shown | None = None
    choices: Mapping[str, merging.Choice] = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """What became of an input: the draft, what the person must choose first, and what is wrong with the files."""

    draft: Draft
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    file_errors: dict[str, list[ValidationError]] = field(default_factory=dict)


def require_open(event: Event, now: dt.datetime) -> None:
    """Raise `WindowNotOpen` unless one can apply at `now`."""
    window = event.window(now)
    if window is not Window.OPEN:
        raise WindowNotOpen(window)


@transaction.atomic
def start(event: Event, *, language: str, now: dt.datetime) -> Application:
    """Begin an application with an empty draft. Raises `WindowNotOpen`."""
    require_open(event, now)
    application = Application.objects.create(event=event, language=language, created_at=now)
    Draft.objects.create(application=application, saved_at=now)
    return application


def save_page(application: Application, page: Page, given: Input, *, now: dt.datetime) -> Saved:
    """Keep what a page holds, right or wrong; what an unticked box no longer posts is cleared.

    A draft that never was submitted also takes over name, language and address, and the first time that
    there is an address, the personal link goes there.
    """
    posted = {name: _clean(values) for name, values in page.posted(given.typed).items()}
    with uploads.transaction_with_files() as stored:
        saved = _save(application, page, posted, given, stored, now=now)
        if application.state == State.DRAFT:
            raw = {name: values for name, values in page.posted(given.typed).items() if name not in saved.conflicts}
            _take_over(application, page, {**saved.draft.values, **raw}, now=now)
    return saved


def autosave(application: Application, page: Page, given: Input, *, now: dt.datetime) -> Saved:
    """Keep the inputs of a page that were just typed into, and touch nothing else.

    Half of an address may look like one, so nothing is taken over and nobody is written to.
    """
    posted = {name: _clean(given.typed[name]) for name in page.typed_names if name in given.typed}
    with transaction.atomic():
        return _save(application, page, posted, given, [], now=now)


def _clean(values: Iterable[str]) -> list[str]:
    """Return posted values as they are stored: without what no database takes, with line ends of one character."""
    return [value.replace("\0", "").replace("\r\n", "\n") for value in values]


def _save(
    application: Application, page: Page, posted: Values, given: Input, stored: list[Upload], *, now: dt.datetime
) -> Saved:
    """Merge what was posted into the draft, with the row locked."""
    draft = Draft.objects.select_for_update().get(application=application)
    merged = merging.merge(posted, draft.values, draft.changed_at, shown=given.shown, choices=given.choices)
    changes, errors = merged.changes, {}
    for question in page.files:
        try:
            changes |= _file_change(application, question, draft, given, stored, now=now)
        except ValidationError as error:
            errors[question.key] = [error]
    if changes or posted.keys() - draft.values.keys():
        draft.values = {**{name: [] for name in posted}, **draft.values, **changes}
        _record(draft, changes, now=now)
        if stored or given.removed_files:
            uploads.remove_unused(application, draft.values, draft.offered)
    return Saved(draft, merged.conflicts, errors)


def _record(draft: Draft, changes: Iterable[str], *, now: dt.datetime) -> None:
    """Write the draft down as changed at `now`; a page saved as it stood before is no change."""
    draft.changed_at = {**draft.changed_at, **dict.fromkeys(changes, now.isoformat())}
    draft.revision += 1 if changes else 0
    draft.saved_at = now
    draft.save(update_fields=["values", "changed_at", "revision", "saved_at"])


def _file_change(
    application: Application, question: Question, draft: Draft, given: Input, stored: list[Upload], *, now: dt.datetime
) -> Values:
    """Return what the draft now says of a file: another one, none any more, or nothing new.

    Raises `ValidationError` for a file that may not be given, and where another device has put one since.
    """
    name = str(question.key)
    file = given.files.get(name)
    if file is None and name not in given.removed_files:
        return {}
    present = merging.fingerprint(draft.values.get(name, ()))
    if given.shown is not None and given.shown.get(name, "") != present:
        raise ValidationError(
            FILE_CHANGED_ELSEWHERE % {"name": (draft.values.get(name) or ["", "–"])[-1]}, code="conflict"
        )
    if file is None:
        return {name: []} if present else {}
    upload = uploads.keep(application, question, file, now=now)
    stored.append(upload)
    return {name: uploads.typed(upload)}


def _take_over(application: Application, page: Page, posted: Posted, *, now: dt.datetime) -> None:
    """Fill the columns of a draft application from the right answers on a page; greet a new address."""
    former_key = application.email_key
    columns = columns_of(page.questions, answers.check_all(page.questions, posted).answers)
    if not columns or all(getattr(application, name) == value for name, value in columns.items()):
        return
    for name, value in columns.items():
        setattr(application, name, value)
    new_address = application.email_key != former_key
    if new_address:
        application.email_proved_at = None
    application.save(update_fields=[*columns, "email_proved_at"])
    if new_address and former_key:
        links.revoke(application, at=now)
    if new_address:
        send_link(application, now=now)


def columns_of(questions: Iterable[Question], checked: Mapping[str, CheckedAnswer]) -> dict[str, str]:
    """Return the columns of the application that the answers fill."""
    columns = {
        question.fills: str(checked[question.key].value)
        for question in questions
        if question.fills and question.key in checked
    }
    if "email" in columns:
        columns["email_key"] = email_key(columns["email"])
    return columns


def send_link(application: Application, *, now: dt.datetime) -> None:
    """Write a letter with a new personal link, unless the address had its share for this hour."""
    if may_write_to(application.email, now=now):
        letters.queue(LetterKind.PERSONAL_LINK, application, at=now)


def may_write_to(address: str, *, now: dt.datetime) -> bool:
    """Return whether an address that nobody proved may get one more letter: three an hour at the most."""
    recent = Letter.objects.filter(recipient__iexact=address, created_at__gt=now - dt.timedelta(hours=1))
    return recent.count() < LETTERS_PER_HOUR


def offer_to(holder: Application, giver: Application, stored: list[Upload], *, now: dt.datetime) -> None:
    """Lay what was typed elsewhere under the same address beside the application that stands."""
    copied = uploads.copy_to(holder, giver, giver.draft.values, stored, now=now)
    Draft.objects.filter(application=holder).update(offered=copied)
    uploads.remove_unused(holder, holder.draft.values, copied)
    Application.objects.filter(pk=giver.pk).update(submitted_revision=giver.draft.revision)
    if may_write_to(holder.email, now=now):
        letters.queue(LetterKind.SECOND_APPLICATION, holder, at=now)


@transaction.atomic
def settle_offer(application: Application, *, take: bool, now: dt.datetime) -> None:
    """Take the offered answers into the draft, to be checked and submitted, or drop them."""
    draft = Draft.objects.select_for_update().get(application=application)
    if draft.offered is None:
        return
    if take:
        changed = [name for name, values in draft.offered.items() if draft.values.get(name) != values]
        draft.values = draft.offered
        _record(draft, changed, now=now)
    draft.offered = None
    draft.save(update_fields=["offered"])
    uploads.remove_unused(application, draft.values)
