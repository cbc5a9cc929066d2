"""The screen of the outbox: exactly what was sent, and a second chance for what failed."""

import pytest

from events.tests.admin_pages import client_of
from questionnaire.models import Letter, LetterKind, LetterStatus
from questionnaire.tests.factories import AFTER_CLOSE, WHILE_OPEN, ApplicationFactory, small_questionnaire
from questionnaire.tests.team import PAYLOAD, Team, make_team
from questionnaire.workflow import letters, links, mime

pytestmark = pytest.mark.django_db
OUTBOX = "/admin/questionnaire/letter/"


@pytest.fixture
def team() -> Team:
    """Return an event with letters, and its team."""
    return make_team(small_questionnaire())


@pytest.fixture
def letter(team: Team) -> Letter:
    """Return a letter with a personal link, to somebody with an awkward name."""
    application = ApplicationFactory(event=team.event, first_name=PAYLOAD, family_name="Müller")
    return letters.queue(LetterKind.RECEIPT, application, at=WHILE_OPEN)


def page(team: Team, letter: Letter) -> str:
    """Return the page of a letter as the organiser sees it."""
    response = client_of(team.organiser).get(f"{OUTBOX}{letter.pk}/change/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_what_is_frozen(team: Team, letter: Letter) -> None:
    shown = page(team, letter)
    for part in (letter.subject, letter.sha256, letter.message_id.strip("<>"), letter.recipient, "Auto-Submitted"):
        assert part in shown
    assert "waiting for its hour" in shown


@pytest.mark.parametrize("status", [LetterStatus.FAILED, LetterStatus.CANCELLED])
def test_a_letter_that_leaves_no_more_has_its_page_too(team: Team, letter: Letter, status: LetterStatus) -> None:
    assert "<dt>Due</dt>" in page(team, letter)
    Letter.objects.filter(pk=letter.pk).update(status=status, due_at=None)
    shown = page(team, letter)
    assert str(status.label) in shown
    assert "<dt>Due</dt>" not in shown


def test_the_personal_link_is_masked(team: Team, letter: Letter) -> None:
    assert letter.access_token is not None
    shown = page(team, letter)
    assert "/application/link/••••••" in shown
    assert mime.LINK_MARKER not in shown
    assert links.reveal(letter.access_token) not in shown


def test_markup_in_a_name_is_inert(team: Team, letter: Letter) -> None:
    shown = page(team, letter)
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


def test_a_failed_letter_goes_out_again(team: Team, letter: Letter) -> None:
    Letter.objects.filter(pk=letter.pk).update(
        status=LetterStatus.FAILED, attempts=3, last_phase="rcpt", last_code=550, last_reply="5.1.1 <b>unknown</b>"
    )
    shown = page(team, letter)
    assert "550" in shown
    assert "5.1.1 &lt;b&gt;unknown&lt;/b&gt;" in shown
    response = client_of(team.organiser).post(f"{OUTBOX}{letter.pk}/send-again/", follow=True)
    assert "on its way once more" in response.content.decode()
    again = Letter.objects.get()
    assert (again.status, again.attempts, again.sha256) == (LetterStatus.RETRY, 0, letter.sha256)


def test_a_letter_that_did_not_fail_stays(team: Team, letter: Letter) -> None:
    assert "Send again" not in page(team, letter)
    response = client_of(team.organiser).post(f"{OUTBOX}{letter.pk}/send-again/", follow=True)
    assert "Nothing was changed." in response.content.decode()
    assert Letter.objects.get().status == LetterStatus.APPROVED


def test_sending_again_takes_a_post(team: Team, letter: Letter) -> None:
    assert client_of(team.organiser).get(f"{OUTBOX}{letter.pk}/send-again/").status_code == 405


@pytest.mark.parametrize("person", ["stranger", "reviewer"])
def test_others_see_no_letters(team: Team, letter: Letter, person: str) -> None:
    client = client_of(getattr(team, person))
    listing = client.get(OUTBOX)
    assert listing.status_code == 403 or letter.subject not in listing.content.decode()
    assert client.get(f"{OUTBOX}{letter.pk}/change/").status_code in {302, 403}
    Letter.objects.update(status=LetterStatus.FAILED)
    client.post(f"{OUTBOX}{letter.pk}/send-again/")
    assert Letter.objects.get().status == LetterStatus.FAILED


def test_the_list_is_filtered_and_searched(team: Team, letter: Letter) -> None:
    other = letters.queue(LetterKind.ACCEPTANCE, ApplicationFactory(event=team.event), at=AFTER_CLOSE)
    client = client_of(team.organiser)

    def found(query: str) -> set[int]:
        return {row.pk for row in client.get(f"{OUTBOX}?{query}").context["cl"].result_list}

    assert found("") == {letter.pk, other.pk}
    assert found("kind__exact=acceptance") == {other.pk}
    assert found(f"event={team.event.pk}&status__exact=approved") == {letter.pk, other.pk}
    assert found("status__exact=sent") == set()
    assert found(f"q={letter.recipient}") == {letter.pk}


@pytest.mark.parametrize("address", ["add/", "{pk}/delete/"])
def test_letters_are_neither_written_nor_deleted_by_hand(team: Team, letter: Letter, address: str) -> None:
    response = client_of(team.operator).post(OUTBOX + address.format(pk=letter.pk), {"post": "yes"})
    assert response.status_code in {302, 403, 404}
    assert Letter.objects.count() == 1


def test_an_id_of_forty_digits(team: Team) -> None:
    client = client_of(team.organiser)
    assert client.get(f"{OUTBOX}{'9' * 40}/change/").status_code == 302
    assert client.post(f"{OUTBOX}{'9' * 40}/send-again/").status_code == 302


def test_the_list_leads_to_what_is_done_with_the_letters_of_an_event(team: Team, letter: Letter) -> None:
    failed, hold = f"{OUTBOX}failed/{team.event.pk}/", f"/admin/questionnaire/release/{team.event.pk}/#hold"
    holds = f'"{OUTBOX}holds/"'
    for where in (OUTBOX, f"{OUTBOX}?event={team.event.pk}", "/admin/"):
        shown = client_of(team.organiser).get(where).content.decode()
        assert failed in shown
        assert hold in shown
        assert holds not in shown
    assert failed not in client_of(team.organiser).get(f"{OUTBOX}?event=0").content.decode()
    assert failed not in client_of(team.stranger).get(OUTBOX).content.decode()
    for where in (OUTBOX, "/admin/"):
        assert holds in client_of(team.operator).get(where).content.decode()
