"""The applications of an event as a table for a spreadsheet, read in portions, at any length."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from events.countries import country_name
from events.models import Event
from questionnaire.models import Answer, Application, Note, Question, Review, Tag, Transition, because
from questionnaire.states import Outcome, State
from questionnaire.workflow import calibrating, display, history, ranks, spreadsheet
from questionnaire.workflow.ranks import Ranks
from questionnaire.workflow.spreadsheet import Format, Row, printable

PORTION = 1000  # applications held at one time

Kind = Question.Kind
FREE_TEXT = frozenset({Kind.SHORT_TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.PHONE, Kind.DATE})
Fills = Question.Fills
# Columns of the application that hold the whole answer already; a target group's “other” is told by its question.
HELD_BY_THE_APPLICATION = (
    Fills.FIRST_NAME,
    Fills.FAMILY_NAME,
    Fills.EMAIL,
    Fills.LANGUAGE,
    Fills.COUNTRY,
    Fills.ORGANISATION,
)
COLUMNS = (
    "pk",
    "public_id",
    "state",
    "outcome",
    "first_name",
    "family_name",
    "email",
    "email_proved_at",
    "language",
    "country",
    "organisation",
    "target_group",
    "submitted_at",
    "mean_score",
    "adjusted_score",
    "spread",
    "review_count",
)


@dataclass(frozen=True)
class QuestionColumns:
    """A question in the table: one column, for a matrix one a row. Several choices stand in one cell, a line each."""

    question: Question
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Return what stands above."""
        if self.question.kind == Kind.MATRIX:
            return tuple(f"{self.question.label} – {row.label}" for row in self.question.rows.all())
        return (self.question.label,)

    @cached_property
    def is_free_text(self) -> bool:
        """Return whether no two answers need be equal."""
        return self.question.kind in FREE_TEXT

    @cached_property
    def empty(self) -> tuple[str, ...]:
        """Return what stands where there is no answer."""
        return ("",) * len(self.labels)

    def cells(self, stored: str, text: str) -> tuple[str, ...]:
        """Return an answer given as the JSON that is stored; equal choices are put into words once."""
        if self.is_free_text:
            # A JSON string in which nothing is escaped is the text itself, and most are.
            return (printable(json.loads(stored) if "\\" in stored else stored[1:-1]),)
        if text:
            return self._in_words(stored, text)
        cells = self.known.get(stored)
        if cells is None:
            cells = self.known[stored] = self._in_words(stored, text)
        return cells

    def _in_words(self, stored: str, text: str) -> tuple[str, ...]:
        value = json.loads(stored)
        if self.question.kind == Kind.MATRIX:
            steps = {option.key: option.label for option in self.question.options.all()}
            return tuple(steps.get(value.get(row.key), "") for row in self.question.rows.all())
        return (printable("\n".join(display.lines(self.question, value, text))),)


