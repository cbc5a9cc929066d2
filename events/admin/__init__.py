"""The organisers' screens for all that the public reads."""

from events.admin.agenda import SessionAdmin
from events.admin.event import EventAdmin
from events.admin.materials import MaterialAdmin

__all__ = ["EventAdmin", "MaterialAdmin", "SessionAdmin"]
