"""A mistake in the data files of the study visit is shown in one clear line, and nothing is loaded."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from events.models import Event
from questionnaire import study_visit

NOVEMBER = dt.datetime(2021, 11, 10, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("event", "places = 60", "places = ", "event.toml: Invalid value"),
        ("event", "places = 60", 'places = "sixty"', "event.toml: places: .*sixty"),
        ("event", "places = 60", "seats = 60", "event.toml: there is no field seats"),
        ("event", 'slug = "paris-prison-exit-2021"', "", "event.toml: slug must be a str, not None"),
        ("event", "Europe/Paris", "Europe/Lutetia", "event.toml: time_zone: Europe/Lutetia is not a time zone"),
        ("event", "opens_at = 2021-11-02T09:00:00", "opens_at = 2021-11-02", "opens_at must be a datetime"),
        ("event", "opens_at = 2021-11-02T09:00:00", "opens_at = 2021-11-02T09:00:00Z", "without an offset"),
        ("event", "closes_at = 2021-11-19", "closes_at = 2021-11-01", "event.toml: closes_at: .*before it opens"),
        ("event", "venue_fr =", "venue_en =", "event.toml: Cannot overwrite"),
        ("event", "venue_fr =", "venue =", "event.toml: write venue_en and venue_fr instead of venue"),
        ("event", "[[contacts]]", "[[contract]]", "event.toml: there is no field contract"),
        ("agenda", "[[sessions]]", "[[session]]", "agenda.toml: it holds .*not session, sessions"),
        ("agenda", 'title_fr = "Pause"', "", "session break.*title_en and title_fr belong together"),
        ("agenda", 'floor_language = "en"', 'floor_language = "de"', "session welcome: floor_language"),
        ("agenda", "day = 1\n", "", "session welcome: day must be a int"),
        ("questionnaire", "conditions = [{", "conditions = 3 # [{", "conditions must be a list of tables"),
        ("questionnaire", 'key = "you"', "", "questionnaire.toml: section 1 has no key"),
        ("questionnaire", 'kind = "email"', 'kind = "mail"', "question email: kind: .*mail"),
        (
            "questionnaire",
            'depends_on = "attendance"',
            'depends_on = "gender"',
            "'gender', not an earlier question",
        ),
        ("questionnaire", 'values = "one"', 'values = "neither"', "attendance has no value neither"),
        ("questionnaire", "minimum = 100", "minimum = 9000", "question motivation: .*bounds"),
        ("quotas", 'values = "none fr_en"', 'values = "fr"', "quotas.toml: interpretation fr: .*no value fr"),
        ("quotas", 'question = "country"', 'question = "email"', "quotas.toml: email: .*for_balance"),
        ("letters", 'kind = "receipt"', 'kind = "recipe"', "letters.toml: letter template recipe: kind"),
    ],
)
def test_each_mistake_is_one_clear_line_and_nothing_is_loaded(
    db: None, tmp_path: Path, file: str, old: str, new: str, expected: str
) -> None:
    folder = shutil.copytree(study_visit.FOLDER, tmp_path / "visit")
    path = folder / f"{file}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(study_visit.ContentError, match=expected) as caught:
        study_visit.load(now=NOVEMBER, folder=folder)
    assert len(str(caught.value).splitlines()) == 1
    assert not Event.objects.exists()


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(study_visit.ContentError, match=r"^event\.toml: "):
        study_visit.load(now=NOVEMBER, folder=tmp_path)
