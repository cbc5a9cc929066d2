"""Personal links: tokens of 256 bits, of which the database holds only a hash, and which work once.

A letter is frozen with a marker in place of the token, and may have to be sent again with the same bytes.
So a token is not random but computed: HMAC-SHA256 of a random nonce under a key derived from
`SECRET_KEY`. Who reads the database, the admin or a backup cannot follow any link.
"""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation

from questionnaire.models import AccessToken, Application

LIFETIME = dt.timedelta(days=30)
STOP_SALT = "questionnaire.reminders"


class LinkNotValid(Exception):
    """The link was used, has expired, or never was one. Deliberately says no more."""


class TokenLost(Exception):
    """No secret key in use computes the token any more: `SECRET_KEY_FALLBACKS` lacks the key of its time."""


def compute(nonce: str, secret_key: str) -> str:
    """Return the token of a nonce: 256 bits in 43 characters of URL-safe base64."""
    key = hashlib.sha256(b"questionnaire.links" + secret_key.encode()).digest()
    digest = hmac.digest(key, nonce.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_tokens(applications: Iterable[Application], *, at: dt.datetime) -> list[AccessToken]:
    """Return unsaved access tokens, one for each application, that expire after `LIFETIME`."""
    tokens = []
    for application in applications:
        nonce = secrets.token_urlsafe(16)
        tokens.append(
            AccessToken(
                application=application,
                nonce=nonce,
                token_hash=digest(compute(nonce, settings.SECRET_KEY)),
                created_at=at,
                expires_at=at + LIFETIME,
            )
        )
    return tokens


def reveal(access_token: AccessToken) -> str:
    """Return the token to put into a letter that is about to leave.

    Raises `TokenLost` when the secret key was changed without keeping the old one as a fallback.
    """
    for secret_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = compute(access_token.nonce, secret_key)
        if hmac.compare_digest(digest(token), access_token.token_hash):
            return token
    raise TokenLost(f"access token {access_token.pk}")


def address(token: str, language: str) -> str:
    """Return the absolute address of a personal link, on the configured site whatever host was asked."""
    with translation.override(language):
        return f"{settings.BASE_URL}{reverse('questionnaire:link', args=[token])}"


def stop_address(application: Application, language: str) -> str:
    """Return the absolute address that stops the reminders of an application, and does nothing else.

    Signed rather than stored: a mail program may use it at any time, twice, and without a session.
    """
    signed = signing.dumps(application.public_id, salt=STOP_SALT)
    with translation.override(language):
        return f"{settings.BASE_URL}{reverse('questionnaire:stop-reminders', args=[signed])}"


def find_by_stop_address(signed: str) -> Application:
    """Return the application behind the last part of such an address. Raises `LinkNotValid`."""
    try:
        public_id = signing.loads(signed, salt=STOP_SALT)
    except signing.BadSignature:
        raise LinkNotValid from None
    found = Application.objects.select_related("event").filter(public_id=public_id).first()
    if found is None:
        raise LinkNotValid
    return found


def find(token: str, *, at: dt.datetime) -> AccessToken:
    """Return the access token behind a link, without using it up. Raises `LinkNotValid`."""
    tokens = AccessToken.objects.select_related("application__event")
    found = tokens.filter(token_hash=digest(token), used_at=None, expires_at__gt=at).first()
    if found is None:
        raise LinkNotValid
    return found


def revoke(application: Application, *, at: dt.datetime) -> None:
    """Let no link open the application that went to a former address: it would prove one that nobody has read."""
    AccessToken.objects.filter(application=application, used_at=None, expires_at__gt=at).update(expires_at=at)


def redeem(token: str, *, at: dt.datetime) -> Application:
    """Use a link up, prove the address that it was sent to, and return its application.

    One conditional UPDATE decides, so of two clicks at once one wins. Raises `LinkNotValid`.
    """
    access_token = find(token, at=at)
    if not AccessToken.objects.filter(pk=access_token.pk, used_at=None).update(used_at=at):
        raise LinkNotValid
    application = access_token.application
    Application.objects.filter(pk=application.pk, email_proved_at=None).update(email_proved_at=at)
    return application
