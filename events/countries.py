"""Countries: their codes (ISO 3166-1 alpha-2, and XK for Kosovo), and their names by CLDR in any language."""

import unicodedata
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# ruff: noqa: SIM905 - a table of codes reads best as a line of words
EU_COUNTRIES = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
OTHER_EUROPEAN_COUNTRIES = frozenset("AD AL AM AZ BA BY CH GB GE IS LI MC MD ME MK NO RS SM TR UA VA XK".split())
# Groupings, test codes and the like that CLDR lists beside countries.
_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


@cache
def all_countries() -> frozenset[str]:
    """Return the codes of all countries and territories."""
    codes = map(str, Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - _NOT_COUNTRIES


@cache
def country_names(language: str) -> dict[str, str]:
    """Return the names of all countries by code in a language; where CLDR lacks one, the English name."""
    names = {**Locale("en").territories, **Locale.parse(language).territories}
    return {code: str(names[code]) for code in all_countries()}


def country_name(code: str) -> str:
    """Return a country's name in the active language; an unknown code stays as it is."""
    return country_names(get_language() or "en").get(code, code)


def without_accents(text: str) -> str:
    """Return a text for sorting, in which É stands with E."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


@lru_cache(maxsize=8)
def country_choices(language: str) -> list[tuple[Any, Any]]:
    """Return the countries in a language, in its order: the Union, the rest of Europe, the rest of the world."""
    names = country_names(language)
    europe = EU_COUNTRIES | OTHER_EUROPEAN_COUNTRIES
    others = all_countries() - europe

    def group(codes: Collection[str]) -> list[tuple[str, str]]:
        return sorted(((code, names[code]) for code in codes), key=lambda choice: without_accents(choice[1]))

    return [
        ("", _("Choose…")),
        (_("European Union"), group(EU_COUNTRIES)),
        (_("Other European countries"), group(OTHER_EUROPEAN_COUNTRIES)),
        (_("Other countries"), group(others)),
    ]
