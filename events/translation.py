"""Which fields are bilingual. A migration follows from each change here."""

from modeltranslation.translator import TranslationOptions, register

from events.models import Contact, Event, GuidingQuestion, Material, Reference, Session, TargetGroup


@register(Event)
class EventTranslation(TranslationOptions):
    """The texts of an event's page."""

    fields = ("title", "summary", "publisher", "organiser", "venue", "languages", "why", "aim", "practical")


@register(Session)
class SessionTranslation(TranslationOptions):
    """The texts of an agenda item."""

    fields = ("title", "description", "speakers")


@register(Contact)
class ContactTranslation(TranslationOptions):
    """A contact's role."""

    fields = ("role",)


@register(TargetGroup)
class TargetGroupTranslation(TranslationOptions):
    """A target group's label."""

    fields = ("label",)


@register(GuidingQuestion)
class GuidingQuestionTranslation(TranslationOptions):
    """A guiding question's text."""

    fields = ("text",)


@register(Material)
class MaterialTranslation(TranslationOptions):
    """A material's title."""

    fields = ("title",)


@register(Reference)
class ReferenceTranslation(TranslationOptions):
    """A note's text."""

    fields = ("text",)
