"""An event as the public reads it, and what those who take part have of it."""

from events.models.event import (
    Bilingual,
    Contact,
    Event,
    EventQuerySet,
    GuidingQuestion,
    Interpretation,
    Membership,
    Reference,
    Session,
    TargetGroup,
    Window,
    validate_time_zone,
)
from events.models.material import Material, random_material_name

__all__ = [
    "Bilingual",
    "Contact",
    "Event",
    "EventQuerySet",
    "GuidingQuestion",
    "Interpretation",
    "Material",
    "Membership",
    "Reference",
    "Session",
    "TargetGroup",
    "Window",
    "random_material_name",
    "validate_time_zone",
]
