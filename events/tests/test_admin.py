"""The organisers' screens of events: their own, in both languages, and seen by the public at once."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from events.models import Event, Membership, Session
from events.publishing import content_version
from events.tests.admin_pages import client_of, form_of
from events.tests.factories import PARIS, EventFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
Capture = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]
EVENTS = "/admin/events/event/"
SESSIONS = "/admin/events/session/"


@pytest.fixture
def event() -> Event:
    """Return a published event."""
    return EventFactory()


@pytest.fixture
def organiser(event: Event) -> User:
    """Return who organises it."""
    user: User = MembershipFactory(event=event).user
    return user


def save(client: Client, url: str, **changes: Any) -> Any:
    """Save a page with changes."""
    return client.post(url, {**form_of(client, url), **changes})


def make_session(event: Event, **fields: Any) -> Session:
    """Return a session at nine in Paris."""
    start = dt.datetime(2021, 12, 7, 9, tzinfo=PARIS)
    times = {"starts_at": start, "ends_at": start + dt.timedelta(hours=1)}
    texts = {"title_en": "Welcome", "title_fr": "Accueil"}
    session: Session = Session.objects.create(event=event, **{"key": "welcome", **times, **texts, **fields})
    return session


def test_both_languages_stand_on_one_row(event: Event, organiser: User) -> None:
    context = client_of(organiser).get(f"{EVENTS}{event.pk}/change/").context
    rows = [
        [field.field.name for field in line if not field.is_readonly] for part in context["adminform"] for line in part
    ]
    for name in ("title", "summary", "why", "practical"):
        assert [f"{name}_en", f"{name}_fr"] in rows


def test_the_inputs_name_their_language(event: Event, organiser: User) -> None:
    shown = client_of(organiser).get(f"{EVENTS}{event.pk}/change/").content.decode()
    assert "Title (French)" in shown
    assert "All times are those of Europe/Paris." in shown
    assert f'href="/fr/events/{event.slug}/"' in shown
    assert f'href="/en/events/{event.slug}/"' in shown


def test_saving_reaches_the_public_at_once(
    event: Event, organiser: User, django_capture_on_commit_callbacks: Capture
) -> None:
    client = client_of(organiser)
    before = content_version()
    with django_capture_on_commit_callbacks(execute=True):
        assert save(client, f"{EVENTS}{event.pk}/change/", title_en="A new title").status_code == 302
    event.refresh_from_db()
    assert (event.title, event.version) == ("A new title", 2)
    assert content_version() != before


def test_an_inline_reaches_the_public_too(event: Event, organiser: User) -> None:
    contact = {"contacts-0-name": "Alexandra Korn", "contacts-0-order": "1"}
    assert save(client_of(organiser), f"{EVENTS}{event.pk}/change/", **contact).status_code == 302
    event.refresh_from_db()
    assert event.contacts.get().name == "Alexandra Korn"
    assert event.version == 2


def test_a_new_contact_comes_after_the_others_since_replies_go_to_the_first(event: Event, organiser: User) -> None:
    for number, name in enumerate(["Alexandra Korn", "Rositsa Dzhekova"]):
        assert (
            save(client_of(organiser), f"{EVENTS}{event.pk}/change/", **{f"contacts-{number}-name": name}).status_code
            == 302
        )
    assert [contact.name for contact in event.contacts.order_by("order")] == ["Alexandra Korn", "Rositsa Dzhekova"]
    assert [contact.order for contact in event.contacts.order_by("order")] == [1, 2]


def test_a_new_guiding_question_and_a_new_source_get_the_next_number(event: Event, organiser: User) -> None:
    for count in range(2):
        question = {f"guiding_questions-{count}-text_{code}": f"What, {count}?" for code in ("en", "fr")}
        source = {f"references-{count}-text_{code}": f"Source {count}" for code in ("en", "fr")}
        saved = save(client_of(organiser), f"{EVENTS}{event.pk}/change/", **question, **source)
        assert saved.status_code == 302
    assert list(event.guiding_questions.values_list("number", flat=True)) == [1, 2]
    assert list(event.references.values_list("number", flat=True)) == [1, 2]


def test_times_are_typed_in_paris(event: Event, organiser: User) -> None:
    changes = {"decisions_at_0": "2021-11-29", "decisions_at_1": "09:30"}
    assert save(client_of(organiser), f"{EVENTS}{event.pk}/change/", **changes).status_code == 302
    event.refresh_from_db()
    assert event.decisions_at == dt.datetime(2021, 11, 29, 8, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("field", ["title_fr", "summary_fr", "venue_fr"])
def test_nothing_is_published_in_one_language_alone(event: Event, organiser: User, field: str) -> None:
    response = save(client_of(organiser), f"{EVENTS}{event.pk}/change/", **{field: ""})
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors


def test_before_it_is_published_one_language_will_do(event: Event, organiser: User) -> None:
    Event.objects.update(published=False)
    response = save(client_of(organiser), f"{EVENTS}{event.pk}/change/", title_fr="", slug="another-name")
    assert response.status_code == 302
    event.refresh_from_db()
    assert event.slug == "another-name"


def test_the_address_of_a_published_event_stays(event: Event, organiser: User) -> None:
    slug = event.slug
    save(client_of(organiser), f"{EVENTS}{event.pk}/change/", slug="moved")
    event.refresh_from_db()
    assert event.slug == slug


def test_dates_that_break_the_promise_are_refused(event: Event, organiser: User) -> None:
    response = save(client_of(organiser), f"{EVENTS}{event.pk}/change/", promised_by="2021-11-28")
    assert "comes after the promised day" in response.content.decode()


def test_the_history_tells_what_was_changed_in_the_language_of_the_reader(event: Event, organiser: User) -> None:
    client = client_of(organiser)
    save(client, f"{EVENTS}{event.pk}/change/", title_fr="Une visite", anonymous_review="on")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    shown = client.get(f"{EVENTS}{event.pk}/history/").content.decode()
    assert "Modification\N{NO-BREAK SPACE}: Titre (français) et Évaluation anonyme." in shown


def test_lines_that_end_as_browsers_send_them_are_no_change(event: Event, organiser: User) -> None:
    Event.objects.filter(pk=event.pk).update(why_en="Two\nlines", why_fr="Deux\nlignes")
    client, url = client_of(organiser), f"{EVENTS}{event.pk}/change/"
    save(client, url, why_en="Two\r\nlines", why_fr="Deux\r\nlignes", places="7")
    event.refresh_from_db()
    assert (event.why_en, event.places) == ("Two\nlines", 7)
    assert "Changed Places." in client.get(f"{EVENTS}{event.pk}/history/").content.decode()


@pytest.mark.parametrize("role", [None, Membership.Role.REVIEWER])
def test_others_change_nothing(event: Event, role: Membership.Role | None) -> None:
    session = make_session(event)
    person = MembershipFactory(event=event, role=role).user if role else MembershipFactory().user
    client = client_of(person)
    for url in (f"{EVENTS}{event.pk}/change/", f"{SESSIONS}{session.pk}/change/", f"{SESSIONS}{session.pk}/delete/"):
        assert client.get(url).status_code in {302, 403}
        assert client.post(url, {"title_en": "hacked", "post": "yes"}).status_code in {302, 403}
    for url in (EVENTS, SESSIONS, f"{EVENTS}{event.pk}/history/"):
        response = client.get(url)
        assert response.status_code in {302, 403} or event.slug not in response.content.decode()
    session.refresh_from_db()
    assert session.title == "Welcome"


def test_a_session_goes_into_no_event_of_others(event: Event, organiser: User) -> None:
    foreign = EventFactory()
    session = make_session(event)
    client = client_of(organiser)
    data = {**form_of(client, f"{SESSIONS}{session.pk}/change/"), "event": foreign.pk, "key": "smuggled"}
    assert client.post(f"{SESSIONS}add/", data).status_code == 200
    client.post(f"{SESSIONS}{session.pk}/change/", data)
    assert not foreign.sessions.exists()


def test_sessions_reach_the_public_saved_and_deleted(event: Event, organiser: User) -> None:
    sessions = [make_session(event, key=f"key{number}") for number in range(3)]
    client = client_of(organiser)
    assert save(client, f"{SESSIONS}{sessions[0].pk}/change/", title_en="Opening").status_code == 302
    assert client.post(f"{SESSIONS}{sessions[0].pk}/delete/", {"post": "yes"}).status_code == 302
    rest = [session.pk for session in sessions[1:]]
    chosen = {"action": "delete_selected", "_selected_action": rest, "post": "yes"}
    assert client.post(SESSIONS, chosen).status_code == 302
    event.refresh_from_db()
    assert not event.sessions.exists()
    assert event.version == 4


def test_only_ones_own_sessions_are_deleted_in_bulk(event: Event, organiser: User) -> None:
    foreign = make_session(EventFactory())
    chosen = {"action": "delete_selected", "_selected_action": [foreign.pk], "post": "yes"}
    client_of(organiser).post(SESSIONS, chosen)
    assert Session.objects.filter(pk=foreign.pk).exists()


def test_the_agenda_shows_paris_hours(event: Event, organiser: User) -> None:
    make_session(event)
    shown = client_of(organiser).get(SESSIONS).content.decode()
    assert "9.00 – 10.00" in shown
    assert "Hours (Europe/Paris)" in shown


def test_the_agenda_counts_its_sessions(event: Event, organiser: User) -> None:
    make_session(event, key="one")
    make_session(event, key="two")
    client = client_of(organiser)
    assert "2 sessions" in client.get(SESSIONS).content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    assert "2 séances" in client.get(SESSIONS).content.decode()


def test_two_sessions_with_one_key_are_refused(event: Event, organiser: User) -> None:
    make_session(event, key="first")
    second = make_session(event, key="second")
    assert save(client_of(organiser), f"{SESSIONS}{second.pk}/change/", key="first").status_code == 200


def test_whoever_adds_an_event_organises_it(event: Event, organiser: User) -> None:
    client = client_of(organiser)
    texts = {name: value for name, value in form_of(client, f"{EVENTS}{event.pk}/change/").items() if "-" not in name}
    blank = form_of(client, f"{EVENTS}add/")
    del texts["published"]
    response = client.post(f"{EVENTS}add/", {**blank, **texts, "slug": "next-year"})
    assert response.status_code == 302, response.context["errors"]
    assert Event.objects.get(slug="next-year").memberships.get().user == organiser


def test_an_event_taken_from_the_public_with_an_error_elsewhere_is_shown_again(event: Event, organiser: User) -> None:
    client = client_of(organiser)
    url = f"{EVENTS}{event.pk}/change/"
    data = {**form_of(client, url), "places": "many"}
    del data["published"]
    response = client.post(url, data)
    assert response.status_code == 200
    assert event.slug in response.content.decode()


def test_the_team_is_named_by_login(event: Event, organiser: User) -> None:
    colleague = UserFactory(username="colleague")
    UserFactory(username="applicant", is_staff=False)
    client = client_of(organiser)
    url = f"{EVENTS}{event.pk}/change/"
    row = {"memberships-1-login": "colleague", "memberships-1-role": "reviewer"}
    assert "Needed of a reviewer" in save(client, url, **row).content.decode()
    row |= {"memberships-1-organisation": "Review board", "memberships-1-country": "MT"}
    assert save(client, url, **row).status_code == 302
    assert event.memberships.get(user=colleague).role == Membership.Role.REVIEWER
    for login in ("applicant", "nobody"):
        response = save(client, url, **{"memberships-2-login": login, "memberships-2-role": "reviewer"})
        assert "Nobody with this login" in response.content.decode()
    twice = save(client, url, **{"memberships-2-login": "colleague", "memberships-2-role": "reviewer"})
    assert twice.status_code == 200


def test_logins_of_others_are_not_listed(event: Event, organiser: User) -> None:
    MembershipFactory(user__username="somebody-elses-colleague")
    assert "somebody-elses" not in client_of(organiser).get(f"{EVENTS}{event.pk}/change/").content.decode()


def test_a_whole_event_is_deleted_by_the_operator_alone(event: Event, organiser: User) -> None:
    assert client_of(organiser).post(f"{EVENTS}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    operator = UserFactory(is_superuser=True)
    assert client_of(operator).post(f"{EVENTS}{event.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Event.objects.exists()


@pytest.mark.parametrize("screen", [EVENTS, SESSIONS])
@pytest.mark.parametrize("object_id", ["9" * 40, "x", "-1", "0"])
def test_an_id_that_does_not_exist(event: Event, organiser: User, screen: str, object_id: str) -> None:
    for page in ("change", "delete", "history"):
        assert client_of(organiser).get(f"{screen}{object_id}/{page}/").status_code in {302, 403, 404}


@pytest.mark.parametrize("event_id", ["9" * 40, "x", ""])
def test_a_filter_by_an_event_that_does_not_exist(organiser: User, event_id: str) -> None:
    assert client_of(organiser).get(f"{SESSIONS}?event={event_id}").status_code == 200
