"""The questionnaire of an event as organisers build it: sections, questions, options, conditions."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.models import Bilingual, Event

validate_key = RegexValidator(r"^[a-z][a-z0-9_]*\Z", _("Use small letters, digits and _; begin with a letter."))


def key_field() -> models.CharField[str, str]:
    """Return a column for the stable name of a question, option or row: what answers and conditions refer to."""
    return models.CharField(_("key"), max_length=40, validators=[validate_key])


class Section(Bilingual):
    """A page of the questionnaire."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="sections", verbose_name=_("event"))
    key = key_field()
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    title = models.CharField(_("title"), max_length=120)
    introduction = models.TextField(_("introduction"), blank=True)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("questionnaire: sections")
        ordering = ["event", "order", "key"]
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="section_key_once_per_event")]

    def __str__(self) -> str:
        return self.title


class Question(Bilingual):
    """A question of the questionnaire.

    `minimum` and `maximum` are characters for texts, the value itself for numbers, the number of choices
    for a question with several choices; `maximum` is megabytes for files.
    """

    class Kind(models.TextChoices):
        """What is asked for, and so what an answer looks like."""

        SHORT_TEXT = "short_text", _("short text")
        LONG_TEXT = "long_text", _("long text")
        EMAIL = "email", _("e-mail address")
        PHONE = "phone", _("telephone number")
        NUMBER = "number", pgettext_lazy("kind of question", "number")
        DATE = "date", _("date")
        YES_NO = "yes_no", _("yes or no")
        SINGLE_CHOICE = "single_choice", _("one choice")
        MULTIPLE_CHOICE = "multiple_choice", _("several choices")
        MATRIX = "matrix", _("matrix: one choice a row")
        COUNTRY = "country", _("country")
        ACKNOWLEDGEMENT = "acknowledgement", _("acknowledgement")
        FILE = "file", _("file")

    class Display(models.TextChoices):
        """How the options of a single choice are shown."""

        RADIO = "radio", _("all at once")
        LIST = "list", _("as a list that opens")

    class Visibility(models.TextChoices):
        """Who sees the answers in the review."""

        EVERYONE = "everyone", _("organisers and reviewers")
        NAMED = "named", _("organisers; reviewers unless the review is anonymous")
        ORGANISERS = "organisers", _("organisers alone")

    class Fills(models.TextChoices):
        """The column of the application that the answer fills too, for lists, letters and quotas."""

        NOTHING = "", _("nothing more")
        FIRST_NAME = "first_name", _("first name")
        FAMILY_NAME = "family_name", _("family name")
        EMAIL = "email", _("e-mail address")
        LANGUAGE = "language", _("language of letters")
        COUNTRY = "country", _("country")
        ORGANISATION = "organisation", _("organisation")
        TARGET_GROUP = "target_group", _("target group")
        REPLACEMENT_NAME = "replacement_name", _("name of a colleague who could come instead")
        REPLACEMENT_EMAIL = "replacement_email", _("e-mail address of that colleague")

    class Match(models.TextChoices):
        """How several conditions are joined."""

        ALL = "all", _("all of the conditions hold")
        ANY = "any", _("any of the conditions holds")

    event = models.ForeignKey(Event, models.CASCADE, related_name="questions", verbose_name=_("event"))
    section = models.ForeignKey(Section, models.CASCADE, related_name="questions", verbose_name=_("section"))
    key = key_field()
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("type"), max_length=20, choices=Kind)
    display = models.CharField(_("options shown"), max_length=8, choices=Display, default=Display.RADIO)
    label = models.CharField(_("question"), max_length=400)
    help = models.TextField(_("help"), blank=True)
    required = models.BooleanField(_("required"), default=False)
    minimum = models.PositiveIntegerField(
        _("at least"),
        null=True,
        blank=True,
        help_text=_("Characters of a text, the value of a number, how many of several choices."),
    )
    maximum = models.PositiveIntegerField(
        _("at most"), null=True, blank=True, help_text=_("The same; for a file, its size in megabytes.")
    )
    visibility = models.CharField(
        _("who sees the answers"), max_length=12, choices=Visibility, default=Visibility.EVERYONE
    )
    for_balance = models.BooleanField(
        _("used for the balance"), default=False, help_text=_("Quotas can ask for a balance of its answers.")
    )
    fills = models.CharField(
        _("also fills"),
        max_length=20,
        choices=Fills,
        blank=True,
        default=Fills.NOTHING,
        help_text=_("The column of the list of applications in which the answer stands too."),
    )
    match = models.CharField(
        _("shown when"),
        max_length=4,
        choices=Match,
        default=Match.ALL,
        help_text=_("Without any condition the question is always asked."),
    )
    retired = models.BooleanField(
        _("retired"), default=False, help_text=_("No longer asked; the answers already given stay.")
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questionnaire: questions")
        ordering = ["event", "section__order", "order", "key"]
        constraints = [
            models.UniqueConstraint(fields=["event", "key"], name="question_key_once_per_event"),
            models.UniqueConstraint(fields=["event", "fills"], condition=~Q(fills=""), name="question_fills_once"),
            models.CheckConstraint(
                condition=Q(minimum=None) | Q(maximum=None) | Q(maximum__gte=F("minimum")),
                name="question_bounds_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Option(Bilingual):
    """A choice of a question; for a matrix, a step of its scale."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="options", verbose_name=_("question"))
    key = key_field()
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    label = models.CharField(_("label"), max_length=250)
    opens_text = models.BooleanField(_("asks to say which"), default=False)
    retired = models.BooleanField(_("retired"), default=False)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["order", "key"]
        constraints = [models.UniqueConstraint(fields=["question", "key"], name="option_key_once_per_question")]

    def __str__(self) -> str:
        return self.label


class MatrixRow(Bilingual):
    """A row of a matrix question."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="rows", verbose_name=_("question"))
    key = key_field()
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    label = models.CharField(_("label"), max_length=250)

    class Meta:
        verbose_name = _("row")
        verbose_name_plural = _("rows")
        ordering = ["order", "key"]
        constraints = [models.UniqueConstraint(fields=["question", "key"], name="row_key_once_per_question")]

    def __str__(self) -> str:
        return self.label


class Condition(models.Model):
    """A condition under which a question is asked, on the answer to an earlier one.

    `values` names options (or `yes`/`no`, or countries), in words separated by spaces; it stays empty
    for the two operators that only look at whether there is an answer.
    """

    class Operator(models.TextChoices):
        """What must be true of the other question's answer."""

        ANSWERED = "answered", _("has an answer")
        UNANSWERED = "unanswered", _("has no answer")
        IS_ONE_OF = "is_one_of", _("is, or contains, one of")
        IS_NONE_OF = "is_none_of", _("is, and contains, none of")

    question = models.ForeignKey(Question, models.CASCADE, related_name="conditions", verbose_name=_("question"))
    depends_on = models.ForeignKey(Question, models.RESTRICT, related_name="+", verbose_name=_("other question"))
    operator = models.CharField(_("condition"), max_length=12, choices=Operator, default=Operator.IS_ONE_OF)
    values = models.CharField(
        _("values"), max_length=400, blank=True, help_text=_("Keys of options, with spaces between.")
    )

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("shown when")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.depends_on} – {self.get_operator_display()} {self.values}".strip()

    @property
    def wanted(self) -> frozenset[str]:
        """Return the keys that the condition names."""
        return frozenset(self.values.split())
