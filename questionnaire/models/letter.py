"""Letters: the templates that organisers write, and the outbox of frozen letters."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from events.models import Bilingual, Event
from questionnaire.models.application import AccessToken, Application


class LetterKind(models.TextChoices):
    """What a letter is for: those that an applicant gets, in their course, then those to the team."""

    PERSONAL_LINK = "personal_link", _("personal link")
    NO_APPLICATION = "no_application", _("no application under this address")
    SECOND_APPLICATION = "second_application", _("second application under one address")
    DRAFT_REMINDER = "draft_reminder", _("reminder of an unfinished application")
    RECEIPT = "receipt", _("receipt of the application")
    ACCEPTANCE = "acceptance", _("acceptance")
    WAITING_LIST = "waiting_list", _("waiting list")
    DECLINE = "decline", _("decline")
    CORRECTION = "correction", _("correction of a decision")
    CONFIRMATION_RECEIPT = "confirmation_receipt", _("receipt of the confirmation")
    TURNED_DOWN_RECEIPT = "turned_down_receipt", _("receipt of the refusal")
    WITHDRAWAL_RECEIPT = "withdrawal_receipt", _("receipt of the withdrawal")
    CONFIRM_REMINDER = "confirm_reminder", _("reminder to confirm")
    LAPSED = "lapsed", _("place lapsed without an answer")
    PROMOTION = "promotion", _("place offered later")
    REPLACEMENT_INVITATION = "replacement_invitation", _("place of a colleague, offered to who comes instead")
    REPLACEMENT_ARRANGED = "replacement_arranged", _("a colleague comes instead")
    REPLACEMENT_REFUSED = "replacement_refused", _("no colleague can come instead")
    JOINING = "joining", _("joining instructions")
    PROGRAMME_CHANGED = "programme_changed", _("programme changed")
    THANKS = "thanks", _("thanks and feedback")
    REVIEWS_ASSIGNED = "reviews_assigned", _("to reviewers: applications to review")
    PROMISE_AT_RISK = "promise_at_risk", _("to organisers: the promise is at risk")
    LETTER_FAILED = "letter_failed", _("to organisers: letters failed")
    LETTERS_HELD = "letters_held", _("to organisers: letters are held")
    PLACE_GIVEN_UP = "place_given_up", _("to organisers: places given up")
    PLACE_WAITING = "place_waiting", _("to organisers: free places wait")
    REPLACEMENT_REQUESTED = "replacement_requested", _("to organisers: a colleague is to come instead")
    TEST = "test", _("test letter")


DECISION_KINDS = (LetterKind.ACCEPTANCE, LetterKind.WAITING_LIST, LetterKind.DECLINE)
OFFER_KINDS = (
    LetterKind.ACCEPTANCE,
    LetterKind.PROMOTION,
    LetterKind.CORRECTION,
    LetterKind.REPLACEMENT_INVITATION,
)
WITHOUT_TEMPLATE = (LetterKind.TEST,)
"""Kinds whose text no organiser writes as such; a test letter is any other, sent to whoever wrote it."""


def kinds_with_template() -> list[tuple[str, str]]:
    """Return the kinds for which organisers write a text, as choices."""
    return [(kind.value, str(kind.label)) for kind in LetterKind if kind not in WITHOUT_TEMPLATE]


class LetterTemplate(Bilingual):
    """The text of one kind of letter for an event, whole in each language."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="letter_templates", verbose_name=_("event"))
    kind = models.CharField(_("kind"), max_length=24, choices=kinds_with_template)
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("text"), help_text=_("Markdown, with placeholders in braces such as {first_name}."))

    class Meta:
        verbose_name = _("letter template")
        verbose_name_plural = _("letter templates")
        ordering = ["event", "kind"]
        constraints = [models.UniqueConstraint(fields=["event", "kind"], name="one_template_per_kind")]

    def __str__(self) -> str:
        return self.get_kind_display()


class LetterStatus(models.TextChoices):
    """Where a letter is on its way. `SENDING` means: claimed, with a lease."""

    APPROVED = "approved", _("waiting for its hour")
    SENDING = "sending", _("being sent")
    RETRY = "retry", _("to be tried again")
    UNCERTAIN = "uncertain", _("perhaps delivered, to be sent again")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


