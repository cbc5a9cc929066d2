"""Who was present, and the certificate that says so."""

import datetime as dt

import pytest

from questionnaire.models import Application
from questionnaire.states import State
from questionnaire.tests.factories import ApplicationFactory
from questionnaire.workflow import attendance, retention

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def ada() -> Application:
    """Return somebody who takes part."""
    return ApplicationFactory(state=State.CONFIRMED)


def mark(*present: Application, event: object = None) -> tuple[int, int]:
    """Note who was present, right after the event."""
    event = event or present[0].event
    return attendance.mark(event, [person.public_id for person in present], now=event.ends_at)


def certificate_of(application: Application) -> str:
    """Return the code that the database holds."""
    return Application.objects.get(pk=application.pk).certificate_code


def test_who_was_present_has_a_certificate_and_the_others_have_none(ada: Application) -> None:
    bea = ApplicationFactory(event=ada.event, state=State.CONFIRMED)
    outsider = ApplicationFactory(event=ada.event, state=State.WITHDRAWN)
    assert mark(ada, outsider) == (1, 1)
    assert certificate_of(ada)
    assert (certificate_of(bea), certificate_of(outsider)) == ("", "")


def test_a_certificate_keeps_its_code_until_the_mark_is_taken_away(ada: Application) -> None:
    mark(ada)
    code = certificate_of(ada)
    mark(ada)
    assert certificate_of(ada) == code
    mark(event=ada.event)
    assert certificate_of(ada) == ""
    assert attendance.find_certificate(code, ada.event.ends_at) is None


def test_nobody_is_present_before_the_event_begins(ada: Application) -> None:
    with pytest.raises(attendance.TooEarly):
        attendance.mark(ada.event, [ada.public_id], now=ada.event.begins_at - SECOND)


def test_a_code_verifies_once_the_event_is_over(ada: Application) -> None:
    attendance.mark(ada.event, [ada.public_id], now=ada.event.begins_at)
    code = certificate_of(ada)
    assert attendance.find_certificate(code, ada.event.ends_at - SECOND) is None
    assert attendance.find_certificate(code, ada.event.ends_at) == ada
    assert attendance.find_certificate("", ada.event.ends_at) is None


def test_erasing_a_person_ends_the_certificate(ada: Application) -> None:
    mark(ada)
    code = certificate_of(ada)
    retention.erase(ada, now=ada.event.ends_at)
    assert attendance.find_certificate(code, ada.event.ends_at) is None
