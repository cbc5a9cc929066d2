"""An event with as many applicants as a benchmark of letters wants, each with a letter to come."""

import datetime as dt

from django.utils import timezone

from events.models import Contact, Event
from questionnaire.models import Application, LetterTemplate
from questionnaire.states import Outcome, State
from questionnaire.workflow.preflight import NEEDED_LETTERS

BODY = (
    "Dear {first_name} {family_name},\n\nwe write to you about **{event_title}**, {event_dates}.\n\n"
    + "The group was put together so that professions, countries and languages are in balance. " * 20
    + "\n\n{personal_link}\n\nKind regards,\n\n{contact_names}"
)

TITLES = {
    "title_en": "Study visit to Paris on effective management of the prison-exit continuum",
    "title_fr": "Visite d’étude à Paris sur la gestion efficace de la sortie de prison",
}


def crowd(count: int, state: State, outcome: Outcome) -> Event:
    """Make an event that has closed, whose decision hour is past, and its applicants, half of them French.

    Nothing stands between it and its release.
    """
    now = timezone.now()
    today = now.date()
    event = Event.objects.create(
        slug="benchmark",
        **TITLES,
        first_day=today,
        last_day=today,
        daily_start=dt.time(9),
        daily_end=dt.time(12, 30),
        places=count,
        opens_at=now - dt.timedelta(days=3),
        closes_at=now - dt.timedelta(days=2),
        decisions_at=now - dt.timedelta(days=1),
        promised_by=today,
        answer_by=now + dt.timedelta(days=1),
    )
    Contact.objects.create(event=event, name="Ada Lovelace", email="contact@example.org")
    for kind in NEEDED_LETTERS:
        texts = {"subject_en": "Your application", "subject_fr": "Votre candidature", "body_en": BODY, "body_fr": BODY}
        LetterTemplate.objects.create(event=event, kind=kind, **texts)
    Application.objects.bulk_create(
        (
            Application(
                event=event,
                state=state,
                outcome=outcome,
                language="fr" if number % 2 else "en",
                first_name="Zoë",
                family_name=f"Müller {number}",
                email=f"person{number}@example.org",
                email_key=f"person{number}@example.org",
                created_at=now,
                submitted_at=now,
                email_proved_at=now,
            )
            for number in range(count)
        ),
        batch_size=1000,
    )
    return event
