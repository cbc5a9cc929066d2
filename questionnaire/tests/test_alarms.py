"""The alarms of the promise clock: in time for people at work, once each, with what is open, and silent otherwise."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st

from events.models import Event, Membership
from events.tests.admin_pages import client_of
from events.tests.factories import EventFactory, MembershipFactory, UserFactory
from questionnaire.models import Application, Letter, LetterKind, LetterStatus, LetterTemplate, Notice, Release
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import ApplicationFactory, released, small_questionnaire
from questionnaire.workflow import alarms, letters, mime
from questionnaire.workflow.alarms import Open, Stage
from questionnaire.workflow.promise import figures

PARIS = dt.timezone(dt.timedelta(hours=1))
SEVEN_DAYS = dt.datetime(2021, 11, 23, tzinfo=PARIS)
THREE_DAYS = dt.datetime(2021, 11, 26, 12, tzinfo=PARIS)  # Saturday the 27th, so Friday at noon
ONE_DAY = dt.datetime(2021, 11, 29, tzinfo=PARIS)
TWO_HOURS = dt.datetime(2021, 11, 29, 22, tzinfo=PARIS)
END = dt.datetime(2021, 11, 30, tzinfo=PARIS)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def event() -> Event:
    """Return an event with one application, two organisers, and the alarm's text."""
    event = small_questionnaire()
    MembershipFactory(event=event, user__email="ann@example.org")
    MembershipFactory(event=event, user__email="zoe@example.org", language="fr")
    MembershipFactory(event=event, user__email="rob@example.org", role=Membership.Role.REVIEWER)
    LetterTemplate.objects.filter(event=event, kind=LetterKind.PROMISE_AT_RISK).update(
        subject_en="{time_left} left",
        subject_fr="Il reste {time_left}",
        body_en="{open_items} | {last_working_day} | {admin_link}",
        body_fr="{open_items} | {last_working_day} | {admin_link}",
    )
    ApplicationFactory(event=event, family_name="Secret")
    return event


def sent() -> list[tuple[str, str]]:
    """Return the subjects of the alarms, with their readers."""
    return sorted(Letter.objects.filter(kind=LetterKind.PROMISE_AT_RISK).values_list("recipient", "subject"))


def text_to(address: str) -> str:
    """Return the text of the last alarm to somebody."""
    letter = Letter.objects.filter(recipient=address).latest("pk")
    return mime.read(bytes(letter.mime)).text


def open_codes(event: Event, now: dt.datetime) -> dict[Open, int]:
    """Return what is open, with figures."""
    return {
        item.code: item.number
        for standing in alarms.standings(figures([event], now=now), now=now)
        for item in standing.items
    }


def test_the_alarms_of_the_29th_of_november() -> None:
    assert alarms.moments(EventFactory.build()) == {
        Stage.SEVEN_DAYS: SEVEN_DAYS,
        Stage.THREE_DAYS: THREE_DAYS,
        Stage.ONE_DAY: ONE_DAY,
        Stage.TWO_HOURS: TWO_HOURS,
    }


def test_a_promise_that_ends_on_a_sunday_is_called_on_the_friday_before() -> None:
    sunday = EventFactory.build(promised_by=dt.date(2021, 11, 28))
    due = alarms.moments(sunday)
    assert due[Stage.ONE_DAY] == THREE_DAYS
    assert due[Stage.TWO_HOURS] == dt.datetime(2021, 11, 28, 22, tzinfo=PARIS)


@given(day=st.dates(dt.date(2000, 1, 1), dt.date(2037, 1, 1)), zone=st.sampled_from(["Europe/Paris", "Asia/Beirut"]))
def test_on_any_date_the_alarms_come_in_order_no_later_than_they_should_and_on_working_days(
    day: dt.date, zone: str
) -> None:
    event = EventFactory.build(promised_by=day, time_zone=zone)
    due = alarms.moments(event)
    assert list(due.values()) == sorted(set(due.values()))
    for stage, days in alarms.DAYS_BEFORE.items():
        local = due[stage].astimezone(event.zone)
        assert local.weekday() < 5
        assert local.date() <= day + dt.timedelta(days=1 - days)
        assert dt.timedelta(days=days - 1) < event.promise_ends_at - due[stage] < dt.timedelta(days=days + 3)
    assert event.promise_ends_at - due[Stage.TWO_HOURS] == dt.timedelta(hours=2)


