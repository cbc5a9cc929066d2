"""Organisations by name: two spellings of one count as the same."""

import unicodedata


def organisation_key(name: str) -> str:
    """Return what two spellings of one organisation have in common: letters and digits, without case or accents."""
    plain = (c for c in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())
