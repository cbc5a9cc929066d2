"""From the first word typed to the submitted application: draft, submit, change, withdraw, personal link."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch

from events.models import Event, Window
from questionnaire.models import (
    Answer,
    Application,
    Condition,
    Draft,
    Letter,
    LetterKind,
    Question,
    Section,
    email_key,
)
from questionnaire.states import CAN_WITHDRAW, DECIDED_IN_SECRET, State
from questionnaire.workflow import answers, letters, transitions
from questionnaire.workflow.answers import CheckedAnswer, CheckedAnswers, Posted

Values = dict[str, list[str]]

LETTERS_PER_HOUR = 3
CAN_SUBMIT = frozenset({State.DRAFT, State.SUBMITTED, State.WITHDRAWN}) | DECIDED_IN_SECRET


class WindowNotOpen(Exception):
    """Applying is not open at this moment. Attribute: `window`."""

    def __init__(self, window: Window) -> None:
        self.window = window
        super().__init__(window)


class AnswersIncomplete(Exception):
    """Some answers are missing or break a rule. Attribute: `errors`, by question key."""

    def __init__(self, errors: Mapping[str, list[ValidationError]]) -> None:
        self.errors = errors
        super().__init__(", ".join(errors))


class AlreadyDecided(Exception):
    """The decision has been released: answers can no longer change."""


@dataclass(frozen=True)
class Page:
    """A section of the questionnaire as it is asked: the section and its questions in use, in order."""

    section: Section
    questions: tuple[Question, ...]

    def input_names(self) -> list[str]:
        """Return the names of all inputs on the page."""
        return [name for question in self.questions for name in answers.input_names(question)]


@dataclass(frozen=True)
class Questionnaire:
    """The whole questionnaire of an event, in memory: five queries, whatever its length."""

    event: Event
    pages: tuple[Page, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return all questions in use, in the order in which they are asked."""
        return tuple(question for page in self.pages for question in page.questions)

    def check(self, posted: Posted) -> CheckedAnswers:
        """Check all that was typed."""
        return answers.check_all(self.questions, posted)


def load_questionnaire(event: Event) -> Questionnaire:
    """Read the questionnaire of an event, without empty sections and retired questions."""
    in_use = (
        Question.objects.filter(retired=False)
        .order_by("order", "key")
        .prefetch_related("options", "rows", Prefetch("conditions", Condition.objects.select_related("depends_on")))
    )
    sections = event.sections.order_by("order", "key").prefetch_related(Prefetch("questions", in_use))
    pages = (Page(section, tuple(section.questions.all())) for section in sections)
    return Questionnaire(event, tuple(page for page in pages if page.questions))


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


@transaction.atomic
def save_page(application: Application, page: Page, posted: Mapping[str, Sequence[str]], *, now: dt.datetime) -> Draft:
    """Keep what was typed on a page, right or wrong; what an unticked box no longer posts is cleared.

    A draft that never was submitted also takes over name, language and address, and the first time that
    there is an address, the personal link goes there.
    """
    typed = {name: [text.replace("\0", "") for text in posted.get(name, ())] for name in page.input_names()}
    draft = Draft.objects.select_for_update().get(application=application)
    draft.values = {**draft.values, **typed}
    draft.revision += 1
    draft.saved_at = now
    draft.save(update_fields=["values", "revision", "saved_at"])
    if application.state == State.DRAFT:
        _take_over(application, page, posted, now=now)
    return draft


def _take_over(application: Application, page: Page, posted: Posted, *, now: dt.datetime) -> None:
    """Fill the columns of a draft application from the right answers on a page; greet a new address."""
    former_key = application.email_key
    checked = answers.check_all(page.questions, posted)
    columns = _columns(page.questions, checked.answers)
    if not columns:
        return
    for name, value in columns.items():
        setattr(application, name, value)
    new_address = application.email_key != former_key
    if new_address:
        application.email_proved_at = None
    application.save(update_fields=[*columns, "email_proved_at"])
    if new_address:
        send_link(application, now=now)


def _columns(questions: Iterable[Question], checked: Mapping[str, CheckedAnswer]) -> dict[str, str]:
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


@transaction.atomic
def request_link(event: Event, address: str, *, language: str, now: dt.datetime) -> None:
    """Answer "send me a new link": by a letter in every case, so that the page never tells who has applied."""
    if not may_write_to(address, now=now):
        return
    known = event.applications.filter(email_key=email_key(address)).order_by("-submitted_at", "-pk")
    application = known.exclude(state=State.DRAFT).first() or known.first()
    if application is None:
        letters.queue_to_stranger(LetterKind.NO_APPLICATION, event, address, language=language, at=now)
    else:
        letters.queue(LetterKind.PERSONAL_LINK, application, at=now)


