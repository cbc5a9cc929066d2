"""The applications of an event as a table: what is in it, in which words, at which cost."""

import io
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import translation
from openpyxl import load_workbook

from events.models import Event
from events.templatetags.history import change_in_words
from events.tests.factories import EventFactory, UserFactory
from questionnaire.models import Answer, Application, MatrixRow, Question
from questionnaire.states import Outcome, State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    WHILE_OPEN,
    ApplicationFactory,
    QuestionFactory,
    ReviewFactory,
    SectionFactory,
)
from questionnaire.tests.test_spreadsheet import FORMULAS, read_csv
from questionnaire.workflow import decision, export, organising
from questionnaire.workflow.spreadsheet import Format

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    """Return an event."""
    return EventFactory()


def question(event: Event, kind: str, **fields: Any) -> Question:
    """Add a question."""
    return QuestionFactory(section=SectionFactory(event=event), kind=kind, **fields)


def answer(application: Application, question: Question, value: Any, text: str = "") -> None:
    """Answer a question."""
    Answer.objects.create(application=application, question=question, value=value, text=text)


def table(event: Event, language: str = "en") -> list[dict[str, Any]]:
    """Return the rows of the export, by column."""
    made = export.Export(event, export.exportable(event), language)
    header = [str(cell) for cell in made.header()]
    assert len(set(header)) == len(header)
    return [dict(zip(header, row, strict=True)) for portion in made.portions() for row in portion]


def test_what_stands_of_an_application(event: Event) -> None:
    group = question(event, "single_choice", fills="target_group", options=["x", "other+"], label_en="Group?")
    application = ApplicationFactory(
        event=event,
        first_name="Zoé",
        family_name="Müller",
        email="zoe@example.org",
        language="fr",
        country="AT",
        organisation="Prison Service",
        target_group="other",
        mean_score="7.25",
        adjusted_score="6.80",
        spread="3.50",
        review_count=2,
        email_proved_at=WHILE_OPEN,
    )
    answer(application, group, "other", "Teacher")
    olga = UserFactory(username="olga", first_name="", last_name="")
    organising.write_note(application, "two\nlines", by=olga, at=AFTER_CLOSE)
    for tag in ("to see", "call back"):
        organising.add_tag(event, tag, [application.pk])
    assert table(event) == [
        {
            "Reference": application.public_id,
            "State": "submitted",
            "Decision": "",
            "First name": "Zoé",
            "Family name": "Müller",
            "E-mail": "zoe@example.org",
            "E-mail proved": "2021-11-10T13:00:00+01:00",
            "Language": "French",
            "Country": "Austria",
            "Organisation": "Prison Service",
            "Target group": "Option other",
            "Submitted": "2021-11-10T13:00:00+01:00",
            "Mean score": Decimal("7.25"),
            "Rank": 1,
            "Adjusted mean": Decimal("6.80"),
            "Adjusted rank": 1,
            "Spread": Decimal("3.50"),
            "Reviewers disagree": "yes",
            "Number of reviews": 2,
            "Reviews": "",
            "Reason of the decision": "",
            "History": "",
            "Tags": "call back\nto see",
            "Notes between organisers": "2021-11-22T13:00:00+01:00 · olga · two lines",
            "Group?": "Option other: Teacher",
        }
    ]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("short_text", "a text", "a text"),
        ("short_text", 'Zoé 😀 "so" \\ \u2028', 'Zoé 😀 "so" \\ \u2028'),
        ("long_text", "two\nlines\x07", "two\nlines"),
        ("email", "a@example.org", "a@example.org"),
        ("phone", "+33 1 99", "+33 1 99"),
        ("number", 12, "12"),
        ("date", "2021-12-07", "2021-12-07"),
        ("yes_no", False, "No"),
        ("acknowledgement", True, "Yes"),
        ("single_choice", "a", "Option a"),
        ("multiple_choice", ["a", "b"], "Option a\nOption b"),
        ("country", "DE", "Germany"),
    ],
)
def test_each_kind_of_answer_in_words(event: Event, kind: str, value: Any, shown: str) -> None:
    asked = question(event, kind, label_en="Asked", options=["a", "b"])
    answer(ApplicationFactory(event=event), asked, value)
    answer(ApplicationFactory(event=event), asked, value)
    ApplicationFactory(event=event)
    assert [row["Asked"] for row in table(event)] == [shown, shown, ""]


def test_a_file_is_told_by_its_name(event: Event) -> None:
    answer(ApplicationFactory(event=event), question(event, "file", label_en="CV"), "an-id", "cv.pdf")
    assert table(event)[0]["CV"] == "cv.pdf"


