"""Personal data at the end of their time: nothing of a person is left anywhere, and the counts are."""

import datetime as dt
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, models, transaction
from django.test import Client

from events.models import Event
from events.tests.factories import UserFactory
from questionnaire.models import (
    AddressChange,
    Application,
    Assignment,
    Correction,
    Draft,
    Letter,
    LetterKind,
    LetterTemplate,
    Note,
    Opening,
    Pin,
    Promotion,
    ReleaseException,
    Replacement,
    Score,
    SelectionRun,
    SendingRate,
    Tag,
    Upload,
)
from questionnaire.states import State
from questionnaire.tests import files
from questionnaire.tests.factories import (
    AFTER_CLOSE,
    WHILE_OPEN,
    AccessTokenFactory,
    ApplicationFactory,
    CriterionFactory,
    QuestionFactory,
    ReviewFactory,
    small_questionnaire,
    typed,
)
from questionnaire.workflow import drafts, due, holds, questionnaire, runs, shredding, submission

pytestmark = pytest.mark.django_db

CANARY = "Zanzibarquist"
DAY = dt.timedelta(days=1)
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
NOT_TYPED = {
    "bounds", "check_name", "country", "file", "last_phase", "message_id", "nonce", "public_id", "target_group",
    "token_hash",
}  # fmt: skip
"""Texts that this site makes up itself, or that the counts need."""


@pytest.fixture
def event() -> Event:
    """Return an event with a question for a file, on which a person applied whose every text holds the canary."""
    event = small_questionnaire()
    QuestionFactory(section=event.sections.get(key="work"), key="cv", kind="file", order=9)
    return event


@pytest.fixture
def application(event: Event) -> Application:
    """Return the application of that person, which is to be shredded."""
    values = typed(first_name=CANARY, family_name=CANARY, email=f"{CANARY}@example.org", earlier="yes", which=CANARY)
    application = drafts.start(event, language="en", now=WHILE_OPEN)
    given = drafts.Input(values, files={"cv": files.upload(f"{CANARY}.pdf")})
    for page in questionnaire.load(event).pages:
        drafts.save_page(application, page, given, now=WHILE_OPEN)
    submission.submit(application.public_id, now=WHILE_OPEN)
    submission.request_link(event, f"other.{CANARY}@example.org", language="en", now=WHILE_OPEN)
    application.refresh_from_db()
    return application


def related_models(start: type[models.Model]) -> set[type[models.Model]]:
    """Return every model whose rows hang on one of `start`, directly or by way of others."""
    found: set[type[models.Model]] = set()
    ahead = [start]
    while ahead:
        model = ahead.pop()
        if model not in found:
            found.add(model)
            ahead += [relation.related_model for relation in model._meta.related_objects]
    return found


def leave_traces(event: Event, application: Application) -> None:
    """Leave a row of every kind that hangs on an application, with the canary in each of its texts."""
    person = UserFactory()
    review = ReviewFactory(application=application, reviewer=person, mean_score=7)
    Score.objects.create(review=review, criterion=CriterionFactory(event=event), value=1)
    AccessTokenFactory(application=application)
    Note.objects.create(application=application, by=person, text="x", at=AFTER_CLOSE)
    Opening.objects.create(application=application, by=person, role="organiser", day=AFTER_CLOSE.date())
    Tag.objects.create(event=event, name="x").applications.add(application)
    AddressChange.objects.create(application=application, by=person, at=AFTER_CLOSE)
    Assignment.objects.create(application=application, reviewer=person, made_at=AFTER_CLOSE)
    Correction.objects.create(
        application=application,
        former="accept",
        outcome="decline",
        reason="x",
        proposed_by=person,
        proposed_at=AFTER_CLOSE,
    )
    ReleaseException.objects.create(application=application, check_name="x", reason="x", by=person, at=AFTER_CLOSE)
    Pin.objects.create(application=application, side="in", reason="x", by=person, at=AFTER_CLOSE)
    Promotion.objects.create(application=application, at=AFTER_CLOSE, answer_by=AFTER_CLOSE, by_hand=True)
    Replacement.objects.create(application=application, language="en", asked_at=AFTER_CLOSE)
    Draft.objects.update(offered={"which": ["x"]})
    LogEntry.objects.create(
        user=person,
        content_type=ContentType.objects.get_for_model(Application),
        object_id=str(application.pk),
        object_repr=CANARY,
        action_flag=CHANGE,
        change_message=f"proposed {CANARY}",
    )
    for model in related_models(Application):
        assert model._default_manager.exists(), f"leave a trace of {model.__name__}"
        for field in model._meta.concrete_fields:
            if isinstance(field, TEXTS) and not field.choices and field.name not in NOT_TYPED:
                _plant(model, field)


