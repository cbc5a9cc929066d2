"""What templates need for the look of every page."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from events.templatetags import look
from events.tests.factories import EventFactory

CHOOSER = "{% load look %}{% languages as found %}{% for one in found %}{{ one.code }}={{ one.url }} {% endfor %}"


@pytest.mark.parametrize(
    ("first", "last", "english", "french"),
    [
        ("2021-12-07", "2021-12-07", "7 December 2021", "7 décembre 2021"),
        ("2021-12-07", "2021-12-08", "7 and 8 December 2021", "7 et 8 décembre 2021"),
        ("2021-12-07", "2021-12-09", "7 to 9 December 2021", "du 7 au 9 décembre 2021"),
        ("2021-11-30", "2021-12-01", "30 November 2021 and 1 December 2021", "30 novembre 2021 et 1er décembre 2021"),
        ("2021-12-01", "2021-12-03", "1 to 3 December 2021", "du 1er au 3 décembre 2021"),
    ],
)
def test_day_range(first: str, last: str, english: str, french: str) -> None:
    event = EventFactory.build(first_day=dt.date.fromisoformat(first), last_day=dt.date.fromisoformat(last))
    assert look.day_range(event) == english
    with translation.override("fr"):
        assert look.day_range(event) == french


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/en/", "en= fr=/fr/ "),
        ("/en/events/paris/agenda/", "en= fr=/fr/events/paris/agenda/ "),
        ("/nothing/here/", "en= fr=/fr/ "),
    ],
)
def test_languages(path: str, expected: str) -> None:
    request = RequestFactory().get(path)
    assert Template(CHOOSER).render(Context({"request": request})) == expected


def test_icon_is_for_the_eye_alone() -> None:
    drawn = look.icon("check", "xs")
    assert 'aria-hidden="true"' in drawn
    assert '#check"' in drawn


def test_formats(settings: Any) -> None:
    moment = dt.datetime(2021, 11, 19, 23, 5, tzinfo=dt.UTC)
    written = Template("{{ moment|date:'DATETIME_FORMAT' }}")
    assert written.render(Context({"moment": moment})) == "20 November 2021, 0.05"
    with translation.override("fr"):
        assert written.render(Context({"moment": moment})) == "20 novembre 2021 à 0\xa0h\xa005"


@pytest.mark.parametrize("name", ["DATE_FORMAT", "DATETIME_FORMAT", "SHORT_DATE_FORMAT", "l j F Y", "l j F"])
def test_in_french_the_first_of_a_month_is_an_ordinal_and_no_other_day(name: str) -> None:
    written = Template(f"{{{{ day|date:'{name}' }}}}")
    for language, day, expected in [("fr", 1, "1er d"), ("fr", 21, "21 d"), ("fr", 11, "11 d"), ("en", 1, "1 D")]:
        with translation.override(language):
            shown = written.render(Context({"day": dt.datetime(2021, 12, day, 12, tzinfo=dt.UTC)}))
            assert f" {expected}" in f" {shown}"


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [("1.58", "+1.58", "+1,58"), ("-1.44", "−1.44", "−1,44"), ("0.00", "0.00", "0,00"), ("-2", "−2", "−2")],
)
def test_what_is_added_or_taken_away_has_its_sign(number: str, english: str, french: str) -> None:
    assert look.signed(Decimal(number)) == english
    with translation.override("fr"):
        assert look.signed(Decimal(number)) == french
