"""Where a second factor is required, no page of the admin opens without one that was verified, however one came in."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from events.tests.admin_pages import client_of
from events.tests.factories import UserFactory
from ravisit import second_factor
from ravisit.testing.routes import fill_in, parameters, routes

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
WITHOUT_LOGIN = {LOGIN, "/admin/logout/"}
APP = {"app_label": "questionnaire"}
ADDRESSES = sorted(
    {fill_in(route, dict.fromkeys(parameters(route), "1") | APP) for route in routes("admin/")} - WITHOUT_LOGIN
)


@pytest.fixture(autouse=True)
def _strict(settings: Settings) -> None:
    """Ask for a second factor, as production does."""
    settings.REQUIRE_2FA = True


@pytest.fixture
def operator() -> User:
    """Return somebody who may open everything."""
    return UserFactory(is_superuser=True)


def with_device(user: User, device: TOTPDevice | None) -> Client:
    """Return a session that was entered with a password, and says that a device was verified."""
    client = client_of(user)
    if device is not None:
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
    return client


def device_of(user: User) -> TOTPDevice:
    """Return the app that a person has enrolled."""
    second_factor.enrol(user)
    return TOTPDevice.objects.get(user=user)


def password_alone(user: User) -> Client:
    """Come from any login that asks for a password and nothing more."""
    return with_device(user, None)


def enrolled_but_not_asked(user: User) -> Client:
    """Have a factor, and come from a login that did not ask for it."""
    device_of(user)
    return with_device(user, None)


def not_confirmed(user: User) -> Client:
    """Name a factor whose enrolment never ended."""
    return with_device(user, TOTPDevice.objects.create(user=user, name="app", confirmed=False))


def of_somebody_else(user: User) -> Client:
    """Name the factor of another person."""
    return with_device(user, device_of(UserFactory()))


def replaced_since(user: User) -> Client:
    """Name a factor that the operator has replaced meanwhile."""
    client = with_device(user, device_of(user))
    second_factor.enrol(user)
    return client


WAYS = [password_alone, enrolled_but_not_asked, not_confirmed, of_somebody_else, replaced_since]


def opened(client: Client) -> set[str]:
    """Return the addresses that answer with anything but the way to the login."""
    return {
        address
        for address in ADDRESSES
        for answer in (client.get(address), client.post(address))
        if answer.status_code != 302 or not answer.headers["Location"].startswith(LOGIN)
    }


@pytest.mark.parametrize("way", WAYS)
def test_no_page_opens(operator: User, way: Callable[[User], Client]) -> None:
    assert len(ADDRESSES) > 80
    assert opened(way(operator)) == set()


def test_with_a_verified_factor_every_page_answers_for_itself(operator: User) -> None:
    """Otherwise the test above would pass on a site that lets nobody in."""
    client = with_device(operator, device_of(operator))
    for address in ADDRESSES:
        answer = client.get(address)
        assert not answer.headers.get("Location", "").startswith(LOGIN), address