def _plant(model: type[models.Model], field: Any) -> None:
    value: Any = {
        models.JSONField: {"which": [CANARY]},
        models.BinaryField: CANARY.encode(),
    }.get(type(field), CANARY)
    try:
        with transaction.atomic():
            model._default_manager.update(**{field.attname: value})
    except IntegrityError:
        model._default_manager.filter(pk=model._default_manager.first().pk).update(**{field.attname: value})


def cached() -> list[bytes]:
    """Return all that the cache holds, in this process or in Redis."""
    if settings.REDIS_URL:
        redis = cache._cache.get_client()
        return [redis.get(key) or b"" for key in redis.scan_iter() if redis.type(key) == b"string"]
    return list(cache._cache.values())


def dump() -> str:
    """Return all that the database holds, what is compressed in it too, and what lies in the cache."""
    with connection.cursor() as cursor:
        rows: list[object] = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += [value for row in cursor.fetchall() for value in row]
    rows += cached()
    return " ".join(map(_as_text, rows)).lower()


def _as_text(value: object) -> str:
    if not isinstance(value, bytes | memoryview):
        return str(value)
    content = bytes(value)
    with suppress(zlib.error):
        content += zlib.decompress(content)
    return content.decode(errors="replace")


@pytest.fixture
def _over(event: Event) -> Iterator[None]:
    with time_machine.travel(shredding.over_from(event), tick=False):
        yield


class TestCanaries:
    """Figure 18: nothing of a person in a dump, in the outbox, in the audit, in the cache, among the files."""

    @pytest.mark.every_database
    def test_no_text_of_a_person_is_left_anywhere(
        self, event: Event, application: Application, django_capture_on_commit_callbacks: Any
    ) -> None:
        with time_machine.travel(WHILE_OPEN, tick=False):
            Client().post(f"/en/events/{event.slug}/questionnaire/1/", typed(first_name=CANARY))
        leave_traces(event, application)
        runs.suggest(event, by=None, at=AFTER_CLOSE, everyone=True)
        SelectionRun.objects.update(name=f"without {CANARY}")
        for held in (event, None):
            hold = holds.begin(held, by=None, at=AFTER_CLOSE, reason=f"wait for {CANARY}")
            holds.let_go(hold, by=None, at=AFTER_CLOSE)
        SendingRate.objects.create(domain=f"{CANARY}.example", minute=AFTER_CLOSE, next_at=AFTER_CLOSE)
        assert dump().count(CANARY.lower()) > 40
        stored = set(Upload.objects.values_list("file", flat=True))
        with django_capture_on_commit_callbacks(execute=True):
            assert shredding.shred(event, at=shredding.over_from(event))
        assert CANARY.lower() not in dump()
        assert stored
        assert not stored & set(default_storage.listdir("")[1])

    def test_what_organisers_wrote_for_everybody_stays(self, event: Event, application: Application) -> None:
        before = (event.questions.count(), LetterTemplate.objects.count())
        shredding.shred(event, at=shredding.over_from(event))
        assert (event.questions.count(), LetterTemplate.objects.count()) == before


