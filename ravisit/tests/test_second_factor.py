"""The second factor, and the command by which the first operator gets one."""

import base64
import datetime as dt
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django_otp import match_token
from django_otp.oath import TOTP

from events.tests.factories import UserFactory
from ravisit import second_factor

pytestmark = pytest.mark.django_db


def token(key: str) -> str:
    """Return the code that an app with this base32 key shows now."""
    return f"{TOTP(base64.b32decode(key + '=' * (-len(key) % 8))).token():06d}"


def test_the_key_makes_valid_codes() -> None:
    user = UserFactory()
    enrolment = second_factor.enrol(user)
    assert f"secret={enrolment.key}" in enrolment.address
    assert match_token(user, token(enrolment.key))


def test_each_emergency_code_works_once() -> None:
    user = UserFactory()
    first, second, *_rest = second_factor.enrol(user).emergency_codes
    assert match_token(user, first)
    with time_machine.travel(dt.timedelta(seconds=0), tick=False) as clock:
        assert not match_token(user, first)
        clock.shift(dt.timedelta(minutes=1))  # a wrong code locks for a while
        assert match_token(user, second)


def test_a_new_factor_replaces_the_old_one() -> None:
    user = UserFactory()
    old = second_factor.enrol(user)
    second_factor.enrol(user)
    assert not match_token(user, old.emergency_codes[0])


def test_the_command_prints_what_an_app_needs() -> None:
    user = UserFactory(username="operator")
    out = StringIO()
    call_command("add_second_factor", "operator", stdout=out)
    assert "otpauth://totp/" in out.getvalue()
    assert match_token(user, token(out.getvalue().splitlines()[2].strip()))


def test_the_command_knows_only_active_people() -> None:
    UserFactory(username="gone", is_active=False)
    for login in ("gone", "nobody"):
        with pytest.raises(CommandError, match="nobody active"):
            call_command("add_second_factor", login)
