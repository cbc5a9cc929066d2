"""Synthetic applicants, their reviews and a demo team: plausible, invented, and the same for the same seed.

Everything goes through the workflow that the pages use. Addresses end in `.example`, which no mail server has.
"""

import datetime as dt
import secrets
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction

from events.models import Event, Membership
from questionnaire.models import Application, Assignment, Option, Question, Review, email_key
from questionnaire.workflow import answers, assignment, drafts, links, review, submission
from questionnaire.workflow.questionnaire import Page, Questionnaire, load

Values = dict[str, list[str]]
Kind = Question.Kind

PROVES_ADDRESS = 0.9
HAS_CONFLICT = 0.03
EMPTY_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_WITHOUT_DECOMPOSITION = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "ı": "i"})
TEAM = {
    "organiser": Membership.Role.ORGANISER,
    "organiser2": Membership.Role.ORGANISER,  # who signs off what the first one proposed
    "reviewer1": Membership.Role.REVIEWER,
    "reviewer2": Membership.Role.REVIEWER,
    "reviewer3": Membership.Role.REVIEWER,  # so that somebody is there when another one steps back
}
WORKPLACES = {
    "reviewer1": ("Justice Training Institute, Leuven", "BE"),
    "reviewer2": ("Centre for Reintegration Studies, Turin", "IT"),
    "reviewer3": ("Probation Academy, Tallinn", "EE"),
}


class NoReviewers(Exception):
    """The event has nobody who could review."""


