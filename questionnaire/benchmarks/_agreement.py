"""Whatever is asked and whatever is typed: form, draft, check page, stored answers, data and export agree.

And whatever organisers change meanwhile: nothing that was typed is lost.
"""

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count

from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from events.models import Event
from questionnaire.benchmarks._random_questionnaires import (
    Edit,
    Example,
    Values,
    apply_edit,
    build,
    marker,
    typed_values,
)
from questionnaire.forms import marks
from questionnaire.forms.plain_page import CHOSEN
from questionnaire.models import Application, Condition, Draft, Question
from questionnaire.workflow import display, export, questionnaire, retention
from questionnaire.workflow.answers import CheckedAnswer, CheckedAnswers, value_keys
from questionnaire.workflow.questionnaire import Page, Questionnaire
from questionnaire.workflow.spreadsheet import printable

_numbers = count()
_handler = ClientHandler(enforce_csrf_checks=False)  # one for all visitors: it puts the middleware together once


class Disagreement(AssertionError):
    """Two places that show the same answers differ."""


def must(holds: bool, what: str) -> None:
    """Raise `Disagreement` unless something holds."""
    if not holds:
        raise Disagreement(what)


def is_shown(question: Question, given_answers: dict[str, CheckedAnswer]) -> bool:
    """Say whether a question is to be shown: the rule once more, in other words, to hold the first against."""
    verdicts = []
    for condition in question.conditions.all():
        answer = given_answers.get(condition.depends_on.key)
        keys = value_keys(answer.value) if answer else set()
        wanted = set(condition.values.split())
        verdicts.append(
            {
                Condition.Operator.ANSWERED: answer is not None,
                Condition.Operator.UNANSWERED: answer is None,
                Condition.Operator.IS_ONE_OF: not keys.isdisjoint(wanted),
                Condition.Operator.IS_NONE_OF: keys.isdisjoint(wanted),
            }[Condition.Operator(condition.operator)]
        )
    joined = all if question.match == Question.Match.ALL else any
    return not verdicts or joined(verdicts)


class HiddenInputs(HTMLParser):
    """What a page posts of its own."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a hidden input of the questionnaire's form."""
        found = dict(attrs)
        if tag == "input" and found.get("type") == "hidden" and found.get("name") in {"page", "shown", "draft"}:
            self.values[str(found["name"])] = found.get("value") or ""


def _as_sent(question: Question, name: str, values: list[str]) -> list[str]:
    """Return what a browser sends for an input: a text that is empty too, but no box that is not ticked."""
    return values if name == question.key and question.kind in CHOSEN else values or [""]


