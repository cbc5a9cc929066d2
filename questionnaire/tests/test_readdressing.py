"""An address put right: what did not arrive leaves again with the same text, and nothing else does."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from events.tests.factories import UserFactory
from questionnaire.models import (
    AccessToken,
    AddressChange,
    Application,
    Letter,
    LetterKind,
    LetterStatus,
    ReleaseException,
)
from questionnaire.states import State
from questionnaire.tests.factories import AFTER_RELEASE, DECISION_HOUR, ApplicationFactory
from questionnaire.tests.test_outbox import OK, REFUSED, Clock, ScriptedTransport, queue, send
from questionnaire.workflow import letters, links, mime, readdressing

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def failed() -> Letter:
    """Return an acceptance that was refused."""
    queue(1)
    send(Clock(), ScriptedTransport([REFUSED]))
    return Letter.objects.get()


def owner(letter: Letter) -> Application:
    """Return the application that a letter is about."""
    assert letter.application is not None
    return Application.objects.get(pk=letter.application_id)


def correct(letter: Letter, address: str = "right@example.org") -> list[Letter]:
    """Put the address right."""
    return readdressing.correct(owner(letter), address, by=UserFactory(), at=AFTER_RELEASE, reason="rang her up")


def test_the_failed_letter_leaves_again_with_the_same_text_to_the_new_address(failed: Letter) -> None:
    [new] = correct(failed)
    failed.refresh_from_db()
    assert failed.status == LetterStatus.CANCELLED
    assert (new.replaces, new.recipient, new.kind) == (failed, "right@example.org", LetterKind.ACCEPTANCE)
    assert new.message_id != failed.message_id
    old_text, new_text = mime.read(bytes(failed.mime)), mime.read(bytes(new.mime))
    assert (new_text.text, new_text.html, new_text.subject) == (old_text.text, old_text.html, old_text.subject)
    changed = {name for name in old_text.headers if old_text.headers[name] != new_text.headers[name]}
    assert changed == {"To", "Message-ID"}
    assert new_text.headers["Message-ID"] == new.message_id
    transport = ScriptedTransport()
    assert send(Clock(AFTER_RELEASE), transport) == {LetterStatus.SENT: 1}
    assert transport.delivered[0].recipient == "right@example.org"
    assert mime.LINK_MARKER.encode() not in transport.delivered[0].mime
    assert letters.mime.read(transport.delivered[0].mime).headers["To"].endswith("<right@example.org>")


def test_the_new_address_is_unproved_and_the_old_link_opens_nothing(failed: Letter) -> None:
    assert failed.access_token is not None
    old = links.reveal(failed.access_token)
    application = owner(failed)
    ReleaseException.objects.create(
        application=application, check_name="unproved", reason="known", by=UserFactory(), at=DECISION_HOUR
    )
    [new] = correct(failed)
    application.refresh_from_db()
    assert (application.email, application.email_key, application.email_proved_at) == (
        "right@example.org", "right@example.org", None,
    )  # fmt: skip
    with pytest.raises(links.LinkNotValid):
        links.find(old, at=AFTER_RELEASE)
    assert new.access_token is not None
    assert links.find(links.reveal(new.access_token), at=AFTER_RELEASE).application == application
    assert not ReleaseException.objects.exists()
    assert AccessToken.objects.count() == 2


def test_it_is_recorded_who_did_it_and_why(failed: Letter) -> None:
    correct(failed)
    change = AddressChange.objects.get()
    assert (change.application, change.at, change.reason) == (owner(failed), AFTER_RELEASE, "rang her up")


def test_what_has_arrived_or_may_have_stays(failed: Letter) -> None:
    application = owner(failed)
    for status in (LetterStatus.SENT, LetterStatus.UNCERTAIN, LetterStatus.SENDING):
        Letter.objects.filter(pk=failed.pk).update(status=status, due_at=AFTER_RELEASE, sent_at=AFTER_RELEASE)
        address = f"{status}@example.org"
        assert readdressing.correct(application, address, by=UserFactory(), at=AFTER_RELEASE) == []
        Letter.objects.filter(pk=failed.pk).update(recipient=address)


def test_a_letter_that_waits_follows_and_keeps_its_hour(failed: Letter) -> None:
    hour = AFTER_RELEASE + dt.timedelta(days=1)
    Letter.objects.filter(pk=failed.pk).update(status=LetterStatus.APPROVED, release_at=hour, due_at=hour)
    [new] = correct(failed)
    assert (new.release_at, new.due_at) == (hour, hour)
    assert not send(Clock(AFTER_RELEASE), ScriptedTransport([OK]))


def test_an_address_of_somebody_else_is_refused_and_nothing_changes(failed: Letter) -> None:
    other = ApplicationFactory(event=failed.event, email="Taken@example.org", email_key="taken@example.org")
    with pytest.raises(readdressing.AddressTaken) as caught:
        correct(failed, "taken@EXAMPLE.org")
    assert caught.value.application == other
    failed.refresh_from_db()
    assert failed.status == LetterStatus.FAILED
    assert not AddressChange.objects.exists()


def test_a_mere_draft_under_the_address_is_in_nobodys_way(failed: Letter) -> None:
    ApplicationFactory(event=failed.event, state=State.DRAFT, email="right@example.org")
    assert len(correct(failed)) == 1


@pytest.mark.parametrize("address", ["", "nonsense", "a@example.org, b@example.org", "a@example.org\r\nBcc: b@c.d"])
def test_what_is_no_address_is_refused(failed: Letter, address: str) -> None:
    with pytest.raises(ValidationError):
        correct(failed, address)


def test_the_same_address_is_no_correction(failed: Letter) -> None:
    with pytest.raises(ValueError, match=failed.recipient):
        correct(failed, failed.recipient)
