"""The cut stylesheet: everything that can match stays, what cannot goes."""

import pytest

from ravisit.assets.sources import read_mentions
from ravisit.assets.stylesheet import cut, parse


def cut_for(css: str, *sources: str) -> str:
    """Cut `css` for pages with these sources."""
    mentions = read_mentions(list(sources))
    return cut(css, mentions.has_class, mentions.custom_properties)


@pytest.mark.parametrize(
    ("css", "left"),
    [
        (".used{color:red}.unused{color:blue}", ".used{color:red}"),
        ("a,.used a,.unused a{color:red}", "a,.used a{color:red}"),
        (".used.unused{color:red}", ""),
        ("@media print{.unused{color:red}}", ""),
        ("@media print{@supports (gap:1px){.used{color:red}.unused{top:0}}}",
         "@media print{@supports (gap:1px){.used{color:red}}}"),
        (".used:not(.unused){color:red}", ".used:not(.unused){color:red}"),
        (":is(.used,.unused) p{color:red}", ":is(.used,.unused) p{color:red}"),
        ('.used[title="a,b{}"]::after{content:"};.unused{"}', '.used[title="a,b{}"]::after{content:"};.unused{"}'),
        (".used{top:url('data:a;b,<p/>')}", ".used{top:url('data:a;b,<p/>')}"),
        ("@keyframes spin{to{transform:none}}", "@keyframes spin{to{transform:none}}"),
        ("/* .used{} */.used{top:0}", ".used{top:0}"),
        ("@import 'x.css';.used{top:0}", "@import 'x.css';.used{top:0}"),
        (r".used\:wide{top:0}", ""),
    ],
)  # fmt: skip
def test_only_what_can_match_is_left(css: str, left: str) -> None:
    """A rule stays where each of its classes is mentioned."""
    assert cut_for(css, '<p class="used">') == left


@pytest.mark.parametrize(
    "source",
    [
        '<p class="label--{{ tone }}">',
        '<p class="label--{% if new %}high{% endif %}">',
        'f"label--{tone}"',
        '"label--" + tone',
        "`label--${tone}`",
    ],
)
def test_a_class_put_together_at_run_time_keeps_every_ending(source: str) -> None:
    """The beginning of a class name that is filled in stands for all that begin so."""
    assert cut_for(".label--high{top:0}.tag--high{top:0}", source) == ".label--high{top:0}"


def test_custom_properties_stay_as_long_as_someone_reads_them() -> None:
    """Reading goes through other properties, and from our own sources."""
    css = ":root{--a:var(--b);--b:1px;--c:var(--d);--d:2px;--ours:3px}.used{top:var(--a)}.unused{top:var(--c)}"
    assert cut_for(css, "used", "p{margin:var(--ours)}") == ":root{--a:var(--b);--b:1px;--ours:3px}.used{top:var(--a)}"


def test_properties_that_read_each_other_do_not_keep_each_other() -> None:
    """A circle that nothing else reads goes."""
    assert cut_for(":root{--a:var(--b);--b:var(--a)}", "") == ""


@pytest.mark.parametrize("css", [".a{top:0", ".a{top:0}}"])
def test_braces_that_do_not_match_are_refused(css: str) -> None:
    """Half a stylesheet is never served."""
    with pytest.raises(ValueError, match="braces"):
        parse(css)
