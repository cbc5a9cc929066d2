"""The study visit to Paris as data files, and the way from there into the database.

The files use the field names of the models; what belongs to a row (options of a question) is nested in it.
A row is found again by its key, so that loading a second time refreshes it and keeps its id, the answers
and whatever organisers added.
"""

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import translation

from events import publishing
from events.models import (
    Contact,
    Event,
    GuidingQuestion,
    Interpretation,
    Reference,
    Session,
    TargetGroup,
    Window,
    validate_time_zone,
)
from questionnaire.models import (
    Condition,
    Criterion,
    CriterionStep,
    LetterTemplate,
    MatrixRow,
    Option,
    Question,
    Quota,
    Release,
    Section,
)
from questionnaire.study_visit import dates
from questionnaire.study_visit.rows import ContentError, Row, Rows
from questionnaire.workflow.conditions import possible_values

__all__ = ["FOLDER", "WAY_TO_EVENT", "ContentError", "Loaded", "load"]

FOLDER = Path(__file__).parent
LISTS = {
    "agenda": "sessions",
    "questionnaire": "sections",
    "criteria": "criteria",
    "quotas": "quotas",
    "letters": "letters",
}

Block = Mapping[str, Any]

OF_EVENT: dict[str, tuple[type[Model], str]] = {
    "contacts": (Contact, "name"),
    "target_groups": (TargetGroup, "key"),
    "guiding_questions": (GuidingQuestion, "number"),
    "references": (Reference, "number"),
}
NESTED = frozenset({*OF_EVENT, "questions", "options", "rows", "conditions", "steps"})

# What organisers may have added beside the files, with the way from the row to its event; parents come first.
WAY_TO_EVENT: dict[type[Model], str] = {
    Contact: "event",
    TargetGroup: "event",
    GuidingQuestion: "event",
    Reference: "event",
    Session: "event",
    Section: "event",
    Question: "event",
    Option: "question__event",
    MatrixRow: "question__event",
    Condition: "question__event",
    Criterion: "event",
    CriterionStep: "criterion__event",
    Quota: "event",
    LetterTemplate: "event",
}
_INTERPRETATION_FROM = {"": Interpretation.NONE, "en": Interpretation.EN_FR, "fr": Interpretation.FR_EN}


@dataclass(frozen=True)
class Loaded:
    """What loading did: the event, how many rows were added, changed, unchanged, and the rows of organisers' own."""

    event: Event
    counts: Mapping[str, int]
    kept: list[str] = field(default_factory=list)


def load(*, now: dt.datetime, opens_now: bool = False, folder: Path = FOLDER) -> Loaded:
    """Load or refresh the event, all or nothing; a second time changes nothing.

    With `opens_now` all dates move by the same number of weeks, so that applying is open at `now`; where it
    already is, they stay. Raises `ContentError` for a mistake in the files, and where they contradict what
    has happened since: another type of a question that has answers, other dates of an ordered release.
    """
    event_block = _read(folder, "event")
    lists = {file: _read_list(folder, file, name) for file, name in LISTS.items()}
    rows = Rows()
    with transaction.atomic(), translation.override("en"):
        event = _load_event(rows, event_block, now if opens_now else None)
        of_event = {"event": event}
        for name, (model, by) in OF_EVENT.items():
            _write_all(rows, model, "event", _nested(event_block, name, "event.toml"), of_event, by)
        _write_all(rows, Session, "agenda", _sessions(event, lists["agenda"]), of_event, "key")
        questions = _load_questionnaire(rows, event, lists["questionnaire"])
        _load_quotas(rows, event, lists["quotas"], questions)
        _load_criteria(rows, event, lists["criteria"])
        _write_all(rows, LetterTemplate, "letters", lists["letters"], of_event, "kind")
        if rows.anything_changed:
            publishing.touch(event)
    return Loaded(event, rows.counts, _kept(rows, event))


