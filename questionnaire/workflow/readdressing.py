"""Put an applicant's address right: what failed on its way to the old one leaves again, to the new one."""

import datetime as dt
import hashlib
import uuid

from django.contrib.auth.models import User
from django.db import transaction

from questionnaire.models import (
    AddressChange,
    Application,
    Letter,
    LetterStatus,
    ReleaseException,
    email_key,
)
from questionnaire.states import State
from questionnaire.workflow import addresses, links, mime, transitions
from questionnaire.workflow.preflight import Check

NOT_ARRIVED = (LetterStatus.FAILED, LetterStatus.APPROVED, LetterStatus.RETRY)
"""What follows to the new address; what may have arrived at the old one, or is being sent there, does not."""


class AddressTaken(Exception):
    """Somebody else applied under this address. Attribute: `application`."""

    def __init__(self, application: Application) -> None:
        self.application = application
        super().__init__(application.public_id)


@transaction.atomic
def correct(application: Application, address: str, *, by: User, at: dt.datetime, reason: str = "") -> list[Letter]:
    """Change the address of an application; return the letters that take the place of those that did not arrive.

    The new address counts as not proved, and links that went to the old one open nothing any more. Raises
    `django.core.exceptions.ValidationError` for what is no address, `AddressTaken`, or `ValueError` where it is
    the same address.
    """
    address = address.strip()
    addresses.validate_address(address)
    transitions.lock_event(application.event_id)
    [current] = transitions.lock([application.pk])
    if address == current.email:
        raise ValueError(address)
    key = email_key(address)
    others = Application.objects.filter(event=current.event_id, email_key=key).exclude(pk=current.pk)
    if other := others.exclude(state=State.DRAFT).first():
        raise AddressTaken(other)
    former = current.email
    current.email, current.email_key, current.email_proved_at = address, key, None
    current.save(update_fields=["email", "email_key", "email_proved_at"])
    current.access_tokens.filter(used_at=None, expires_at__gt=at).update(expires_at=at)
    ReleaseException.objects.filter(application=current, check_name=Check.UNPROVED).delete()
    AddressChange.objects.create(application=current, by=by, at=at, reason=reason)
    not_arrived = current.letters.select_for_update(of=("self",), no_key=True).filter(
        status__in=NOT_ARRIVED, recipient=former
    )
    return [_replace(letter, current, at) for letter in not_arrived.order_by("pk")]


def _replace(letter: Letter, application: Application, at: dt.datetime) -> Letter:
    """Put a letter's twin into its place in the outbox: same text, another recipient, a Message-ID of its own."""
    Letter.objects.filter(pk=letter.pk).update(status=LetterStatus.CANCELLED, due_at=None, claim_token=None)
    message_id = f"<{uuid.uuid4().hex}@{letter.message_id.rpartition('@')[2]}"
    recipient = mime.Mailbox(application.email, application.full_name)
    frozen = mime.readdressed(bytes(letter.mime), recipient, message_id)
    token = None
    if letter.access_token_id is not None:
        [token] = links.new_tokens([application], at=max(at, letter.release_at))
        token.save()
    return Letter.objects.create(
        event_id=letter.event_id,
        application=application,
        access_token=token,
        kind=letter.kind,
        language=letter.language,
        recipient=application.email,
        subject=letter.subject,
        mime=frozen,
        sha256=hashlib.sha256(frozen).hexdigest(),
        message_id=message_id,
        created_at=at,
        release_at=letter.release_at,
        due_at=max(at, letter.release_at),
        wave=letter.wave,
        replaces=letter,
    )