@dataclass(frozen=True)
class Export:
    """Some applications of an event as a table, in a language: `applications` keeps its filter and its order."""

    event: Event
    applications: QuerySet[Application]
    language: str

    def header(self) -> Row:
        """Return what stands above the columns."""
        with translation.override(self.language):
            own = (
                _("Reference"),
                _("State"),
                _("Decision"),
                _("First name"),
                _("Family name"),
                _("E-mail"),
                _("E-mail proved"),
                _("Language"),
                _("Country"),
                _("Organisation"),
                _("Target group"),
                _("Submitted"),
                _("Mean score"),
                _("Rank"),
                _("Adjusted mean"),
                _("Adjusted rank"),
                _("Spread"),
                _("Reviewers disagree"),
                _("Number of reviews"),
                _("Reviews"),
                _("Reason of the decision"),
                _("History"),
                _("Tags"),
                _("Notes between organisers"),
            )
            return [*own, *(printable(label) for question in self._questions for label in question.labels)]

    def portions(self) -> Iterator[list[Row]]:
        """Yield the rows, some at a time; read with a cursor that stays on the server.

        The language is active only while a portion is made, never while the reader waits for the next.
        """
        rows = self.applications.values_list(*COLUMNS).iterator(chunk_size=PORTION)
        while portion := list(islice(rows, PORTION)):
            with translation.override(self.language):
                made = self._rows(portion)
            yield made

    @cached_property
    def _questions(self) -> list[QuestionColumns]:
        """Return the questions in use, and those retired that somebody has answered."""
        answered = Exists(Answer.objects.filter(question=OuterRef("pk")))
        questions = (
            Question.objects.filter(Q(retired=False) | answered, event=self.event)
            .exclude(fills__in=HELD_BY_THE_APPLICATION)
            .prefetch_related("options", "rows")
            .order_by("section__order", "section__key", "order", "key")
        )
        return [QuestionColumns(question) for question in questions]

    @cached_property
    def _group_labels(self) -> dict[str, str]:
        for columns in self._questions:
            if columns.question.fills == Fills.TARGET_GROUP:
                return {option.key: option.label for option in columns.question.options.all()}
        return {}

    @cached_property
    def _ranks(self) -> Ranks:
        return ranks.ranks(self.event)

    @cached_property
    def _states(self) -> dict[str, str]:
        return {state.value: str(state.label) for state in State}

    @cached_property
    def _outcomes(self) -> dict[str, str]:
        return {"": ""} | {outcome.value: str(outcome.label) for outcome in Outcome}

    @cached_property
    def _languages(self) -> dict[str, str]:
        return {code: str(name) for code, name in settings.LANGUAGES}

    def _rows(self, portion: Sequence[tuple[Any, ...]]) -> list[Row]:
        ids = [row[0] for row in portion]
        answers, reviews, changes = self._answers(ids), self._reviews(ids), self._changes(ids)
        tags, notes = self._tags(ids), self._notes(ids)
        nothing = {columns.question.pk: columns.empty for columns in self._questions}
        rows = []
        for application in portion:
            pk = application[0]
            row = self._own_cells(application)
            row += ["\n".join(reviews[pk]), changes[pk].reason, "\n".join(changes[pk].lines)]
            row += ["\n".join(tags[pk]), "\n".join(notes[pk])]
            given = nothing | answers[pk]
            row += chain.from_iterable(given.values())
            rows.append(row)
        return rows

    def _own_cells(self, application: tuple[Any, ...]) -> Row:
        (_pk, reference, state, outcome, first, family, email, proved_at) = application[:8]
        (language, country, organisation, group, submitted_at, mean, adjusted, spread, number) = application[8:]
        return [
            reference,
            self._states[state],
            self._outcomes[outcome],
            printable(first),
            printable(family),
            printable(email),
            self._moment(proved_at),
            self._languages.get(language, language),
            country_name(country),
            printable(organisation),
            self._group_labels.get(group, group),
            self._moment(submitted_at),
            mean,
            self._ranks.raw.get(mean),
            adjusted,
            self._ranks.adjusted.get(adjusted),
            spread,
            _("yes") if calibrating.disagree(spread) else "",
            number,
        ]

    def _answers(self, ids: Sequence[int]) -> Mapping[int, dict[int, tuple[str, ...]]]:
        """Return the cells by application and question. The JSON is read as text: most of it needs no parsing twice."""
        by_question = {columns.question.pk: columns for columns in self._questions}
        rows = Answer.objects.filter(application__in=ids, question__in=by_question).order_by()
        found: defaultdict[int, dict[int, tuple[str, ...]]] = defaultdict(dict)
        stored = rows.annotate(stored=Cast("value", TextField())).values_list(
            "application", "question", "stored", "text"
        )
        for application, question, value, text in stored:
            found[application][question] = by_question[question].cells(value, text)
        return found

    def _reviews(self, ids: Sequence[int]) -> Mapping[int, list[str]]:
        """Return by application a line for each review: who, the score, the note."""
        rows = Review.objects.filter(application__in=ids).order_by("saved_at", "pk")
        people = _people("reviewer")
        found: defaultdict[int, list[str]] = defaultdict(list)
        for application, conflict, mean, note, *name in rows.values_list(
            "application", "conflict", "mean_score", "note", *people
        ):
            score = _("conflict of interest") if conflict else "" if mean is None else number_format(mean, 2)
            found[application].append(_line(_name(*name), score, " ".join(note.split())))
        return found

    def _changes(self, ids: Sequence[int]) -> Mapping[int, _Changes]:
        """Return by application what became of it, and why it was last proposed as it was."""
        rows = Transition.objects.filter(application__in=ids).order_by("at", "pk")
        found: defaultdict[int, _Changes] = defaultdict(_Changes)
        for application, at, state, outcome, kept, *name in rows.values_list(
            "application", "at", "to_state", "outcome", "reason", *_people("by")
        ):
            changes, reason = found[application], because.in_words(kept)
            words = _line(self._moment(at), self._states[state], self._outcomes[outcome], _name(*name), reason)
            changes.lines.append(words)
            if state == State.PROPOSED:
                changes.reason = printable(reason)
        return found

    def _tags(self, ids: Sequence[int]) -> Mapping[int, list[str]]:
        """Return the organisers' tags by application."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        rows = Tag.applications.through.objects.filter(application__in=ids).order_by("tag__name")
        for application, name in rows.values_list("application", "tag__name"):
            found[application].append(printable(name))
        return found

    def _notes(self, ids: Sequence[int]) -> Mapping[int, list[str]]:
        """Return by application a line for each note between organisers: when, who, the text."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        rows = Note.objects.filter(application__in=ids).order_by("at", "pk")
        for application, at, text, *name in rows.values_list("application", "at", "text", *_people("by")):
            found[application].append(_line(self._moment(at), _name(*name), " ".join(text.split())))
        return found

    def _moment(self, moment: dt.datetime | None) -> str:
        """Return a moment by ISO 8601 on the clock of the event, its offset along."""
        return moment.astimezone(self.event.zone).isoformat(timespec="seconds") if moment else ""


@dataclass
class _Changes:
    """The history of an application, a line for each change."""

    lines: list[str] = field(default_factory=list)
    reason: str = ""


def _people(relation: str) -> tuple[str, str, str]:
    return (f"{relation}__first_name", f"{relation}__last_name", f"{relation}__username")


def _name(first: str | None, last: str | None, username: str | None) -> str:
    return f"{first or ''} {last or ''}".strip() or username or ""


def _line(*parts: str) -> str:
    return printable(" · ".join(filter(None, parts)))


def exportable(event: Event) -> QuerySet[Application]:
    """Return all that was submitted to an event, in the order in which it came; drafts are their writers' own."""
    return event.applications.exclude(state=State.DRAFT).order_by("submitted_at", "pk")


def write(export: Export, file_format: Format, file: IO[bytes]) -> None:
    """Write a table into a file, which need not be able to seek."""
    if file_format is Format.CSV:
        file.writelines(spreadsheet.csv_portions(export.header(), export.portions()))
        return
    with translation.override(export.language):
        title = _("Applications")
    spreadsheet.write_xlsx(export.header(), export.portions(), file, title=title)


def record(event: Event, *, by: User, file_format: Format, number: int) -> None:
    """Write into the history of the event who took how many applications out of it, and as what."""
    text = gettext_noop("Applications exported as %(format)s: %(number)d.")
    history.record(event, text, by=by, format=file_format.name, number=number)