class TestCounts:
    """What reports need."""

    @pytest.mark.parametrize("state", State)
    def test_states_stay_as_they_are_with_country_group_and_history(self, event: Event, state: State) -> None:
        application = ApplicationFactory(
            event=event, state=state, outcome="accept", target_group="probation", draft=typed()
        )
        shredding.shred(event, at=shredding.over_from(event))
        application.refresh_from_db()
        assert (application.state, application.country, application.target_group) == (state, "FR", "probation")
        assert (application.full_name, application.email) == ("", "")

    def test_letters_are_still_counted_and_none_leaves_any_more(self, event: Event, application: Application) -> None:
        count = Letter.objects.count()
        shredding.shred(event, at=shredding.over_from(event))
        assert Letter.objects.count() == count
        assert set(Letter.objects.values_list("status", flat=True)) == {"cancelled"}
        assert Letter.objects.filter(kind=LetterKind.NO_APPLICATION, recipient="").exists()


class TestByItself:
    """Each tick looks whose time is over."""

    def test_nothing_goes_before_its_time_and_all_of_it_then(self, event: Event, application: Application) -> None:
        shredding.shred_due(at=shredding.over_from(event) - dt.timedelta(seconds=1))
        application.refresh_from_db()
        assert application.first_name == CANARY
        shredding.shred_due(at=shredding.over_from(event))
        application.refresh_from_db()
        event.refresh_from_db()
        assert application.first_name == ""
        assert event.shredded_at == shredding.over_from(event)

    def test_the_time_is_counted_in_days_of_the_event_after_its_last(self, event: Event) -> None:
        event.retention_days = 1
        assert event.kept_until == event.last_day + DAY
        assert (
            shredding.over_from(event).astimezone(event.zone).isoformat()
            == f"{event.last_day + 2 * DAY}T00:00:00+01:00"
        )

    def test_a_large_event_goes_in_portions(self, event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shredding, "PORTION", 2)
        ApplicationFactory.create_batch(3, event=event)
        for left in (1, 0):
            shredding.shred_due(at=shredding.over_from(event))
            event.refresh_from_db()
            assert event.applications.filter(erased_at=None).count() == left
            assert (event.shredded_at is None) is bool(left)

    def test_it_is_one_of_the_steps_of_each_tick(self) -> None:
        assert shredding.shred_due in {step.do for step in due.STEPS}


class TestCommand:
    """`manage.py shred EVENT`."""

    def test_it_says_what_it_would_erase_and_leaves_it(
        self, event: Event, application: Application, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("shred", event.slug, "--dry-run")
        said = capsys.readouterr().out
        assert "would erase 1 applications, 1 files, 3 letters" in said
        assert f"kept until {event.kept_until}" in said
        application.refresh_from_db()
        assert application.first_name == CANARY

    def test_before_the_time_it_refuses_unless_told(self, event: Event, application: Application) -> None:
        with time_machine.travel(AFTER_CLOSE, tick=False):
            with pytest.raises(CommandError, match=f"kept until {event.kept_until}"):
                call_command("shred", event.slug)
            call_command("shred", event.slug, "--early")
        application.refresh_from_db()
        assert application.first_name == ""

    @pytest.mark.usefixtures("_over")
    def test_afterwards_it_erases(
        self, event: Event, application: Application, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("shred", event.slug)
        assert "erased 1 applications" in capsys.readouterr().out
        application.refresh_from_db()
        assert application.first_name == ""

    def test_an_unknown_event_is_named(self) -> None:
        with pytest.raises(CommandError, match="There is no event nowhere"):
            call_command("shred", "nowhere")


def test_the_privacy_notice_says_until_when_data_are_kept(client: Client, event: Event) -> None:
    assert "180 days, until 6 June 2022" in client.get("/en/privacy/").content.decode()
    assert "jusqu’au 6 juin 2022" in client.get("/fr/privacy/").content.decode()
