"""The texts of letters as organisers write them: Markdown with placeholders in braces, and nothing more.

Values go in after the Markdown has become HTML, escaped, so that no name or answer can ever be markup.
`{{…}}` is no placeholder and stays as it is.
"""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from django.conf import settings
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events import markup
from questionnaire.models import LetterKind
from questionnaire.states import State

PERSONAL_LINK = "personal_link"
EVENT_LINK = "event_link"
STOP_LINK = "stop_link"
ADMIN_LINK = "admin_link"
LINKS = frozenset({PERSONAL_LINK, EVENT_LINK, STOP_LINK, ADMIN_LINK})

EVENT_PLACEHOLDERS = {
    "event_title": _("title of the event"),
    "event_dates": _("days of the event"),
    "event_hours": _("hours of each day, with the time zone"),
    "venue": _("where it takes place"),
    "closes_at": _("day and hour at which applying closes"),
    "promised_by": _("day by which everybody has an answer"),
    "answer_by": _("day and hour until which accepted people confirm"),
    "contact_names": _("names of the contacts"),
    EVENT_LINK: _("address of the event's page"),
}
PERSONAL_PLACEHOLDERS = {
    "first_name": _("first name"),
    "family_name": _("family name"),
    PERSONAL_LINK: _("personal link to the applicant's own page"),
}
REMINDER_PLACEHOLDERS = {
    STOP_LINK: _("address of a page with a button that stops the reminders"),
}
CHANGES = "changes"
PROGRAMME_PLACEHOLDERS = {
    CHANGES: _("what has changed, as you write it when you send the letter"),
}
ORGANISER_PLACEHOLDERS = {
    "organiser_name": _("name of the organiser"),
    ADMIN_LINK: _("address of the page of the administration that the letter is about"),
}
NUMBER_PLACEHOLDERS = {"number": _("how many")}
ALARM_PLACEHOLDERS = {
    "time_left": _("time until the promised day is over"),
    "last_working_day": _("the last day until then that is no Saturday or Sunday"),
    "open_items": _("what is still open, with figures, each on a line of its own"),
}
TO_ORGANISERS = {
    LetterKind.PROMISE_AT_RISK: ORGANISER_PLACEHOLDERS | ALARM_PLACEHOLDERS,
    LetterKind.LETTER_FAILED: ORGANISER_PLACEHOLDERS | NUMBER_PLACEHOLDERS,
    LetterKind.PLACE_GIVEN_UP: ORGANISER_PLACEHOLDERS | NUMBER_PLACEHOLDERS,
    LetterKind.LETTERS_HELD: ORGANISER_PLACEHOLDERS,
    LetterKind.PLACE_WAITING: ORGANISER_PLACEHOLDERS,
    LetterKind.REPLACEMENT_REQUESTED: ORGANISER_PLACEHOLDERS | NUMBER_PLACEHOLDERS,
}
"""Kinds that go to the organisers of the event, with the placeholders that they have of their own."""

REVIEWER_PLACEHOLDERS = {
    "reviewer_name": _("name of the reviewer"),
    "review_until": _("day and hour at which the decisions leave, before which reviews have to be done"),
    ADMIN_LINK: _("address of the page of the administration that the letter is about"),
}
TO_TEAM = TO_ORGANISERS | {LetterKind.REVIEWS_ASSIGNED: REVIEWER_PLACEHOLDERS | NUMBER_PLACEHOLDERS}
"""Kinds that go to people of the team."""

CORRECTION_PLACEHOLDERS = {
    "former_decision": _("decision that the earlier letter told"),
    "decision": _("decision that holds"),
}
PARTICIPANT = "participant"
ANSWER = "organisers_reason"
OCCASION_PLACEHOLDERS = {
    LetterKind.PROGRAMME_CHANGED: PROGRAMME_PLACEHOLDERS,
    LetterKind.CORRECTION: CORRECTION_PLACEHOLDERS,
    LetterKind.REPLACEMENT_INVITATION: {PARTICIPANT: _("name of the person who cannot come")},
    LetterKind.REPLACEMENT_REFUSED: {ANSWER: _("why the colleague cannot come instead, as you wrote it")},
}
"""Kinds of which a part is known only when they are written."""

TO_STRANGERS = frozenset({LetterKind.NO_APPLICATION})
"""Kinds that go to an address of which nothing is known."""

REMINDERS = frozenset({LetterKind.DRAFT_REMINDER})
"""Kinds that nobody asked for, and that one can stop."""

