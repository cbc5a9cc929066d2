"""Write letters: fill an organiser's text in the reader's language, freeze it, put it in the outbox.

Called inside the transaction of the act that the letter is about; `workflow.outbox` sends. A new kind
of letter takes a line in `LetterKind` and a template.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.conf import settings
from django.db import transaction
from django.utils import translation

from events import calendar
from events.models import Event, Membership
from events.team import name_of
from questionnaire.models import (
    OPEN_STATUSES,
    AccessToken,
    Application,
    Letter,
    LetterKind,
    LetterStatus,
    LetterTemplate,
)
from questionnaire.signals import letters_queued
from questionnaire.workflow import event_texts, links, mime, wording

SUBJECT_LENGTH = 400
"""Characters of a subject that are kept; `Letter.subject` holds as many."""


class NoText(Exception):
    """An event has no text for a letter in the reader's language. Attributes: `event`, `kind`, `language`."""

    def __init__(self, event: Event, kind: str, language: str) -> None:
        self.event = event
        self.kind = kind
        self.language = language
        super().__init__(f"{event.slug}: {kind} in {language}")


def queue(
    kind: LetterKind, application: Application, *, at: dt.datetime, values: Mapping[str, str] | None = None
) -> Letter:
    """Write one letter to an applicant, to leave at once, with `values` for further placeholders. Raises `NoText`."""
    [letter] = queue_many(kind, [application], at=at, release_at=at, values=values)
    return letter


def queue_many(
    kind: LetterKind,
    applications: Iterable[Application],
    *,
    at: dt.datetime,
    release_at: dt.datetime,
    values: Mapping[str, str] | None = None,
) -> list[Letter]:
    """Write a letter to each applicant, to leave at `release_at`, in few queries, however many they are.

    Nothing is written if one of them cannot be: raises `NoText`, or `ValueError` for an address that no
    mail server takes.
    """
    recipients = list(applications)
    forms = _forms(kind, recipients, at)
    pairs = [(application, forms[application.event_id, application.language]) for application in recipients]
    linked = [application for application, form in pairs if form.has_personal_link]
    tokens = AccessToken.objects.bulk_create(links.new_tokens(linked, at=release_at), batch_size=1000)
    token_of = {token.application_id: token for token in tokens}
    letters = [
        form.freeze(
            mime.Mailbox(application.email, application.full_name),
            _personal_values(form.kind, application, form.language) | dict(values or {}),
            release_at=release_at,
            application=application,
            access_token=token_of.get(application.pk),
        )
        for application, form in pairs
    ]
    stored = Letter.objects.bulk_create(letters, batch_size=500)
    _announce()
    return stored


def queue_to_stranger(kind: LetterKind, event: Event, address: str, *, language: str, at: dt.datetime) -> Letter:
    """Write a letter to an address of which nothing is known, to leave at once. Raises `NoText`."""
    letter = _Form.load(event, kind, language, at).freeze(mime.Mailbox(address), {}, release_at=at)
    letter.save()
    _announce()
    return letter


def queue_to_organisers(
    kind: LetterKind, event: Event, values: Callable[[], Mapping[str, str]], *, at: dt.datetime
) -> list[Letter]:
    """Write a letter to each organiser of an event who has an address, to leave at once.

    `values` fills the placeholders of the kind; it is called in the language of each reader. Raises `NoText`.
    """
    team = event.memberships.filter(role=Membership.Role.ORGANISER, user__is_active=True).exclude(user__email="")
    members = team.select_related("user").order_by("pk")
    return queue_to_members(kind, members, lambda member: {"organiser_name": name_of(member.user), **values()}, at=at)


def queue_to_members(
    kind: LetterKind,
    members: Iterable[Membership],
    values: Callable[[Membership], dict[str, str]],
    *,
    at: dt.datetime,
) -> list[Letter]:
    """Write a letter to each of these members of a team, who have addresses, to leave at once.

    `values` fills the placeholders of the kind; it is called in the language of each reader. Raises `NoText`.
    """
    letters = []
    for member in members:
        form = _Form.load(member.event, kind, member.language, at)
        with translation.override(member.language):
            own = values(member)
        letters.append(form.freeze(mime.Mailbox(member.user.email, name_of(member.user)), own, release_at=at))
    stored = Letter.objects.bulk_create(letters)
    _announce()
    return stored


def _announce() -> None:
    """Tell the listeners once the letters are committed; a listener that fails keeps nobody's act from counting."""
    transaction.on_commit(lambda: letters_queued.send_robust(sender=Letter), robust=True)


def cancel(application: Application) -> int:
    """Take back every letter to an applicant that has not left; return how many.

    One that is on the wire at this moment is recorded as sent when it arrives.
    """
    return application.letters.filter(status__in=OPEN_STATUSES).update(status=LetterStatus.CANCELLED, due_at=None)


def preview(
    template: LetterTemplate,
    application: Application,
    *,
    language: str,
    at: dt.datetime,
    values: Mapping[str, str] | None = None,
) -> mime.Reading:
    """Return the letter that an applicant would get from a template, saved or not. Raises `NoText`.

    What only the occasion can say, such as the figures in a letter to organisers, is in `values`, or made up.
    """
    mailbox = mime.Mailbox(application.email, application.full_name)
    return mime.read(bytes(_specimen(template, application, mailbox, language, at, values).mime))


