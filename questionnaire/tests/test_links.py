"""Personal links: they work once, prove the address, and cannot be read out of the database."""

import datetime as dt

import pytest
from pytest_django import Settings

from questionnaire.models import AccessToken, Application
from questionnaire.tests.factories import WHILE_OPEN, ApplicationFactory
from questionnaire.workflow import links

pytestmark = pytest.mark.django_db


@pytest.fixture
def access_token() -> AccessToken:
    """Return a stored access token of a fresh application."""
    [token] = links.new_tokens([ApplicationFactory()], at=WHILE_OPEN)
    token.save()
    return token


def test_a_link_works_once_and_proves_the_address(access_token: AccessToken) -> None:
    token = links.reveal(access_token)
    application = links.redeem(token, at=WHILE_OPEN)
    assert Application.objects.get(pk=application.pk).email_proved_at == WHILE_OPEN
    with pytest.raises(links.LinkNotValid):
        links.redeem(token, at=WHILE_OPEN)


def test_looking_at_a_link_does_not_use_it_up(access_token: AccessToken) -> None:
    token = links.reveal(access_token)
    for _time in range(100):
        links.find(token, at=WHILE_OPEN)
    assert links.redeem(token, at=WHILE_OPEN) == access_token.application


@pytest.mark.parametrize("altered", ["", "x", "A" * 43, "é" * 43, "../../etc", "\0"])
def test_an_altered_link_does_not_work(access_token: AccessToken, altered: str) -> None:
    with pytest.raises(links.LinkNotValid):
        links.redeem(altered, at=WHILE_OPEN)


def test_a_link_expires(access_token: AccessToken) -> None:
    token = links.reveal(access_token)
    with pytest.raises(links.LinkNotValid):
        links.redeem(token, at=WHILE_OPEN + links.LIFETIME)
    assert links.redeem(token, at=WHILE_OPEN + links.LIFETIME - dt.timedelta(seconds=1))


def test_a_token_has_256_bits_and_the_database_does_not_hold_it(access_token: AccessToken) -> None:
    token = links.reveal(access_token)
    assert len(token) == 43
    assert token not in {access_token.nonce, access_token.token_hash}


def test_a_link_outlives_a_new_secret_key_while_the_old_one_is_a_fallback(
    access_token: AccessToken, settings: Settings
) -> None:
    token = links.reveal(access_token)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key " * 5
    assert links.reveal(access_token) == token
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(links.TokenLost):
        links.reveal(access_token)


def test_addresses_lead_to_the_configured_site_in_the_readers_language(settings: Settings) -> None:
    settings.BASE_URL = "https://visit.example.eu"
    assert links.address("x" * 43, "fr") == f"https://visit.example.eu/fr/application/link/{'x' * 43}/"
