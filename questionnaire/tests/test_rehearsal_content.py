"""What a rehearsal copies: all that organisers set up, and nobody."""

import json

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone

from events.models import Event, Material, Membership
from questionnaire import models, study_visit
from questionnaire.models import Question, Quota
from questionnaire.rehearsal import content
from questionnaire.tests.factories import ApplicationFactory, small_questionnaire
from questionnaire.tests.team import make_team

pytestmark = pytest.mark.django_db

LEFT_OUT: set[type[Model]] = {
    Material,
    Membership,  # invented anew, in the same number
    models.AccessToken,
    models.AddressChange,
    models.Answer,
    models.Application,
    models.Assignment,
    models.Calibration,
    models.Correction,
    models.Draft,
    models.Feedback,
    models.Heartbeat,
    models.Hold,
    models.Letter,
    models.Note,
    models.Notice,
    models.Opening,
    models.OutboxMemory,
    models.Pin,
    models.Promotion,
    models.Rehearsal,
    models.Release,
    models.ReleaseException,
    models.Replacement,
    models.Review,
    models.Score,
    models.SelectionRun,
    models.SendingRate,
    models.Severity,
    models.Signature,
    models.Standstill,
    models.Tag,
    models.Transition,
    models.Upload,
}


def test_each_table_is_copied_or_left_out_by_name() -> None:
    """A table that is added is thought about."""
    ours = {model for label in ("events", "questionnaire") for model in apps.get_app_config(label).get_models()}
    assert ours == {Event, *content.CONTENT} | LEFT_OUT


def test_rows_come_after_those_that_they_point_to() -> None:
    """The copy can be written row by row."""
    written: set[type[Model]] = {Event}
    for model in content.CONTENT:
        needs = {field.related_model for field in model._meta.concrete_fields if field.many_to_one or field.one_to_one}
        assert needs <= written | {model}, model
        written.add(model)


def test_nobody_is_in_it() -> None:
    """Neither applicants nor the team leave the real database."""
    team = make_team(small_questionnaire())
    ApplicationFactory(event=team.event, family_name="Secret", email="secret@example.org")
    text = json.dumps(content.dump(team.event))
    assert "Secret" not in text
    assert "secret@" not in text
    assert "olga" not in text


def test_the_copy_reads_as_the_original() -> None:
    """Both languages, the whole questionnaire, criteria, quotas and letters."""
    original = study_visit.load(now=timezone.now()).event
    dumped = content.dump(original)
    counts = {model: model._default_manager.count() for model in content.CONTENT}
    Event.objects.all().delete()
    copy, team = content.load(dumped, applicants=300)
    assert (copy.slug, copy.title_en, copy.title_fr) == (original.slug, original.title_en, original.title_fr)
    assert (copy.places, copy.closes_at, copy.published) == (60, original.closes_at, True)
    assert {model: model._default_manager.count() for model in content.CONTENT} == counts
    assert (len(team.organisers), len(team.reviewers)) == (2, 2)
    assert all(user.email.endswith("@rehearsal.example") for user in User.objects.all())


def test_few_applicants_still_leave_a_choice() -> None:
    """Places and quotas shrink with the crowd."""
    dumped = content.dump(study_visit.load(now=timezone.now()).event)
    Event.objects.all().delete()
    copy, _team = content.load(dumped, applicants=12)
    assert copy.places == 6
    by_country = Quota.objects.get(question__key="country")
    assert by_country.maximum == 2
    assert Quota.objects.get(question__key="interpretation").minimum == 2
    assert Question.objects.filter(event=copy).exists()
