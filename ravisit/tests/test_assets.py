"""The built assets: complete, small, and asking no other host."""

import re
import unicodedata
from pathlib import Path

import brotli
import pytest
from fontTools.ttLib import TTFont

from ravisit.assets import build, sources

KIB = 1024
# Every letter of the EU's languages in Latin script that is not plain ASCII.
EU_LETTERS = "áàâäãåāăąæćčċçďđðéèêëēėęěğġģħíìîïīįıķłľļĺńňñņóòôöõőøœŕřśšşșßťțţúùûüūůűųýÿŵŷźžżþ"
ICON_TAG = re.compile(r"""{%\s*icon\s+["']([\w-]+)["']""")


@pytest.fixture(scope="module")
def mentions() -> sources.Mentions:
    """Return the vocabulary of this checkout."""
    return sources.read_mentions([file.read_text(errors="replace") for file in sources.source_files()])


def test_the_stylesheet_fetches_nothing_from_elsewhere(mentions: sources.Mentions) -> None:
    """The library's own stylesheet asks another host for its font; ours has one font, beside it."""
    css = build.build_stylesheet(mentions)
    assert re.findall(r"url\((?!['\"]?data:)[^)]*\)", css) == [f"url({build.FONT_NAME})"]


def test_the_stylesheet_has_what_pages_use_and_stays_small(mentions: sources.Mentions) -> None:
    """The cut is worth its while: the whole stylesheet weighs 40 KiB."""
    css = build.build_stylesheet(mentions)
    assert ".ecl-button--primary" in css
    assert len(brotli.compress(css.encode())) < 16 * KIB


def test_a_remote_address_stops_the_build(
    mentions: sources.Mentions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new version of the library that fetches from elsewhere is noticed."""
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles" / "ecl-ec.css").write_text("p{background:url(https://example.org/x.png)}")
    monkeypatch.setattr(build, "ECL", tmp_path)
    with pytest.raises(ValueError, match="another host"):
        build.build_stylesheet(mentions)


def test_the_font_has_every_latin_letter_of_the_union_and_stays_small() -> None:
    """Small letters, capitals, quotation marks, the euro sign, and the spaces of French."""
    file = sources.ASSETS_DIR / build.FONT_NAME
    font = TTFont(file)
    wanted = set(EU_LETTERS + EU_LETTERS.upper() + "«»“”„’…–—€\u00a0\u202f")
    assert {unicodedata.name(letter) for letter in wanted if ord(letter) not in font.getBestCmap()} == set()
    assert [(axis.axisTag, axis.minValue, axis.maxValue) for axis in font["fvar"].axes] == [("wght", 400, 700)]
    assert file.stat().st_size < 32 * KIB


def test_every_icon_of_a_template_is_in_the_sprite(mentions: sources.Mentions) -> None:
    """A misspelt icon draws nothing; here it fails."""
    sprite = build.build_sprite(mentions)
    templates = [file.read_text() for file in (sources.BASE_DIR / "templates").rglob("*.html")]
    named = {name for template in templates for name in ICON_TAG.findall(template)}
    assert named
    assert {name for name in named if f'id="{name}"' not in sprite} == set()


def test_assets_are_stale_once_a_template_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class used for the first time needs a new cut."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "package-lock.json").write_text("{}")
    for name, value in {"BASE_DIR": tmp_path, "ASSETS_DIR": tmp_path, "STAMP": tmp_path / "stamp"}.items():
        monkeypatch.setattr(sources, name, value)
    (tmp_path / "templates" / "base.html").write_text('<p class="a">')
    monkeypatch.setattr(sources, "source_files", lambda: sorted((tmp_path / "templates").iterdir()))
    assert not sources.are_fresh()
    sources.STAMP.write_text(sources.state_of_sources())
    assert sources.are_fresh()
    (tmp_path / "templates" / "base.html").write_text('<p class="b">')
    assert not sources.are_fresh()
