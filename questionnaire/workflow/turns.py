"""One event after the other: where a letter has no text in one of them, the others have their turn all the same."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from questionnaire.workflow.letters import NoText

Thing = TypeVar("Thing")


def take(things: Iterable[Thing], step: Callable[[Thing], int]) -> int:
    """Take a step for each; return the sum of what the steps return. Raises the last `NoText` at the end."""
    done = 0
    failure: NoText | None = None
    for thing in things:
        try:
            done += step(thing)
        except NoText as error:
            failure = error
    if failure is not None:
        raise failure
    return done
