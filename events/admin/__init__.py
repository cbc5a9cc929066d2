"""The organisers' screens for all that the public reads."""

from events.admin.agenda import SessionAdmin
from events.admin.event import EventAdmin

__all__ = ["EventAdmin", "SessionAdmin"]
