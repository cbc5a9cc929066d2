"""Synthetic applicants keep the rules of the form, and are the same for the same seed."""

import datetime as dt
import re
import stat
from collections import Counter
from io import StringIO
from pathlib import Path
from random import Random

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import TestCase
from pytest_django import Settings

from events.models import Event, Membership
from events.tests.factories import EventFactory, MembershipFactory, UserFactory
from questionnaire import demo, study_visit
from questionnaire.models import Answer, Application, LetterKind, MatrixRow, Question, Review
from questionnaire.states import State
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    BEFORE_OPENING,
    WHILE_OPEN,
    CriterionFactory,
    QuestionFactory,
    SectionFactory,
    small_questionnaire,
)
from questionnaire.workflow import drafts
from questionnaire.workflow.questionnaire import load

PARIS_VISIT = "paris-prison-exit-2021"


def applications_of(event: Event, *, count: int, seed: int = 1, now: dt.datetime = WHILE_OPEN) -> list[Application]:
    return [application for application, _is_new in demo.make_applicants(event, count=count, seed=seed, now=now)]


class TestPeople:
    def test_same_seed_and_number_is_the_same_person(self) -> None:
        assert demo.invent_person(7, 3) == demo.invent_person(7, 3)
        assert demo.invent_person(7, 3) != demo.invent_person(8, 3)
        assert demo.invent_person(7, 3) != demo.invent_person(7, 4)

    def test_a_hundred_people_are_a_group_as_one_expects_it(self) -> None:
        people = [demo.invent_person(1, number) for number in range(1, 101)]
        assert len({person.email for person in people}) == 100
        assert all(person.email.isascii() and person.email.endswith(".example") for person in people)
        assert len({person.country for person in people}) > 12
        assert len({person.target_group for person in people}) >= 6
        languages = Counter(person.language for person in people)
        assert languages["en"] > languages["fr"] > 10


class TestApplicantsOfTheVisit(TestCase):
    event: Event

    @classmethod
    def setUpTestData(cls) -> None:
        cls.event = Event.objects.get(pk=study_visit.load(now=WHILE_OPEN).event.pk)

    def test_everyone_has_submitted_within_the_window(self) -> None:
        applications = applications_of(self.event, count=8)
        assert {application.state for application in applications} == {State.SUBMITTED}
        for application in applications:
            assert application.submitted_at is not None
            assert self.event.opens_at <= application.submitted_at < WHILE_OPEN
            assert application.letters.filter(kind=LetterKind.RECEIPT).count() == 1

    def test_after_the_close_they_have_applied_before_it(self) -> None:
        [application] = applications_of(self.event, count=1, now=AFTER_CLOSE)
        assert application.submitted_at is not None
        assert application.submitted_at < self.event.closes_at

    def test_before_the_opening_nobody_applies(self) -> None:
        with pytest.raises(drafts.WindowNotOpen):
            applications_of(self.event, count=1, now=BEFORE_OPENING)
        assert not Application.objects.exists()

    def test_second_run_adds_only_who_is_missing(self) -> None:
        first = applications_of(self.event, count=2)
        again = list(demo.make_applicants(self.event, count=3, seed=1, now=WHILE_OPEN))
        assert [is_new for _application, is_new in again] == [False, False, True]
        assert [application for application, _is_new in again[:2]] == first

    def test_what_people_know_beforehand_are_answers_to_questions_of_the_visit(self) -> None:
        questionnaire = load(self.event)
        questions = {question.key: question for question in questionnaire.questions}
        for number in range(1, 60):
            person = demo.invent_person(1, number)
            assert person.answers.keys() <= questions.keys()
            typed = demo.typed_answers(questionnaire, person, Random(number))
            assert typed == demo.typed_answers(questionnaire, person, Random(number))
            checked = questionnaire.check(typed)
            assert checked.errors == {}
            for key, answer in checked.answers.items():
                if questions[key].kind == Question.Kind.SINGLE_CHOICE:
                    assert answer.value == person.says(questions[key])

    def test_an_answer_stands_only_where_it_was_asked_for(self) -> None:
        applications = applications_of(self.event, count=12)
        took_part = Answer.objects.filter(question__key="earlier_ran", value=True)
        which = Answer.objects.filter(question__key="earlier_ran_which")
        assert set(which.values_list("application", flat=True)) == set(took_part.values_list("application", flat=True))
        assert 0 < which.count() < len(applications)


