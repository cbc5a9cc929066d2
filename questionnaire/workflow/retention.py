"""A person's data: all of it in their hands, or erased for good. What counts need stays, and no person with it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format

from events.countries import country_name
from questionnaire.models import Answer, Application, Draft, Letter, LetterStatus, Opening, Replacement, Review, Score
from questionnaire.models.application import random_public_id
from questionnaire.states import CAN_WITHDRAW, DECIDED_IN_SECRET, HOLDS_A_PLACE, RELEASED, UNDER_REVIEW, State
from questionnaire.workflow import display, letters, mime, notices, questionnaire, transitions, uploads

APPLICANTS_OWN_MOVES = frozenset({State.SUBMITTED, State.WITHDRAWN, State.CONFIRMED, State.TURNED_DOWN})
PERSONAL_COLUMNS = (
    "first_name",
    "family_name",
    "email",
    "email_key",
    "organisation",
    "replacement_name",
    "replacement_email",
    "privacy_notice",
)

NO_TEXT: dict[str, Any] = {
    "recipient": "",
    "subject": "",
    "mime": b"",
    "sha256": "",
    "last_reply": "",
    "access_token": None,
}
"""What stays of a letter: that there was one, of what kind, and what became of it."""


NO_COLLEAGUE = dict.fromkeys(("first_name", "family_name", "email", "role"), "")
"""What stays in a request to send a colleague, of that colleague."""


@dataclass(frozen=True)
class Change:
    """A change of state as its applicant may know it."""

    at: dt.datetime
    came_from: State
    to: State
    reason: str


def readable_letters(application: Application, now: dt.datetime) -> QuerySet[Letter]:
    """Return the letters whose hour has come, whether or not the mail arrived."""
    found = application.letters.filter(release_at__lte=now).exclude(status=LetterStatus.CANCELLED)
    return found.order_by("release_at", "pk")


def public_state(application: Application) -> State:
    """Return the state as its applicant may know it: proposals are no news before they are released."""
    return State.SUBMITTED if application.state in UNDER_REVIEW else State(application.state)


def everything(application: Application, *, now: dt.datetime, with_letters: bool) -> dict[str, Any]:
    """Return all that is known of a person by their application, labels in the active language, ready for JSON.

    What organisers have not released is not in it. Letters and organisers' notes are left out for someone who has
    not proved the address.
    """
    event = application.event
    return {
        "event": {"title": event.title, "address": event.slug},
        "application": _application(application),
        "consent": {
            "privacy_notice_version": application.privacy_notice,
            "given_at": _iso(application.privacy_notice_at),
        },
        "answers": submitted_answers(application),
        "draft": _draft(application),
        "files": [
            {
                "name": upload.name,
                "type": upload.content_type,
                "bytes": upload.size,
                "uploaded_at": _iso(upload.uploaded_at),
                "question": upload.question.label,
                "id": upload.public_id,
            }
            for upload in application.uploads.select_related("question").order_by("uploaded_at", "pk")
        ],
        "history": [_change(change) for change in public_history(application)],
        "colleagues_to_come_instead": [_replacement(row) for row in application.replacements.all()],
        "letters": [_letter(row) for row in readable_letters(application, now)] if with_letters else [],
        "organisers": _organisers(application) if with_letters else None,
    }


def _organisers(application: Application) -> dict[str, Any] | None:
    """Return how the person was assessed, what was noted, and who looked; None before the release: it would tell.

    Who wrote is left out: that is another person's data. So are reviewers' notes, of which it may tell: the contacts
    of the event give those out.
    """
    if application.state not in RELEASED:
        return None
    reviews = application.reviews.filter(conflict=False).prefetch_related("scores__criterion").order_by("pk")
    return {
        "scores": [scores for review in reviews if (scores := [_score(score) for score in review.scores.all()])],
        "notes": [{"at": _iso(note.at), "text": note.text} for note in application.notes.all()],
        "tags": [tag.name for tag in application.tags.all()],
        "opened": [_opening(row) for row in application.openings.all()],
    }


def _score(score: Score) -> dict[str, Any]:
    return {"criterion": score.criterion.name, "score": score.value, "of": score.criterion.maximum}


def _opening(row: Opening) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "day_in_words": date_format(row.day),
        "as": row.role,
        "as_in_words": str(row.get_role_display()),
    }


def _application(application: Application) -> dict[str, Any]:
    draft = application.draft
    return {
        "reference": application.public_id,
        "state": public_state(application).value,
        "state_in_words": str(public_state(application).label),
        "first_name": application.first_name,
        "family_name": application.family_name,
        "email": application.email,
        "email_proved_at": _iso(application.email_proved_at),
        "language": application.language,
        "country": application.country,
        "country_name": country_name(application.country),
        "organisation": application.organisation,
        "target_group": application.target_group,
        "begun_at": _iso(application.created_at),
        "submitted_at": _iso(application.submitted_at),
        "reminded_at": _iso(draft.reminded_at),
        "reminders_stopped_at": _iso(draft.reminders_stopped_at),
        "attended": application.attended,
        "certificate_code": application.certificate_code,
        "feedback_given": application.feedback_given,
    }


def submitted_answers(application: Application) -> list[dict[str, Any]]:
    """Return the submitted answers in the order of the questionnaire, those to retired questions included."""
    rows = application.answers.select_related("question__section").prefetch_related(
        "question__options", "question__rows"
    )
    ordered = rows.order_by("question__section__order", "question__section__key", "question__order", "question__key")
    return [_answer(row) for row in ordered]


def _answer(row: Answer) -> dict[str, Any]:
    return {
        "section": row.question.section.title,
        "key": row.question.key,
        "question": row.question.label,
        "answer": list(display.lines(row.question, row.value, row.text)),
        "value": row.value,
        "text": row.text,
    }


def _draft(application: Application) -> dict[str, Any]:
    """Return what was typed, by question in words, and all of it as it stands."""
    draft = application.draft
    return {
        "saved_at": _iso(draft.saved_at),
        "answers": [
            {"section": group.title, "key": row.key, "question": row.label, "answer": list(row.lines)}
            for group in typed_answers(application)
            for row in group.rows
        ],
        "typed": draft.values,
        "offered_from_elsewhere": draft.offered,
    }


def typed_answers(application: Application) -> list[display.Group]:
    """Return what stands in the draft, in words."""
    return display.typed_groups(questionnaire.load(application.event), application.draft.values)


def public_history(application: Application) -> list[Change]:
    """Return the changes of state that the applicant may know of; reasons are those that they gave themselves."""
    rows = application.transitions.exclude(to_state__in=DECIDED_IN_SECRET)
    rows = rows.exclude(from_state__in=DECIDED_IN_SECRET, to_state=State.SUBMITTED)
    return [
        Change(
            at=row.at,
            came_from=State.SUBMITTED if row.from_state in DECIDED_IN_SECRET else State(row.from_state),
            to=State(row.to_state),
            reason=row.reason if row.by_id is None and row.to_state in APPLICANTS_OWN_MOVES else "",
        )
        for row in rows
    ]


def _change(change: Change) -> dict[str, Any]:
    return {
        "at": _iso(change.at),
        "from": change.came_from.value,
        "to": change.to.value,
        "to_in_words": str(change.to.label),
        "reason": change.reason,
    }


def _replacement(row: Replacement) -> dict[str, Any]:
    return {
        "asked_at": _iso(row.asked_at),
        "name": row.full_name,
        "email": row.email,
        "role": row.role,
        "reason": row.reason,
        "status": row.status,
        "status_in_words": str(row.get_status_display()),
    }


def _letter(row: Letter) -> dict[str, Any]:
    reading = mime.read(bytes(row.mime))
    return {
        "kind": row.kind,
        "language": row.language,
        "recipient": row.recipient,
        "subject": reading.subject,
        "text": reading.text.replace(mime.LINK_MARKER, "…"),
        "written_at": _iso(row.created_at),
        "sent_at": _iso(row.sent_at),
    }


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@transaction.atomic
def erase(application: Application, *, now: dt.datetime, withdraws: bool = True) -> None:
    """Erase a person: answers, draft, files, texts of letters, name, address, notes about them.

    An application that was open is withdrawn, unless its state is to count on. What stays is a row with its
    state, country and target group for the counts, under a new public id, so that no browser finds it any more.
    """
    transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if withdraws and current.state in CAN_WITHDRAW:
        if current.state in HOLDS_A_PLACE:
            notices.note_places_given_up(current.event_id, [current], at=now)
        [current] = transitions.move([current], State.WITHDRAWN, at=now, outcome=None)
    letters.cancel(current)
    uploads.remove_all(current)
    current.answers.all().delete()
    current.access_tokens.all().delete()
    current.transitions.update(reason="")
    current.pins.update(reason="")
    current.notes.all().delete()
    current.tags.clear()
    current.openings.all().delete()
    current.promotions.update(reason="")
    current.replacements.update(**NO_COLLEAGUE, reason="", answer="")
    current.replacements.filter(status__in=Replacement.OPEN).update(status=Replacement.Status.WITHDRAWN)
    current.address_changes.update(reason="")
    current.corrections.update(reason="–")
    current.release_exceptions.update(reason="–")
    Review.objects.filter(application=current).update(note="", no_conflict_because="")
    current.letters.update(**NO_TEXT)
    Draft.objects.filter(application=current).update(values={}, changed_at={}, offered=None)
    of_application = ContentType.objects.get_for_model(Application)
    log = LogEntry.objects.filter(content_type=of_application, object_id=str(current.pk))
    log.update(object_repr="–", change_message="")
    for column in PERSONAL_COLUMNS:
        setattr(current, column, "")
    current.feed_nonce = current.certificate_code = ""
    current.email_proved_at = current.privacy_notice_at = None
    current.public_id = random_public_id()
    current.erased_at = now
    current.save()