@transaction.atomic
def submit(application: Application, *, now: dt.datetime) -> Application:
    """Check the draft and make it the application that counts; the receipt is queued along.

    Decided once, in a transaction that holds the event: of twenty identical requests one submits and
    nineteen find it done. Where another application has the same address, that one stands: its owner
    gets a letter, and finds these answers offered on their own page. Returns the application that
    stands, of which only who proved the address may be told.
    Raises `WindowNotOpen`, `AnswersIncomplete` or `AlreadyDecided`; the draft is kept in each case.
    """
    event = transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if current.state not in CAN_SUBMIT:
        raise AlreadyDecided
    draft = current.draft
    if draft.submitted_revision == draft.revision and current.state != State.WITHDRAWN:
        return _holder_of(event, current.email_key, apart_from=current) or current
    require_open(event, now)
    questionnaire = load_questionnaire(event)
    checked = questionnaire.check(draft.values)
    if checked.errors:
        raise AnswersIncomplete(checked.errors)
    columns = _columns(questionnaire.questions, checked.answers)
    holder = _holder_of(event, columns.get("email_key", ""), apart_from=current)
    if holder is None:
        return _accept_submission(current, questionnaire, checked, columns, now=now)
    _offer_to(holder, draft, now=now)
    return holder


def _holder_of(event: Event, key: str, *, apart_from: Application) -> Application | None:
    """Return the application that already stands under an address."""
    holders = event.applications.filter(email_key=key).exclude(state=State.DRAFT).exclude(pk=apart_from.pk)
    return holders.first() if key else None


def _accept_submission(
    application: Application,
    questionnaire: Questionnaire,
    checked: CheckedAnswers,
    columns: Mapping[str, str],
    *,
    now: dt.datetime,
) -> Application:
    """Store the answers in place of earlier ones, move a draft on, and queue the receipt."""
    first_time = application.state in {State.DRAFT, State.WITHDRAWN}
    by_key = {question.key: question for question in questionnaire.questions}
    new = [
        Answer(application=application, question=by_key[key], value=answer.value, text=answer.text)
        for key, answer in checked.answers.items()
    ]
    application.answers.all().delete()
    Answer.objects.bulk_create(new)
    Draft.objects.filter(application=application).update(submitted_revision=application.draft.revision, offered=None)
    changes: dict[str, object] = {**columns, "privacy_notice": settings.PRIVACY_NOTICE_VERSION}
    if columns.get("email_key") != application.email_key:
        changes["email_proved_at"] = None
    if first_time:
        changes["submitted_at"] = now
        [application] = transitions.move([application], State.SUBMITTED, at=now, columns=changes)
    else:
        Application.objects.filter(pk=application.pk).update(**changes)
        application.refresh_from_db()
    if first_time or may_write_to(application.email, now=now):
        letters.queue(LetterKind.RECEIPT, application, at=now)
    return application


def _offer_to(holder: Application, draft: Draft, *, now: dt.datetime) -> None:
    """Lay what was typed elsewhere under the same address beside the application that stands."""
    Draft.objects.filter(application=holder).update(offered=draft.values)
    Draft.objects.filter(pk=draft.pk).update(submitted_revision=draft.revision)
    if may_write_to(holder.email, now=now):
        letters.queue(LetterKind.SECOND_APPLICATION, holder, at=now)


@transaction.atomic
def settle_offer(application: Application, *, take: bool, now: dt.datetime) -> None:
    """Take the offered answers into the draft, to be checked and submitted, or drop them."""
    draft = Draft.objects.select_for_update().get(application=application)
    if draft.offered is None:
        return
    if take:
        draft.values = draft.offered
        draft.revision += 1
        draft.saved_at = now
    draft.offered = None
    draft.save()


@transaction.atomic
def withdraw(application: Application, *, now: dt.datetime, reason: str = "") -> None:
    """Withdraw an application: no decision letter follows. Raises `transitions.MoveNotAllowed`."""
    transitions.lock_event(application.event_id)
    [current] = transitions.move([application], State.WITHDRAWN, at=now, reason=reason, outcome=None)
    letters.cancel(current)
    letters.queue(LetterKind.WITHDRAWAL_RECEIPT, current, at=now)


def can_change(application: Application, now: dt.datetime) -> bool:
    """Return whether answers can still be typed and submitted."""
    return application.state in CAN_SUBMIT and application.event.window(now) is Window.OPEN


def can_withdraw(application: Application) -> bool:
    """Return whether there is something to withdraw from."""
    return application.state in CAN_WITHDRAW
