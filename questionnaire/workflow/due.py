"""All that happens by itself when its moment comes. Idempotent: any tick catches up after any outage."""

import datetime as dt
import logging
from collections.abc import Callable

from questionnaire.workflow import decision, letters, outbox, reminders
from questionnaire.workflow.delivery import Transport
from questionnaire.workflow.outbox import Clock, Tally

logger = logging.getLogger(__name__)


def do_what_is_due(
    clock: Clock,
    new_transport: Callable[[], Transport],
    *,
    connections: int = 1,
    until: dt.datetime | None = None,
) -> Tally:
    """Release the decisions whose hour has come, remind who has not finished, then send every letter that is due."""
    try:
        decision.release_due(at=clock())
    except decision.NotReady as error:
        # Letters of other events must not wait for this one.
        logger.error("a release was refused: %s", error)
    try:
        reminders.remind_due(at=clock())
    except letters.NoText as error:
        logger.error("a reminder could not be written: %s", error)
    return outbox.send_due(clock, new_transport, connections=connections, until=until)
