"""What our own sources mention: the class names, icons and custom properties that the assets must hold.

Standard library only: the bootstrap asks it whether the assets are fresh.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
BUILDER_DIR = Path(__file__).resolve().parent
NPM_DIR = BASE_DIR / "var" / "npm"
ASSETS_DIR = BASE_DIR / "var" / "assets" / "ecl"
STAMP = BASE_DIR / "var" / "assets-built-from"

WORD = re.compile(r"[A-Za-z][\w-]*")
# `ecl-label--{{ tone }}`, f"ecl-label--{tone}", "ecl-label--" + tone: any ending may follow.
OPEN_ENDED = re.compile(r"""\b([a-z][\w-]*(?:--|__|-))(?=[{$%"'])""")
CUSTOM_PROPERTY = re.compile(r"--[\w-]+")


@dataclass(frozen=True)
class Mentions:
    """The vocabulary of the sources, from which the stylesheet and the sprite are cut."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    custom_properties: frozenset[str]
    icon_words: frozenset[str]

    def has_class(self, name: str) -> bool:
        """Say whether an element may carry this class."""
        return name in self.words or name.startswith(self.beginnings)


def source_files(base: Path = BASE_DIR) -> list[Path]:
    """List what may name a class or an icon: templates, our scripts and styles, and Python outside of tests."""
    found = [file for folder in ("templates", "static") for file in (base / folder).rglob("*") if file.is_file()]
    for app in ("ravisit", "events", "questionnaire"):
        found += [file for file in (base / app).rglob("*.py") if not {"tests", "migrations"} & set(file.parts)]
    return sorted(file for file in found if file.parent != BUILDER_DIR)


def state_of_sources() -> str:
    """Return a digest of everything that the assets are built from."""
    digest = hashlib.sha256()
    for file in [BASE_DIR / "package-lock.json", *sorted(BUILDER_DIR.glob("*.py")), *source_files()]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def are_fresh() -> bool:
    """Say whether the assets stand there, built from the sources as they are."""
    return ASSETS_DIR.exists() and STAMP.exists() and STAMP.read_text() == state_of_sources()


def read_mentions(texts: list[str]) -> Mentions:
    """Collect the vocabulary of `texts`, generously: a word too many costs some bytes, one too few a page's look."""
    everything = "\n".join(texts)
    lines_on_icons = "\n".join(line for line in everything.splitlines() if "icon" in line)
    return Mentions(
        words=frozenset(WORD.findall(everything)),
        beginnings=tuple(sorted(set(OPEN_ENDED.findall(everything)))),
        custom_properties=frozenset(CUSTOM_PROPERTY.findall(everything)),
        icon_words=frozenset(WORD.findall(lines_on_icons)),
    )
