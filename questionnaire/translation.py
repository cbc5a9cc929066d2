"""Which fields are bilingual. A migration follows from each change here."""

from modeltranslation.translator import TranslationOptions, register

from questionnaire.models import Criterion, CriterionStep, LetterTemplate, MatrixRow, Option, Question, Section


@register(Section)
class SectionTranslation(TranslationOptions):
    """The texts of a section."""

    fields = ("title", "introduction")


@register(Question)
class QuestionTranslation(TranslationOptions):
    """The texts of a question."""

    fields = ("label", "help")


@register(Option)
class OptionTranslation(TranslationOptions):
    """An option's label."""

    fields = ("label",)


@register(MatrixRow)
class MatrixRowTranslation(TranslationOptions):
    """A row's label."""

    fields = ("label",)


@register(Criterion)
class CriterionTranslation(TranslationOptions):
    """The texts of a criterion."""

    fields = ("name", "description")


@register(CriterionStep)
class CriterionStepTranslation(TranslationOptions):
    """What earns a score."""

    fields = ("description",)


@register(LetterTemplate)
class LetterTemplateTranslation(TranslationOptions):
    """A letter, whole in each language: what is missing in one is never taken from the other."""

    fields = ("subject", "body")
    fallback_languages = {"default": ()}
