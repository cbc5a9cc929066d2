"""The second factor of a member of the staff: an authenticator app, and emergency codes for when it is lost."""

import base64
import secrets
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

EMERGENCY_CODES = 8


@dataclass(frozen=True)
class Enrolment:
    """What a person needs once, to set the app up; none of it can be shown again.

    `address` is an `otpauth:` link, which authenticator apps open; `key` is the same secret to type in,
    in base32 (RFC 4648); each emergency code works once.
    """

    address: str
    key: str
    emergency_codes: tuple[str, ...]


@transaction.atomic
def enrol(user: User) -> Enrolment:
    """Give a person a new second factor; whatever they had before stops working."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    device = TOTPDevice.objects.create(user=user, name="app")
    codes = StaticDevice.objects.create(user=user, name="emergency codes")
    tokens = tuple(secrets.token_hex(5) for _number in range(EMERGENCY_CODES))
    for token in tokens:
        codes.token_set.create(token=token)
    return Enrolment(device.config_url, base64.b32encode(device.bin_key).decode().rstrip("="), tokens)
