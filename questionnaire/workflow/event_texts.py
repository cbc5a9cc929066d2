"""What an event says in all of its letters: its templates, its contacts, its days and hours written out."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from events.kept import KeptByVersion
from events.models import Event
from questionnaire.models import WITHOUT_TEMPLATE, LetterKind, LetterTemplate
from questionnaire.workflow import mime, wording


@dataclass(frozen=True)
class Texts:
    """What an event says in its letters: templates by kind, whom to write to, values by language and placeholder."""

    templates: Mapping[str, LetterTemplate]
    contacts: list[mime.Mailbox]
    values: Mapping[str, Mapping[str, str]]


def _read(event: Event) -> Texts:
    whole = Event.objects.get(pk=event.pk)  # the one at hand may have been read in part
    templates = {template.kind: template for template in LetterTemplate.objects.filter(event=event)}
    mailboxes = contacts(whole)
    values = {language: event_values(whole, mailboxes, language) for language, _name in settings.LANGUAGES}
    return Texts(templates, mailboxes, values)


kept = KeptByVersion(_read)


def kinds_without_text(event: Event) -> list[LetterKind]:
    """Return the kinds of letters that lack a subject or a text in some language."""
    templates = {template.kind: template for template in LetterTemplate.objects.filter(event=event)}
    kinds = (kind for kind in LetterKind if kind not in WITHOUT_TEMPLATE)
    return [kind for kind in kinds if kind not in templates or not is_complete(templates[kind])]


def texts(template: LetterTemplate) -> list[tuple[str, str, str]]:
    """Return each language in which a letter is whole, with subject and text."""
    found = [
        (code, getattr(template, f"subject_{code}"), getattr(template, f"body_{code}"))
        for code, _name in settings.LANGUAGES
    ]
    return [(code, subject, body) for code, subject, body in found if subject and body]


def is_complete(template: LetterTemplate) -> bool:
    """Return whether a letter is whole in every language."""
    return len(texts(template)) == len(settings.LANGUAGES)


def contacts(event: Event) -> list[mime.Mailbox]:
    """Return the contacts of an event, with their addresses where they have one."""
    return [mime.Mailbox(contact.email, contact.name) for contact in event.contacts.all()]


def reply_to(contacts: Iterable[mime.Mailbox]) -> mime.Mailbox | None:
    """Return whom replies to the letters reach: the first contact that has an address."""
    return next((contact for contact in contacts if contact.address), None)


def event_values(event: Event, contacts: Iterable[mime.Mailbox], language: str) -> dict[str, str]:
    """Return what letters say of an event, by placeholder."""
    with translation.override(language):
        return _event_values(event, contacts)


def _event_values(event: Event, contacts: Iterable[mime.Mailbox]) -> dict[str, str]:
    starts = dt.datetime.combine(event.first_day, event.daily_start, event.zone)
    return {
        "event_title": event.title,
        "event_dates": _days(event.first_day, event.last_day),
        "event_hours": f"{_clock(event.daily_start)}–{_clock(event.daily_end)} {starts.tzname()}",
        "venue": event.venue,
        "closes_at": written_moment(event, event.closes_at),
        "promised_by": written_day(event.promised_by),
        "answer_by": written_moment(event, event.answer_by),
        "contact_names": ", ".join(contact.name for contact in contacts),
        wording.EVENT_LINK: settings.BASE_URL + event.get_absolute_url(),
    }


def written_moment(event: Event, moment: dt.datetime) -> str:
    """Write a moment out with its weekday, in the event's time zone."""
    local = moment.astimezone(event.zone)
    return _("%(day)s, %(time)s %(zone)s") % {
        "day": written_day(local.date()),
        "time": _clock(local.time()),
        "zone": local.tzname(),
    }


def written_day(day: dt.date) -> str:
    """Write a day out with its weekday, in the active language."""
    return date_format(day, "l j F Y")


def _days(first: dt.date, last: dt.date) -> str:
    """Write the days of an event, as short as they can be."""
    if first == last:
        return written_day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{date_format(first, 'j')}–{date_format(last, 'j F Y')}"
    return f"{date_format(first, 'j F Y')} – {date_format(last, 'j F Y')}"


def _clock(time: dt.time) -> str:
    return time_format(time, "TIME_FORMAT")
