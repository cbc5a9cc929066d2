"""Sessions: kept until they expire, and not a moment longer."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from ravisit.sessions import SessionStore

pytestmark = pytest.mark.django_db


def stored(**values: str) -> SessionStore:
    """Return a session in the database that lasts an hour."""
    session = SessionStore()
    session.update(values)
    session.set_expiry(3600)
    session.save()
    return session


def test_a_session_is_found_by_its_key_alone() -> None:
    one, other = stored(application="one"), stored(application="other")
    assert SessionStore(one.session_key)["application"] == "one"
    assert SessionStore(other.session_key)["application"] == "other"
    unknown = SessionStore("0" * 32)
    assert unknown.get("application") is None
    assert unknown.session_key is None, "a key that somebody else chose would be taken over"


def test_a_session_ends_when_it_expires() -> None:
    session, now = stored(application="one"), timezone.now()
    with time_machine.travel(now + dt.timedelta(minutes=59), tick=False):
        assert SessionStore(session.session_key).get("application") == "one"
    with time_machine.travel(now + dt.timedelta(minutes=61), tick=False):
        ended = SessionStore(session.session_key)
        assert ended.get("application") is None
        assert ended.session_key is None
