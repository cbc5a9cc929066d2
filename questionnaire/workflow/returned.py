"""Look through the mailbox of undelivered letters: each report once, whoever looks and however often."""

import datetime as dt
import logging

from questionnaire.workflow import bounces, mailbox

logger = logging.getLogger(__name__)


def read_mailbox(url: str, *, at: dt.datetime) -> tuple[int, int]:
    """Read what is new in the mailbox; return how many messages it was, and how many letters had failed.

    A message counts as seen only once it is recorded, and recording it twice changes nothing.
    Raises `mailbox.MailboxUnreachable`.
    """
    looked_at = failed = 0
    with mailbox.open_mailbox(url) as opened:
        for uid, report in opened.unseen(bounces.LONGEST):
            bounce = bounces.read(report)
            failed += bounce is not None and bounces.record(bounce, at=at)
            opened.mark_seen(uid)
            looked_at += 1
    if failed:
        logger.error("%d letters came back", failed)
    return looked_at, failed
