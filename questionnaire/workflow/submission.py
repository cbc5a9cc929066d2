"""From the draft to the submitted application: submit, change, withdraw, ask for the personal link."""

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from events import prepared
from events.models import Event, Window
from questionnaire.models import Answer, Application, Draft, LetterKind, Question, email_key
from questionnaire.states import CAN_WITHDRAW, DECIDED_IN_SECRET, HOLDS_A_PLACE, State
from questionnaire.workflow import drafts, letters, links, notices, questionnaire, transitions, uploads
from questionnaire.workflow.answers import CheckedAnswers
from questionnaire.workflow.questionnaire import Questionnaire

CAN_SUBMIT = frozenset({State.DRAFT, State.SUBMITTED, State.WITHDRAWN}) | DECIDED_IN_SECRET

NEEDED = (
    *("event", "public_id", "state", "outcome", "submitted_revision", "answer_by"),
    *("email", "email_key", "language", "first_name", "family_name"),
    *("draft__values", "draft__offered", "draft__revision"),
    *("event__version", "event__slug", "event__time_zone", "event__published", "event__opens_at", "event__closes_at"),
)
"""What submitting reads, of some ninety columns: whoever comes in the last minute waits for little."""


class AnswersIncomplete(Exception):
    """Some answers are missing or break a rule. Attribute: `errors`, by question key."""

    def __init__(self, errors: Mapping[str, list[ValidationError]]) -> None:
        self.errors = errors
        super().__init__(", ".join(errors))


class AlreadyDecided(Exception):
    """The decision has been released: answers can no longer change."""


@transaction.atomic
def request_link(event: Event, address: str, *, language: str, now: dt.datetime) -> None:
    """Answer "send me a new link": by a letter in every case, so that the page never tells who has applied."""
    if not drafts.may_write_to(address, now=now):
        return
    known = event.applications.filter(email_key=email_key(address)).order_by("-submitted_at", "-pk")
    application = known.exclude(state=State.DRAFT).first() or known.first()
    if application is None:
        letters.queue_to_stranger(LetterKind.NO_APPLICATION, event, address, language=language, at=now)
    else:
        letters.queue(LetterKind.PERSONAL_LINK, application, at=now)


def submit(public_id: str, *, now: dt.datetime) -> Application:
    """Check the draft of an application and make it the one that counts; the receipt is queued along.

    Decided once, in a transaction that holds the application: of twenty identical requests one submits and
    nineteen find it done. Where another application has the same address, that one stands: its owner
    gets a letter, and finds these answers offered on their own page. Returns the application that
    stands, of which only who proved the address may be told.

    Nobody waits for anybody else, many as there may be in the last minute, but those who share an address.
    Raises `drafts.WindowNotOpen`, `AnswersIncomplete` or `AlreadyDecided`, the draft being kept in each case, and
    `Application.DoesNotExist` for one that was erased.
    """
    try:
        return _submit(public_id, now=now)
    except IntegrityError:  # the address has an application, or the questionnaire was changed at this moment
        return _submit(public_id, now=now, in_line=True)


def _submit(public_id: str, *, now: dt.datetime, in_line: bool = False) -> Application:
    """Do what `submit` says; whoever does not stand in line for the event leaves the address to the database.

    That refuses two applications under one with `IntegrityError`. Only in line is the other one touched.
    """
    with uploads.transaction_with_files() as stored:
        if in_line:
            transitions.lock_event(Application.objects.values_list("event", flat=True).get(public_id=public_id))
        current = _lock(public_id)
        if current.state not in CAN_SUBMIT:
            raise AlreadyDecided
        draft = current.draft
        if current.submitted_revision == draft.revision and current.state != State.WITHDRAWN:
            return _holder_of(current, current.email_key) or current
        drafts.require_open(current.event, now)
        asked = questionnaire.load(current.event)
        checked = asked.check(draft.values)
        if checked.errors:
            raise AnswersIncomplete(checked.errors)
        columns = drafts.columns_of(asked.questions, checked.answers)
        holder = _holder_of(current, columns.get("email_key", "")) if in_line else None
        if holder is None:
            return _accept_submission(current, asked, checked, columns, now=now)
        drafts.offer_to(holder, current, stored, now=now)
        return holder


def _holder_of(application: Application, key: str) -> Application | None:
    """Return the other application that already stands under an address in the same event."""
    others = Application.objects.filter(event=application.event_id, email_key=key).exclude(pk=application.pk)
    return others.exclude(state=State.DRAFT).first() if key else None