@pytest.mark.django_db
@pytest.mark.every_database
def test_each_alarm_is_told_once_to_each_organiser_in_their_language(event: Event) -> None:
    assert alarms.sound_due(at=SEVEN_DAYS - SECOND) == 0
    assert [alarms.sound_due(at=SEVEN_DAYS + minutes * SECOND * 60) for minutes in range(3)] == [2, 0, 0]
    assert sent() == [("ann@example.org", "7 days left"), ("zoe@example.org", "Il reste 7 jours")]
    assert [alarms.sound_due(at=moment) for moment in (THREE_DAYS, ONE_DAY, TWO_HOURS, END)] == [2, 2, 2, 0]
    subjects = {subject for address, subject in sent() if address == "ann@example.org"}
    assert subjects == {"7 days left", "3 days left", "24 hours left", "2 hours left"}


@pytest.mark.django_db
def test_the_letter_names_what_is_open_and_no_applicant(event: Event) -> None:
    ApplicationFactory(event=event, state=State.PROPOSED, outcome=Outcome.ACCEPT)
    LetterTemplate.objects.filter(event=event, kind=LetterKind.DECLINE).update(body_fr="")
    alarms.sound_due(at=THREE_DAYS)
    opened, working_day, link = text_to("ann@example.org").split(" | ")
    assert opened.splitlines() == [
        "– applications without a decision: 1",
        "– decisions that no second person has signed: 1",
        "– letters without an up-to-date text in every language: 1",
        "– the release is not ordered",
    ]
    assert working_day == "Monday 29 November 2021"
    assert link.strip().endswith(f"/admin/questionnaire/release/{event.pk}/")
    assert "Secret" not in opened
    assert "– candidatures sans décision\N{NO-BREAK SPACE}: 1\n" in text_to("zoe@example.org")


@pytest.mark.django_db
@pytest.mark.every_database
def test_after_an_outage_one_alarm_is_told_with_the_time_that_is_left(event: Event) -> None:
    assert alarms.sound_due(at=TWO_HOURS + dt.timedelta(minutes=75)) == 2
    assert sent()[0] == ("ann@example.org", "45 minutes left")
    assert Notice.objects.get().key == "2021-11-29 2 hours"


@pytest.mark.django_db
def test_nothing_open_means_no_alarm_and_a_promise_that_is_moved_has_its_own(event: Event) -> None:
    Application.objects.all().delete()
    assert alarms.sound_due(at=SEVEN_DAYS) == 0
    ApplicationFactory(event=event)
    assert alarms.sound_due(at=SEVEN_DAYS + SECOND) == 2
    Event.objects.update(promised_by=dt.date(2021, 12, 6))
    assert alarms.sound_due(at=dt.datetime(2021, 11, 30, tzinfo=PARIS)) == 2


@pytest.mark.django_db
def test_letters_that_failed_or_are_late_are_open_after_the_release(event: Event) -> None:
    [application] = Application.objects.all()
    Application.objects.update(state=State.ACCEPTED, outcome=Outcome.ACCEPT)
    released(event, ONE_DAY)
    letters.queue_many(LetterKind.ACCEPTANCE, [application], at=ONE_DAY, release_at=ONE_DAY)
    letters.queue(LetterKind.RECEIPT, application, at=ONE_DAY)  # is no answer
    assert open_codes(event, ONE_DAY + SECOND) == {}
    assert open_codes(event, TWO_HOURS) == {Open.UNSENT: 1}
    Letter.objects.update(status=LetterStatus.FAILED, due_at=None)
    assert open_codes(event, ONE_DAY + SECOND) == {Open.UNSENT: 1}
    Letter.objects.update(status=LetterStatus.SENT, sent_at=ONE_DAY)
    assert open_codes(event, TWO_HOURS) == {}