@pytest.mark.django_db
class TestAnotherQuestionnaire:
    def test_questions_of_every_kind_are_answered_by_the_rules(self) -> None:
        event = small_questionnaire()
        section = SectionFactory(event=event, order=3)
        bounds = {
            Question.Kind.LONG_TEXT: (300, 320),
            Question.Kind.NUMBER: (5, 6),
            Question.Kind.MULTIPLE_CHOICE: (2, 2),
        }
        for kind in Question.Kind:
            minimum, maximum = bounds.get(kind, (None, None))
            options = ["a", "b", "c+"] if kind.value.endswith("choice") or kind == Question.Kind.MATRIX else []
            question = QuestionFactory(
                section=section,
                key=f"a_{kind.value}",
                kind=kind,
                required=True,
                minimum=minimum,
                maximum=maximum,
                options=options,
            )
            if kind == Question.Kind.MATRIX:
                MatrixRow.objects.create(question=question, key="row", label_en="Row", label_fr="Ligne")
        for application in applications_of(event, count=5):
            asked = application.answers.filter(question__section=section)
            assert set(asked.values_list("question__kind", flat=True)) == set(Question.Kind.values)

    def test_stricter_bounds_than_people_expect_are_kept_too(self) -> None:
        event = small_questionnaire()
        section = event.sections.get(key="work")
        QuestionFactory(section=section, key="motivation", kind=Question.Kind.LONG_TEXT, required=True, minimum=900)
        QuestionFactory(section=section, key="job_title", required=True, maximum=5)
        for application in applications_of(event, count=3):
            assert len(application.answers.get(question__key="motivation").value) >= 900
            assert len(application.answers.get(question__key="job_title").value) <= 5


@pytest.mark.django_db
class TestReviews:
    @pytest.fixture
    def event(self) -> Event:
        event = small_questionnaire()
        for weight in (1, 3):
            CriterionFactory(event=event, weight=weight)
        return event

    def test_every_reviewer_scores_what_is_assigned_to_them_once(self, event: Event) -> None:
        for _number in range(3):
            MembershipFactory(event=event, role=Membership.Role.REVIEWER)
        MembershipFactory(event=event, role=Membership.Role.ORGANISER)
        applications = applications_of(event, count=10)
        reviews = list(demo.make_reviews(event, applications, seed=1, at=AFTER_CLOSE))
        conflicts = sum(review.conflict for review in reviews)
        assert len(reviews) - conflicts <= 10 * 2 + 2 <= len(reviews)  # two of ten are read by all three
        assert all(review.conflict or review.mean_score is not None for review in reviews)
        assert len({review.mean_score for review in reviews}) > 5
        assert list(demo.make_reviews(event, applications, seed=1, at=AFTER_CLOSE)) == []
        assert Application.objects.filter(review_count=2).exists()

    def test_same_seed_gives_the_same_scores(self, event: Event) -> None:
        MembershipFactory(event=event, role=Membership.Role.REVIEWER)
        applications = applications_of(event, count=5)
        scores = [[r.mean_score for r in demo.make_reviews(event, applications, seed=4, at=AFTER_CLOSE)]]
        Review.objects.all().delete()
        scores.append([r.mean_score for r in demo.make_reviews(event, applications, seed=4, at=AFTER_CLOSE)])
        assert scores[0] == scores[1]

    def test_without_reviewers_it_says_so(self, event: Event) -> None:
        with pytest.raises(demo.NoReviewers):
            list(demo.make_reviews(event, [], seed=1, at=AFTER_CLOSE))


