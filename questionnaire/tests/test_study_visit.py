"""The study visit says what is true, in both languages, and loading it loses nothing."""

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from html import unescape
from io import StringIO
from typing import Any

import icalendar
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.test import TestCase
from modeltranslation.translator import translator

from events.models import Event, Window
from questionnaire import study_visit
from questionnaire.models import (
    WITHOUT_TEMPLATE,
    Answer,
    Application,
    Condition,
    LetterKind,
    LetterTemplate,
    Option,
    Question,
    Quota,
    Release,
)
from questionnaire.workflow import letters, wording

LANGUAGES = ("en", "fr")
NOVEMBER = dt.datetime(2021, 11, 10, 12, tzinfo=dt.UTC)
NO_BREAK_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})
MOMENTS = ("opens_at", "closes_at", "decisions_at", "answer_by")
DAYS = ("first_day", "last_day", "promised_by")
FACTS = (
    "1 400", " 10 ", " 450 ", "640 ", "670 ", " 60 ", " 64 ", "2014", "2019", "2020", "2021", "PAIRS", "VETO",
    "Rajan Basra", "Peter Neumann", "Fatima Lahnait", "Radicalised and Terrorist Reoffenders",
    "Prisons and Terrorism: Extremist Offender Management in 10 European Countries",
    "International Centre for the Study of Radicalisation",
    "Combating radicalisation in France: from experimentation to professionalisation",
)  # fmt: skip


def load(**options: Any) -> study_visit.Loaded:
    return study_visit.load(**{"now": NOVEMBER, **options})


@pytest.fixture
def event(db: None) -> Event:
    return Event.objects.get(pk=load().event.pk)


class LoadedTestCase(TestCase):
    """The visit, loaded once for all tests of the class."""

    event: Event

    @classmethod
    def setUpTestData(cls) -> None:
        cls.event = Event.objects.get(pk=load().event.pk)


def bilingual_models() -> list[type[Model]]:
    return list(translator.get_registered_models(abstract=False))


def all_rows() -> dict[str, list[dict[str, Any]]]:
    models: list[type[Model]] = [*bilingual_models(), Condition, Quota]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def said(row: Model, field: str, language: str) -> str:
    return getattr(row, f"{field}_{language}") or ""


def bilingual_texts() -> Iterator[tuple[str, str, str]]:
    """Yield where a text stands, and both of its sides."""
    for model in bilingual_models():
        for row in model._default_manager.all():
            for field in translator.get_options_for_model(model).all_fields:
                english, french = (said(row, field, language) for language in LANGUAGES)
                yield f"{model.__name__} {row.pk} {field}", english, french


def page_texts(event: Event, language: str) -> str:
    """Return all texts of the event page in a language, with plain spaces."""
    fields = ("title", "summary", "publisher", "organiser", "venue", "languages", "why", "aim", "practical")
    texts = [said(event, field, language) for field in fields]
    texts += [said(row, "text", language) for row in (*event.guiding_questions.all(), *event.references.all())]
    texts += [said(row, "label", language) for row in event.target_groups.all()]
    return "\n".join(texts).translate(NO_BREAK_SPACES)


class TestFacts(LoadedTestCase):
    def test_dates_are_those_of_the_visit(self) -> None:
        assert (self.event.first_day, self.event.last_day) == (dt.date(2021, 12, 7), dt.date(2021, 12, 8))
        assert (self.event.daily_start, self.event.daily_end) == (dt.time(9), dt.time(12, 30))
        assert self.event.promised_by == dt.date(2021, 11, 29)
        assert self.event.decisions_at.astimezone(self.event.zone).date() == self.event.promised_by
        assert self.event.places == 60
        assert self.event.programme_is_provisional
        assert self.event.published

    def test_title_stands_word_for_word(self) -> None:
        assert said(self.event, "title", "en") == (
            "RAN Study Visit to Paris on effective management of the prison-exit continuum, "
            "07-08 December 2021 (9.00 – 12.30 CET)"
        )
        assert "07-08 décembre 2021 (9\u00a0h\u00a000\u00a0– 12\u00a0h\u00a030, CET)" in said(self.event, "title", "fr")

    def test_page_holds_every_fact_in_both_languages(self) -> None:
        texts = {language: page_texts(self.event, language) for language in LANGUAGES}
        assert [(language, fact) for language in LANGUAGES for fact in FACTS if fact not in texts[language]] == []

    def test_notes_stand_in_the_text_in_their_order(self) -> None:
        for language in LANGUAGES:
            assert re.findall(r"\[\^(\d)\]", said(self.event, "why", language)) == ["1", "2", "3", "4", "5"]
        assert [reference.number for reference in self.event.references.all()] == [1, 2, 3, 4, 5]

    def test_people_groups_and_questions_are_complete(self) -> None:
        assert [contact.name for contact in self.event.contacts.all()] == ["Alexandra Korn", "Rositsa Dzhekova"]
        assert self.event.target_groups.count() == 6
        assert [question.number for question in self.event.guiding_questions.all()] == list(range(1, 9))

    def test_target_groups_are_the_answers_that_one_can_choose(self) -> None:
        options = Option.objects.filter(question__event=self.event, question__key="target_group").exclude(key="other")
        groups = self.event.target_groups.values_list("key", "label_en", "label_fr")
        assert list(options.values_list("key", "label_en", "label_fr")) == list(groups)

    def test_balance_is_the_one_agreed(self) -> None:
        quotas = self.event.quotas.values_list("question__key", "values", "minimum", "maximum")
        groups = [("target_group", group.key, 4, None) for group in self.event.target_groups.all()]
        others = [("country", "", 0, 12), ("organisation", "", 0, 2), ("interpretation", "none fr_en", 20, None)]
        assert sorted(quotas, key=str) == sorted(groups + others, key=str)