@dataclass
class Visitor:
    """Somebody without scripts who fills in a questionnaire; each comes from an address of the network of their own."""

    event: Event
    requests: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        number = next(_numbers)
        self.client = Client(REMOTE_ADDR=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
        self.client.handler = _handler
        self.read_again()

    def read_again(self) -> None:
        """Take note of what the questionnaire asks now."""
        self.event.refresh_from_db()
        self.asked = questionnaire.load(self.event)

    def page(self, number: int) -> str:
        """Return the address of a page."""
        return reverse("questionnaire:page", args=[self.event.slug, number])

    def get(self, address: str) -> str:
        """Open a page; it must be there."""
        self.requests["GET"] += 1
        answer = self.client.get(address)
        must(answer.status_code == 200, f"{address} answers {answer.status_code}")
        return answer.content.decode()

    def post(self, address: str, values: dict[str, object], expected: set[int]) -> None:
        """Send a form; it must be answered as expected."""
        self.requests["POST"] += 1
        answer = self.client.post(address, values)
        must(answer.status_code in expected, f"{address} answers {answer.status_code}, not {expected}")

    def open_pages(self) -> list[tuple[int, Page, dict[str, str]]]:
        """Open every page that asks something; return each with its number and what it posts of its own."""
        asked = self.asked.check(self.application.draft.values).asked
        return [
            (number, page, HiddenInputs(self.get(self.page(number))).values)
            for number, page in enumerate(self.asked.pages, 1)
            if page.asks(asked)
        ]

    def fill_in(self, values: Values, edits: list[Edit], *, is_first: bool) -> None:
        """Type into every page and send it; the second time, after organisers changed what was already open."""
        pages = enumerate(self.asked.pages, 1)
        opened = [(number, page, {}) for number, page in pages] if is_first else self.open_pages()
        for edit in edits:
            apply_edit(self.event, edit)
        for number, page, own in opened:
            typed = {name: _as_sent(page.question_of[name], name, values[name]) for name in page.typed_names}
            self.post(self.page(number), {**own, **typed}, {200, 302, 400})
        self.read_again()
        held = self.application.draft.values
        for name, said in values.items():
            if not any(name in page.typed_names for _number, page, _own in opened):
                continue
            kept = [value.replace("\0", "") for value in said if value.replace("\0", "")]
            must([value for value in held.get(name, []) if value] == kept, f"{name} was typed as {said}")

    @property
    def application(self) -> Application:
        """Return the application as it stands."""
        return Application.objects.select_related("event", "draft").get(event=self.event)


def forms_agree(visitor: Visitor, checked: CheckedAnswers) -> None:
    """Each page shows the questions that are asked, and has the others at hand, hidden; one without any leads on."""
    for number, page in enumerate(visitor.asked.pages, 1):
        if not page.asks(checked.asked):
            must(visitor.client.get(visitor.page(number)).status_code == 302, f"page {number} leads on")
            continue
        html = visitor.get(visitor.page(number))
        for question in page.questions:
            block = html.partition(f'id="question-{question.key}"')[2].partition(">")[0]
            must((' hidden="hidden"' in block) is (question.key not in checked.asked), f"{question.key} on its page")


def check_page_agrees(visitor: Visitor, checked: CheckedAnswers) -> None:
    """Every question that is asked stands there once, with its answer or what is wrong with it."""
    html = visitor.get(reverse("questionnaire:review"))
    groups = display.groups(visitor.asked, checked.answers, checked.errors)
    rows = {row.key: row for group in groups for row in group.rows}
    must(rows.keys() == checked.asked, "the check page shows what is asked")
    must({key for key, row in rows.items() if row.errors} == checked.errors.keys(), "what is wrong is said")
    must({key for key, row in rows.items() if row.lines} == checked.answers.keys(), "what is right is shown")
    for question in visitor.asked.questions:
        edits = html.count(f'#question-{question.key}"')
        must((edits > 0) is (question.key in checked.asked), f"{question.key} on the check page")
    nothing_leaks(visitor.asked, checked, html)


def nothing_leaks(asked: Questionnaire, checked: CheckedAnswers, text: str) -> None:
    """Nothing that was typed into a question that is not asked stands in a text."""
    for question in (*asked.questions, *asked.retired):
        if question.key not in checked.asked:
            must(marker(int(question.key[1:])) not in text, f"{question.key} is hidden and leaks")


def submission_agrees(visitor: Visitor, checked: CheckedAnswers, now: dt.datetime) -> None:
    """What is stored, told to the person and exported is what was checked; of what is retired, it stays as it was."""
    application = visitor.application
    retired = {question.key for question in visitor.asked.retired}
    rows = [row for row in application.answers.select_related("question") if row.question.key not in retired]
    stored = {row.question.key: CheckedAnswer(row.value, row.text) for row in rows}
    must(stored == checked.answers, "stored answers")
    told = retention.everything(application, now=now, with_letters=True)
    in_words = {row["key"]: tuple(row["answer"]) for row in told["answers"] if row["key"] not in retired}
    by_key = {question.key: question for question in visitor.asked.questions}
    expected = {key: display.lines(by_key[key], answer.value, answer.text) for key, answer in checked.answers.items()}
    must(in_words == expected, "one's own data")
    nothing_leaks(visitor.asked, checked, json.dumps([row for row in told["answers"] if row["key"] not in retired]))
    table = export.Export(visitor.event, visitor.event.applications.all(), "en")
    [[row]] = list(table.portions())
    cells = dict(zip(table.header(), row, strict=True))
    for key, question in by_key.items():
        if question.kind == Question.Kind.DATE:  # in figures, to be sorted and counted with
            must(cells[question.label] == getattr(stored.get(key), "value", ""), f"{key} in the export")
        elif question.kind != Question.Kind.MATRIX and not question.fills:
            must(cells[question.label] == printable("\n".join(in_words.get(key, ()))), f"{key} in the export")
    for question in visitor.asked.questions:
        if question.fills and question.fills != Question.Fills.EMAIL:
            value = checked.answers[question.key].value if question.key in checked.answers else ""
            must(getattr(application, question.fills) == value, f"{question.key} in the list")


def try_out(example: Example, *, now: dt.datetime) -> Counter[str]:
    """Fill in a questionnaire once or twice, and look everywhere each time; submit where that is possible.

    Leaves nothing behind; returns how many requests of a kind it took. Raises `Disagreement`.
    """
    with transaction.atomic():
        marks.RENDERED.clear()  # the next example may get the same numbers
        visitor = Visitor(build(example, now=now))
        for is_first, choices in zip((True, False), example.typed, strict=False):
            values = typed_values(visitor.asked, choices)
            visitor.fill_in(values, [] if is_first else example.edits, is_first=is_first)
            checked = visitor.asked.check(visitor.application.draft.values)
            for question in visitor.asked.questions:
                must((question.key in checked.asked) is is_shown(question, checked.answers), f"{question.key} is asked")
            must(checked.answers.keys() | checked.errors.keys() <= checked.asked, "only what is asked is checked")
            forms_agree(visitor, checked)
            check_page_agrees(visitor, checked)
            application = visitor.application
            is_unchanged = application.submitted_revision == application.draft.revision  # then it stands as it is
            visitor.post(reverse("questionnaire:submit"), {}, {400 if checked.errors and not is_unchanged else 302})
            if not checked.errors:
                visitor.requests["submitted"] += 1
                submission_agrees(visitor, checked, now)
        must(Draft.objects.filter(application__event=visitor.event).count() == 1, "one draft a visitor")
        transaction.set_rollback(True)
    return visitor.requests
