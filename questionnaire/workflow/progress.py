"""What is left to do in a questionnaire: step by step, and in sum."""

from dataclasses import dataclass
from typing import Literal

from questionnaire.workflow.answers import CheckedAnswers, Posted
from questionnaire.workflow.questionnaire import Page, Questionnaire

NEEDS_AN_ANSWER = "required"
"""The code of an error that says no more than that an answer is missing."""


@dataclass(frozen=True)
class Step:
    """A page in the list of steps."""

    number: int
    title: str
    state: Literal["done", "current", "problem", "todo"]


@dataclass(frozen=True)
class Progress:
    """How far one has come: sections in which nothing is left, and required answers that are missing or wrong.

    Sections that ask nothing, since all of their questions wait for other answers, do not count.
    """

    steps: tuple[Step, ...]
    complete: int
    missing: int
    wrong: int

    @property
    def sections(self) -> int:
        """Return how many sections there are."""
        return len(self.steps)

    @property
    def position(self) -> int:
        """Return which of the sections is shown, counted from 1."""
        return 1 + [step.state for step in self.steps].index("current")

    @property
    def before(self) -> int | None:
        """Return the number of the page before the one that is shown."""
        return self.steps[self.position - 2].number if self.position > 1 else None

    @property
    def after(self) -> int | None:
        """Return the number of the page after the one that is shown."""
        return self.steps[self.position].number if self.position < self.sections else None


def of(questionnaire: Questionnaire, typed: Posted, checked: CheckedAnswers, *, current: int = 0) -> Progress:
    """Return how far one has come; `current` is the number of the page that is shown."""
    codes = [errors[0].code for errors in checked.errors.values()]
    missing = codes.count(NEEDS_AN_ANSWER)
    numbered = enumerate(questionnaire.pages, 1)
    pages = [(n, page) for n, page in numbered if n == current or page.asks(checked.asked)]
    return Progress(
        steps=tuple(
            Step(number, page.section.title, _state(page, number, typed, checked, current)) for number, page in pages
        ),
        complete=sum(1 for _number, page in pages if not page.keys & checked.errors.keys()),
        missing=missing,
        wrong=len(codes) - missing,
    )


def _state(
    page: Page, number: int, typed: Posted, checked: CheckedAnswers, current: int
) -> Literal["done", "current", "problem", "todo"]:
    if number == current:
        return "current"
    if not page.keys & checked.errors.keys():
        return "done"
    return "todo" if page.is_untouched(typed) else "problem"


def first_unfinished(questionnaire: Questionnaire, checked: CheckedAnswers) -> int | None:
    """Return the number of the first page on which something is left to do."""
    return next((n for n, page in enumerate(questionnaire.pages, 1) if page.keys & checked.errors.keys()), None)
