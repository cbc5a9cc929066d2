"""Building a questionnaire without code, and without harm to what was answered."""

from typing import Any

import pytest

from events.models import Membership
from events.tests.admin_pages import client_of, form_of
from questionnaire.models import Answer, Condition, MatrixRow, Option, Question, Section
from questionnaire.tests.factories import (
    ApplicationFactory,
    ConditionFactory,
    QuestionFactory,
    SectionFactory,
)
from questionnaire.tests.team import Team, make_team

pytestmark = pytest.mark.django_db
QUESTIONS = "/admin/questionnaire/question/"
SECTIONS = "/admin/questionnaire/section/"


@pytest.fixture
def team() -> Team:
    """Return an event and its team."""
    return make_team()


@pytest.fixture
def question(team: Team) -> Question:
    """Return a single choice with two options."""
    section = SectionFactory(event=team.event, order=1)
    question: Question = QuestionFactory(section=section, kind="single_choice", options=["a", "b"])
    return question


def save(team: Team, question: Question, **changes: Any) -> Any:
    """Save the page of a question with changes."""
    url = f"{QUESTIONS}{question.pk}/change/"
    return client_of(team.organiser).post(url, {**form_of(client_of(team.organiser), url), **changes})


def errors(response: Any) -> str:
    """Return all error messages of a page that was not saved."""
    assert response.status_code == 200
    return str(response.context["errors"])


def give_answer(question: Question, value: object) -> None:
    """Answer a question."""
    Answer.objects.create(application=ApplicationFactory(event=question.event), question=question, value=value)


def test_texts_change_at_any_time(team: Team, question: Question) -> None:
    give_answer(question, "a")
    assert save(team, question, label_en="Better words?", label_fr="Mieux dit ?").status_code == 302
    question.refresh_from_db()
    assert str(question) == "Better words?"


def test_before_any_answer_key_and_type_can_change(team: Team, question: Question) -> None:
    assert save(team, question, key="renamed", kind="multiple_choice").status_code == 302
    question.refresh_from_db()
    assert (question.key, question.kind) == ("renamed", "multiple_choice")


def test_after_an_answer_key_and_type_stay(team: Team, question: Question) -> None:
    give_answer(question, "a")
    key = question.key
    save(team, question, key="renamed", kind="date", **{"options-0-key": "z"})
    question.refresh_from_db()
    assert (question.key, question.kind) == (key, "single_choice")
    assert set(question.options.values_list("key", flat=True)) == {"a", "b"}
    shown = client_of(team.organiser).get(f"{QUESTIONS}{question.pk}/change/").content.decode()
    assert "since somebody has answered" in shown


def test_what_stands_in_a_draft_keeps_its_key_too(team: Team, question: Question) -> None:
    ApplicationFactory(event=team.event, draft={question.key: ["a"]})
    key = question.key
    save(team, question, key="renamed")
    question.refresh_from_db()
    assert question.key == key


def test_a_chosen_option_cannot_be_deleted(team: Team, question: Question) -> None:
    give_answer(question, "a")
    response = save(team, question, **{"options-0-DELETE": "on"})
    assert "Option a" in errors(response)
    assert "Retire it instead" in errors(response)
    assert question.options.count() == 2


def test_an_option_that_nobody_chose_can_be_deleted(team: Team, question: Question) -> None:
    give_answer(question, "a")
    assert save(team, question, **{"options-1-DELETE": "on"}).status_code == 302
    assert list(question.options.values_list("key", flat=True)) == ["a"]


def test_a_chosen_option_can_be_retired(team: Team, question: Question) -> None:
    give_answer(question, "a")
    assert save(team, question, **{"options-0-retired": "on"}).status_code == 302
    assert question.options.get(key="a").retired


def test_a_new_option_can_be_added_after_answers(team: Team, question: Question) -> None:
    give_answer(question, "a")
    added = {"options-2-key": "c", "options-2-order": "3", "options-2-label_en": "C", "options-2-label_fr": "C"}
    assert save(team, question, **added).status_code == 302
    assert question.options.filter(key="c").exists()


def test_a_new_option_comes_after_the_others_and_a_number_alone_makes_none(team: Team, question: Question) -> None:
    question.options.filter(key="b").update(order=20)
    assert save(team, question, **{"options-2-order": "7"}).status_code == 302
    assert question.options.count() == 2
    added = {"options-2-key": "a_new_one", "options-2-label_en": "New", "options-2-label_fr": "Nouvelle"}
    assert save(team, question, **added).status_code == 302
    assert [option.key for option in question.options.order_by("order")] == ["a", "b", "a_new_one"]


@pytest.mark.parametrize(("value", "stuck"), [({"row1": "a"}, "row1"), ({"row2": "b"}, "row2")])
def test_rows_and_steps_of_a_matrix_that_were_chosen_stay(
    team: Team, question: Question, value: dict[str, str], stuck: str
) -> None:
    Question.objects.filter(pk=question.pk).update(kind="matrix")
    for key in ("row1", "row2"):
        MatrixRow.objects.create(question=question, key=key, label_en=key, label_fr=key)
    give_answer(question, value)
    response = save(team, question, **{"rows-0-DELETE": "on", "rows-1-DELETE": "on"})
    assert f"cannot be deleted: {stuck}." in errors(response)


def test_a_text_in_one_language_alone_is_refused(team: Team, question: Question) -> None:
    response = save(team, question, label_fr="")
    assert "missing in French" in errors(response)
    response = save(team, question, **{"options-0-label_fr": ""})
    assert "missing in French" in errors(response)


def test_two_questions_with_one_key_are_refused(team: Team, question: Question) -> None:
    other = QuestionFactory(section=question.section)
    response = save(team, other, key=question.key)
    assert response.status_code == 200
    other.refresh_from_db()
    assert other.key != question.key


