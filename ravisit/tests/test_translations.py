"""Every text of the interface stands in French too, whole and with the same placeholders."""

import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as CatalogMessage
from babel.messages.pofile import read_po
from django.conf import settings

from ravisit.testing import messages

CATALOGUE = settings.BASE_DIR / "ravisit" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
NARROW_SPACES = "\u00a0\u202f"


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """Return the French catalogue."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="fr", domain="django")


def key(message_id: object, context: str | None = None) -> messages.Message:
    """Return a catalogue's id as `messages` writes it."""
    if isinstance(message_id, (list, tuple)):
        return (str(message_id[0]), str(message_id[1]))
    return f"{context}{messages.CONTEXT}{message_id}" if context else str(message_id)


def texts(value: object) -> list[str]:
    """Return the strings of a message: one, or one for each plural form."""
    return [str(text) for text in value] if isinstance(value, (list, tuple)) else [str(value or "")]


def test_every_text_of_the_code_is_translated(catalogue: Catalog) -> None:
    translated = {key(m.id, m.context) for m in catalogue if m.id and all(texts(m.string)) and not m.fuzzy}
    missing = {message: files for message, files in messages.messages().items() if message not in translated}
    assert missing == {}


def test_the_catalogue_holds_nothing_that_the_code_no_longer_says(catalogue: Catalog) -> None:
    in_use = set(messages.messages())
    assert [m.id for m in catalogue if m.id and key(m.id, m.context) not in in_use] == []


def test_placeholders_are_the_same_in_both_languages(catalogue: Catalog) -> None:
    different = [message.id for message in catalogue if message.id and not has_same_placeholders(message)]
    assert different == []


def has_same_placeholders(message: CatalogMessage) -> bool:
    """Return whether a translation asks for the same values; a plural form may write "one" out instead."""
    source = set[str]().union(*(messages.placeholders(text) for text in texts(message.id)))
    translations = [messages.placeholders(text) for text in texts(message.string)]
    if isinstance(message.id, str):
        return translations == [source]
    return all(names <= source for names in translations) and translations[-1] == source


def test_french_typography_is_kept(catalogue: Catalog) -> None:
    """A space that does not break stands before : ; ? ! and inside « »; the apostrophe is ’."""
    wrong = [
        text
        for message in catalogue
        if message.id
        for text in texts(message.string)
        if re.search(
            rf"[\w»][:;?!](?:\s|\Z)|[^\S{NARROW_SPACES}][:;?!](?:\s|\Z)|«[^{NARROW_SPACES}]|[^{NARROW_SPACES}]»|\w'\w",
            text,
        )
    ]
    assert wrong == []
