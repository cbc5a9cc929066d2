"""Whatever is asked and whatever is typed: form, draft, check page, stored answers, data and export agree.

`RAVISIT_EXAMPLES=10000` tries as many instead of a few hundred.
"""

import json
import os

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings

from events.models import Event
from questionnaire.models import Application, Condition, Question
from questionnaire.tests.factories import WHILE_OPEN
from questionnaire.tests.random_questionnaires import EXAMPLES, Example, Values, build, marker, typed_values
from questionnaire.views import throttle
from questionnaire.workflow import display, export, questionnaire, retention
from questionnaire.workflow.answers import CheckedAnswer, CheckedAnswers, value_keys
from questionnaire.workflow.questionnaire import Questionnaire
from questionnaire.workflow.spreadsheet import printable

pytestmark = pytest.mark.django_db

NUMBER = int(os.environ.get("RAVISIT_EXAMPLES", "200"))


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


class Visitor:
    """Somebody without scripts who fills in a questionnaire."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.client = Client()
        self.asked = questionnaire.load(event)

    def page(self, number: int) -> str:
        """Return the address of a page."""
        return reverse("questionnaire:page", args=[self.event.slug, number])

    def fill_in(self, values: Values) -> None:
        """Type everything, page by page, and go on whatever the page says."""
        for number in range(1, len(self.asked.pages) + 1):
            answer = self.client.post(self.page(number), values)
            assert answer.status_code in {200, 302, 400}

    def get(self, name: str) -> HttpResponse:
        """Open one of the applicant's own pages."""
        return self.client.get(reverse(f"questionnaire:{name}"))  # type: ignore[return-value]

    @property
    def application(self) -> Application:
        """Return the application as it stands."""
        return Application.objects.select_related("event", "draft").get(event=self.event)


def forms_agree(visitor: Visitor, checked: CheckedAnswers) -> None:
    """Each page shows the questions that are asked, and has the others at hand, hidden."""
    for number, page in enumerate(visitor.asked.pages, 1):
        answer = visitor.client.get(visitor.page(number))
        assert answer.status_code == 200
        html = answer.content.decode()
        for question in page.questions:
            block = html.partition(f'id="question-{question.key}"')[2].partition(">")[0]
            assert (' hidden="hidden"' in block) is (question.key not in checked.asked)


def check_page_agrees(visitor: Visitor, checked: CheckedAnswers) -> None:
    """Every question that is asked stands there once, with its answer or what is wrong with it."""
    answer = visitor.get("review")
    rows = {row.key: row for group in answer.context["groups"] for row in group.rows}
    assert rows.keys() == checked.asked
    assert {key for key, row in rows.items() if row.errors} == checked.errors.keys()
    assert {key for key, row in rows.items() if row.lines} == checked.answers.keys()
    nothing_leaks(visitor.asked, checked, answer.content.decode())


def nothing_leaks(asked: Questionnaire, checked: CheckedAnswers, text: str) -> None:
    """Nothing that was typed into a question that is not asked stands in a text."""
    for question in asked.questions:
        if question.key not in checked.asked:
            assert marker(int(question.key[1:])) not in text


def submission_agrees(visitor: Visitor, checked: CheckedAnswers) -> None:
    """What is stored, told to the person and exported is what was checked, and nothing else."""
    application = visitor.application
    stored = {
        row.question.key: CheckedAnswer(row.value, row.text) for row in application.answers.select_related("question")
    }
    assert stored == checked.answers
    told = retention.everything(application, now=WHILE_OPEN, with_letters=True)
    in_words = {row["key"]: tuple(row["answer"]) for row in told["answers"]}
    by_key = {question.key: question for question in visitor.asked.questions}
    assert in_words == {
        key: display.lines(by_key[key], answer.value, answer.text) for key, answer in checked.answers.items()
    }
    nothing_leaks(visitor.asked, checked, json.dumps(told["answers"]))
    table = export.Export(visitor.event, visitor.event.applications.all(), "en")
    [[row]] = list(table.portions())
    cells = dict(zip(table.header(), row, strict=True))
    for key, question in by_key.items():
        if question.kind != Question.Kind.MATRIX and not question.fills:
            assert cells[question.label] == printable("\n".join(in_words.get(key, ())))
    for question in visitor.asked.questions:
        if question.fills and question.fills != Question.Fills.EMAIL:
            value = checked.answers[question.key].value if question.key in checked.answers else ""
            assert getattr(application, question.fills) == value
    nothing_leaks(visitor.asked, checked, repr(row))


def try_out(example: Example) -> None:
    """Fill in a questionnaire once or twice, and look everywhere each time; submit where that is possible."""
    visitor = Visitor(build(example))
    for choices in example.typed:
        visitor.fill_in(typed_values(visitor.asked, choices))
        checked = visitor.asked.check(visitor.application.draft.values)
        for question in visitor.asked.questions:
            assert (question.key in checked.asked) is is_shown(question, checked.answers)
        assert checked.answers.keys() | checked.errors.keys() <= checked.asked
        forms_agree(visitor, checked)
        check_page_agrees(visitor, checked)
        answer = visitor.client.post(reverse("questionnaire:submit"))
        assert answer.status_code == (400 if checked.errors else 302)
        if not checked.errors:
            submission_agrees(visitor, checked)


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one visitor make more requests a minute than any person does."""
    monkeypatch.setattr(throttle, "REQUESTS_PER_MINUTE", 1_000_000)


@settings(max_examples=NUMBER, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(EXAMPLES)
def test_everything_agrees(example: Example) -> None:
    with time_machine.travel(WHILE_OPEN, tick=False), transaction.atomic():
        try_out(example)
        transaction.set_rollback(True)
