"""The questionnaire of one event taken over by another."""

from typing import Any

import pytest

from events.models import Event
from events.tests.factories import EventFactory
from questionnaire.models import Condition, Criterion, LetterTemplate, MatrixRow, Question, Quota
from questionnaire.study_visit import load
from questionnaire.tests.factories import (
    WHILE_OPEN,
    ApplicationFactory,
    ConditionFactory,
    CriterionFactory,
    LetterTemplateFactory,
    QuestionFactory,
    SectionFactory,
    small_questionnaire,
)
from questionnaire.workflow import building, copying, outline
from questionnaire.workflow.copying import Along

pytestmark = pytest.mark.django_db
EVERYTHING = Along(criteria=True, letters=True, quotas=True)


@pytest.fixture
def source() -> Event:
    """Return an event with a questionnaire."""
    return small_questionnaire()


@pytest.fixture
def target() -> Event:
    """Return an event without one, not published yet."""
    return EventFactory(published=False)


def texts(event: Event) -> list[Any]:
    """Return all that a questionnaire says, without ids and events."""
    ids = {"id", "event", "section", "question"}
    described = []
    for part in outline.read(event).parts:
        rows = [part.section, *(row for question in part.questions for row in outline.texts_of(question))]
        described += [[getattr(row, field.name) for field in row._meta.fields if field.name not in ids] for row in rows]
        described += [
            [str(condition), condition.question.key]
            for question in part.questions
            for condition in question.conditions.all()
        ]
    return described


def test_the_paris_questionnaire_arrives_whole(target: Event) -> None:
    paris = load(now=WHILE_OPEN).event
    copied = copying.copy_questionnaire(paris, target, EVERYTHING)
    assert texts(target) == texts(paris)
    assert copied.questions == paris.questions.count()
    steps = [(step.score, step.description_fr) for step in paris.criteria.get(key="fit").steps.all()]
    assert [(step.score, step.description_fr) for step in target.criteria.get(key="fit").steps.all()] == steps
    assert len(steps) == 6
    assert (copied.criteria, copied.letters) == (paris.criteria.count(), paris.letter_templates.count())
    assert copied.quotas == paris.quotas.count() == target.quotas.count()
    assert copied.left_behind == ()
    assert building.problems(outline.read(target)) == []
    assert not Condition.objects.filter(question__event=target).exclude(depends_on__event=target).exists()
    assert not Quota.objects.filter(event=target).exclude(question__event=target).exists()


def test_the_original_stays_as_it_is(source: Event, target: Event) -> None:
    before = texts(source)
    copying.copy_questionnaire(source, target, EVERYTHING)
    target.questions.update(label_en="Changed in the copy")
    assert texts(source) == before


def test_both_languages_and_what_fell_behind(source: Event, target: Event) -> None:
    source.questions.filter(key="country").update(label_fr="Quel pays ?", stale=["label_en"])
    copying.copy_questionnaire(source, target, Along())
    [copy] = target.questions.filter(key="country").values_list("label_fr", "stale")
    assert copy == ("Quel pays ?", ["label_en"])


def test_what_is_retired_stays_behind(source: Event, target: Event) -> None:
    SectionFactory(event=source, key="empty")
    old = QuestionFactory(section=SectionFactory(event=source, key="old"), key="old", retired=True)
    choice = QuestionFactory(
        section=source.sections.get(key="work"), key="choice", kind="single_choice", options=["a", "b"]
    )
    choice.options.filter(key="b").update(retired=True)
    on_old = QuestionFactory(section=choice.section, key="on_old")
    ConditionFactory(question=on_old, depends_on=old, operator="answered")
    on_b = QuestionFactory(section=choice.section, key="on_b")
    ConditionFactory(question=on_b, depends_on=choice, values="a b")
    ConditionFactory(question=on_b, depends_on=choice, values="b")
    copied = copying.copy_questionnaire(source, target, Along())
    assert set(target.sections.values_list("key", flat=True)) == {"you", "work"}
    assert not target.questions.filter(key="old").exists()
    assert list(target.questions.get(key="choice").options.values_list("key", flat=True)) == ["a"]
    assert [condition.values for condition in target.questions.get(key="on_b").conditions.all()] == ["a"]
    assert len(copied.left_behind) == 2
    assert copied.left_behind[0].startswith(on_old.label)


def test_rows_of_a_matrix_come_along(source: Event, target: Event) -> None:
    matrix = QuestionFactory(section=source.sections.get(key="work"), kind="matrix", options=["a"], key="matrix")
    MatrixRow.objects.create(question=matrix, key="row", label_en="Row", label_fr="Ligne")
    copying.copy_questionnaire(source, target, Along())
    assert target.questions.get(key="matrix").rows.get(key="row").label == "Row"


def test_where_somebody_has_begun_to_apply_nothing_is_replaced(source: Event, target: Event) -> None:
    ApplicationFactory(event=target, state="draft")
    assert not copying.can_take(target)
    with pytest.raises(copying.HasApplications):
        copying.copy_questionnaire(source, target, EVERYTHING)
    assert not target.sections.exists()


def test_an_empty_questionnaire_replaces_none(source: Event, target: Event) -> None:
    with pytest.raises(copying.NothingToCopy):
        copying.copy_questionnaire(target, source, EVERYTHING)
    assert source.questions.exists()


def test_the_former_questionnaire_goes(source: Event, target: Event) -> None:
    former = QuestionFactory(section=SectionFactory(event=target), key="former")
    Quota.objects.create(event=target, question=former, maximum=3)
    copying.copy_questionnaire(source, target, Along())
    assert not Question.objects.filter(key="former").exists()
    assert not Quota.objects.filter(event=target).exists()


def test_what_goes_along_is_asked_for(source: Event, target: Event) -> None:
    CriterionFactory(event=source, key="motivation")
    Quota.objects.create(event=source, question=source.questions.get(key="country"), maximum=3)
    copying.copy_questionnaire(source, target, Along())
    for rows in (target.criteria, target.letter_templates, target.quotas):
        assert not rows.exists()
    copied = copying.copy_questionnaire(source, target, EVERYTHING)
    assert (copied.criteria, copied.quotas) == (1, 1)
    assert copied.letters == target.letter_templates.count() == source.letter_templates.count()


def test_criteria_and_letters_of_the_events_own_stay(source: Event, target: Event) -> None:
    for event, name in ((source, "Theirs"), (target, "Ours")):
        CriterionFactory(event=event, key="motivation", name_en=name)
    LetterTemplateFactory(event=target, kind="receipt", subject_en="Ours")
    copying.copy_questionnaire(source, target, EVERYTHING)
    assert Criterion.objects.get(event=target).name == "Ours"
    assert LetterTemplate.objects.get(event=target, kind="receipt").subject == "Ours"


def test_a_published_event_takes_nothing_that_is_not_whole(source: Event) -> None:
    target = small_questionnaire()
    source.questions.filter(key="country").update(label_fr="")
    before = texts(target)
    with pytest.raises(building.WouldBreak):
        copying.copy_questionnaire(source, target, EVERYTHING)
    assert texts(target) == before


@pytest.mark.parametrize("size", [1, 3, 20])
def test_the_queries_do_not_grow(source: Event, target: Event, size: int, django_assert_num_queries: Any) -> None:
    for _ in range(size):
        later = QuestionFactory(section=source.sections.get(key="work"), kind="single_choice", options=["a", "b"])
        ConditionFactory(question=later, depends_on=source.questions.get(key="earlier"), values="yes")
    with django_assert_num_queries(20):
        copying.copy_questionnaire(source, target, EVERYTHING)
