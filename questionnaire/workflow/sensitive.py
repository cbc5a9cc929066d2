"""Warn where a text seems to name an offender or a case. Heuristics for English and French; they never refuse.

Applicants are asked for no names and no case details. A warning that comes for nothing is soon overlooked, so
these prefer to miss a name over pointing at something else: each looks for a telling word beside a name, a
number or a date, never for a name alone. Names are looked for word by word, in time that grows with the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext_lazy as _

LONGEST_EXCERPT = 60
LONGEST_NAME = 30


class Reason(Enum):
    """Why a passage is pointed at, in words."""

    OFFENDER = _("This seems to name a person who is or was in custody.")
    PERSON = _("This seems to name a person.")
    NUMBER = _("This looks like the number of a case or of a prisoner.")
    BIRTH = _("This looks like a date of birth.")


@dataclass(frozen=True)
class Finding:
    """A passage of a text, and why it is pointed at."""

    reason: Reason
    excerpt: str


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OFFENDERS = _words(
    "inmate prisoner detainee offender convict parolee probationer ex-offender ex-prisoner ex-inmate "
    "détenu détenue prisonnier prisonnière condamné condamnée délinquant délinquante ex-détenu ex-détenue "
    "probationnaire prévenu prévenue"
)
PEOPLE = _words("individual client person man woman patient individu personne jeune patiente homme femme")
CALLED = _words("named called nommé nommée appelé appelée surnommé surnommée dénommé dénommée prénommé prénommée alias")
TITLES = _words("Mr Mr. Mrs Mrs. Ms Ms. Mme Mlle M. Monsieur Madame Mademoiselle")
PARTICLES = _words("de du van von el al ben bin le la")
ARE = _words("was is")
CONVICTED = _words("convicted sentenced imprisoned detained incarcerated jailed serving paroled")
CONVICTED_FR = _words(
    "condamné condamnée incarcéré incarcérée détenu détenue emprisonné emprisonnée écroué écrouée libéré libérée"
)
# What stands with a capital beside those words without being anybody's name.
NO_NAMES = _words(
    "Reintegration Rehabilitation Management Assessment Support Programme Programmes Program Programs Transfer Act "
    "Law Unit Union Europe European Européen Européenne France French Français Française Paris "
    "English Islamist Islamic Islamiste Muslim Muslims Service "
    "Services Aid Resettlement Education Welfare Rights Prison Probation Administration Association Council "
    "Convention Learning Radicalisation Radicalization Supervision Monitoring Voices Health Risk Release Welfare "
    "In The We I Our My This That These Those They It He She At On For As And But If When Where After Before During "
    "While Since Some Most Many Each Every No Not RAN PAIRS VETO VETOs EU Il Elle On Nous Vous Ils Elles Je Le La "
    "Les Un Une Des Ce Cette Ces En Dans Pour Par Avec Mais Et Ou Si Quand Après Avant Pendant Depuis Notre Nos Mon "
    "Ma Mes Son Sa Ses Leur Leurs Certains Chaque Monday Tuesday Wednesday Thursday Friday Saturday Sunday January "
    "February March April May June July August September October November December"
)

_CODE = r"(?=[A-Z0-9/.-]{0,20}\d\d)[A-Z0-9][A-Z0-9/.-]{2,20}"
_NUMBER = re.compile(
    rf"\b(?i:case|file|prison|prisoner|inmate|detainee|docket)"
    rf" (?i:number|no\.?|nr\.?|ref\.?|reference|id)[ :#]{{0,3}}{_CODE}"
    rf"|\b(?i:dossier|affaire|écrou|procédure|parquet) (?i:n°|nº|no\.?|numéro|réf\.?|référence)[ :]{{0,3}}{_CODE}"
    r"|\b(?i:numéro d['’]écrou|n° d['’]écrou)[ :]{0,3}\d{3,10}"
)
_BIRTH = re.compile(
    r"\b(?i:born(?: on)?|date of birth|dob|née?(?: le)?|date de naissance)[ :]{1,3}(?:the |le )?"
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}(?:st|nd|rd|th|er)? [^\W\d_]{3,9} \d{4}"
    r"|[A-Z][a-z]{2,8} \d{1,2},? \d{4})"
)


@dataclass(frozen=True)
class _Word:
    """A word without the punctuation after it, and whether that ends what belongs together."""

    text: str
    ends_phrase: bool

    @classmethod
    def of(cls, raw: str) -> "_Word":
        """Take a word apart from its punctuation; the point of an initial or of `Mr.` is no end."""
        bare = raw.strip("()[]«»“”\"'’;:!?,")
        has_its_point = bare in TITLES or _are_initials(bare)
        text = bare if has_its_point else bare.rstrip(".")
        return cls(text, raw.endswith((";", ":", "!", "?", ")")) or (bare.endswith(".") and not has_its_point))

    @property
    def noun(self) -> str:
        """Return the word in small letters, without an article that is joined to it, as in "l’individu"."""
        return self.text.lower().replace("’", "'").rpartition("'")[2]

    @property
    def is_name(self) -> bool:
        """Return whether this could be somebody's name: a capital, then small letters, and none of the known others."""
        text = self.text
        if _are_initials(text):
            return True
        if not text[:1].isupper() or not text[1:2] or len(text) > LONGEST_NAME or text in NO_NAMES:
            return False
        letters = text.replace("-", "").replace("’", "").replace("'", "")
        return letters.isalpha() and any(letter.islower() for letter in letters)


