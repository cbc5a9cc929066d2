"""The reason that a decision has from the selection board: kept in no language, told in the reader's."""

import re

from django.utils.translation import gettext as _

_OF_RUN = re.compile(r"#(?P<number>\d+) (?P<hash>[0-9a-f]{12})")


def of_run(number: int, input_sha256: str) -> str:
    """Return the reason of what follows from a run, as it is kept."""
    return f"#{number} {input_sha256[:12]}"


def in_words(reason: str) -> str:
    """Return a reason as people read it; what a person wrote stands as it is."""
    kept = _OF_RUN.fullmatch(reason)
    if kept is None:
        return reason
    return _("As on the selection board: selection #%(number)s, hash of the inputs %(hash)s…") % kept.groupdict()
