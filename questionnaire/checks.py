"""What Django's system check framework asks of the settings for letters."""

from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

TIME_LIMITS = ("SMTP_FINAL_REPLY_TIMEOUT", "CELERY_TASK_TIME_LIMIT", "LETTER_LEASE", "BROKER_VISIBILITY_TIMEOUT")
"""Each must be shorter than the next, or two senders could hold the same letter at the same time."""


def time_limits_are_ordered(**_options: Any) -> list[CheckMessage]:
    """Refuse time limits by which a letter could be given to a second sender while the first is at it."""
    return [
        Error(f"{shorter} must be less than {longer}.", id="questionnaire.E001")
        for shorter, longer in pairwise(TIME_LIMITS)
        if getattr(settings, shorter) >= getattr(settings, longer)
    ]
