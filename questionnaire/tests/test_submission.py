"""From the first word typed to the submitted application: nothing lost, one application, one receipt."""

import datetime as dt

import pytest

from events.models import Event, Window
from questionnaire.models import Answer, Application, Draft, Letter, LetterKind
from questionnaire.states import State
from questionnaire.tests.factories import WHILE_OPEN, ApplicationFactory, small_questionnaire, typed
from questionnaire.workflow import drafts, links, questionnaire, submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event with a questionnaire of two pages."""
    return small_questionnaire()


def draft_of(event: Event, **changes: str) -> Application:
    """Return an application with everything typed, through the same doors as the pages use."""
    application = drafts.start(event, language="en", now=WHILE_OPEN)
    for page in questionnaire.load(event).pages:
        drafts.save_page(application, page, drafts.Input(typed(**changes)), now=WHILE_OPEN)
    return application


def kinds(application: Application) -> list[str]:
    """Return the kinds of letters of an application in their order."""
    return list(application.letters.order_by("pk").values_list("kind", flat=True))


def test_a_submitted_draft_becomes_an_application_with_answers_columns_and_receipt(event: Event) -> None:
    application = submission.submit(draft_of(event).public_id, now=WHILE_OPEN)
    application.refresh_from_db()
    assert application.state == State.SUBMITTED
    assert application.full_name == "Zoé Müller"
    assert (application.email, application.language, application.country) == ("zoe@example.org", "fr", "AT")
    answers = dict(application.answers.values_list("question__key", "value"))
    assert answers["earlier"] is False
    assert "which" not in answers
    assert kinds(application) == [LetterKind.PERSONAL_LINK, LetterKind.RECEIPT]
    assert application.letters.get(kind=LetterKind.RECEIPT).language == "fr"


def test_submitting_again_without_a_change_does_nothing(event: Event) -> None:
    application = draft_of(event)
    for _time in range(3):
        submission.submit(application.public_id, now=WHILE_OPEN)
    assert application.letters.filter(kind=LetterKind.RECEIPT).count() == 1
    assert application.transitions.count() == 1


def test_a_changed_draft_replaces_the_answers_and_is_receipted_again(event: Event) -> None:
    application = draft_of(event)
    submission.submit(application.public_id, now=WHILE_OPEN)
    page = questionnaire.load(event).pages[1]
    drafts.save_page(application, page, drafts.Input(typed(earlier="yes", which="Vienna 2019")), now=WHILE_OPEN)
    submission.submit(application.public_id, now=WHILE_OPEN + dt.timedelta(hours=2))
    assert Answer.objects.get(application=application, question__key="which").value == "Vienna 2019"
    assert application.letters.filter(kind=LetterKind.RECEIPT).count() == 2
    assert application.transitions.count() == 1


def test_what_is_wrong_is_kept_as_typed_and_named_on_submitting(event: Event) -> None:
    application = draft_of(event, email="not an address", earlier="yes")
    with pytest.raises(submission.AnswersIncomplete) as caught:
        submission.submit(application.public_id, now=WHILE_OPEN)
    assert caught.value.errors.keys() == {"email", "which"}
    assert Draft.objects.get(application=application).values["email"] == ["not an address"]
    application.refresh_from_db()
    assert application.state == State.DRAFT


@pytest.mark.parametrize(
    ("moment", "accepted"),
    [(dt.timedelta(microseconds=-1), True), (dt.timedelta(0), False), (dt.timedelta(seconds=1), False)],
)
def test_the_close_is_decided_by_the_servers_time_and_a_late_draft_is_kept(
    event: Event, moment: dt.timedelta, accepted: bool
) -> None:
    application = draft_of(event)
    now = event.closes_at + moment
    if accepted:
        submission.submit(application.public_id, now=now)
    else:
        with pytest.raises(drafts.WindowNotOpen) as caught:
            submission.submit(application.public_id, now=now)
        assert caught.value.window is Window.CLOSED
        assert Draft.objects.get(application=application).values == typed() | {"which": []}
    application.refresh_from_db()
    assert (application.state == State.SUBMITTED) is accepted


def test_a_close_that_an_organiser_brought_forward_counts_for_a_page_opened_before(event: Event) -> None:
    application = draft_of(event)
    Event.objects.filter(pk=event.pk).update(closes_at=WHILE_OPEN)
    with pytest.raises(drafts.WindowNotOpen):
        submission.submit(application.public_id, now=WHILE_OPEN)


@pytest.mark.parametrize("address", ["zoe@example.org", "ZOE@Example.org"])
def test_a_second_application_under_one_address_is_offered_to_the_first(event: Event, address: str) -> None:
    first = submission.submit(draft_of(event).public_id, now=WHILE_OPEN)
    later = WHILE_OPEN + dt.timedelta(hours=2)
    second = draft_of(event, email=address, first_name="Zoë")
    standing = submission.submit(second.public_id, now=later)
    assert standing == first
    second.refresh_from_db()
    assert second.state == State.DRAFT
    assert kinds(first)[-1] == LetterKind.SECOND_APPLICATION
    assert Draft.objects.get(application=first).offered["first_name"] == ["Zoë"]


def test_a_link_of_a_second_application_opens_the_first_and_proves_its_address(event: Event) -> None:
    """An address has three letters an hour: the link sent at the begin of the second may be the last that comes."""
    first = submission.submit(draft_of(event).public_id, now=WHILE_OPEN)
    second = draft_of(event)
    assert submission.standing_for(second, now=WHILE_OPEN) == second
    submission.submit(second.public_id, now=WHILE_OPEN)
    second.refresh_from_db()
    assert submission.standing_for(second, now=WHILE_OPEN) == first
    first.refresh_from_db()
    assert first.email_proved_at == WHILE_OPEN
    assert submission.standing_for(first, now=WHILE_OPEN) == first


def test_a_link_sent_to_a_former_address_opens_nothing_and_proves_nothing(event: Event) -> None:
    application = draft_of(event, email="mallory@example.org")
    to_mallory = [links.reveal(token) for token in application.access_tokens.all()]
    values = typed(email="victim@example.org")
    for page in questionnaire.load(event).pages:
        drafts.save_page(application, page, drafts.Input(values), now=WHILE_OPEN)
    submission.submit(application.public_id, now=WHILE_OPEN)
    to_victim = [links.reveal(token) for token in application.access_tokens.all()][len(to_mallory) :]
    drafts.autosave(
        application, questionnaire.load(event).pages[0], drafts.Input(typed(email="new@example.org")), now=WHILE_OPEN
    )
    application.refresh_from_db()
    submission.submit(application.public_id, now=WHILE_OPEN)
    assert (len(to_mallory), len(to_victim)) == (1, 2)
    for token in (*to_mallory, *to_victim):
        with pytest.raises(links.LinkNotValid):
            links.redeem(token, at=WHILE_OPEN)
    application.refresh_from_db()
    assert (application.email, application.email_proved_at) == ("new@example.org", None)


def test_an_abandoned_draft_does_not_stand_in_the_way_of_the_same_address(event: Event) -> None:
    draft_of(event)
    assert submission.submit(draft_of(event).public_id, now=WHILE_OPEN).state == State.SUBMITTED


def test_the_same_address_may_apply_to_two_events() -> None:
    for event in (small_questionnaire(), small_questionnaire()):
        assert submission.submit(draft_of(event).public_id, now=WHILE_OPEN).state == State.SUBMITTED


def test_an_address_gets_three_letters_an_hour_at_the_most(event: Event) -> None:
    submission.submit(draft_of(event).public_id, now=WHILE_OPEN)
    for _time in range(5):
        submission.request_link(event, "zoe@example.org", language="en", now=WHILE_OPEN)
        submission.request_link(event, "Zoe@Example.org", language="en", now=WHILE_OPEN)
        draft_of(event)
    assert Letter.objects.count() == drafts.LETTERS_PER_HOUR
    submission.request_link(event, "zoe@example.org", language="en", now=WHILE_OPEN + dt.timedelta(hours=1))
    assert Letter.objects.count() == drafts.LETTERS_PER_HOUR + 1


def test_known_and_unknown_addresses_get_a_letter_alike(event: Event) -> None:
    ApplicationFactory(event=event, email="known@example.org", language="fr")
    for address in ("known@example.org", "unknown@example.org"):
        submission.request_link(event, address, language="fr", now=WHILE_OPEN)
    assert set(Letter.objects.values_list("recipient", "kind")) == {
        ("known@example.org", LetterKind.PERSONAL_LINK),
        ("unknown@example.org", LetterKind.NO_APPLICATION),
    }


def test_a_link_goes_to_the_submitted_application_rather_than_to_a_draft_of_the_same_address(event: Event) -> None:
    first = submission.submit(draft_of(event).public_id, now=WHILE_OPEN)
    draft_of(event)
    later = WHILE_OPEN + dt.timedelta(hours=2)
    submission.request_link(event, "zoe@example.org", language="en", now=later)
    assert Letter.objects.get(created_at=later).application == first


def test_withdrawing_is_receipted_and_one_can_apply_again_before_the_close(event: Event) -> None:
    application = submission.submit(draft_of(event).public_id, now=WHILE_OPEN)
    submission.withdraw(application, now=WHILE_OPEN, reason="Duty roster")
    application.refresh_from_db()
    assert application.state == State.WITHDRAWN
    assert kinds(application)[-1] == LetterKind.WITHDRAWAL_RECEIPT
    assert submission.submit(application.public_id, now=WHILE_OPEN).state == State.SUBMITTED


@pytest.mark.parametrize("state", [State.ACCEPTED, State.WAITING_LIST, State.DECLINED, State.CONFIRMED])
def test_answers_cannot_change_after_the_release(event: Event, state: State) -> None:
    application = ApplicationFactory(event=event, state=state, draft=typed())
    with pytest.raises(submission.AlreadyDecided):
        submission.submit(application.public_id, now=WHILE_OPEN)
