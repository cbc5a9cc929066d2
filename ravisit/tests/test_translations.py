"""Every text of the interface stands in French too: whole, with the same placeholders, set as French is set."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from django.core.management import call_command
from django.utils import translation
from pytest_django import Settings

from ravisit import catalogue, reworded
from ravisit.catalogue import strings

WIDE, NARROW = "\u00a0", "\u202f"  # the spaces at which no line breaks
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]|\((?:time|moment)\)")  # the last two are filled in by scripts
BAD_TYPOGRAPHY = re.compile(
    rf"""
    [^{NARROW}][;?!](?=\s|\Z|[<»])  # a mark without its space, or with one that may break the line
  | [^{WIDE}]:(?=\s|\Z|<)
  | «(?!{WIDE})
  | (?<!{WIDE})»
  | \w'\w                                      # a typewriter's apostrophe
  | \.\.\.
    """,
    re.VERBOSE,
)


@pytest.fixture(scope="module")
def french() -> Catalog:
    """Return the French catalogue as it is stored."""
    return catalogue.load("fr")


def messages(held: Catalog) -> list[Message]:
    """Return the translated entries of a catalogue."""
    return [message for message in held if message.id and all(strings(message.string))]


def test_every_text_of_the_code_is_translated(french: Catalog) -> None:
    """`manage.py update_catalogue` adds what is missing here."""
    asked_for = catalogue.texts(catalogue.asked_for())
    assert asked_for - catalogue.texts(french) | catalogue.untranslated(french) == set()


def test_the_catalogue_holds_nothing_that_the_code_no_longer_says(french: Catalog) -> None:
    """`manage.py update_catalogue` takes out what is left over here."""
    assert catalogue.texts(french) - catalogue.texts(catalogue.asked_for()) == set()


def test_placeholders_are_the_same_in_both_languages(french: Catalog) -> None:
    """No value is lost in translation, and none is asked for that nobody gives."""
    assert [message.id for message in messages(french) if not has_same_placeholders(message)] == []


def has_same_placeholders(message: Message) -> bool:
    """Return whether a translation asks for the same values; only a singular may write "one" out instead."""
    source = set[str]().union(*(PLACEHOLDER.findall(text) for text in strings(message.id)))
    *singular, plural = (set(PLACEHOLDER.findall(text)) for text in strings(message.string))
    return plural == source and all(names <= source for names in singular)


def test_french_is_set_as_french_is_set(french: Catalog) -> None:
    """A narrow space that holds stands before ; ? ! and a wide one before : and inside « »; apostrophes are round."""
    wrong = [text for message in messages(french) for text in strings(message.string) if BAD_TYPOGRAPHY.search(text)]
    assert wrong == []


def test_markup_is_the_same_in_both_languages(french: Catalog) -> None:
    """A translation opens and closes the elements that its source does."""
    tags = re.compile(r"</?\w+")
    wrong = [
        message.id
        for message in messages(french)
        if sorted(tags.findall(strings(message.id)[-1])) != sorted(tags.findall(strings(message.string)[-1]))
    ]
    assert wrong == []


def test_texts_are_found_in_code_under_whatever_name_the_function_has(tmp_path: Path) -> None:
    """An alias, a plural, a context and a text written in two pieces are all understood."""
    file = tmp_path / "code.py"
    file.write_text(
        "from django.utils.translation import gettext as tell, ngettext_lazy, pgettext as in_context\n"
        'tell("one " "text")\n'
        'ngettext_lazy("%d cat", "%d cats", number)\n'
        'in_context("a mark", "colon")\n'
        'other("not for translation")\n'
    )
    assert list(catalogue.texts_in(file)) == [
        ("one text", None),
        (("%d cat", "%d cats"), None),
        ("colon", "a mark"),
    ]


def test_texts_are_found_in_templates(tmp_path: Path) -> None:
    """Tags, blocks with a plural, contexts and the arguments of other tags are all understood."""
    file = tmp_path / "page.html"
    file.write_text(
        '{% load i18n %}<a title="{% translate \'A title\' %}">{% translate "Short" context "kind" as x %}</a>\n'
        "  {% blocktranslate trimmed count n=n %}\n    {{ n }} cat\n  {% plural %}\n    {{ n }} cats\n"
        '  {% endblocktranslate %}\n{% include "part.html" with title=_("Part") %}\n'
    )
    assert list(catalogue.texts_in(file)) == [
        ("A title", None),
        ("Short", "kind"),
        (("%(n)s cat", "%(n)s cats"), None),
        ("Part", None),
    ]


def test_an_update_adds_takes_out_and_keeps(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """What people wrote is kept, what the code asks for is there, and a second update changes nothing."""
    settings.LOCALE_PATHS = [tmp_path]
    begun = Catalog(locale="fr")
    begun.add("Log out", "Au revoir")
    begun.add("No such text", "Rien")
    catalogue.save(begun)

    call_command("update_catalogue")

    held = catalogue.load("fr")
    assert held["Log out"].string == "Au revoir"
    assert held["Search"].string == ""
    assert "No such text" not in held
    assert "1 taken out" in capsys.readouterr().out
    bytes_before = catalogue.path("fr").read_bytes()
    call_command("update_catalogue")
    assert catalogue.path("fr").read_bytes() == bytes_before


def test_the_compiled_catalogue_is_the_one_that_pages_use() -> None:
    """What is compiled into the checkout reaches the reader."""
    with translation.override("fr"):
        assert translation.gettext("Submit the application") != "Submit the application"


@pytest.mark.parametrize("text", [text for text in reworded.REWORDED if "%" in text])
def test_titles_of_the_admin_take_a_name_of_any_gender(text: str) -> None:
    """Django's French says "Modification de événement"."""
    with translation.override("fr"):
        assert "\N{NO-BREAK SPACE}: %" in translation.gettext(text)
