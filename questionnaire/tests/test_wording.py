"""Texts of letters: what organisers may write, and what people's names can never do to them."""

import pytest

from questionnaire.models import LetterKind
from questionnaire.workflow import wording

LINK = "https://visits.example.org/en/l/abc"


def html(text: str, **values: str) -> str:
    return wording.html(text, {"personal_link": LINK, **values})


def test_values_take_the_place_of_their_placeholders() -> None:
    values = {"first_name": "Zoë", "event_title": "Visit"}
    assert wording.plain_text("\nDear {first_name},\nthe {event_title}.\n", values) == "Dear Zoë,\nthe Visit."
    assert html("Dear *{first_name}*", first_name="Zoë") == "<p>Dear <em><bdi>Zoë</bdi></em></p>"


def test_plain_text_has_no_marks_for_bold() -> None:
    text = "**{event_title}**\n\n- 2 ** 3 by **{first_name}** soon"
    assert wording.plain_text(text, {"event_title": "Visit", "first_name": "**Zoë**"}) == (
        "Visit\n\n- 2 ** 3 by **Zoë** soon"
    )


@pytest.mark.parametrize(
    "text",
    ["{{event.__init__}}", "{{first_name}}", "{first_name.__class__}", "{0}", "{}", "{first_name!r}", "{a{first_name"],
)
def test_what_is_no_placeholder_stays_as_it_is(text: str) -> None:
    assert wording.plain_text(text, {"first_name": "Zoë"}) == text
    assert "Zoë" not in html(text, first_name="Zoë")


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Dear {first_name}, {event_title}", []),
        ("{{event.__init__}} stays", []),
        ("Dear {firstname} and {First_name}, {firstname}", ["firstname", "First_name"]),
        ("{event.title} { first_name } {}", ["event.title", " first_name ", ""]),
    ],
)
def test_an_unknown_placeholder_is_found(text: str, unknown: list[str]) -> None:
    assert wording.unknown_placeholders(text, wording.placeholders(LetterKind.RECEIPT)) == unknown


def test_a_subject_holds_no_link_and_a_letter_to_a_stranger_no_name() -> None:
    assert "personal_link" in wording.placeholders(LetterKind.RECEIPT)
    assert not wording.LINKS & wording.subject_placeholders(LetterKind.RECEIPT).keys()
    to_stranger = wording.placeholders(LetterKind.NO_APPLICATION)
    assert not {"first_name", "family_name", "personal_link"} & to_stranger.keys()
    assert "event_link" in to_stranger


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "**bold** [x](javascript:alert(1))",
        "{personal_link}",
        "&amp; \"quoted\" 'name'",
        "\u202ereversed",
    ],
)
def test_a_name_is_never_markup_nor_placeholder(name: str) -> None:
    page = html("Dear {first_name},\n\n- {first_name}", first_name=name)
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = escaped.replace('"', "&quot;").replace("'", "&#x27;")
    assert page.count(f"<bdi>{escaped}</bdi>") == 2
    assert page.replace(f"<bdi>{escaped}</bdi>", "") == "<p>Dear ,</p>\n<ul>\n<li></li>\n</ul>"


def test_markdown_of_organisers_keeps_nothing_that_runs_or_loads() -> None:
    page = html("<script>x</script> [a](javascript:alert(1)) ![p](https://e.org/p.png) <b onclick=x>b</b>")
    assert "<script" not in page
    assert "javascript:" not in page
    assert "<img" not in page
    assert "<b " not in page


@pytest.mark.parametrize("text", ["{personal_link}", "[Open your page]({personal_link})", "Here: {personal_link}."])
def test_the_personal_link_can_be_clicked(text: str) -> None:
    page = html(text)
    assert page.count(f'<a href="{LINK}"') == 1
    assert "{" not in page


def test_a_link_in_braces_in_a_text_of_two_links() -> None:
    page = wording.html(
        "{personal_link} or [the event]({event_link})", {"personal_link": LINK, "event_link": "https://e.org/?a=1&b=2"}
    )
    assert f'<a href="{LINK}" rel="noopener noreferrer">{LINK}</a>' in page
    assert '<a href="https://e.org/?a=1&amp;b=2" rel="noopener noreferrer">the event</a>' in page


@pytest.mark.parametrize("target", ["{first_name}", "https://e.org/{first_name}", "{personal_link}{first_name}"])
def test_no_address_is_made_of_what_somebody_typed(target: str) -> None:
    page = html(f"[click]({target})", first_name="javascript:alert(1)")
    assert "href" not in page
    assert "javascript" not in page