def _read(folder: Path, file: str) -> Block:
    try:
        return tomllib.loads((folder / f"{file}.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ContentError(f"{file}.toml: {error}") from error


def _read_list(folder: Path, file: str, name: str) -> list[Block]:
    """Return the blocks of a file that holds nothing else."""
    content = _read(folder, file)
    if set(content) != {name}:
        raise ContentError(f"{file}.toml: it holds [[{name}]] and nothing else, not {', '.join(content) or 'nothing'}")
    return _nested(content, name, f"{file}.toml")


def _nested(block: Block, name: str, where: str) -> list[Block]:
    """Return the blocks nested under a name; there need not be any."""
    blocks = block.get(name, [])
    if not isinstance(blocks, list) or not all(isinstance(nested, dict) for nested in blocks):
        raise ContentError(f"{where}: {name} must be a list of tables")
    return blocks


def _columns(block: Block) -> dict[str, Any]:
    """Return what a block says of its own row, without the blocks nested in it."""
    return {name: value for name, value in block.items() if name not in NESTED}


def _write_all(rows: Rows, model: type[Row], file: str, blocks: Iterable[Block], parent: Block, by: str) -> list[Row]:
    """Write the blocks as rows of a parent, in their order; `by` is the field that tells them apart."""
    has_order = any(column.name == "order" for column in model._meta.fields)
    written = []
    for position, block in enumerate(blocks, start=1):
        if by not in block:
            raise ContentError(f"{file}.toml: {model._meta.verbose_name} {position} has no {by}")
        values = _columns(block) | ({"order": position} if has_order else {})
        where = f"{file}.toml: {model._meta.verbose_name} {block[by]}"
        written.append(rows.write(model, where, {**parent, by: block[by]}, values))
    return written


def _load_event(rows: Rows, block: Block, open_at: dt.datetime | None) -> Event:
    where = "event.toml"
    slug = dates.typed(block, "slug", str, where)
    zone = _zone(dates.typed(block, "time_zone", str, where))
    existing = Event.objects.filter(slug=slug).first()
    shift = _shift(block, existing, open_at, zone)
    moved_dates = dates.event_dates(block, where, zone, shift)
    values = _columns(block) | moved_dates
    values |= dates.titles(block, moved_dates["first_day"], moved_dates["last_day"], zone)
    if existing is not None and Release.objects.filter(event=existing).exists():
        moved = [name for name in (*dates.DAYS, *dates.MOMENTS) if getattr(existing, name) != values[name]]
        if moved:
            raise ContentError(f"{where}: the release is ordered, so these dates stay: {', '.join(moved)}")
    return rows.write(Event, where, {"slug": slug}, values)


def _zone(name: str) -> ZoneInfo:
    try:
        validate_time_zone(name)
    except ValidationError as error:
        raise ContentError(f"event.toml: time_zone: {error.messages[0]}") from error
    return ZoneInfo(name)


def _shift(block: Block, existing: Event | None, open_at: dt.datetime | None, zone: ZoneInfo) -> dt.timedelta:
    """Return by how much the dates of the files move: not at all, or so that applying is open at `open_at`."""
    if open_at is None:
        return dt.timedelta()
    if existing is not None and existing.window(open_at) is Window.OPEN:
        return existing.first_day - dates.typed(block, "first_day", dt.date, "event.toml")
    opens_at = dates.local_time(block, "opens_at", "event.toml")
    return dates.weeks_until_open(opens_at, today=open_at.astimezone(zone).date())


def _sessions(event: Event, blocks: Iterable[Block]) -> Iterable[Block]:
    """Turn days and clock times into moments, and derive the interpretation from the floor's language."""
    for block in blocks:
        where = f"agenda.toml: session {block.get('key')}"
        day = event.first_day + dates.DAY * (dates.typed(block, "day", int, where) - 1)
        floor = block.get("floor_language", "")
        if floor not in _INTERPRETATION_FROM:
            raise ContentError(f"{where}: floor_language is one of en, fr, not {floor!r}")
        columns = {name: value for name, value in block.items() if name not in {"day", "starts", "ends"}}
        yield columns | {
            "starts_at": dates.moment(
                dt.datetime.combine(day, dates.typed(block, "starts", dt.time, where)), event.zone
            ),
            "ends_at": dates.moment(dt.datetime.combine(day, dates.typed(block, "ends", dt.time, where)), event.zone),
            "interpretation": _INTERPRETATION_FROM[floor],
        }


def _load_questionnaire(rows: Rows, event: Event, blocks: list[Block]) -> dict[str, Question]:
    """Write sections and questions; return the questions by key."""
    questions: dict[str, Question] = {}
    sections = _write_all(rows, Section, "questionnaire", blocks, {"event": event}, "key")
    for block, section in zip(blocks, sections, strict=True):
        nested = _nested(block, "questions", f"questionnaire.toml: section {section.key}")
        asked = [{**question_block, "section": section} for question_block in nested]
        for question_block in asked:
            _refuse_another_kind(event, question_block)
        written = _write_all(rows, Question, "questionnaire", asked, {"event": event}, "key")
        for question_block, question in zip(asked, written, strict=True):
            _load_parts(rows, question, question_block, earlier=questions)
            questions[question.key] = question
    return questions


def _refuse_another_kind(event: Event, block: Block) -> None:
    answered = Question.objects.filter(event=event, key=block.get("key"), answers__isnull=False)
    if answered.exclude(kind=block.get("kind", "")).exists():
        raise ContentError(f"questionnaire.toml: question {block['key']} has answers, so its kind must stay")


def _load_parts(rows: Rows, question: Question, block: Block, *, earlier: Mapping[str, Question]) -> None:
    """Write a question's options, rows and conditions; a condition looks at an earlier question alone."""
    where = f"questionnaire.toml: question {question.key}"
    of_question = {"question": question}
    _write_all(rows, Option, "questionnaire", _nested(block, "options", where), of_question, "key")
    _write_all(rows, MatrixRow, "questionnaire", _nested(block, "rows", where), of_question, "key")
    for condition in _nested(block, "conditions", where):
        depends_on = earlier.get(condition.get("depends_on", ""))
        if depends_on is None:
            raise ContentError(
                f"{where}: its condition looks at {condition.get('depends_on')!r}, not an earlier question"
            )
        _check_values(where, depends_on, condition.get("values", ""))
        values = {**condition, "depends_on": depends_on}
        rows.write(Condition, where, {**of_question, **values}, values)


def _load_criteria(rows: Rows, event: Event, blocks: list[Block]) -> None:
    """Write the criteria, each with the steps of its scale."""
    written = _write_all(rows, Criterion, "criteria", blocks, {"event": event}, "key")
    for block, criterion in zip(blocks, written, strict=True):
        steps = _nested(block, "steps", f"criteria.toml: criterion {criterion.key}")
        _write_all(rows, CriterionStep, "criteria", steps, {"criterion": criterion}, "score")


def _load_quotas(rows: Rows, event: Event, blocks: Iterable[Block], questions: Mapping[str, Question]) -> None:
    for block in blocks:
        where = f"quotas.toml: {block.get('question')} {block.get('values', '')}".rstrip()
        question = questions.get(block.get("question", ""))
        if question is None or not question.for_balance:
            raise ContentError(f"{where}: this is no question with for_balance = true")
        _check_values(where, question, block.get("values", ""))
        identity = {"event": event, "question": question, "values": block.get("values", "")}
        rows.write(Quota, where, identity, {**block, "question": question})


def _check_values(where: str, question: Question, values: str) -> None:
    """Refuse values that no answer to the question can have."""
    possible = possible_values(question)
    unknown = [value for value in values.split() if possible is not None and value not in possible]
    if unknown:
        raise ContentError(f"{where}: {question.key} has no value {', '.join(unknown)}")


def _kept(rows: Rows, event: Event) -> list[str]:
    """Name what the event has and no file says: organisers' own, which loading leaves alone."""
    own = ((model, row) for model, way in WAY_TO_EVENT.items() for row in rows.not_written(model, **{way: event}))
    return [f"{model._meta.verbose_name} {row}" for model, row in own]
