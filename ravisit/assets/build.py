"""Build `var/assets/ecl/` from the npm packages: one stylesheet, one font, one sprite of icons, the emblem.

Run as `python -m ravisit.assets.build`, by `make run` whenever `are_fresh` says no.
"""

import re
import shutil
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from whitenoise.compress import Compressor

from ravisit.assets.sources import ASSETS_DIR, NPM_DIR, STAMP, Mentions, read_mentions, source_files, state_of_sources
from ravisit.assets.stylesheet import cut

ECL = NPM_DIR / "node_modules" / "@ecl" / "preset-ec" / "dist"
ICONS = NPM_DIR / "node_modules" / "@ecl" / "resources-icons" / "dist" / "sprites" / "icons.svg"
EMBLEMS = ECL / "images" / "logo" / "positive"
LANGUAGES = ("en", "fr")
FONT_NAME = "inter-latin.woff2"

# Latin with every letter of the EU's languages that are written in it, punctuation and a few signs. Greek and
# Cyrillic names fall back to the system's font, as `unicode-range` tells the browser.
CHARACTERS = (
    "20-7E,A0-17F,18F,192,1CD-1DC,1E6-1E7,218-21B,237,2BB-2BC,2C6-2C7,2D8-2DD,1E02-1E03,1E0A-1E0B,1E1E-1E1F,"
    "1E40-1E41,1E56-1E57,1E60-1E61,1E6A-1E6B,1E80-1E85,1E9E,1EF2-1EF3,2009-200B,2010-2015,2018-201E,"
    "2020-2022,2026,202F,2030,2032-2033,2039-203A,2044,20AC,2116,2122,2190-2193,2212,2215"
)
WEIGHTS = (400, 700)
# The optical size, in points, that the letters keep at any size on the page: half of the file is the others.
OPTICAL_SIZE = 14
LAYOUT_FEATURES = ["ccmp", "kern", "locl", "mark", "mkmk"]

FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
OUR_FONT_FACE = (
    "@font-face{font-display:swap;font-family:Inter;font-style:normal;"
    f"font-weight:{WEIGHTS[0]} {WEIGHTS[1]};src:url({FONT_NAME}) format('woff2');"
    f"unicode-range:{','.join('U+' + part for part in CHARACTERS.split(','))}}}"
)
ELSEWHERE = re.compile(r"url\(\s*[\"']?(?:https?:)?//")
SYMBOL = re.compile(r'<symbol\b[^>]*\bid="([^"]+)".*?</symbol>', re.DOTALL)


def code_points(ranges: str) -> list[int]:
    """Return the code points that a list such as `20-7E,20AC` names."""
    points: list[int] = []
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        points += range(int(first, 16), int(last or first, 16) + 1)
    return points


def build_font(target: Path) -> None:
    """Cut Inter to our letters and weights."""
    font = TTFont(ECL / "fonts" / "InterVariable.woff2")
    subsetter = Subsetter(Options(flavor="woff2", layout_features=LAYOUT_FEATURES, hinting=False, notdef_outline=True))
    subsetter.populate(unicodes=code_points(CHARACTERS))
    subsetter.subset(font)
    instantiateVariableFont(font, {"opsz": OPTICAL_SIZE, "wght": WEIGHTS}, inplace=True)
    font.flavor = "woff2"
    font.save(target)


def build_stylesheet(mentions: Mentions) -> str:
    """Return ECL's stylesheet with our font and only the rules that our pages use.

    Raises ValueError where the result would fetch anything from another host.
    """
    css = FONT_FACE.sub("", (ECL / "styles" / "ecl-ec.css").read_text(encoding="utf-8"))
    licence = "/*! Europa Component Library, EUPL-1.2: the rules in use */"
    css = (
        licence
        + OUR_FONT_FACE
        + cut(css.replace('@charset "UTF-8";', ""), mentions.has_class, mentions.custom_properties)
    )
    if ELSEWHERE.search(css):
        raise ValueError("the stylesheet asks another host for a file")
    return css


def build_sprite(mentions: Mentions) -> str:
    """Return the sprite of the icons that our pages name."""
    sprite = ICONS.read_text(encoding="utf-8")
    symbols = [match[0] for match in SYMBOL.finditer(sprite) if match[1] in mentions.icon_words]
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'


def main() -> None:
    """Build everything, and leave the stamp that says from what."""
    state = state_of_sources()
    mentions = read_mentions([file.read_text(encoding="utf-8", errors="replace") for file in source_files()])
    shutil.rmtree(ASSETS_DIR, ignore_errors=True)
    ASSETS_DIR.mkdir(parents=True)
    build_font(ASSETS_DIR / FONT_NAME)
    for language in LANGUAGES:
        shutil.copy(EMBLEMS / f"logo-ec--{language}.svg", ASSETS_DIR / f"logo-ec-{language}.svg")
    compressor = Compressor(quiet=True)
    for name, text in {"ecl.css": build_stylesheet(mentions), "icons.svg": build_sprite(mentions)}.items():
        (ASSETS_DIR / name).write_text(text, encoding="utf-8")
        compressor.compress(str(ASSETS_DIR / name))  # served as it lies on a laptop, too
    STAMP.write_text(state)


if __name__ == "__main__":
    main()
