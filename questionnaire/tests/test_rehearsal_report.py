"""The report of a rehearsal: for a terminal, and as one file that needs nothing else."""

import re

import pytest
from django.utils import translation

from questionnaire.rehearsal import charts, checks, report
from questionnaire.tests.factories import AFTER_RELEASE
from questionnaire.tests.rehearsed import outcome

PAYLOAD = """<script>alert(1)</script>"""


def test_every_check_has_its_promise_in_words() -> None:
    """A check that is added is explained."""
    names = {look.__name__ for look in checks.CHECKS}
    assert len(names) == len(checks.CHECKS) == len(report.PROMISES)


@pytest.mark.parametrize(
    ("language", "title", "verdict", "promise"),
    [
        ("en", "Study visit", "1 promise was broken.", "✗ broken    No letter arrives twice (12)"),
        ("fr", "Visite d’étude", "1 promesse n’a pas été tenue.", "✗ non tenus"),
    ],
)
def test_a_terminal_reads_it_in_its_language(language: str, title: str, verdict: str, promise: str) -> None:
    """What was broken comes first, with what broke it; the verdict stands last."""
    with translation.override(language):
        lines = list(report.lines(report.Report(outcome(letters_doubled="asa@example.org")), language))
    assert (lines[0], lines[-1]) == (title, verdict)
    text = "\n".join(lines)
    assert "asa@example.org" in text
    assert text.index("✗") < text.index("✓")


def test_where_nothing_broke_it_says_so() -> None:
    """In a sentence."""
    assert list(report.lines(report.Report(outcome()), "en"))[-1] == "Every promise was kept."


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_file_needs_nothing_else(language: str) -> None:
    """No script, no style by attribute, no address of another file; each picture has its numbers in a table."""
    with translation.override(language):
        text = report.html(report.Report(outcome(two_decisions=PAYLOAD)), language, made_at=AFTER_RELEASE)
    assert f'<html lang="{language}">' in text
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert re.findall(r'(?:src|href|style)="', text) == []
    assert "url(" not in text
    assert text.count('<svg class="picture"') == text.count("<details>") == 4
    assert "<rect" in text
    assert "<polyline" in text


def test_pictures_stay_within_their_frame() -> None:
    """Every shape, whatever the numbers."""
    for chart in charts.draw(outcome()["figures"]):
        for rect in chart.rects:
            assert 0 <= rect.x <= rect.x + rect.width <= chart.width + 1
            assert 0 <= rect.y <= rect.y + rect.height <= chart.height
        for _series, points in chart.paths:
            for point in points.split():
                x, y = map(int, point.split(","))
                assert 0 <= x <= chart.width
                assert 0 <= y <= chart.height


def test_there_are_no_pictures_where_nothing_happened() -> None:
    """A rehearsal that nobody applied to has no curves."""
    empty = {**outcome()["figures"], "by_day": [], "decisions": [], "places": [], "pages": []}
    assert charts.draw(empty) == []
