"""The bars of the selection board, drawn as SVG: pool, selected and target of a quota, each as a share."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from questionnaire.workflow.panel import Bar, Wish

WIDTH = 1000  # units of the drawing for a share of 100 %
ROW = 60
THICKNESS = 44
THINNEST = 10  # of what is wanted, where at least and at most are one number


def draw(bar: Bar, *, pool: int, places: int) -> SafeString:
    """Draw a quota for the eye alone; the table around it holds the figures.

    The pool's bar is a share of all candidates, the two others are shares of the places.
    """
    most = WIDTH if bar.maximum is None else _share(bar.maximum, places)
    least = min(_share(bar.minimum, places), max(0, most - THINNEST))
    selected = "bar-selected" if bar.holds else "bar-broken"
    return _picture(selected, _share(bar.pool, pool), _share(bar.selected, places), least, max(most - least, THINNEST))


def draw_wish(wish: Wish, *, pool: int, places: int) -> SafeString:
    """Draw a wished share in the same way; nothing is broken where it is missed."""
    wanted = min(_share(wish.wanted, places), WIDTH - THINNEST)
    return _picture("bar-selected", _share(wish.pool, pool), _share(wish.selected, places), wanted, THINNEST)


def _picture(selected_class: str, pool: int, selected: int, wanted: int, width: int) -> SafeString:
    rows = [
        ("bar-pool", 0, 0, pool),
        (selected_class, 0, ROW, selected),
        ("bar-target", wanted, 2 * ROW, width),
    ]
    shapes = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"></rect>',
        ((css_class, str(x), str(y), str(width), str(THICKNESS)) for css_class, x, y, width in rows),
    )
    return format_html(
        '<svg class="balance" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false"><rect class="bar-ground" x="0" y="0" width="{}" height="{}"></rect>{}</svg>',
        str(WIDTH),
        str(3 * ROW),
        str(WIDTH),
        str(3 * ROW),
        shapes,
    )


def _share(number: int, whole: int) -> int:
    return min(WIDTH, round(WIDTH * number / whole)) if whole else 0