class TestAgenda(LoadedTestCase):
    def test_sessions_fill_both_mornings_without_a_gap(self) -> None:
        for day in (self.event.first_day, self.event.last_day):
            sessions = [
                session
                for session in self.event.sessions.all()
                if session.starts_at.astimezone(self.event.zone).date() == day
            ]
            assert sessions[0].starts_at.astimezone(self.event.zone).time() == self.event.daily_start
            assert sessions[-1].ends_at.astimezone(self.event.zone).time() == self.event.daily_end
            for session, following in itertools.pairwise(sessions):
                assert session.ends_at == following.starts_at

    def test_all_eight_questions_are_answered(self) -> None:
        patterns = {"en": r"Answers questions? (.+)\.", "fr": r"Répond (?:à la|aux) questions? (.+)\."}
        for language, pattern in patterns.items():
            descriptions = " ".join(said(session, "description", language) for session in self.event.sessions.all())
            assert set(re.findall(r"\d", " ".join(re.findall(pattern, descriptions)))) == set("12345678")

    def test_interpretation_leads_out_of_the_floor_language(self) -> None:
        assert {(session.floor_language, session.interpretation) for session in self.event.sessions.all()} == {
            ("en", "en_fr"),
            ("fr", "fr_en"),
            ("", "none"),
        }


class TestLanguages(LoadedTestCase):
    def test_no_text_lacks_a_language(self) -> None:
        assert [where for where, english, french in bilingual_texts() if bool(english) != bool(french)] == []

    def test_no_sentence_was_left_untranslated(self) -> None:
        same = [where for where, english, french in bilingual_texts() if english == french and len(english) > 12]
        assert same == []

    def test_french_has_french_typography(self) -> None:
        wrong = re.compile(r"'|[^\u202f][;!?](?:\s|$)|[^\u00a0]»|«[^\u00a0]|[^\u00a0]:(?:\s|$)")
        found = [
            (where, match[0])
            for where, _english, french in bilingual_texts()
            for match in wrong.finditer(re.sub(r"\*[^*\n]+\*", "", french))
        ]
        assert found == []


class TestQuestionnaire(LoadedTestCase):
    def test_each_condition_looks_at_an_earlier_question(self) -> None:
        order = list(
            Question.objects.filter(event=self.event).order_by("section__order", "order").values_list("pk", flat=True)
        )
        conditions = Condition.objects.filter(question__event=self.event)
        assert conditions.count() == 3
        for condition in conditions:
            assert order.index(condition.depends_on_id) < order.index(condition.question_id)

    def test_required_are_the_ones_agreed(self) -> None:
        always = Question.objects.filter(event=self.event, required=True, conditions=None)
        assert set(always.values_list("key", flat=True)) == {
            "first_name", "family_name", "email", "letter_language",
            "country", "organisation", "organisation_type", "job_title", "target_group", "experience", "stages",
            "motivation", "guiding_questions",
            "language_skills", "interpretation", "attendance",
            "privacy_notice",
        }  # fmt: skip

    def test_reviewers_see_neither_access_needs_nor_gender(self) -> None:
        hidden = Question.objects.filter(event=self.event, visibility=Question.Visibility.ORGANISERS)
        assert {"access_needs", "gender"} <= set(hidden.values_list("key", flat=True))

    def test_lengths_and_choices_have_the_bounds_agreed(self) -> None:
        bounds = {question.key: (question.minimum, question.maximum) for question in self.event.questions.all()}
        assert bounds["motivation"] == (100, 1500)
        assert bounds["practice_to_share"] == (None, 1500)
        assert bounds["use_of_learning"] == (None, 1000)
        assert bounds["guiding_questions"] == (1, 3)


