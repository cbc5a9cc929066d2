"""The preflight: everything, and everyone, that stands between an event and the release of its decisions.

Some of what it finds for a person may be let by, with a reason that is kept: an address that was never proved is often
right all the same. A decision that is missing cannot be let by.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from modeltranslation.utils import fallbacks

from events.models import Event, Window
from questionnaire.models import Application, LetterKind, LetterTemplate, ReleaseException
from questionnaire.states import DECIDED_IN_SECRET, HOLDS_A_PLACE, UNDER_REVIEW, Outcome, State
from questionnaire.workflow import addresses, event_texts, mime, wording

LETTER_OF = {
    Outcome.ACCEPT: LetterKind.ACCEPTANCE,
    Outcome.WAITING_LIST: LetterKind.WAITING_LIST,
    Outcome.DECLINE: LetterKind.DECLINE,
}
"""The letter that tells each decision."""

NEEDED_LETTERS = (
    *LETTER_OF.values(),
    LetterKind.CONFIRMATION_RECEIPT,
    LetterKind.TURNED_DOWN_RECEIPT,
    LetterKind.CONFIRM_REMINDER,
    LetterKind.LAPSED,
    LetterKind.PROMOTION,
)
"""Kinds that leave at the release, or by themselves after it: none of them may lack its text."""

PERSONAL_VALUES = ("first_name", "family_name")
"""Placeholders whose value an applicant may have left empty."""


class Check(StrEnum):
    """What can stand in the way: the first of the event as a whole, then of a person."""

    STILL_OPEN = "still_open"
    TOO_MANY = "too_many"
    NO_TEMPLATE = "no_template"
    NO_EVENT_VALUE = "no_event_value"
    UNDECIDED = "undecided"
    UNSIGNED = "unsigned"
    NO_LETTER = "no_letter"
    NO_VALUE = "no_value"
    BAD_ADDRESS = "bad_address"
    UNPROVED = "unproved"


MAY_BE_EXCEPTED = frozenset({Check.NO_VALUE, Check.UNPROVED})
"""What a person may let by with a reason; it does not stop a release that has been ordered either."""

_SUMMARIES = {
    Check.STILL_OPEN: _("Applying is still open: wait for the close."),
    Check.TOO_MANY: _("More people accepted than there are places: %(number)d too many."),
    Check.NO_TEMPLATE: _("Letter without a text in every language: %(detail)s."),
    Check.NO_EVENT_VALUE: _("Placeholder without a value: %(detail)s."),
    Check.UNDECIDED: _("Applications without a proposed decision: %(number)d."),
    Check.UNSIGNED: _("Decisions not signed off by a second person: %(number)d."),
    Check.NO_LETTER: _("People without a letter in their language: %(number)d."),
    Check.NO_VALUE: _("People for whom a placeholder has no value: %(number)d."),
    Check.BAD_ADDRESS: _("Addresses to which no letter can be sent: %(number)d."),
    Check.UNPROVED: _("Addresses never proved by opening a mailed link: %(number)d."),
}
_LABELS = {
    Check.UNDECIDED: _("no decision proposed"),
    Check.UNSIGNED: _("decision not signed off by a second person"),
    Check.NO_LETTER: _("no letter in the applicant’s language"),
    Check.NO_VALUE: _("no value for a placeholder"),
    Check.BAD_ADDRESS: _("no letter can be sent to the address"),
    Check.UNPROVED: _("address never proved"),
}
OF_PEOPLE = tuple(_LABELS)
"""The checks that are about one person each."""


@dataclass(frozen=True)
class Finding:
    """Something that has to be put right before the release; `number` says how many are concerned."""

    code: Check
    number: int
    detail: str = ""

    @property
    def text(self) -> str:
        """Return what is wrong, for organisers, in the active language."""
        return str(_SUMMARIES[self.code]) % {"number": self.number, "detail": self.detail}


@dataclass(frozen=True)
class Lack:
    """What one person lacks. `detail` names a placeholder; `template` is the id of the text to put right."""

    code: Check
    detail: str = ""
    template: int | None = None
    exception: ReleaseException | None = None

    @property
    def label(self) -> str:
        """Return what is missing, in the active language."""
        text = str(_LABELS[self.code])
        return f"{text}{_t(':')} {{{self.detail}}}" if self.detail else text


@dataclass(frozen=True)
class Person:
    """An applicant for whom something is missing, or was and is let by."""

    pk: int
    name: str
    email: str
    lacks: tuple[Lack, ...]

    @property
    def open(self) -> tuple[Lack, ...]:
        """Return what still has to be put right."""
        return tuple(lack for lack in self.lacks if lack.exception is None)

    @property
    def excepted(self) -> tuple[Lack, ...]:
        """Return what was let by."""
        return tuple(lack for lack in self.lacks if lack.exception is not None)


@dataclass(frozen=True)
class Preflight:
    """All that was found; nothing stands in the way once `findings` is empty.

    Without a contact to `reply_to` nothing is wrong with the letters: organisers are told, and decide.
    """

    of_event: list[Finding]
    people: list[Person] = field(default_factory=list)
    reply_to: mime.Mailbox | None = None

    @cached_property
    def findings(self) -> list[Finding]:
        """Return what has to be put right, each thing once."""
        numbers = Counter(lack.code for person in self.people for lack in person.open)
        return self.of_event + [Finding(code, numbers[code]) for code in OF_PEOPLE if numbers[code]]

    @property
    def firm(self) -> list[Finding]:
        """Return what stops even a release that was ordered, signed, and whose hour has come."""
        return [finding for finding in self.findings if finding.code not in MAY_BE_EXCEPTED]

    def lacking(self, code: Check | None) -> list[Person]:
        """Return the people for whom something, or just this, has to be put right."""
        return [person for person in self.people if any(code in {None, lack.code} for lack in person.open)]

    @property
    def excepted(self) -> list[Person]:
        """Return the people for whom something was let by."""
        return [person for person in self.people if person.excepted]


def look(event: Event, *, now: dt.datetime) -> Preflight:
    """Return what stands between an event and its release; as many queries for one applicant as for thousands."""
    texts = _Texts(event)
    exceptions: dict[tuple[int, str], ReleaseException] = {
        (row.application_id, row.check_name): row
        for row in ReleaseException.objects.filter(application__event=event).select_related("by")
    }
    columns = (
        "event",
        "state",
        "outcome",
        "language",
        "first_name",
        "family_name",
        "public_id",
        "email",
        "email_proved_at",
    )
    rows = event.applications.filter(state__in=UNDER_REVIEW).only(*columns).order_by("family_name", "first_name", "pk")
    people = []
    accepted = event.applications.filter(state__in=HOLDS_A_PLACE).count()
    for row in rows:
        accepted += row.state in DECIDED_IN_SECRET and row.outcome == Outcome.ACCEPT
        if lacks := [_with_exception(lack, row, exceptions) for lack in _lacks(row, texts)]:
            people.append(Person(row.pk, str(row), row.email, tuple(lacks)))
    candidates = [
        Finding(Check.STILL_OPEN, int(event.window(now) is not Window.CLOSED)),
        Finding(Check.TOO_MANY, max(0, accepted - event.places)),
        Finding(Check.NO_TEMPLATE, len(texts.missing), ", ".join(texts.missing)),
        Finding(Check.NO_EVENT_VALUE, len(texts.without_value), ", ".join(texts.without_value)),
    ]
    return Preflight([finding for finding in candidates if finding.number], people, texts.reply_to)


@transaction.atomic
def let_by(
    event: Event, code: Check, applications: Collection[int] | None, *, reason: str, by: User, at: dt.datetime
) -> int:
    """Let something by for these applicants, or for all of whom it was found; return for how many.

    Raises `ValueError` for what may not be let by, or without a reason.
    """
    if code not in MAY_BE_EXCEPTED or not reason.strip():
        raise ValueError(code)
    concerned = [person.pk for person in look(event, now=at).lacking(code)]
    chosen = [pk for pk in concerned if applications is None or pk in applications]
    rows = [
        ReleaseException(application_id=pk, check_name=code.value, reason=reason.strip(), by=by, at=at) for pk in chosen
    ]
    ReleaseException.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    return len(rows)


def insist(exceptions: Iterable[int], *, event: Event) -> int:
    """Take exceptions back, so that the release waits again; return how many."""
    deleted, _by_model = ReleaseException.objects.filter(pk__in=exceptions, application__event=event).delete()
    return deleted


def _with_exception(lack: Lack, row: Application, exceptions: Mapping[tuple[int, str], ReleaseException]) -> Lack:
    exception = exceptions.get((row.pk, lack.code.value)) if lack.code in MAY_BE_EXCEPTED else None
    return Lack(lack.code, lack.detail, lack.template, exception)


def _lacks(row: Application, texts: "_Texts") -> Iterable[Lack]:
    """Yield what one applicant lacks."""
    if row.state == State.SUBMITTED:
        yield Lack(Check.UNDECIDED)
    else:
        if row.state == State.PROPOSED:
            yield Lack(Check.UNSIGNED)
        yield from _lacks_in_letter(row, texts)
    try:
        addresses.ascii_address(row.email)
    except ValueError:
        yield Lack(Check.BAD_ADDRESS)
        return
    if row.email_proved_at is None:
        yield Lack(Check.UNPROVED)


def _lacks_in_letter(row: Application, texts: "_Texts") -> Iterable[Lack]:
    kind = LETTER_OF[Outcome(row.outcome)]
    used = texts.placeholders.get((kind, row.language))
    if used is None:
        yield Lack(Check.NO_LETTER, template=texts.ids.get(kind))
        return
    for name in PERSONAL_VALUES:
        if name in used and not getattr(row, name).strip():
            yield Lack(Check.NO_VALUE, name)


class _Texts:
    """The texts of the letters that tell decisions: which are there, and what they ask for."""

    def __init__(self, event: Event) -> None:
        templates = list(LetterTemplate.objects.filter(event=event, kind__in=NEEDED_LETTERS))
        self.ids = {template.kind: template.pk for template in templates}
        self.placeholders: dict[tuple[str, str], set[str]] = {
            (template.kind, language): wording.used(f"{subject}\n{body}")
            for template in templates
            for language, subject, body in event_texts.texts(template)
        }
        complete = {template.kind for template in templates if event_texts.is_complete(template)}
        self.missing = [str(kind.label) for kind in NEEDED_LETTERS if kind not in complete]
        contacts = event_texts.contacts(event)
        self.reply_to = event_texts.reply_to(contacts)
        self.without_value = self._without_value(event, contacts)

    def _without_value(self, event: Event, contacts: Sequence[mime.Mailbox]) -> list[str]:
        """Return what the texts ask for and the event does not say, with the language."""
        languages = dict(settings.LANGUAGES)
        found = []
        for language in sorted({language for _kind, language in self.placeholders}):
            with fallbacks(False):  # a letter in French must not name the venue in English
                values = event_texts.event_values(event, contacts, language)
            asked = {
                name
                for (kind, code), names in self.placeholders.items()
                if code == language
                for name in names - (wording.placeholders(kind).keys() - values.keys())
            }
            found += [f"{{{name}}} ({languages[language]})" for name in sorted(asked) if not values.get(name)]
        return found