def test_a_matrix_has_a_column_for_each_row(event: Event) -> None:
    asked = question(event, "matrix", label_en="Skills", options=["none", "good"])
    for order, key in enumerate(["english", "french"]):
        MatrixRow.objects.create(question=asked, key=key, order=order, label_en=key.title(), label_fr=f"{key} (fr)")
    answer(ApplicationFactory(event=event), asked, {"french": "good"})
    [row] = table(event)
    assert (row["Skills – English"], row["Skills – French"]) == ("", "Option good")


def test_in_the_language_that_was_chosen(event: Event) -> None:
    answer(ApplicationFactory(event=event), question(event, "country", label_fr="Votre pays"), "DE")
    answer(Application.objects.get(), question(event, "single_choice", label_fr="Choix", options=["a"]), "a")
    [row] = table(event, "fr")
    assert (row["Votre pays"], row["Choix"]) == ("Allemagne", "Choix a")
    with translation.override("fr"):
        assert row[translation.gettext("State")] == str(State.SUBMITTED.label) != "submitted"


def test_the_readers_own_language_stays_as_it_was(event: Event) -> None:
    ApplicationFactory.create_batch(2, event=event)
    for _portion in export.Export(event, export.exportable(event), "fr").portions():
        assert translation.get_language() == "en"


def test_retired_questions_stay_as_long_as_somebody_answered(event: Event) -> None:
    answered = question(event, "short_text", label_en="Answered", retired=True)
    question(event, "short_text", label_en="Never answered", retired=True)
    answer(ApplicationFactory(event=event), answered, "once")
    [row] = table(event)
    assert row["Answered"] == "once"
    assert "Never answered" not in row


def test_what_the_application_holds_is_not_told_twice(event: Event) -> None:
    question(event, "short_text", fills="first_name", label_en="Your first name")
    ApplicationFactory(event=event)
    assert "Your first name" not in table(event)[0]


def test_scores_reasons_and_history(event: Event) -> None:
    application = ApplicationFactory(event=event)
    olga = UserFactory(first_name="Olga", last_name="Martin")
    ReviewFactory(application=application, reviewer=olga, mean_score="7.50", note="Fits\nwell")
    ReviewFactory(application=application, reviewer=UserFactory(username="boris"), conflict=True)
    decision.propose([application], Outcome.ACCEPT, by=olga, at=AFTER_CLOSE, reason="Strong")
    [row] = table(event)
    assert row["Reviews"] == "Olga Martin · 7.50 · Fits well\nboris · conflict of interest"
    assert row["Reason of the decision"] == "Strong"
    assert row["History"] == "2021-11-22T13:00:00+01:00 · decision proposed · accept · Olga Martin · Strong"
    assert (row["State"], row["Decision"]) == ("decision proposed", "accept")


def test_drafts_and_other_events_stay_out(event: Event) -> None:
    ApplicationFactory(event=event, state=State.DRAFT)
    ApplicationFactory()
    withdrawn = ApplicationFactory(event=event, state=State.WITHDRAWN)
    assert [row["Reference"] for row in table(event)] == [withdrawn.public_id]


def test_whatever_people_type_is_text(event: Event) -> None:
    asked = question(event, "long_text", label_en="=1+1")
    for text in FORMULAS:
        answer(ApplicationFactory(event=event, first_name=text, organisation=text), asked, text)
    applications = export.exportable(event)
    for file_format in Format:
        file = io.BytesIO()
        export.write(export.Export(event, applications, "en"), file_format, file)
        if file_format is Format.CSV:
            header, *rows = read_csv(file.getvalue())
            assert header[-1] == "'=1+1"
            assert [(row[3], row[9], row[-1]) for row in rows] == [(f"'{text}",) * 3 for text in FORMULAS]
        else:
            sheet = load_workbook(file).active
            assert {cell.data_type for row in sheet.iter_rows(max_col=12) for cell in row if cell.value} == {"s"}
            assert [cell.value for cell in sheet["D"]][1:] == [text.replace("\r", "\n") for text in FORMULAS]


def test_portions_leave_nobody_out(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PORTION", 2)
    rows = ApplicationFactory.create_batch(5, event=event)
    made = export.Export(event, export.exportable(event), "en")
    assert [len(portion) for portion in made.portions()] == [2, 2, 1]
    assert [row["Reference"] for row in table(event)] == [row.public_id for row in rows]


def test_as_many_queries_for_one_as_for_a_hundred(event: Event, django_assert_num_queries: Any) -> None:
    asked = question(event, "single_choice", options=["a"])
    for number in (1, 3, 100):
        while Application.objects.count() < number:
            application = ApplicationFactory(event=event)
            answer(application, asked, "a")
            ReviewFactory(application=application)
        with django_assert_num_queries(11):
            assert len(table(event)) == number


def test_who_took_what_out_is_on_record(event: Event) -> None:
    olga = UserFactory()
    export.record(event, by=olga, file_format=Format.XLSX, number=12)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, change_in_words(entry)) == (
        olga,
        str(event.pk),
        "Applications exported as XLSX: 12.",
    )
