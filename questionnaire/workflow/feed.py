"""A participant's calendar feed: a secret address, which calendar programs ask without a session, until it is revoked.

Signed over a nonce that the application holds: revoking takes the nonce away, so no older address works any more.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare

from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.workflow.links import LinkNotValid

SALT = "questionnaire.feed"


def make(application: Application) -> None:
    """Give the application an address for its feed; one that it had stops working."""
    _set_nonce(application, secrets.token_urlsafe(16))


def revoke(application: Application) -> None:
    """Take the address of the feed away."""
    _set_nonce(application, "")


def _set_nonce(application: Application, nonce: str) -> None:
    Application.objects.filter(pk=application.pk).update(feed_nonce=nonce)
    application.feed_nonce = nonce


def address(application: Application) -> str:
    """Return the address of the feed in the language of the person's letters, empty where there is none."""
    if not application.feed_nonce:
        return ""
    signed = signing.dumps([application.public_id, application.feed_nonce], salt=SALT)
    with translation.override(application.language):
        return f"{settings.BASE_URL}{reverse('questionnaire:feed', args=[signed])}"


def find(signed: str) -> Application:
    """Return whose feed an address is, as long as they take part. Raises `links.LinkNotValid`."""
    try:
        public_id, nonce = signing.loads(signed, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise LinkNotValid from None
    found = Application.objects.select_related("event").filter(public_id=public_id, state=State.CONFIRMED).first()
    if found is None or not nonce or not constant_time_compare(found.feed_nonce, nonce):
        raise LinkNotValid
    return found
