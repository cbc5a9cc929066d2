"""The settings of a rehearsal's processes: those of the site, with everything that could reach the real event replaced.

Refuses to start on anything but a throw-away database, a mail server on loopback and a site on loopback.
"""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from ravisit.ports import LOOPBACK
from ravisit.rehearsal import place
from ravisit.settings import *  # noqa: F403
from ravisit.settings import (
    BASE_URL,
    CACHES,
    CELERY_BROKER_TRANSPORT_OPTIONS,
    DATABASES,
    EMAIL_URL,
    REDIS_URL,
    STORAGES,
)

MARK_OF_A_COPY = "_rehearsal_"  # in the name of every throw-away database

if MARK_OF_A_COPY not in str(DATABASES["default"]["NAME"]):
    raise ImproperlyConfigured("A rehearsal works on a throw-away database alone: start it with manage.py rehearse.")
if (urlsplit(EMAIL_URL).scheme, urlsplit(EMAIL_URL).hostname) != ("smtp", LOOPBACK):
    raise ImproperlyConfigured("A rehearsal writes to its own mail server alone, on loopback.")
if urlsplit(BASE_URL).hostname != LOOPBACK:
    raise ImproperlyConfigured("A rehearsal plays on loopback alone.")

# No monitor takes a rehearsal for the real thing.
HEARTBEAT_URL = ""

# The tables are made as the models are, at once.
MIGRATION_MODULES = dict.fromkeys(
    ["admin", "auth", "axes", "contenttypes", "events", "otp_static", "otp_totp", "questionnaire", "sessions"]
)

STORAGES = {
    **STORAGES,
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(place.folder() / "uploads")},
    },
}
CACHES = {"default": {**CACHES["default"], "KEY_PREFIX": place.prefix()}}

if REDIS_URL:
    # Every key of ours, and none of the site's, begins like this.
    CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix": place.prefix()}
else:
    place.queue().mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(place.queue()),
        "data_folder_out": str(place.queue()),
        "control_folder": str(place.queue().with_name("control")),
        "polling_interval": 0.05,  # seconds; nobody waits between the acts of a play
    }

# By these, the outbox of the site knows itself again; the copy keeps its own.
OUTBOX_MARKS = place.folder() / "outbox-marks"

# Invented people type within no time.
MINIMUM_FILL_SECONDS = 0

# Each invented applicant has a network address of its own, as the proxy in front of a real site would report it.
TRUSTED_PROXIES = 1
