"""An application: what a person typed, what they submitted, and each state it went through."""

from __future__ import annotations

import datetime as dt
import secrets
import unicodedata

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from events.models import Event
from questionnaire.models import because
from questionnaire.models.question import Question
from questionnaire.states import Outcome, State

# The mean score as lists sort by it: what has none stands below everything else, on every database.
# An adjusted score can leave the scale from 0 to 10 by a reviewer's severity.
MEAN_OR_LAST = Coalesce("mean_score", Value(-1), output_field=models.DecimalField())
ADJUSTED_OR_LAST = Coalesce("adjusted_score", Value(-100), output_field=models.DecimalField())
SPREAD_OR_LAST = Coalesce("spread", Value(-1), output_field=models.DecimalField())


def random_public_id() -> str:
    """Return 96 random bits for an address: it cannot be guessed and says nothing of how many applied."""
    return secrets.token_urlsafe(12)


def email_key(address: str) -> str:
    """Return what two spellings of one e-mail address have in common."""
    return unicodedata.normalize("NFC", address.strip()).casefold()


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Applications, by where they stand."""

    def received(self) -> ApplicationQuerySet:
        """Select what was submitted and not withdrawn."""
        return self.exclude(state__in=[State.DRAFT, State.WITHDRAWN])

    def to_be_decided(self) -> ApplicationQuerySet:
        """Select what still waits for its decision to be released."""
        return self.filter(state__in=[State.SUBMITTED, State.PROPOSED, State.SIGNED_OFF])


class Application(models.Model):
    """A person's application to an event. `state` and `outcome` are written by `workflow.transitions` alone.

    `submitted_revision` is that of the draft as it was when submitted; what differs from it is typed, no more.
    """

    # Without an index of its own, since others begin with it.
    event = models.ForeignKey(
        Event, models.PROTECT, db_index=False, related_name="applications", verbose_name=_("event")
    )
    public_id = models.CharField(max_length=22, default=random_public_id, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT, editable=False)
    outcome = models.CharField(_("decision"), max_length=12, choices=Outcome, blank=True, editable=False)

    # What answers fill (Question.fills), so that lists, letters and quotas need not look into the answers.
    first_name = models.CharField(_("first name"), max_length=200, blank=True)
    family_name = models.CharField(_("family name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    email_key = models.CharField(max_length=254, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="en")
    country = models.CharField(_("country"), max_length=2, blank=True)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    target_group = models.CharField(_("target group"), max_length=40, blank=True)
    replacement_name = models.CharField(_("colleague who could come instead"), max_length=200, blank=True)
    replacement_email = models.EmailField(_("e-mail address of that colleague"), blank=True)

    # Kept by `workflow.review`, so that a list of any length can be sorted by it.
    mean_score = models.DecimalField(_("mean score"), max_digits=5, decimal_places=2, null=True, editable=False)
    review_count = models.PositiveSmallIntegerField(_("reviews"), default=0, editable=False)
    # The greatest score less the least, of two reviews or more.
    spread = models.DecimalField(_("spread"), max_digits=4, decimal_places=2, null=True, editable=False)
    # The mean without the reviewers' severity, kept by `workflow.calibrating`.
    adjusted_score = models.DecimalField(_("adjusted mean"), max_digits=5, decimal_places=2, null=True, editable=False)

    email_proved_at = models.DateTimeField(_("e-mail proved"), null=True, editable=False)
    privacy_notice = models.CharField(_("version of the privacy notice"), max_length=20, blank=True, editable=False)
    privacy_notice_at = models.DateTimeField(_("privacy notice acknowledged"), null=True, editable=False)
    created_at = models.DateTimeField(_("begun"), editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    submitted_revision = models.PositiveIntegerField(null=True, editable=False)
    answer_by = models.DateTimeField(
        _("confirms until"), null=True, editable=False, help_text=_("Empty: the deadline of the event.")
    )
    answer_reminded_at = models.DateTimeField(_("reminded to confirm"), null=True, editable=False)
    feed_nonce = models.CharField(max_length=22, blank=True, editable=False)
    feedback_given = models.BooleanField(_("feedback given"), default=False, editable=False)
    attended = models.BooleanField(_("attended"), null=True, editable=False)
    certificate_code = models.CharField(_("code of the certificate"), max_length=24, blank=True, editable=False)
    erased_at = models.DateTimeField(_("personal data erased"), null=True, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-submitted_at", "-pk"]
        constraints = [
            # Not `unique` at the field, for which PostgreSQL would keep a second index, for searches by LIKE.
            models.UniqueConstraint(fields=["public_id"], name="one_application_per_public_id"),
            models.UniqueConstraint(
                fields=["event", "email_key"],
                condition=~Q(state=State.DRAFT) & ~Q(email_key=""),
                name="one_application_per_address",
            ),
            models.UniqueConstraint(
                fields=["certificate_code"], condition=~Q(certificate_code=""), name="one_certificate_per_code"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="application_state_known"),
            models.CheckConstraint(condition=Q(outcome__in=["", *Outcome.values]), name="application_outcome_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[State.PROPOSED, State.SIGNED_OFF]) | ~Q(outcome=""),
                name="proposed_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT) | Q(submitted_at__isnull=False), name="submitted_has_its_time"
            ),
        ]
        # One for each column by which the list of applications is filtered or sorted, whatever its length.
        indexes = [
            models.Index(fields=["event", "-submitted_at", "-id"], name="application_by_submission"),
            models.Index(F("event"), MEAN_OR_LAST, F("submitted_at").desc(), name="application_by_mean_score"),
            models.Index(F("event"), ADJUSTED_OR_LAST, F("submitted_at").desc(), name="application_by_adjusted"),
            models.Index(F("event"), SPREAD_OR_LAST, F("submitted_at").desc(), name="application_by_spread"),
            *(
                models.Index(fields=["event", column, "-submitted_at"], name=f"application_by_{column}")
                for column in (
                    "state",
                    "outcome",
                    "country",
                    "organisation",
                    "target_group",
                    "language",
                    "review_count",
                    "family_name",
                )
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.public_id

    @property
    def full_name(self) -> str:
        """Return first and family name."""
        return f"{self.first_name} {self.family_name}".strip()

    @property
    def answers_until(self) -> dt.datetime:
        """Return the moment until which a place that is offered can be confirmed or turned down."""
        return self.answer_by or self.event.answer_by


class Draft(models.Model):
    """What an applicant has typed, as posted: `{input name: [values]}`. Nothing is refused here.

    `revision` grows with each change; `changed_at` holds, by input name, when it was last changed, as ISO text.
    `offered` holds what somebody typed in another draft and submitted under the same address: the applicant
    chooses. A file is held as `[id of the upload, its name]`, which no browser posts.
    """

    application = models.OneToOneField(Application, models.CASCADE, related_name="draft")
    values = models.JSONField(default=dict)
    changed_at = models.JSONField(default=dict)
    offered = models.JSONField(null=True)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    reminders_stopped_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return f"{self.application} r{self.revision}"


class Answer(models.Model):
    """A submitted, checked answer. What `value` holds follows from the question's kind:

    text, e-mail, telephone: string; number: integer; date: ISO string; yes/no and acknowledgement: boolean;
    one choice: key of the option; several: list of keys; matrix: `{row: option}`; country: ISO 3166-1 alpha-2;
    file: id of the upload. `text` is what the applicant said beside an option that asks for it, or a file's name.
    """

    # Without an index of its own, since that of the constraint begins with it.
    application = models.ForeignKey(Application, models.CASCADE, db_index=False, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    value = models.JSONField(encoder=DjangoJSONEncoder)
    text = models.CharField(max_length=250, blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint(fields=["application", "question"], name="one_answer_per_question")]

    def __str__(self) -> str:
        return f"{self.application_id}/{self.question_id}"


def random_file_name(upload: Upload, name: str) -> str:  # noqa: ARG001 - Django passes what the file is called
    """Return where a file is stored: a place that says nothing of it and cannot be guessed."""
    return secrets.token_hex(16)


class Upload(models.Model):
    """A file that an applicant gave, outside of the web root. Kept as long as a draft or an answer names it.

    `content_type` is what the content was found to be, and `name` ends accordingly.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="uploads")
    question = models.ForeignKey(Question, models.PROTECT, related_name="uploads")
    public_id = models.CharField(max_length=22, unique=True, default=random_public_id)
    file = models.FileField(upload_to=random_file_name)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("file of an applicant")
        verbose_name_plural = _("files of applicants")

    def __str__(self) -> str:
        return self.name


class Transition(models.Model):
    """One change of an application's state: who, when, why. Written by `workflow.transitions` alone."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="transitions")
    from_state = models.CharField(_("from"), max_length=12, choices=State)
    to_state = models.CharField(_("to"), max_length=12, choices=State)
    outcome = models.CharField(_("decision"), max_length=12, choices=Outcome, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,  # nobody looks for it
        related_name="+",
        verbose_name=_("who"),
    )
    reason = models.CharField(_("why"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("change of state")
        verbose_name_plural = _("history")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"

    @property
    def reason_in_words(self) -> str:
        """Return the reason as people read it."""
        return because.in_words(self.reason)


class AccessToken(models.Model):
    """A personal link of an application. Only the hash of its token is stored; the link works once."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="access_tokens")
    nonce = models.CharField(max_length=22)
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("personal link")
        verbose_name_plural = _("personal links")
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="one_personal_link_per_token")]

    def __str__(self) -> str:
        return f"{self.application_id}/{self.nonce}"