WITH_CALENDAR = frozenset(
    {
        LetterKind.ACCEPTANCE,
        LetterKind.CONFIRMATION_RECEIPT,
        LetterKind.PROMOTION,
        LetterKind.REPLACEMENT_INVITATION,
        LetterKind.JOINING,
        LetterKind.PROGRAMME_CHANGED,
    }
)
"""Kinds that are about the days of the event, and carry its calendar."""

_PLACEHOLDER = re.compile(r"(?<!\{)\{([^{}\n]*)\}(?!\})")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_NAMES_OF_LINKS = "|".join(sorted(LINKS))
_BARE_LINK = re.compile(rf"(?<![\[({{])(\{{(?:{_NAMES_OF_LINKS})\}})(?!\}})")
_FILLED_ADDRESS = re.compile(rf' href="(?!\{{(?:{_NAMES_OF_LINKS})\}}")[^"]*\{{[^"]*"')


def placeholders(kind: str) -> dict[str, str]:
    """Return the placeholders that the text of a kind of letter may hold, each with its meaning."""
    own = dict(TO_TEAM.get(LetterKind(kind), {} if kind in TO_STRANGERS else PERSONAL_PLACEHOLDERS))
    if kind in REMINDERS:
        own = own | REMINDER_PLACEHOLDERS
    own = own | OCCASION_PLACEHOLDERS.get(LetterKind(kind), {})
    return {name: str(meaning) for name, meaning in (own | EVENT_PLACEHOLDERS).items()}


def subject_placeholders(kind: str) -> dict[str, str]:
    """Return the placeholders that a subject may hold: no links."""
    return {name: meaning for name, meaning in placeholders(kind).items() if name not in LINKS}


def sample_values(kind: str) -> dict[str, str]:
    """Return what stands in a preview for what only the occasion can say, in the active language."""
    samples = {
        "organiser_name": "Zoé O’Hara-Müller",
        "reviewer_name": "Zoé O’Hara-Müller",
        "review_until": _t("Monday 29 November 2021, 10.00 CET"),
        "number": "3",
        "time_left": _t("3 days"),
        "last_working_day": _t("Friday 26 November 2021"),
        "open_items": "– " + _t("applications without a decision: 12"),
        ADMIN_LINK: settings.BASE_URL + reverse("admin:index"),
        "former_decision": str(State.DECLINED.label),
        "decision": str(State.ACCEPTED.label),
        CHANGES: _t("The first day now begins half an hour later."),
        PARTICIPANT: "Camille Martin",
        ANSWER: _t("The place was given for another target group."),
    }
    own = TO_TEAM.get(LetterKind(kind), {}) | OCCASION_PLACEHOLDERS.get(LetterKind(kind), {})
    return {name: samples[name] for name in own if name in samples}


def unknown_placeholders(text: str, allowed: Collection[str]) -> list[str]:
    """Return what stands in braces in the text and is not allowed there, in the order of the text."""
    return [name for name in dict.fromkeys(_PLACEHOLDER.findall(text)) if name not in allowed]


def used(text: str) -> set[str]:
    """Return what stands in braces in the text."""
    return set(_PLACEHOLDER.findall(text))


def uses(text: str, name: str) -> bool:
    """Return whether a placeholder stands in the text."""
    return name in used(text)


def plain_text(text: str, values: Mapping[str, str]) -> str:
    """Return the text as it is written, with the values in place of their placeholders and no marks for bold."""
    return _fill(_BOLD.sub(r"\1", text.strip()), values)


def html(text: str, values: Mapping[str, str]) -> str:
    """Return the text as a fragment of clean HTML, with the values escaped; a link can be clicked."""
    escaped = {
        name: str(escape(value)) if name in LINKS else f"<bdi>{_lines(value)}</bdi>" for name, value in values.items()
    }
    return _fill(_markup(text), escaped)


def _lines(value: str) -> str:
    """Return a value as HTML that keeps its lines."""
    return str(escape(value)).replace("\n", "<br>")


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


@lru_cache(maxsize=512)
def _markup(text: str) -> str:
    """Return the HTML of a text with its placeholders still in it, made once however many letters there are."""
    rendered = markup.render(_BARE_LINK.sub(r"[\1](\1)", text.strip()), "letter").html
    # An address made of anything but a link of ours could become a script by what somebody typed.
    return _FILLED_ADDRESS.sub("", rendered)