@pytest.mark.django_db
class TestTeam:
    def test_has_two_organisers_and_three_reviewers_who_can_log_in(self, tmp_path: Path) -> None:
        event = EventFactory()
        passwords = demo.make_team(event, tmp_path / "var" / "logins.txt")
        roles = Counter(event.memberships.values_list("role", flat=True))
        assert roles == {"organiser": 2, "reviewer": 3}
        for membership in event.memberships.select_related("user"):
            assert membership.user.is_staff
            assert not membership.user.is_superuser
            assert membership.user.check_password(passwords[membership.user.username])

    def test_passwords_are_kept_for_their_owner_alone(self, tmp_path: Path) -> None:
        event, path = EventFactory(), tmp_path / "logins.txt"
        passwords = demo.make_team(event, path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert demo.make_team(event, path) == passwords
        assert event.memberships.count() == 5

    def test_a_password_changed_in_the_admin_stays(self, tmp_path: Path) -> None:
        event, path = EventFactory(), tmp_path / "logins.txt"
        demo.make_team(event, path)
        reviewer = event.memberships.get(user__username="reviewer1").user
        reviewer.set_password("one of their own")
        reviewer.save()
        demo.make_team(event, path)
        reviewer.refresh_from_db()
        assert reviewer.check_password("one of their own")

    def test_a_fresh_database_takes_the_passwords_of_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "logins.txt"
        path.write_text("".join(f"{username} known-{username}\n" for username in demo.TEAM))
        event = EventFactory()
        demo.make_team(event, path)
        assert event.memberships.get(user__username="organiser").user.check_password("known-organiser")


@pytest.mark.django_db
class TestCommands:
    @pytest.fixture(autouse=True)
    def _own_var(self, settings: Settings, tmp_path: Path) -> None:
        settings.VAR_DIR = tmp_path

    def test_from_nothing_to_a_reviewed_event(self, tmp_path: Path) -> None:
        output = StringIO()
        call_command("load_study_visit", opens_now=True, stdout=output)
        call_command("make_demo_team", stdout=output)
        call_command("make_applicants", PARIS_VISIT, count=2, seed=5, reviewed=True, stdout=output)
        said = output.getvalue()
        assert f"{PARIS_VISIT}: 2 applications made, 0 were there before." in said
        assert f"{PARIS_VISIT}: 6 reviews made, 0 wait for their reviewers." in said
        for line in (tmp_path / "demo-logins.txt").read_text().splitlines():
            username, password = line.split()
            assert re.search(rf"^{username} +{re.escape(password)} ", said, re.MULTILINE)

    def test_unknown_event_is_one_line(self) -> None:
        with pytest.raises(CommandError, match=r"^There is no event nowhere\.$"):
            call_command("make_applicants", "nowhere")
        with pytest.raises(CommandError, match=r"^There is no event paris-prison-exit-2021: run load_study_visit"):
            call_command("make_demo_team")

    def test_event_that_is_not_open_yet_is_one_line(self) -> None:
        event = small_questionnaire()
        with time_machine.travel(BEFORE_OPENING, tick=False), pytest.raises(CommandError, match="is not open yet"):
            call_command("make_applicants", event.slug, count=1)

    def test_questionnaire_that_cannot_be_filled_is_one_line(self) -> None:
        event = small_questionnaire()
        work = event.sections.get(key="work")
        QuestionFactory(section=work, key="riddle", kind=Question.Kind.SINGLE_CHOICE, required=True)
        with pytest.raises(CommandError, match=r"keep the rules of: riddle\.$"):
            call_command("make_applicants", event.slug, count=1)
        assert not Application.objects.exists()

    def test_reviews_without_reviewers_are_one_line(self) -> None:
        event = small_questionnaire()
        MembershipFactory(event=event, user=UserFactory(), role=Membership.Role.ORGANISER)
        with pytest.raises(CommandError, match="has no reviewers: run make_demo_team first"):
            call_command("make_applicants", event.slug, count=1, reviewed=True, stdout=StringIO())

    def test_demo_logins_are_for_a_laptop(self, settings: Settings) -> None:
        settings.ON_A_LAPTOP = False
        with pytest.raises(CommandError, match="BASE_URL names another machine"):
            call_command("make_demo_team")
