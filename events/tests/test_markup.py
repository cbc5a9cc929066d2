"""Markdown of organisers: notes, and nothing that runs or loads."""

import time
from html.parser import HTMLParser

import pytest

from events import markup


class Tags(HTMLParser):
    """Every tag of a text, with its attributes, as a browser would read it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def html(source: str, notes: frozenset[int] = frozenset()) -> str:
    return str(markup.render(source, "why", notes).html)


def test_markdown() -> None:
    assert html("One *two* **three**\n\n- a\n- b") == (
        "<p>One <em>two</em> <strong>three</strong></p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"
    )


def test_headings_stand_below_those_of_the_page() -> None:
    assert html("# Title") == "<h3>Title</h3>"


def test_a_note_becomes_a_link_that_can_be_found_again() -> None:
    text = markup.render("Many[^2] and more[^1], again[^2].", "why", frozenset({1, 2}))
    assert [link.number for link in text.note_links] == [2, 1, 2]
    assert len({link.id for link in text.note_links}) == 3
    for link in text.note_links:
        assert f'<a href="#note-{link.number}" id="{link.id}" role="doc-noteref"' in text.html


def test_the_texts_of_a_page_do_not_share_ids() -> None:
    notes = frozenset({1})
    [one], [other] = (markup.render("[^1]", place, notes).note_links for place in ("why", "aim"))
    assert one.id != other.id


def test_a_note_that_does_not_exist_stays_as_typed() -> None:
    assert html("Many[^9].", frozenset({1})) == "<p>Many[^9].</p>"


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x]( vbscript:x)",
        '<a href="javascript:alert(1)" onclick="alert(1)">x</a>',
        "![x](https://evil.example/pixel.png)",
        '<iframe src="https://evil.example/"></iframe>',
        '<style>@import "https://evil.example/x.css"</style>',
        '<p style="background:url(https://evil.example/x)">x</p>',
        '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
        '<https://evil.example/?"onmouseover=alert(1)//>',
        '[x](https://example.org "x\\" onmouseover=\\"alert(1)")',
    ],
)
def test_nothing_runs_or_loads(source: str) -> None:
    for tag, attributes in Tags(html(source)).found:
        assert tag in {"p", "a"}
        assert attributes.keys() <= {"href", "rel", "title"}
        assert attributes.get("href", "https:").startswith(("https:", "#"))


def test_an_id_of_the_page_cannot_be_forged() -> None:
    tags = Tags(html('# main\n\n<a id="main">x</a> [x](#main){: #main }')).found
    assert tags
    assert not any("id" in attributes for _tag, attributes in tags)


def test_links_leak_no_address() -> None:
    assert 'rel="noopener noreferrer"' in html("[x](https://example.org/)")


@pytest.mark.parametrize("pattern", ["[", "*", "_", "`", "[^1", "[x](", "<a ", "&", "> ", "- "])
def test_long_input_takes_no_long_time(pattern: str) -> None:
    source = (pattern * 1000)[:1000]
    started = time.process_time()
    html(source, frozenset({1}))
    assert time.process_time() - started < 0.5