def _are_initials(text: str) -> bool:
    """Return whether this is `K.` or `K.B.`"""
    return len(text) in {2, 4} and text[0::2].isupper() and text[1::2] in {".", ".."}


def findings(text: str) -> list[Finding]:
    """Return the passages of a text that seem to name an offender or a case: one for each reason, at the most."""
    found: dict[Reason, Finding] = {}
    for finding in _findings(text):
        found.setdefault(finding.reason, finding)
    if Reason.OFFENDER in found:
        found.pop(Reason.PERSON, None)
    return list(found.values())


def _findings(text: str) -> Iterator[Finding]:
    words = [_Word.of(raw) for raw in text.split()]
    for position in range(len(words) - 1):
        yield from _named_at(words, position)
    for reason, pattern in ((Reason.NUMBER, _NUMBER), (Reason.BIRTH, _BIRTH)):
        match = pattern.search(text)
        if match:
            yield Finding(reason, match[0][:LONGEST_EXCERPT])


def _named_at(words: Sequence[_Word], position: int) -> Iterator[Finding]:
    """Yield what the word at a position says of the name that follows, or of the one that it begins."""
    word = words[position]
    after = position + 1
    if word.noun in OFFENDERS and not word.ends_phrase:
        after += words[after].text.lower() in CALLED
        after += after < len(words) and words[after].text in TITLES
        yield from _name_from(words, position, after, Reason.OFFENDER)
    elif word.noun in PEOPLE and words[after].text.lower() in CALLED:
        yield from _name_from(words, position, after + 1, Reason.OFFENDER)
    elif word.text in TITLES:
        after += words[after].text in PARTICLES
        yield from _name_from(words, position, after, Reason.PERSON)
    elif word.is_name and words[after].is_name and not word.ends_phrase and _is_convicted(words[after + 1 : after + 5]):
        yield Finding(Reason.OFFENDER, _excerpt(words[position : after + 4]))


def _name_from(words: Sequence[_Word], position: int, start: int, reason: Reason) -> Iterator[Finding]:
    if start < len(words) and words[start].is_name:
        end = start + 1
        while end < min(len(words), start + 3) and not words[end - 1].ends_phrase and words[end].is_name:
            end += 1
        yield Finding(reason, _excerpt(words[position:end]))


def _is_convicted(words: Sequence[_Word]) -> bool:
    """Return whether "(who) was convicted", or "(qui) a été condamné", follows."""
    said = [word.text.lower() for word in words]
    said = said[1:] if said[:1] in (["who"], ["qui"]) else said
    if said[:1] and said[0] in ARE:
        return said[1:2] != [] and said[1] in CONVICTED
    return said[:2] == ["a", "été"] and said[2:3] != [] and said[2] in CONVICTED_FR


def _excerpt(words: Sequence[_Word]) -> str:
    return " ".join(word.text for word in words)[:LONGEST_EXCERPT]