def condition(question: Question, other: Question, **changes: str) -> dict[str, str]:
    """Return the inputs of a new condition."""
    inputs = {"depends_on": str(other.pk), "operator": "is_one_of", "values": "a", **changes}
    return {f"conditions-0-{name}": value for name, value in inputs.items()}


def test_a_condition_on_an_earlier_question(team: Team, question: Question) -> None:
    later = QuestionFactory(section=question.section, order=9999)
    assert save(team, later, **condition(later, question)).status_code == 302
    assert str(later.conditions.get()) == f"{question.label} – is, or contains, one of a"


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"values": "a nonsense"}, "Unknown: nonsense."), ({"values": ""}, "Name at least one value.")],
)
def test_a_condition_that_cannot_be_is_refused(
    team: Team, question: Question, changes: dict[str, str], message: str
) -> None:
    later = QuestionFactory(section=question.section, order=9999)
    assert message in errors(save(team, later, **condition(later, question, **changes)))


def test_a_condition_on_a_later_question_is_refused(team: Team, question: Question) -> None:
    later = QuestionFactory(section=question.section, order=9999, kind="yes_no")
    response = save(team, question, **condition(question, later, values="yes"))
    assert "This question comes later" in errors(response)


def test_a_condition_on_another_events_question_is_refused(team: Team, question: Question) -> None:
    response = save(team, question, **condition(question, QuestionFactory(kind="yes_no"), values="yes"))
    assert response.status_code == 200
    assert not Condition.objects.exists()


def test_whether_there_is_an_answer_needs_no_values(team: Team, question: Question) -> None:
    later = QuestionFactory(section=question.section, order=9999)
    save(team, later, **condition(later, question, operator="answered", values="left over"))
    assert later.conditions.get().values == ""


def test_a_question_moves_to_no_other_event(team: Team, question: Question) -> None:
    foreign = SectionFactory()
    assert save(team, question, section=str(foreign.pk)).status_code == 200
    question.refresh_from_db()
    assert question.event == team.event


def test_a_new_question_belongs_to_the_event_of_its_section(team: Team, question: Question) -> None:
    url = f"{QUESTIONS}add/"
    new = {
        "section": question.section.pk,
        "key": "brand_new",
        "kind": "yes_no",
        "label_en": "New?",
        "label_fr": "Neuf ?",
    }
    response = client_of(team.organiser).post(url, {**form_of(client_of(team.organiser), url), **new})
    assert response.status_code == 302
    assert Question.objects.get(key="brand_new").event == team.event


def test_a_new_question_can_wait_for_those_of_its_own_event(team: Team, question: Question) -> None:
    other = QuestionFactory(label_en="Something else?")
    Membership.objects.create(event=other.event, user=team.organiser, role=Membership.Role.ORGANISER)
    client = client_of(team.organiser)
    anywhere = client.get(f"{QUESTIONS}add/").content.decode()
    assert f"{other.event} – {other}</option>" in anywhere
    assert f"{team.event} – {question}</option>" in anywhere
    here = client.get(f"{QUESTIONS}add/?section={question.section_id}").content.decode()
    assert f'<option value="{question.pk}">{question}</option>' in here
    assert str(other) not in here


@pytest.mark.parametrize("person", ["stranger", "reviewer"])
def test_others_build_nothing(team: Team, question: Question, person: str) -> None:
    client = client_of(getattr(team, person))
    for url in (f"{QUESTIONS}{question.pk}/change/", f"{SECTIONS}{question.section.pk}/change/"):
        assert client.get(url).status_code in {302, 403}
        client.post(url, {"label_en": "hacked", "title_en": "hacked"})
    for url in (QUESTIONS, SECTIONS, f"{QUESTIONS}add/"):
        response = client.get(url)
        assert response.status_code == 403 or str(question.section) not in response.content.decode()
    question.refresh_from_db()
    assert "hacked" not in {str(question), str(question.section)}


def test_what_was_answered_cannot_be_deleted(team: Team, question: Question) -> None:
    give_answer(question, "a")
    client = client_of(team.organiser)
    assert client.post(f"{QUESTIONS}{question.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{SECTIONS}{question.section.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Question.objects.filter(pk=question.pk).exists()


def test_what_nobody_answered_can_be_deleted(team: Team, question: Question) -> None:
    ConditionFactory(question=question, depends_on=QuestionFactory(section=question.section))
    client = client_of(team.organiser)
    assert client.post(f"{QUESTIONS}{question.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Option.objects.exists()
    Question.objects.all().delete()
    assert client.post(f"{SECTIONS}{question.section.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Section.objects.filter(event=team.event).exists()


def test_questions_are_listed_by_section(team: Team, question: Question) -> None:
    QuestionFactory(section=SectionFactory(event=team.event, order=2), label_en="Elsewhere?")
    shown = client_of(team.organiser).get(f"{QUESTIONS}?section={question.section.pk}").content.decode()
    assert str(question) in shown
    assert "Elsewhere?" not in shown
    for odd in ("section=" + "9" * 40, "section=x", "event=" + "9" * 40):
        assert client_of(team.organiser).get(f"{QUESTIONS}?{odd}").status_code == 200


def test_a_second_section_with_one_key_is_refused(team: Team, question: Question) -> None:
    other = SectionFactory(event=team.event)
    url = f"{SECTIONS}{other.pk}/change/"
    response = client_of(team.organiser).post(
        url, {**form_of(client_of(team.organiser), url), "key": question.section.key}
    )
    assert response.status_code == 200


def test_an_empty_form_comes_back_with_its_errors(team: Team) -> None:
    assert client_of(team.organiser).post(f"{QUESTIONS}add/").status_code == 200