class TestLetters(LoadedTestCase):
    def test_each_kind_has_its_letter(self) -> None:
        assert set(self.event.letter_templates.values_list("kind", flat=True)) == {*LetterKind} - {*WITHOUT_TEMPLATE}

    def test_both_languages_use_the_same_placeholders(self) -> None:
        for letter in self.event.letter_templates.all():
            placeholders = [set(re.findall(r"{(\w+)}", said(letter, "body", language))) for language in LANGUAGES]
            assert placeholders[0] == placeholders[1], letter.kind

    def test_no_letter_asks_for_an_unknown_value(self) -> None:
        for letter in self.event.letter_templates.all():
            for language in LANGUAGES:
                body, subject = said(letter, "body", language), said(letter, "subject", language)
                assert wording.unknown_placeholders(body, wording.placeholders(letter.kind)) == []
                assert wording.unknown_placeholders(subject, wording.subject_placeholders(letter.kind)) == []

    def test_every_letter_is_sound_mail_in_both_languages(self) -> None:
        applicant = Application(
            event=self.event, first_name="Zoë 🎉", family_name="Müller-Łukasz", email="zoe@example.org"
        )
        for letter, language in itertools.product(self.event.letter_templates.all(), LANGUAGES):
            frozen = letters.queue_test(letter, applicant, applicant.email, language=language, at=NOVEMBER)
            message = message_from_bytes(frozen.mime, policy=policy.default)
            assert [*message.defects, *(fault for part in message.walk() for fault in part.defects)] == [], letter.kind
            assert (message["Content-Language"], message["Auto-Submitted"]) == (language, "auto-generated")
            for header in ("List-Unsubscribe", "List-Unsubscribe-Post"):
                assert (message[header] is not None) == (letter.kind in wording.REMINDERS), letter.kind
            parts = [message.get_body([kind]) for kind in ("plain", "html")]
            texts = [unescape(part.get_content()) for part in parts if part]
            assert len(texts) == 2
            assert not re.search(r"{\w+}", "".join([message["Subject"], *texts])), letter.kind
            if "{first_name}" in said(letter, "body", language):
                names = (applicant.first_name, applicant.family_name)
                assert all(name in text for name in names for text in texts), letter.kind
            files = [part.get_content() for part in message.iter_attachments()]
            assert len(files) == (letter.kind in wording.WITH_CALENDAR), letter.kind
            for file in files:
                entries = icalendar.Calendar.from_ical(file).walk("VEVENT")
                assert {entry["DTSTART"].dt.date().isoformat() for entry in entries} == {"2021-12-07", "2021-12-08"}

    def test_acceptance_asks_for_an_answer_in_time(self) -> None:
        acceptance = self.event.letter_templates.get(kind=LetterKind.ACCEPTANCE)
        for language in LANGUAGES:
            assert {"{answer_by}", "{personal_link}"} <= set(re.findall(r"{\w+}", said(acceptance, "body", language)))

    def test_no_letter_holds_a_date_that_can_move(self) -> None:
        for letter in LetterTemplate.objects.all():
            for language in LANGUAGES:
                assert not re.search(r"\d", said(letter, "body", language)), letter.kind


class TestLoadingAgain:
    def test_second_time_changes_nothing(self, db: None) -> None:
        first = load()
        before = all_rows()
        second = load()
        assert first.counts["added"] == sum(map(len, before.values())) > 100
        assert (second.counts["added"], second.counts["changed"]) == (0, 0)
        assert all_rows() == before

    def test_refreshes_a_text_and_keeps_its_id(self, event: Event) -> None:
        question = event.questions.get(key="job_title")
        Question.objects.filter(pk=question.pk).update(label_fr="Autre chose")
        version = event.version
        loaded = load()
        event.refresh_from_db()
        assert loaded.counts["changed"] == 1
        assert said(event.questions.get(key="job_title"), "label", "fr") == said(question, "label", "fr")
        assert event.questions.get(key="job_title").pk == question.pk
        assert event.version > version

    def test_keeps_and_names_what_organisers_added(self, event: Event) -> None:
        section = event.sections.get(key="you")
        Question.objects.create(event=event, section=section, key="badge", kind="short_text", label="Badge")
        event.contacts.filter(name="Alexandra Korn").update(email="alexandra@example.org")
        loaded = load()
        assert loaded.kept == ["question Badge"]
        assert event.contacts.get(name="Alexandra Korn").email == "alexandra@example.org"

    def test_keeps_applications_and_answers(self, event: Event) -> None:
        application = Application.objects.create(event=event, created_at=NOVEMBER)
        answer = Answer.objects.create(
            application=application, question=event.questions.get(key="motivation"), value="…"
        )
        load()
        answer.refresh_from_db()
        assert answer.question.key == "motivation"

    def test_refuses_another_kind_for_a_question_with_answers(self, event: Event) -> None:
        question = event.questions.get(key="motivation")
        Question.objects.filter(pk=question.pk).update(kind=Question.Kind.SHORT_TEXT)
        application = Application.objects.create(event=event, created_at=NOVEMBER)
        Answer.objects.create(application=application, question=question, value="…")
        with pytest.raises(study_visit.ContentError, match="motivation has answers"):
            load()

    def test_refuses_to_move_an_ordered_release(self, event: Event) -> None:
        organiser = User.objects.create_user("organiser")
        Release.objects.create(event=event, ordered_by=organiser, ordered_at=NOVEMBER)
        load()
        with pytest.raises(study_visit.ContentError, match="the release is ordered"):
            load(now=dt.datetime(2026, 5, 1, tzinfo=dt.UTC), opens_now=True)

    def test_nothing_is_left_behind_its_other_language(self, event: Event) -> None:
        Question.objects.filter(event=event, key="country").update(label_en="Reworded", stale=["label_fr"])
        Event.objects.filter(pk=event.pk).update(stale=["title_en"])
        assert load().counts["changed"] == 2
        for model in bilingual_models():
            assert not model._default_manager.exclude(stale=[]).exists()
        assert load().counts["changed"] == 0