@pytest.mark.django_db
def test_the_way_from_an_alarm_leads_to_just_the_letters_that_it_counts(event: Event) -> None:
    one, *_others = applications = [Application.objects.get(), *ApplicationFactory.create_batch(2, event=event)]
    Application.objects.update(state=State.ACCEPTED, outcome=Outcome.ACCEPT)
    released(event, ONE_DAY)
    letters.queue_many(LetterKind.ACCEPTANCE, applications, at=ONE_DAY, release_at=ONE_DAY)
    letters.queue(LetterKind.RECEIPT, one, at=ONE_DAY)  # is no answer
    Letter.objects.update(status=LetterStatus.SENT, sent_at=ONE_DAY, due_at=None)
    Letter.objects.filter(application=one).update(status=LetterStatus.FAILED, sent_at=None)
    [standing] = alarms.standings(figures([event], now=TWO_HOURS), now=TWO_HOURS)
    [item] = standing.items
    organiser = User.objects.get(email="ann@example.org")
    listed = client_of(organiser).get(item.url).context["cl"].queryset
    assert [(letter.kind, letter.application_id) for letter in listed] == [(LetterKind.ACCEPTANCE, one.pk)]
    assert not client_of(organiser).get(item.url.replace("decisions", "unknown")).context["cl"].queryset


@pytest.mark.django_db
def test_an_order_that_nobody_signed_is_open(event: Event) -> None:
    first, second = UserFactory.create_batch(2)
    order = Release.objects.create(event=event, ordered_by=first, ordered_at=SEVEN_DAYS)
    assert Open.ORDER_UNSIGNED in open_codes(event, ONE_DAY)
    order.signed_by, order.signed_at = second, ONE_DAY
    order.save()
    assert set(open_codes(event, ONE_DAY)) == {Open.UNDECIDED}


@pytest.mark.django_db
def test_a_text_that_fell_behind_its_other_language_is_open(event: Event) -> None:
    assert Open.UNTRANSLATED not in open_codes(event, ONE_DAY)
    LetterTemplate.objects.filter(event=event, kind=LetterKind.ACCEPTANCE).update(stale=["body_fr"])
    assert open_codes(event, ONE_DAY)[Open.UNTRANSLATED] == 1


@pytest.mark.django_db
def test_a_missing_text_keeps_the_alarm_for_the_next_tick_and_others_from_nothing(event: Event) -> None:
    other = small_questionnaire()
    MembershipFactory(event=other, user__email="bea@example.org")
    ApplicationFactory(event=other)
    LetterTemplate.objects.filter(event=event, kind=LetterKind.PROMISE_AT_RISK).update(body_fr="")
    with pytest.raises(letters.NoText):
        alarms.sound_due(at=ONE_DAY)
    assert [address for address, _subject in sent()] == ["bea@example.org"]
    LetterTemplate.objects.filter(event=event, kind=LetterKind.PROMISE_AT_RISK).update(body_fr="{open_items}")
    assert alarms.sound_due(at=ONE_DAY) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_the_queries_do_not_grow_with_the_events(number: int, django_assert_num_queries: Any) -> None:
    events = [small_questionnaire() for _ in range(number)]
    for event in events:
        ApplicationFactory(event=event)
    with django_assert_num_queries(5):
        assert len(alarms.standings(figures(events, now=ONE_DAY), now=ONE_DAY)) == number
    Notice.objects.bulk_create(
        Notice(event=event, kind=LetterKind.PROMISE_AT_RISK, key="2021-11-29 1 day", noted_at=ONE_DAY)
        for event in events
    )
    with django_assert_num_queries(2):  # each minute of the last week
        alarms.sound_due(at=ONE_DAY)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (dt.timedelta(days=7), "7 days"),
        (dt.timedelta(days=2, hours=23), "2 days"),
        (dt.timedelta(hours=47, minutes=59), "47 hours"),
        (dt.timedelta(hours=1), "1 hour"),
        (dt.timedelta(seconds=119), "1 minute"),
    ],
)
def test_the_time_left_is_written_in_its_largest_unit(span: dt.timedelta, text: str) -> None:
    assert alarms.written_span(span) == text
