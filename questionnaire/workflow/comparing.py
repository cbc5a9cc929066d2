"""Two runs of one event side by side."""

from __future__ import annotations

from dataclasses import dataclass

from questionnaire.models import SelectionRun
from questionnaire.workflow import board, panel
from questionnaire.workflow.board import RunView
from questionnaire.workflow.panel import Bar, Wish
from questionnaire.workflow.reasons import Words


@dataclass(frozen=True)
class Side:
    """One of the two: its run, its total, and who is in this one alone."""

    run: SelectionRun
    selected: int
    total: str
    alone: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Comparison:
    """Both sides; `bars` holds each bound with its bar in the one and in the other, None where it has none.

    `wishes` does the same for the wished shares.
    """

    one: Side
    other: Side
    in_both: int
    bars: tuple[tuple[str, Bar | None, Bar | None], ...]
    wishes: tuple[tuple[str, Wish | None, Wish | None], ...]


def compare(one: SelectionRun, other: SelectionRun) -> Comparison:
    """Compare two runs; as many queries whatever their size."""
    views = RunView(one), RunView(other)
    first, second = (view.selected for view in views)
    words = Words.of(one.event, views[0].points, first ^ second)
    bars = [{bar.label: bar for bar in panel.bars(view.problem, view.counts, words)} for view in views]
    wishes = [{wish.label: wish for wish in panel.wishes(view.problem, view.counts, words)} for view in views]
    return Comparison(
        one=_side(views[0], views[1], words),
        other=_side(views[1], views[0], words),
        in_both=len(first & second),
        bars=tuple((label, bars[0].get(label), bars[1].get(label)) for label in {**bars[0], **bars[1]}),
        wishes=tuple((label, wishes[0].get(label), wishes[1].get(label)) for label in {**wishes[0], **wishes[1]}),
    )


def _side(view: RunView, other: RunView, words: Words) -> Side:
    alone = tuple(
        (words.names.get(candidate.id, candidate.id), board.score(candidate, Words({}, view.points)))
        for candidate in view.ranked
        if candidate.id in view.selected and candidate.id not in other.selected
    )
    return Side(view.run, len(view.selected), board.total(view.run), alone)