@cache
def _material() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("demo.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Person:
    """An invented applicant; `answers` holds what they say, by question key, where it is known beforehand."""

    first_name: str
    family_name: str
    email: str
    language: str
    country: str
    organisation: str
    target_group: str
    answers: Mapping[str, Any] = field(default_factory=dict)

    def says(self, question: Question) -> Any:
        """Return the answer to a question, or None where the person has none in mind."""
        return getattr(self, question.fills, None) or self.answers.get(question.key)


def invent_person(seed: int, number: int) -> Person:
    """Return the applicant of that number; the same for the same seed, whatever other numbers are asked for."""
    rng = Random(f"{seed}/{number}")
    country = _weighted(rng, _material()["countries"])
    group = _weighted(rng, _material()["groups"])
    language = "fr" if rng.random() < country["french"] else "en"
    gender = rng.choice(["female", "male"])
    first_name, family_name = _name(rng, country, gender)
    city = rng.choice(country["cities"])
    return Person(
        first_name=first_name,
        family_name=family_name,
        email=f"{_ascii(first_name)}.{_ascii(family_name)}.{seed}-{number}@{_ascii(city)}.{country['code'].lower()}.example",
        language=language,
        country=country["code"],
        organisation=_say(rng, group["organisations"], language).format(city=city),
        target_group=group["key"],
        answers={**_invent_work(rng, group, language), **_invent_participation(rng, language, gender)},
    )


def _invent_work(rng: Random, group: Mapping[str, Any], language: str) -> dict[str, Any]:
    texts = _material()["texts"]
    parts = ("beginnings", "needs", "endings")
    return {
        "organisation_type": rng.choice(group["organisation_types"]),
        "job_title": _say(rng, group["jobs"], language),
        "experience": rng.choice(["years_0_2", "years_3_5", "years_3_5", "years_6_10", "years_6_10", "years_over_10"]),
        "stages": _some(rng, group["stages"], 1, 2),
        "motivation": " ".join(_say(rng, texts[part], language) for part in parts),
        "practice_to_share": _say(rng, group["practices"], language) if rng.random() < 0.7 else None,
        "use_of_learning": _say(rng, texts["uses"], language) if rng.random() < 0.8 else None,
        "guiding_questions": _some(rng, [f"q{number}" for number in range(1, 9)], 1, 3),
        "earlier_ran": rng.choice(["yes", "no", "no"]),
        "earlier_ran_which": _say(rng, texts["earlier"], language),
    }


def _invent_participation(rng: Random, language: str, gender: str) -> dict[str, Any]:
    english, french = _invent_skills(rng, language)
    colleague = _weighted(rng, _material()["countries"])
    has_colleague = rng.random() < 0.3
    return {
        "language_skills": {"english": english, "french": french},
        "interpretation": _needed_interpretation(rng, language, english, french),
        "attendance": "one" if rng.random() < 0.08 else "both",
        "attendance_day": rng.choice(["first", "second"]),
        "attendance_reason": _say(rng, _material()["texts"]["reasons_for_one_day"], language),
        "replacement_name": " ".join(_name(rng, colleague, "female")) if has_colleague else None,
        "replacement_email": f"colleague{rng.randrange(1000)}@office.example" if has_colleague else None,
        "access_needs": [rng.choice(["captions", "signing", "other"])] if rng.random() < 0.06 else None,
        "gender": "undisclosed" if rng.random() < 0.05 else gender,
        "privacy_notice": True,
        "recording_consent": True if rng.random() < 0.7 else None,
        "contact_list_consent": True if rng.random() < 0.6 else None,
    }


def _invent_skills(rng: Random, language: str) -> tuple[str, str]:
    """Return how well somebody knows English and French: the language of work at least to follow."""
    if language == "fr":
        return rng.choice(["none", "follow", "speak"]), "speak"
    return rng.choice(["follow", "speak", "speak"]), rng.choice(["none", "none", "none", "follow", "speak"])


def _needed_interpretation(rng: Random, language: str, english: str, french: str) -> str:
    other, direction = (english, "en_fr") if language == "fr" else (french, "fr_en")
    is_needed = other == "none" or (other == "follow" and rng.random() < 0.5)
    return direction if is_needed else "none"


def typed_answers(questionnaire: Questionnaire, person: Person, rng: Random) -> Values:
    """Return what the person types into a questionnaire: known answers where they fit, else likely ones."""
    values: Values = {}
    for question in questionnaire.questions:
        values |= _typed(question, person, rng)
    return values


def _typed(question: Question, person: Person, rng: Random) -> Values:
    said = person.says(question)
    if question.kind == Kind.FILE or (said is None and not question.required):
        return {}
    typed = _inputs(question, said, person, rng)
    if said is not None and _keeps_rules(question, typed):
        return typed
    return _inputs(question, _INVENT[Kind(question.kind)](question, person, rng), person, rng)


def _required_files(page: Page) -> dict[str, "UploadedFile[Any]"]:
    """Return a small PDF for each question of a page that nobody can leave without a file."""
    keys = [question.key for question in page.questions if question.kind == Kind.FILE and question.required]
    return {key: SimpleUploadedFile(f"{key}.pdf", EMPTY_PDF, "application/pdf") for key in keys}


def _inputs(question: Question, said: Any, person: Person, rng: Random) -> Values:
    """Return an answer as a browser posts it, with the text beside an option that asks for one."""
    if isinstance(said, dict):
        return {answers.row_name(question.key, row): [step] for row, step in said.items()}
    chosen = said if isinstance(said, list) else ["yes" if said is True else str(said)]
    opens_text = {option.key for option in answers.live_options(question) if option.opens_text}
    which = {answers.text_name(question.key): [_say(rng, _material()["texts"]["others"], person.language)]}
    return {question.key: chosen, **(which if opens_text & set(chosen) else {})}


def _keeps_rules(question: Question, typed: Values) -> bool:
    try:
        answers.check(question, typed)
    except ValidationError:
        return False
    return True


def _invent_text(question: Question, person: Person, rng: Random) -> str:
    """Return sentences, as many as the shortest answer needs, cut at the longest."""
    minimum = question.minimum or 0
    text = _say(rng, _material()["texts"]["needs"], person.language)
    while len(text) < minimum:
        text += " " + _say(rng, _material()["texts"]["needs"], person.language)
    return text[: question.maximum].rstrip().ljust(minimum, ".")


def _invent_number(question: Question, _person: Person, rng: Random) -> int:
    lowest = question.minimum or 0
    return rng.randint(lowest, question.maximum or lowest + 20)


def _invent_date(_question: Question, _person: Person, rng: Random) -> str:
    return (dt.date(2015, 1, 1) + dt.timedelta(days=rng.randrange(2000))).isoformat()


def _invent_choice(question: Question, _person: Person, rng: Random) -> str:
    return _pick(rng, answers.live_options(question))


def _invent_choices(question: Question, _person: Person, rng: Random) -> list[str]:
    keys = [option.key for option in answers.live_options(question)]
    return _some(rng, keys, question.minimum or 1, question.maximum or len(keys))


def _invent_matrix(question: Question, _person: Person, rng: Random) -> dict[str, str]:
    steps = answers.live_options(question)
    return {row.key: _pick(rng, steps) for row in question.rows.all()}


def _pick(rng: Random, options: Sequence[Option]) -> str:
    """Return the key of an option; nothing where there are none, which the rules then refuse."""
    return rng.choice(options).key if options else ""


_INVENT: dict[Question.Kind, Callable[[Question, Person, Random], Any]] = {
    Kind.SHORT_TEXT: _invent_text,
    Kind.LONG_TEXT: _invent_text,
    Kind.EMAIL: lambda _question, person, _rng: person.email,
    Kind.PHONE: lambda _question, _person, rng: f"+33 1 99 00 {rng.randrange(10, 100)} {rng.randrange(10, 100)}",
    Kind.NUMBER: _invent_number,
    Kind.DATE: _invent_date,
    Kind.YES_NO: lambda _question, _person, rng: rng.choice(["yes", "no"]),
    Kind.SINGLE_CHOICE: _invent_choice,
    Kind.MULTIPLE_CHOICE: _invent_choices,
    Kind.MATRIX: _invent_matrix,
    Kind.COUNTRY: lambda _question, person, _rng: person.country,
    Kind.ACKNOWLEDGEMENT: lambda _question, _person, _rng: True,
}


def make_applicants(event: Event, *, count: int, seed: int, now: dt.datetime) -> Iterator[tuple[Application, bool]]:
    """Yield the applications of people 1 to `count`, each with whether it is new: who has applied does not again.

    They apply at moments between the opening and `now`, or the close where that came first. Raises
    `drafts.WindowNotOpen` before the opening, and `submission.AnswersIncomplete` for a questionnaire
    whose rules no answer keeps.
    """
    questionnaire = load(event)
    known = {row.email_key: row for row in event.applications.exclude(email_key="").order_by("-submitted_at")}
    latest = min(now, event.closes_at - dt.timedelta(seconds=1))
    for number in range(1, count + 1):
        person = invent_person(seed, number)
        before = known.get(email_key(person.email))
        if before is not None:
            yield before, False
            continue
        rng = Random(f"{seed}/{number}/applies")
        moment = event.opens_at + (latest - event.opens_at) * rng.random()
        yield _apply(questionnaire, person, rng, at=moment), True


@transaction.atomic
def _apply(questionnaire: Questionnaire, person: Person, rng: Random, *, at: dt.datetime) -> Application:
    """Fill in the questionnaire page by page, submit it, and, as most people do, follow the personal link."""
    typed = typed_answers(questionnaire, person, rng)
    application = drafts.start(questionnaire.event, language=person.language, now=at)
    for page in questionnaire.pages:
        drafts.save_page(application, page, drafts.Input(typed, files=_required_files(page)), now=at)
    submission.submit(application.public_id, now=at)
    access_token = application.access_tokens.first()
    if access_token is not None and rng.random() < PROVES_ADDRESS:
        links.redeem(links.reveal(access_token), at=at)
    application.refresh_from_db()
    return application


@dataclass(frozen=True)
class Opinion:
    """What a reviewer makes of an application: a conflict of interest, or a score by each criterion and a note."""

    conflict: bool
    scores: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    no_conflict_because: str = "We have never met."


def enter(application: Application, reviewer: User, opinion: Opinion, at: dt.datetime) -> Review:
    """Store an opinion."""
    because = opinion.no_conflict_because
    declared = review.declare(application, reviewer, conflict=opinion.conflict, because=because, at=at)
    if opinion.conflict:
        return declared
    return review.save_review(application, reviewer, scores=opinion.scores, note=opinion.note, at=at)


def make_reviews(
    event: Event,
    applications: Collection[Application],
    *,
    seed: int,
    at: dt.datetime,
    enter: Callable[[Application, User, Opinion, dt.datetime], Review] = enter,
) -> Iterator[Review]:
    """Share the event's applications out, and yield a new review of each of these by each of its reviewers.

    An application is as good as it is for all of them; reviewers differ in severity and a little by chance. Whoever
    has a conflict of interest is replaced as on the page. `enter` stores each opinion. Raises `NoReviewers`.
    """
    if not event.memberships.filter(role=Membership.Role.REVIEWER).exists():
        raise NoReviewers(event.slug)
    assignment.share_all_out(event, at=at)
    for application in applications:
        quality = Random(f"{seed}/{application.email_key}").betavariate(4, 2.5)
        while (reviewer := _next_reviewer(application)) is not None:
            yield enter(application, reviewer, _opinion(application, reviewer, quality, seed=seed), at)


def _next_reviewer(application: Application) -> User | None:
    """Return somebody who is to review the application and has not looked at it yet."""
    seen = Review.objects.filter(application=application).values("reviewer")
    standing = Assignment.objects.standing().filter(application=application).exclude(reviewer__in=seen)
    first = standing.select_related("reviewer").order_by("reviewer__username").first()
    return first.reviewer if first else None


def _opinion(application: Application, reviewer: User, quality: float, *, seed: int) -> Opinion:
    severity = Random(f"{seed}/{reviewer.username}").gauss(0, 0.08)
    rng = Random(f"{seed}/{application.email_key}/{reviewer.username}")
    if rng.random() < HAS_CONFLICT:
        return Opinion(conflict=True)
    scores: dict[str, int] = {}
    for criterion in application.event.criteria.all():
        share = min(1.0, max(0.0, quality - severity + rng.gauss(0, 0.12)))
        scores[criterion.key] = round(criterion.maximum * share)
    return Opinion(conflict=False, scores=scores, note=rng.choice(_material()["texts"]["notes"]))


def make_team(event: Event, logins_file: Path) -> dict[str, str]:
    """Make the demo team of an event where it is missing, and return the passwords by username.

    Passwords are random, made once, and kept in `logins_file` for its owner's eyes alone; without its line
    there, a member gets a new one.
    """
    passwords = _read_logins(logins_file)
    missing = TEAM.keys() - passwords.keys()
    passwords |= {username: secrets.token_urlsafe(12) for username in TEAM if username in missing}
    with transaction.atomic():
        for username, role in TEAM.items():
            user, is_new = User.objects.get_or_create(username=username, defaults={"is_staff": True})
            if is_new or username in missing:
                user.set_password(passwords[username])
                user.save()
            organisation, country = WORKPLACES.get(username, ("", ""))
            workplace = {"organisation": organisation, "country": country}
            Membership.objects.get_or_create(event=event, user=user, role=role, defaults=workplace)
    if missing:
        _write_logins(logins_file, passwords)
    return passwords


def _read_logins(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.split() for line in lines)
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and pair[0] in TEAM}


def _write_logins(path: Path, passwords: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{username} {password}\n" for username, password in passwords.items()))


def _weighted(rng: Random, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return rng.choices(entries, [entry["weight"] for entry in entries])[0]


def _name(rng: Random, country: Mapping[str, Any], gender: str) -> tuple[str, str]:
    """Return a first and a family name of the country."""
    family = country.get("family") or country[f"family_{gender}"]
    return rng.choice(country[gender]), rng.choice(family)


def _some(rng: Random, keys: Sequence[str], least: int, most: int) -> list[str]:
    most = min(most, len(keys))
    return rng.sample(keys, rng.randint(min(least, most), most))


def _say(rng: Random, pairs: Sequence[Sequence[str]], language: str) -> str:
    """Return one of some texts that are held as [English, French]."""
    return rng.choice(pairs)[language == "fr"]


def _ascii(name: str) -> str:
    """Return a name as it may stand in an address; `x` for one in another script."""
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(_WITHOUT_DECOMPOSITION))
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalpha()) or "x"
