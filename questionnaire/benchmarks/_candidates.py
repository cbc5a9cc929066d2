"""Synthetic selection problems of any size, plausible for a study visit and the same for the same seed."""

from datetime import UTC, datetime, timedelta
from functools import cache
from math import ceil, floor
from random import Random

from questionnaire.workflow.selection import Candidate, Problem, Quota

COUNTRIES = {
    "IT": 18, "FR": 14, "DE": 12, "ES": 11, "PL": 8, "RO": 7, "NL": 6, "BE": 5, "PT": 5, "GR": 4, "SE": 4, "CZ": 3,
    "HU": 3, "AT": 3, "BG": 3, "DK": 2.5, "FI": 2.5, "IE": 2.5, "SK": 2, "HR": 2, "LT": 1.5, "LV": 1.2, "SI": 1.2,
    "EE": 1, "CY": 0.8, "LU": 0.7, "MT": 0.7, "NO": 2, "CH": 2, "GB": 3,
}  # fmt: skip
# Of the applicants, wished of the places, women among them.
GROUPS = {
    "prison": (0.38, 0.30, 0.35),
    "probation": (0.20, 0.20, 0.55),
    "social": (0.17, 0.15, 0.70),
    "mediation": (0.06, 0.10, 0.40),
    "psychology": (0.10, 0.13, 0.70),
    "security": (0.09, 0.12, 0.20),
}
LANGUAGES = ("en", "fr", "it", "es", "de")
HOME = {"IT": "it", "FR": "fr", "BE": "fr", "LU": "fr", "CH": "de", "DE": "de", "AT": "de", "ES": "es"}
OPENING = datetime(2021, 10, 1, tzinfo=UTC)
SECONDS_OPEN = 1_000_000
PER_ORG = 2


def synthetic(count: int, capacity: int, *, exact: bool = False, coarse: bool = False, seed: int = 0) -> Problem:
    """Give a problem with quotas on four attributes and a cap by organisation.

    `exact` sets the groups to exact numbers and narrows the rest; `coarse` gives one mark of 0 to 10 each, so that
    many candidates tie.
    """
    random = Random(seed)
    candidates = tuple(_candidate(random, number, count, coarse) for number in range(count))
    return Problem(
        candidates=candidates,
        capacity=capacity,
        quotas=(*_countries(candidates, capacity, exact), *_groups(capacity, exact), *_others(capacity, exact)),
        per_org=PER_ORG,
        tie="lottery",
        seed=b"published after the scoring",
    )


def _candidate(random: Random, number: int, count: int, coarse: bool) -> Candidate:
    country = random.choices(tuple(COUNTRIES), tuple(COUNTRIES.values()))[0]
    group = random.choices(tuple(GROUPS), [share for share, _, _ in GROUPS.values()])[0]
    gender = "other" if random.random() < 0.02 else "f" if random.random() < GROUPS[group][2] else "m"
    language = HOME.get(country, "en") if random.random() < 0.8 else random.choice(LANGUAGES)
    organisations = max(1, round(0.6 * count * COUNTRIES[country] / sum(COUNTRIES.values())))
    quality = random.gauss(5.5, 1.5)
    drawn = [quality + random.gauss(0, 1.2) for _ in range(1 if coarse else random.choice((2, 3, 3, 3)))]
    marks = [min(10.0, max(0.0, mark)) for mark in drawn]
    return Candidate(
        id=f"{number:06}",
        marks=tuple(round(mark) if coarse else round(10 * mark) for mark in marks),
        values=_values(country, group, gender, language),
        org=f"{country}-{int(random.paretovariate(0.8)) % organisations}",
        submitted_at=OPENING + timedelta(seconds=random.randrange(SECONDS_OPEN)),
    )


@cache
def _values(country: str, group: str, gender: str, language: str) -> dict[str, frozenset[str]]:
    """Share equal values, of which there are few, as a careful caller would."""
    named = {"country": country, "group": group, "gender": gender, "language": language}
    return {attribute: frozenset({value}) for attribute, value in named.items()}


def _countries(candidates: tuple[Candidate, ...], capacity: int, exact: bool) -> list[Quota]:
    most = max(2, ceil(capacity / (15 if exact else 12)))
    sizes = {country: sum(country in c.values["country"] for c in candidates) for country in COUNTRIES}
    return [
        Quota(attribute="country", value=country, min=int(size >= 3), max=max(most, 1))
        for country, size in sizes.items()
    ]


def _groups(capacity: int, exact: bool) -> list[Quota]:
    wished = {group: share * capacity for group, (_, share, _) in GROUPS.items()}
    if not exact:
        return [
            Quota(attribute="group", value=group, min=floor(0.9 * seats), max=ceil(1.1 * seats))
            for group, seats in wished.items()
        ]
    seats = {group: round(share) for group, share in wished.items()}
    seats["prison"] += capacity - sum(seats.values())
    return [Quota(attribute="group", value=group, min=number, max=number) for group, number in seats.items()]


def _others(capacity: int, exact: bool) -> list[Quota]:
    low, high = (0.47, 0.53) if exact else (0.4, 0.6)
    genders = [
        Quota(attribute="gender", value=gender, min=ceil(low * capacity), max=floor(high * capacity))
        for gender in ("f", "m")
    ]
    languages = [
        Quota(
            attribute="language",
            value=language,
            min=floor(0.08 * capacity),
            max=floor(capacity * (0.5 if language == "en" else 0.25)),
        )
        for language in LANGUAGES
    ]
    return genders + languages