class TestOpensNow(LoadedTestCase):
    def test_moves_all_dates_by_the_same_weeks_and_keeps_the_hours(self) -> None:
        for now in (
            dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC),
            dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC),  # the clocks go forward before the close
            dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC),  # all dates in summer time
            dt.datetime(2026, 10, 20, 22, 30, tzinfo=dt.UTC),  # already the 21st in Paris; the clocks go back
            dt.datetime(2028, 2, 29, 0, 30, tzinfo=dt.UTC),
        ):
            with self.subTest(now=now):
                load(now=now, opens_now=True)
                moved = Event.objects.get(pk=self.event.pk)
                assert moved.window(now) is Window.OPEN
                assert dt.timedelta(0) < now - moved.opens_at < dt.timedelta(days=8)
                assert moved.closes_at - now > dt.timedelta(days=7)
                self.assert_moved_by_weeks(moved)

    def assert_moved_by_weeks(self, moved: Event) -> None:
        event, zone = self.event, self.event.zone
        shift = moved.first_day - event.first_day
        assert shift.days % 7 == 0
        assert {getattr(moved, name) - getattr(event, name) for name in DAYS} == {shift}
        for name in MOMENTS:
            before, after = getattr(event, name).astimezone(zone), getattr(moved, name).astimezone(zone)
            assert after.replace(tzinfo=None) - before.replace(tzinfo=None) == shift
        sessions = [
            (session.starts_at.astimezone(zone), session.ends_at.astimezone(zone)) for session in moved.sessions.all()
        ]
        assert sessions[0][0] == dt.datetime.combine(moved.first_day, dt.time(9), zone)
        assert sessions[-1][1] == dt.datetime.combine(moved.last_day, dt.time(12, 30), zone)

    def test_titles_name_the_days_that_they_have_now(self) -> None:
        assert self.event.title_en.endswith("continuum, 07-08 December 2021 (9.00 – 12.30 CET)")
        assert self.event.title_fr.endswith(
            "prison, 07-08 décembre 2021 (9\u00a0h\u00a000\u00a0– 12\u00a0h\u00a030, CET)"
        )
        moved = load(now=dt.datetime(2026, 7, 1, tzinfo=dt.UTC), opens_now=True).event
        assert moved.title_en.endswith("continuum, 04-05 August 2026 (9.00 – 12.30 CEST)")
        across_months = load(now=dt.datetime(2026, 10, 29, tzinfo=dt.UTC), opens_now=True).event
        assert "2021" not in across_months.title_fr

    def test_dates_stay_as_long_as_applying_is_open(self) -> None:
        opening = load(now=dt.datetime(2026, 7, 1, tzinfo=dt.UTC), opens_now=True).event.opens_at
        a_week_later = load(now=dt.datetime(2026, 7, 8, tzinfo=dt.UTC), opens_now=True)
        a_month_later = load(now=dt.datetime(2026, 8, 1, tzinfo=dt.UTC), opens_now=True)
        assert (a_week_later.event.opens_at, a_week_later.counts["changed"]) == (opening, 0)
        assert a_month_later.event.opens_at > opening


class TestCommand:
    def test_says_what_it_did(self, db: None) -> None:
        output = StringIO()
        call_command("load_study_visit", opens_now=True, stdout=output)
        assert re.search(r"^paris-prison-exit-2021: \d+ rows added, 0 changed", output.getvalue())
        assert "Applying is open: from " in output.getvalue()

    def test_mistake_ends_it_with_the_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(**_options: object) -> None:
            raise study_visit.ContentError("event.toml: places: missing")

        monkeypatch.setattr(study_visit, "load", refuse)
        with pytest.raises(CommandError, match=r"^event\.toml: places: missing$"):
            call_command("load_study_visit")