def queue_test(
    template: LetterTemplate, application: Application, address: str, *, language: str, at: dt.datetime
) -> Letter:
    """Write the letter that an applicant would get to an organiser instead, with links that open nothing.

    Raises `NoText`, or `ValueError` for an address that no mail server takes.
    """
    letter = _specimen(template, application, mime.Mailbox(address), language, at)
    letter.kind = LetterKind.TEST
    letter.save()
    _announce()
    return letter


def _specimen(
    template: LetterTemplate,
    application: Application,
    recipient: mime.Mailbox,
    language: str,
    at: dt.datetime,
    occasion: Mapping[str, str] | None = None,
) -> Letter:
    form = _Form.of(template.event, event_texts.kept(template.event), template, template.kind, language, at)
    with translation.override(language):
        values = _personal_values(form.kind, application, language) | wording.sample_values(form.kind)
    if wording.STOP_LINK in values:  # nobody's: who tries it out must not stop the reminders of a real person
        values[wording.STOP_LINK] = links.stop_address(Application(), language)
    return form.freeze(recipient, values | dict(occasion or {}), release_at=at)


@dataclass(frozen=True)
class _Form:
    """All that letters of one kind, event and language, frozen `at` one moment, have in common."""

    event: Event
    kind: str
    language: str
    subject: str
    body: str
    texts: event_texts.Texts
    at: dt.datetime

    @classmethod
    def load(cls, event: Event, kind: str, language: str, at: dt.datetime) -> Self:
        """Take the event's own template. Raises `NoText`."""
        texts = event_texts.kept(event)
        return cls.of(event, texts, texts.templates.get(kind), kind, language, at)

    @classmethod
    def of(
        cls,
        event: Event,
        texts: event_texts.Texts,
        template: LetterTemplate | None,
        kind: str,
        language: str,
        at: dt.datetime,
    ) -> Self:
        """Take subject and text from a template, whole in one language. Raises `NoText`."""
        subject = getattr(template, f"subject_{language}", None)
        body = getattr(template, f"body_{language}", None)
        if not (subject and body):
            raise NoText(event, kind, language)
        return cls(event, kind, language, subject, body, texts, at)

    @cached_property
    def has_personal_link(self) -> bool:
        """Return whether each letter needs a token of its own."""
        return wording.uses(self.body, wording.PERSONAL_LINK)

    @property
    def reply_to(self) -> mime.Mailbox | None:
        """Return whom replies reach, where it is not the sender."""
        return event_texts.reply_to(self.texts.contacts)

    @cached_property
    def sender(self) -> mime.Mailbox:
        """Return who letters come from."""
        return mime.Mailbox.parse(settings.DEFAULT_FROM_EMAIL)

    @cached_property
    def attachments(self) -> list[mime.Attachment]:
        """Return the event's calendar where the letter is about its days."""
        if self.kind not in wording.WITH_CALENDAR:
            return []
        with translation.override(self.language):
            file = calendar.calendar(self.event, list(self.event.sessions.all()), self.at)
            return [mime.Attachment(calendar.file_name(self.event), calendar.CONTENT_TYPE_OF_MAIL, file)]

    def freeze(
        self,
        recipient: mime.Mailbox,
        personal_values: dict[str, str],
        *,
        release_at: dt.datetime,
        application: Application | None = None,
        access_token: AccessToken | None = None,
    ) -> Letter:
        """Return an unsaved letter whose bytes never change from here on."""
        values = {**self.texts.values[self.language], **personal_values}
        without_links = {name: value for name, value in values.items() if name not in wording.LINKS}
        subject = mime.header_text(wording.plain_text(self.subject, without_links))[:SUBJECT_LENGTH]
        message_id = f"<{uuid.uuid4().hex}@{self.sender.address.rpartition('@')[2]}>"
        frozen = mime.compose(
            subject=subject,
            text=wording.plain_text(self.body, values),
            html=wording.html(self.body, values),
            sender=self.sender,
            recipient=recipient,
            reply_to=self.reply_to,
            message_id=message_id,
            date=release_at,
            language=self.language,
            list_unsubscribe=personal_values.get(wording.STOP_LINK, ""),
            attachments=self.attachments,
        )
        return Letter(
            event=self.event,
            application=application,
            access_token=access_token,
            kind=self.kind,
            language=self.language,
            recipient=recipient.address,
            subject=subject,
            mime=frozen,
            sha256=hashlib.sha256(frozen).hexdigest(),
            message_id=message_id,
            created_at=self.at,
            release_at=release_at,
            due_at=release_at,
        )


def _forms(kind: LetterKind, applications: Iterable[Application], at: dt.datetime) -> dict[tuple[int, str], _Form]:
    """Return the form of the letter for each event and language among the applications."""
    events = {(a.event_id, a.language): a.event for a in applications}
    return {(pk, language): _Form.load(event, kind, language, at) for (pk, language), event in events.items()}


def _personal_values(kind: str, application: Application, language: str) -> dict[str, str]:
    values = {
        "first_name": application.first_name,
        "family_name": application.family_name,
        wording.PERSONAL_LINK: links.address(mime.LINK_MARKER, language),
    }
    if application.answer_by is not None:
        with translation.override(language):
            values["answer_by"] = event_texts.written_moment(application.event, application.answer_by)
    if kind in wording.REMINDERS:
        values[wording.STOP_LINK] = links.stop_address(application, language)
    return values