def standing_for(application: Application, *, now: dt.datetime) -> Application:
    """Return what a link to an application opens: the one that stands, where that was offered answers of this one.

    The link was read under the address that both have, so it proves the other's too.
    """
    if application.state != State.DRAFT or application.submitted_revision is None:
        return application
    holder = _holder_of(application, application.email_key)
    if holder is None:
        return application
    Application.objects.filter(pk=holder.pk, email_proved_at=None).update(email_proved_at=now)
    return holder


def _accept_submission(
    application: Application,
    asked: Questionnaire,
    checked: CheckedAnswers,
    columns: Mapping[str, str],
    *,
    now: dt.datetime,
) -> Application:
    """Store the answers in place of earlier ones, move a draft on, and queue the receipt."""
    first_time = application.state in {State.DRAFT, State.WITHDRAWN}
    by_key = {question.key: question for question in asked.questions}
    new = [(application.pk, by_key[key].pk, answer.value, answer.text) for key, answer in checked.answers.items()]
    _clear_away(application, asked)
    prepared.insert(Answer, ("application", "question", "value", "text"), new)
    changes: dict[str, object] = {
        **_emptied(asked),
        **columns,
        "submitted_revision": application.draft.revision,
        "privacy_notice": settings.PRIVACY_NOTICE_VERSION,
        "privacy_notice_at": now,
    }
    if columns.get("email_key") != application.email_key:
        changes["email_proved_at"] = None
        links.revoke(application, at=now)
    if first_time:
        changes["submitted_at"] = now
        transitions.move_locked([application], State.SUBMITTED, at=now, columns=changes)
    else:
        Application.objects.filter(pk=application.pk).update(**changes)
        application.refresh_from_db()
    if first_time or drafts.may_write_to(application.email, now=now):
        _write(LetterKind.RECEIPT, application, now=now)
    return application


def _lock(public_id: str) -> Application:
    """Return an application, locked until the transaction ends, with its event and draft as they stand now."""
    application = _locked.first(public_id)
    if application is None:
        raise Application.DoesNotExist
    return application


def _rows_to_lock(public_id: str) -> QuerySet[Application]:
    rows = Application.objects.select_for_update(of=("self",), no_key=True).filter(public_id=public_id, erased_at=None)
    return rows.select_related("event", "draft").only(*NEEDED)


_locked = prepared.PreparedQuery(_rows_to_lock)


def _clear_away(application: Application, asked: Questionnaire) -> None:
    """Remove what a new submission takes the place of, where there can be any."""
    if application.submitted_revision is not None:
        # To what is no longer asked, the answers given stay.
        application.answers.filter(question__retired=False).delete()
    if application.draft.offered is not None:
        Draft.objects.filter(application=application).update(offered=None)
    if any(page.files for page in asked.pages):
        uploads.remove_unused(application, application.draft.values)


def _emptied(asked: Questionnaire) -> dict[str, str]:
    """Return the columns that answers fill, empty: of a question no longer answered nothing stays.

    But for the address and the language of letters, without which nobody could be told anything.
    """
    filled = {question.fills for question in asked.questions} - {"", Question.Fills.EMAIL, Question.Fills.LANGUAGE}
    return dict.fromkeys(filled, "")


def _write(kind: LetterKind, application: Application, *, now: dt.datetime) -> None:
    """Write to an applicant, unless the questionnaire never asked for an address."""
    if application.email:
        letters.queue(kind, application, at=now)


@transaction.atomic
def withdraw(application: Application, *, now: dt.datetime, reason: str = "") -> None:
    """Withdraw an application: no decision letter follows. Raises `transitions.MoveNotAllowed`."""
    transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    had_a_place = current.state in HOLDS_A_PLACE
    transitions.move_locked([current], State.WITHDRAWN, at=now, reason=reason, outcome=None)
    letters.cancel(current)
    _write(LetterKind.WITHDRAWAL_RECEIPT, current, now=now)
    if had_a_place:
        notices.note_places_given_up(current.event_id, [current], at=now)


def can_change(application: Application, now: dt.datetime) -> bool:
    """Return whether answers can still be typed and submitted."""
    event = application.event
    return application.state in CAN_SUBMIT and event.published and event.window(now) is Window.OPEN


def can_withdraw(application: Application) -> bool:
    """Return whether there is something to withdraw from."""
    return application.state in CAN_WITHDRAW
