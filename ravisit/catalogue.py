"""The texts of the interface: which ones the code asks for, and the catalogue that holds them in another language.

Django turns a template into calls that Babel can read, and Babel reads and writes the files: GNU gettext is not needed.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

Key = tuple[str | None, str]
"""What a text is looked up by: its context, where it has one, and its singular."""

FOLDERS = ("events", "questionnaire", "ravisit", "templates")
NOT_SHOWN = frozenset({"tests", "migrations"})

# Which arguments of Django's functions are the text, its plural and its context (c).
_ARGUMENTS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
FUNCTIONS = {name + variant: at for name, at in _ARGUMENTS.items() for variant in ("", "_lazy", "_noop")}
_ALIAS = re.compile(r"\b([np]*gettext(?:_lazy|_noop)?) as (\w+)")

HEADER = """\
# `manage.py update_catalogue` keeps this file in step with the code; what stands after msgstr is written by people.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def path(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def load(language: str) -> Catalog:
    """Return the catalogue of a language, empty where none was begun."""
    file = path(language)
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def save(catalogue: Catalog) -> None:
    """Write a catalogue, the same bytes for the same texts: no dates, no line numbers, no wrapped lines."""
    file = path(str(catalogue.locale))
    header = HEADER.format(language=catalogue.locale, plural_forms=catalogue.plural_forms)
    entries = BytesIO()
    write_po(entries, catalogue, width=0, omit_header=True, ignore_obsolete=True, include_lineno=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(header + entries.getvalue().decode().strip() + "\n", encoding="utf-8")


def update(catalogue: Catalog) -> None:
    """Add what the code asks for and the catalogue lacks, take out what nobody asks for, keep all else."""
    catalogue.update(asked_for(), no_fuzzy_matching=True)


def texts(catalogue: Catalog) -> set[Key]:
    """Return what the catalogue holds, translated or not."""
    return {_key(message.id, message.context) for message in catalogue if message.id}


def untranslated(catalogue: Catalog) -> set[Key]:
    """Return the texts without a translation, or with one that nobody has looked at since the text changed."""
    return {
        _key(message.id, message.context)
        for message in catalogue
        if message.id and (message.fuzzy or not all(strings(message.string)))
    }


def strings(text: object) -> list[str]:
    """Return the strings of a text or of its translation: one, or one for each plural form."""
    return [str(form) for form in text] if isinstance(text, (list, tuple)) else [str(text or "")]


def _key(text: object, context: str | None) -> Key:
    return context, strings(text)[0]


def asked_for() -> Catalog:
    """Return every text that the code and the templates ask to have translated, with the files that do."""
    catalogue = Catalog()
    for file in _sources():
        location = (str(file.relative_to(settings.BASE_DIR)), 0)
        for text, context in texts_in(file):
            catalogue.add(text, locations=[location], context=context)
    return catalogue


def _sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for file in sorted((settings.BASE_DIR / folder).rglob("*")):
            if file.suffix in {".py", ".html", ".txt"} and not NOT_SHOWN & set(file.parts):
                yield file


def texts_in(file: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield what one file asks to have translated: a text, or singular and plural; and its context."""
    code = file.read_text(encoding="utf-8")
    functions = FUNCTIONS | {alias: FUNCTIONS[name] for name, alias in _ALIAS.findall(code)}
    if file.suffix != ".py":
        # The calls stand among fillers; without indentation all of it reads as Python.
        code = "\n".join(line.strip() for line in templatize(code, origin=str(file)).splitlines())
        functions["_"] = None
    for _line, text, _comments, context in extract("python", BytesIO(code.encode()), functions):
        yield text, context
