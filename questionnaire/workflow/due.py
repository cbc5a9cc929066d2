"""All that happens by itself when its moment comes. Idempotent: any tick catches up after any outage."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from questionnaire.workflow import (
    alarms,
    answered,
    calibrating,
    decision,
    joining,
    letters,
    notices,
    outbox,
    participation,
    promotion,
    reminders,
    replacing,
    review_letters,
    shredding,
    waves,
)
from questionnaire.workflow.delivery import Transport
from questionnaire.workflow.outbox import Clock, Tally

logger = logging.getLogger(__name__)

REFUSALS = (decision.NotReady, letters.NoText)
"""How a step says that organisers have to put something right first."""


@dataclass(frozen=True)
class Step:
    """Something that is looked at in each tick: `do` takes the time as `at`, and does what is due at it, once."""

    name: str
    do: Callable[..., object]


STEPS = (
    Step("the release of decisions", decision.release_due),
    Step("reminders of unfinished applications", reminders.remind_due),
    Step("places without an answer", participation.lapse_due),
    Step("requests to send a colleague that are over", replacing.settle_due),
    Step("free places for the waiting list", promotion.promote_due),
    Step("reminders to confirm", participation.remind_due),
    Step("joining instructions", joining.instruct_due),
    Step("thanks after the event", joining.thank_due),
    Step("alarms of the promise clock", alarms.sound_due),
    Step("letters to organisers", notices.tell_due),
    Step("letters to reviewers", review_letters.tell_due),
    Step("the promise that is kept", answered.note_due),
    Step("severities of reviewers", calibrating.refresh_due),
    Step("personal data whose time is over", shredding.shred_due),
)
"""In the order of the event: what one step queues leaves in the same tick."""


def do_what_is_due(
    clock: Clock,
    new_transport: Callable[[], Transport],
    *,
    connections: int = 1,
    until: dt.datetime | None = None,
) -> Tally:
    """Take each step, then send every letter that is due; a step that fails keeps no other from its turn.

    A refusal is logged; any other error is raised in an `ExceptionGroup` once the letters have left.
    """
    failures: list[Exception] = []
    for step in STEPS:
        try:
            step.do(at=clock())
        except REFUSALS as error:
            logger.error("%s was refused: %s", step.name, error)
        except Exception as error:
            # Said here too: should sending fail as well, nothing below is reached.
            logger.exception("%s failed", step.name)
            failures.append(error)
    send = partial(outbox.send_due, clock, new_transport, connections=connections, until=until)
    tally = send()
    if waves.advance(at=clock()):
        tally += send()
    if failures:
        raise ExceptionGroup("what is due", failures)
    return tally