OPEN_STATUSES = (LetterStatus.APPROVED, LetterStatus.SENDING, LetterStatus.RETRY, LetterStatus.UNCERTAIN)


class Wave(models.IntegerChoices):
    """In which part of a release a letter leaves: the second part waits for the first to arrive."""

    ALONE = 0, _("by itself")
    FIRST = 1, _("first letters")
    SECOND = 2, _("all others")


class Letter(models.Model):
    """A frozen letter in the outbox, written in the transaction that causes it.

    `mime` is what goes over the wire, but for the marker that stands for the personal link's token.
    `due_at` is the one moment that a sender looks at: the hour of release, the next attempt, the end
    of a lease; empty once nothing is to be sent any more. Written by `workflow.letters` (made) and
    `workflow.outbox` (sent) alone.
    """

    # Without an index of its own, since that by status begins with it.
    event = models.ForeignKey(Event, models.PROTECT, db_index=False, related_name="letters", verbose_name=_("event"))
    application = models.ForeignKey(
        Application, models.CASCADE, null=True, related_name="letters", verbose_name=_("application")
    )
    access_token = models.ForeignKey(AccessToken, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=24, choices=LetterKind)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    recipient = models.EmailField(_("recipient"))
    subject = models.CharField(_("subject"), max_length=400)
    mime = models.BinaryField()
    sha256 = models.CharField(_("SHA-256 of the frozen text"), max_length=64)
    message_id = models.CharField(_("Message-ID"), max_length=200)
    status = models.CharField(_("status"), max_length=12, choices=LetterStatus, default=LetterStatus.APPROVED)
    created_at = models.DateTimeField(_("frozen"))
    release_at = models.DateTimeField(_("not before"))
    due_at = models.DateTimeField(_("due"), null=True)
    claim_token = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_phase = models.CharField(_("phase of the last attempt"), max_length=12, blank=True)
    last_code = models.PositiveSmallIntegerField(_("SMTP code"), null=True)
    last_reply = models.CharField(_("SMTP reply"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    wave = models.PositiveSmallIntegerField(_("part of the release"), choices=Wave, default=Wave.ALONE)
    replaces = models.OneToOneField("self", models.SET_NULL, null=True, related_name="replaced_by")

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="one_letter_per_message_id"),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(kind__in=DECISION_KINDS) & ~Q(status=LetterStatus.CANCELLED),
                name="one_decision_letter",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=models.F("release_at")), name="never_due_before_its_hour"),
            models.CheckConstraint(
                condition=~Q(status__in=OPEN_STATUSES) | Q(due_at__isnull=False), name="due_while_open"
            ),
            models.CheckConstraint(
                condition=~Q(status=LetterStatus.SENT) | Q(sent_at__isnull=False), name="sent_has_its_time"
            ),
        ]
        indexes = [
            # In the order of the claim, and without what was sent; SQLite uses no index whose condition names values.
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="letter_due"),
            models.Index(fields=["event", "status"], name="letter_by_status"),
            models.Index(Upper("recipient"), "created_at", name="letter_by_recipient"),
            models.Index(fields=["event"], condition=Q(wave__gt=0), name="letter_of_a_release"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Notice(models.Model):
    """Something that organisers are told once; whatever is new is told in one letter. Written by `workflow.notices`.

    `key` says what it is about, such as the hour of an alarm: the same thing is never told twice.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="notices", verbose_name=_("event"))
    kind = models.CharField(_("kind"), max_length=24, choices=LetterKind)
    key = models.CharField(max_length=80)
    noted_at = models.DateTimeField(_("noted"))
    told_at = models.DateTimeField(_("told"), null=True)

    class Meta:
        verbose_name = _("notice to organisers")
        verbose_name_plural = _("notices to organisers")
        ordering = ["noted_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["event", "kind", "key"], name="noted_once")]
        indexes = [models.Index(fields=["event", "kind"], condition=Q(told_at=None), name="notice_to_tell")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class AddressChange(models.Model):
    """An organiser put an applicant's address right: who, when, why. The letters show which address it was."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="address_changes", verbose_name=_("application")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"))
    reason = models.CharField(_("why"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("change of address")
        verbose_name_plural = _("changes of address")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.application} {self.at:%d.%m.%Y}"
