"""Which texts are missing in a language, and which fell behind the other."""

import pytest
from django.utils import translation

from events import bilingual
from events.models import Event
from events.tests.factories import EventFactory

COLUMNS = ["title_en", "title_fr"]


@pytest.mark.parametrize(
    ("stale", "changed", "confirmed", "after"),
    [
        ([], [], [], []),
        ([], ["title_en"], [], ["title_fr"]),
        ([], ["title_fr"], [], ["title_en"]),
        ([], COLUMNS, [], []),
        (["title_fr"], [], [], ["title_fr"]),
        (["title_fr"], ["title_fr"], [], []),
        (["title_fr"], ["title_en"], [], ["title_fr"]),
        (["title_fr"], COLUMNS, [], []),
        (["title_fr"], [], ["title_fr"], []),
        ([], ["title_en"], ["title_fr"], []),
        (["summary_en"], ["title_en"], [], ["summary_en", "title_fr"]),
    ],
)
def test_the_side_that_did_not_change_along_falls_behind(
    stale: list[str], changed: list[str], confirmed: list[str], after: list[str]
) -> None:
    names = ["title", "summary"]
    assert bilingual.stale_after_edit(stale, names, changed=changed, confirmed=confirmed) == after


def test_missing_texts() -> None:
    event = EventFactory.build()
    assert bilingual.missing_columns(event) == []
    event.title_fr, event.why_en, event.aim_en, event.aim_fr = "", "Because", None, None
    assert bilingual.missing_columns(event) == ["title_fr", "why_fr"]
    event.title_en = ""
    assert bilingual.missing_columns(event) == ["title_en", "title_fr", "why_fr"]


def test_columns_have_names_for_people() -> None:
    assert bilingual.column_label(Event, "title_fr") == "Title (French)"
    with translation.override("fr"):
        assert bilingual.column_label(Event, "title_fr") != "Title (French)"
