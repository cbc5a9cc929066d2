"""Somebody who comes in a colleague's place says who they are, and only then confirms.

They answer what organisers count on, not the whole questionnaire: what fills a column of the list, what the balance
looks at, what only organisers see (such as access needs), and each acknowledgement.
"""

import datetime as dt

from django.conf import settings
from django.db import transaction

from events.models import Event
from questionnaire.models import Answer, Application, Draft, Question
from questionnaire.states import State
from questionnaire.workflow import answers, drafts, participation, questionnaire, transitions
from questionnaire.workflow.answers import Posted
from questionnaire.workflow.questionnaire import Page
from questionnaire.workflow.submission import AnswersIncomplete

Fills = Question.Fills
NOT_ASKED = (Fills.EMAIL, Fills.REPLACEMENT_NAME, Fills.REPLACEMENT_EMAIL)
"""The address is the one that our letter reached."""


def is_needed(application: Application) -> bool:
    """Return whether the applicant came by a colleague's request and has said nothing of themselves yet."""
    return application.submitted_revision is None and application.state in {State.ACCEPTED, State.TURNED_DOWN}


def page(event: Event) -> Page:
    """Return the questions that somebody answers who comes in a colleague's place, as one page."""
    asked = questionnaire.load(event)
    return Page(asked.pages[0].section, tuple(question for question in asked.questions if _is_asked(question)))


def _is_asked(question: Question) -> bool:
    if question.kind == Question.Kind.FILE or question.fills in NOT_ASKED:
        return False
    return (
        bool(question.fills)
        or question.for_balance
        or question.visibility == Question.Visibility.ORGANISERS
        or question.kind == Question.Kind.ACKNOWLEDGEMENT
    )


def known(application: Application, asked: Page) -> dict[str, list[str]]:
    """Return what the request said already, as if it had been typed."""
    columns = {str(question.key): question.fills for question in asked.questions if question.fills}
    return {key: [getattr(application, column)] for key, column in columns.items() if getattr(application, column)}


@transaction.atomic
def confirm(application: Application, posted: Posted, *, now: dt.datetime) -> None:
    """Keep the answers, note that the privacy notice was acknowledged, and confirm the place.

    Raises `AnswersIncomplete` and whatever `participation.confirm` raises; then nothing is kept.
    """
    transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if is_needed(current):
        _keep(current, posted, now=now)
    participation.confirm(current, now=now)


def _keep(application: Application, posted: Posted, *, now: dt.datetime) -> None:
    asked = page(application.event)
    typed = asked.posted(posted)
    checked = answers.check_all(asked.questions, typed)
    if checked.errors:
        raise AnswersIncomplete(checked.errors)
    by_key = {question.key: question for question in asked.questions}
    Answer.objects.bulk_create(
        Answer(application=application, question=by_key[key], value=answer.value, text=answer.text)
        for key, answer in checked.answers.items()
    )
    draft = Draft.objects.select_for_update().get(application=application)
    draft.values, draft.saved_at, draft.revision = typed, now, draft.revision + 1
    draft.save(update_fields=["values", "saved_at", "revision"])
    filled = {question.fills for question in asked.questions} - {"", Fills.LANGUAGE}
    Application.objects.filter(pk=application.pk).update(
        **dict.fromkeys(filled, "") | drafts.columns_of(asked.questions, checked.answers),
        submitted_revision=draft.revision,
        privacy_notice=settings.PRIVACY_NOTICE_VERSION,
        privacy_notice_at=now,
    )
